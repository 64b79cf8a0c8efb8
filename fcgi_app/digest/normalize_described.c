/*
 * What a system or a runtime is called where its SDK only passes on the words
 * that the machine has for itself (protocol.md §7.7):
 *
 *     Microsoft Windows NT 6.1.7600.0          Windows, 6.1.7600, build 7600
 *     macOS 14.2.1 (23C71)                     macOS, 14.2.1, build 23C71
 *     Linux 6.1.0-13-amd64 #1 SMP              Linux, kernel 6.1.0
 *     .NET Core 3.1.101                        .NET Core, 3.1.101
 */

#include "digest/normalize.h"

#include <ctype.h>

#define NAME_MAX_BYTES 64
#define BUILD_MAX 16


/* Digits and points at the beginning, of at most so many numbers. */
static struct str
version_at(struct str s, unsigned numbers)
{
    size_t i = 0;

    for (; i < s.n; i++) {
        if (s.p[i] == '.' && i + 1 < s.n && isdigit((unsigned char) s.p[i + 1])
            && numbers > 1) {
            numbers--;

        } else if (!isdigit((unsigned char) s.p[i])) {
            break;
        }
    }
    return str_sub(s, 0, i);
}


/* "(23C71)" behind a version. */
static struct str
build_in(struct str rest)
{
    ptrdiff_t open = str_chr(rest, '('), end = str_chr(rest, ')');

    for (ptrdiff_t i = open + 1; i < end; i++) {
        if (!isalnum((unsigned char) rest.p[i])) {
            return STR_NULL;
        }
    }
    return open >= 0 && end > open + 1 && end - open <= BUILD_MAX
               ? str_sub(rest, (size_t) open + 1, (size_t) end)
               : STR_NULL;
}


/* The third number of Windows' version. */
static struct str
build_of(struct str version)
{
    for (unsigned i = 0; i < 2; i++) {
        ptrdiff_t at = str_chr(version, '.');

        if (at == -1) {
            return STR_NULL;
        }
        version = str_sub(version, (size_t) at + 1, version.n);
    }
    return version;
}


static void
give(struct norm *n, struct json *context, const char *name, struct str text)
{
    if (text.n > 0 && json_text_of(context, name).n == 0) {
        json_set(context, str_of(name), json_new_str(n->a, text));
    }
}


/* Where the version begins: a digit behind a blank; 0: nowhere. */
static size_t
version_start(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (isdigit((unsigned char) s.p[i]) && s.p[i - 1] == ' ') {
            return i;
        }
    }
    return 0;
}


void
described_finish(struct norm *n, struct json *context, bool is_os)
{
    struct str s = str_trim(json_text_of(context, "raw_description"));
    struct str name, version, build;
    size_t at = version_start(s);
    bool windows;

    if (at == 0 || json_text_of(context, "name").n > 0
        || json_text_of(context, "version").n > 0) {
        return;
    }
    name = str_trim(str_sub(s, 0, at));
    if (is_os && str_starts(name, STR("Microsoft "))) {
        name = str_sub(name, sizeof("Microsoft ") - 1, name.n);
    }
    windows = is_os && str_starts(name, STR("Windows"));
    if (windows) {
        name = STR("Windows");

    } else if (is_os && str_is(name, "Mac OS X")) {
        name = STR("macOS");
    }
    if (name.n > NAME_MAX_BYTES) {
        return;
    }
    version = version_at(str_sub(s, at, s.n), windows ? 3 : 4);
    build = windows ? build_of(version)
            : is_os ? build_in(str_sub(s, at + version.n, s.n))
                    : STR_NULL;
    give(n, context, "name", name);
    give(n, context,
         is_os && (str_is(name, "Linux") || str_is(name, "Darwin"))
             ? "kernel_version"
             : "version",
         version);
    give(n, context, "build", build);
}
