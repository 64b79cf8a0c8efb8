#include "digest/minidump.h"

#include "envelope/multipart.h"

enum { STREAM_MODULES = 4, STREAM_EXCEPTION = 6, STREAM_SYSTEM = 7 };

enum system {
    SYSTEM_WINDOWS = 2,
    SYSTEM_MACOS = 0x8101,
    SYSTEM_IOS = 0x8102,
    SYSTEM_LINUX = 0x8201,
    SYSTEM_ANDROID = 0x8203
};

#define STREAMS_MAX 1000
#define MODULES_MAX 10000
#define MODULE_BYTES 108
#define NAME_UNITS_MAX 1024


/* ---- numbers; false beyond the end */

static bool
u16(struct str s, uint64_t at, uint64_t *out)
{
    const unsigned char *p;

    if (at > s.n || s.n - at < 2) {
        return false;
    }
    p = (const unsigned char *) s.p + at;
    *out = (uint64_t) p[0] | (uint64_t) p[1] << 8;
    return true;
}


static bool
u32(struct str s, uint64_t at, uint64_t *out)
{
    uint64_t low, high;

    if (!u16(s, at, &low) || !u16(s, at + 2, &high)) {
        return false;
    }
    *out = low | high << 16;
    return true;
}


static bool
u64(struct str s, uint64_t at, uint64_t *out)
{
    uint64_t low, high;

    if (!u32(s, at, &low) || !u32(s, at + 4, &high)) {
        return false;
    }
    *out = low | high << 32;
    return true;
}


/* A MINIDUMP_STRING, of which only ASCII is taken; or null. */
static struct str
name_at(struct arena *a, struct str s, uint64_t at)
{
    uint64_t bytes, unit;
    char *p;
    size_t n = 0;

    if (!u32(s, at, &bytes)) {
        return STR_NULL;
    }
    p = arena_alloc(a, NAME_UNITS_MAX);
    for (uint64_t i = 0; i < bytes / 2 && n < NAME_UNITS_MAX; i++) {
        if (!u16(s, at + 4 + 2 * i, &unit)) {
            return STR_NULL;
        }
        p[n++] = unit >= ' ' && unit < 0x7f ? (char) unit : '_';
    }
    return n > 0 ? base_name(str_make(p, n)) : STR_NULL;
}


/* ---- names of numbers */

struct word {
    uint64_t number;
    const char *text;
};

static const struct word windows_codes[] = {
    { 0x80000003, "EXCEPTION_BREAKPOINT" },
    { 0xc0000005, "EXCEPTION_ACCESS_VIOLATION" },
    { 0xc0000006, "EXCEPTION_IN_PAGE_ERROR" },
    { 0xc000001d, "EXCEPTION_ILLEGAL_INSTRUCTION" },
    { 0xc000008c, "EXCEPTION_ARRAY_BOUNDS_EXCEEDED" },
    { 0xc0000094, "EXCEPTION_INT_DIVIDE_BY_ZERO" },
    { 0xc0000096, "EXCEPTION_PRIV_INSTRUCTION" },
    { 0xc00000fd, "EXCEPTION_STACK_OVERFLOW" },
    { 0xc0000374, "STATUS_HEAP_CORRUPTION" },
    { 0xc0000409, "STATUS_STACK_BUFFER_OVERRUN" },
    { 0xe06d7363, "Unhandled C++ exception" },
    { 0, NULL },
};

static const struct word mach_codes[] = {
    { 1, "EXC_BAD_ACCESS" }, { 2, "EXC_BAD_INSTRUCTION" },
    { 3, "EXC_ARITHMETIC" }, { 4, "EXC_EMULATION" },
    { 5, "EXC_SOFTWARE" },   { 6, "EXC_BREAKPOINT" },
    { 10, "EXC_CRASH" },     { 11, "EXC_RESOURCE" },
    { 12, "EXC_GUARD" },     { 0, NULL },
};

static const struct word signals[] = {
    { 3, "SIGQUIT" }, { 4, "SIGILL" },
    { 5, "SIGTRAP" }, { 6, "SIGABRT" },
    { 7, "SIGBUS" },  { 8, "SIGFPE" },
    { 9, "SIGKILL" }, { 11, "SIGSEGV" },
    { 31, "SIGSYS" }, { 0xffffffff, "Dump requested" },
    { 0, NULL },
};

static const struct {
    uint64_t number;
    const char *name;
    const struct word *codes;
} systems[] = {
    { SYSTEM_WINDOWS, "Windows", windows_codes },
    { SYSTEM_MACOS, "macOS", mach_codes },
    { SYSTEM_IOS, "iOS", mach_codes },
    { SYSTEM_LINUX, "Linux", signals },
    { SYSTEM_ANDROID, "Android", signals },
};

static const struct word processors[] = {
    { 5, "arm" },        { 9, "x86_64" }, { 12, "arm64" },
    { 0x8003, "arm64" }, { 0, NULL },
};


static struct str
word(const struct word *list, uint64_t number)
{
    for (; list->text != NULL; list++) {
        if (list->number == number) {
            return str_of(list->text);
        }
    }
    return STR_NULL;
}


/* ---- the streams */

static const struct word *
read_system(struct arena *a, struct str s, uint64_t at, struct minidump *out)
{
    uint64_t arch, major, minor, build, platform;

    if (!u16(s, at, &arch) || !u32(s, at + 8, &major)
        || !u32(s, at + 12, &minor) || !u32(s, at + 16, &build)
        || !u32(s, at + 20, &platform)) {
        return NULL;
    }
    out->arch = arch == 0 ? STR("x86") : word(processors, arch);
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        if (systems[i].number == platform) {
            out->os = str_of(systems[i].name);
            out->os_version = str_printf(a, "%u.%u.%u", (unsigned) major,
                                         (unsigned) minor, (unsigned) build);
            return systems[i].codes;
        }
    }
    return NULL;
}


static struct str
module_of(struct arena *a, struct str s, uint64_t at, uint64_t address)
{
    uint64_t count, base, size, name;

    if (!u32(s, at, &count)) {
        return STR_NULL;
    }
    for (uint64_t i = 0; i < count && i < MODULES_MAX; i++) {
        uint64_t module = at + 4 + i * MODULE_BYTES;

        if (!u64(s, module, &base) || !u32(s, module + 8, &size)
            || !u32(s, module + 20, &name)) {
            return STR_NULL;
        }
        if (address >= base && address - base < size) {
            return name_at(a, s, name);
        }
    }
    return STR_NULL;
}


bool
minidump_read(struct arena *a, struct str bytes, struct minidump *out)
{
    uint64_t streams, directory, at[8] = { 0 }, code;
    const struct word *codes;

    *out = (struct minidump){ 0 };
    if (!str_starts(bytes, STR("MDMP")) || !u32(bytes, 8, &streams)
        || !u32(bytes, 12, &directory)) {
        return false;
    }
    for (uint64_t i = 0; i < streams && i < STREAMS_MAX; i++) {
        uint64_t type, where;

        if (!u32(bytes, directory + 12 * i, &type)
            || !u32(bytes, directory + 12 * i + 8, &where)) {
            return false;
        }
        if (type < sizeof(at) / sizeof(at[0])) {
            at[type] = where;
        }
    }
    if (at[STREAM_EXCEPTION] == 0
        || !u32(bytes, at[STREAM_EXCEPTION] + 8, &code)) {
        return false;
    }
    codes = at[STREAM_SYSTEM] != 0
                ? read_system(a, bytes, at[STREAM_SYSTEM], out)
                : NULL;
    out->reason = codes != NULL ? word(codes, code) : STR_NULL;
    if (str_null(out->reason)) {
        out->reason = str_printf(a, "Crash 0x%llx", (unsigned long long) code);
    }
    out->has_address = u64(bytes, at[STREAM_EXCEPTION] + 24, &out->address);
    if (out->has_address && at[STREAM_MODULES] != 0) {
        out->module = module_of(a, bytes, at[STREAM_MODULES], out->address);
    }
    return true;
}
