/*
 * Crashes of the Unreal Engine: zlib around a list of files.
 *
 *     header   string, string, i32, i32    a place holder
 *     files    i32 index, string name, i32 size, bytes
 *     header   once more, with the number of files as the last i32
 *
 * Integers are little-endian; a string is its length, u32, and its bytes, with
 * zeros behind it.  CrashContext.runtime-xml says what the engine knew.
 */

#include "digest/crash.h"

#include <stdlib.h>

#include "digest/event.h"
#include <expat.h>

#include "envelope/encoding.h"
#include "envelope/multipart.h"
#include "envelope/store.h"
#include "json/make.h"

#define FILES_MAX 200
#define LOG_LINES 40
#define LOG_LINE_MAX 1000
#define XML_MAX ((size_t) 4 << 20)
#define PROPERTY_MAX ((size_t) 64 * 1024)
#define PROPERTIES_MAX 1000


/* ---- the container */

static bool
take_u32(struct str *s, uint32_t *out)
{
    const unsigned char *p = (const unsigned char *) s->p;

    if (s->n < 4) {
        return false;
    }
    *out = (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
           | (uint32_t) p[3] << 24;
    *s = str_sub(*s, 4, s->n);
    return true;
}


static bool
take_bytes(struct str *s, struct str *out)
{
    uint32_t n;

    if (!take_u32(s, &n) || n > s->n) {
        return false;
    }
    *out = str_sub(*s, 0, n);
    *s = str_sub(*s, n, s->n);
    return true;
}


static bool
take_name(struct str *s, struct str *out)
{
    if (!take_bytes(s, out)) {
        return false;
    }
    while (out->n > 0 && out->p[out->n - 1] == '\0') {
        out->n--;
    }
    return true;
}


static bool
take_header(struct str *s, uint32_t *files)
{
    struct str text;
    uint32_t size;

    return take_name(s, &text) && take_name(s, &text) && take_u32(s, &size)
           && take_u32(s, files);
}


/* ---- the context: <FGenericCrashContext><Section><Name>text</Name>… */

struct xml {
    struct arena *a;
    XML_Parser parser;
    unsigned depth;
    struct json *sections; /* section → name → text */
    struct json *section;
    struct str name;
    struct buf text;
    unsigned properties;
};


static void XMLCALL
begin_element(void *context, const char *name, const char **attributes)
{
    struct xml *x = context;
    struct str copy = str_of(str_dup(x->a, str_of(name)));

    (void) attributes;
    x->depth++;
    if (x->depth == 2 && x->sections->n < PROPERTIES_MAX) {
        x->section = json_new(x->a, JSON_T_OBJECT);
        json_set(x->sections, copy, x->section);

    } else if (x->depth == 3) {
        x->name = copy;
        x->text = buf_in(x->a);
    }
}


static void XMLCALL
end_element(void *context, const char *name)
{
    struct xml *x = context;
    struct str text;

    (void) name;
    if (x->depth == 3 && x->section != NULL
        && x->properties++ < PROPERTIES_MAX) {
        text = str_trim(buf_view(&x->text));
        if (text.n > 0) {
            json_set(x->section, x->name, json_new_str(x->a, text));
        }
    }
    if (x->depth == 2) {
        x->section = NULL;
    }
    x->depth--;
}


static void XMLCALL
add_text(void *context, const char *p, int n)
{
    struct xml *x = context;

    if (x->depth == 3 && x->text.n + (size_t) n <= PROPERTY_MAX) {
        buf_add(&x->text, p, (size_t) n);
    }
}


/* No document type: so there are no entities to grow. */
static void XMLCALL
refuse_doctype(void *context, const char *name, const char *system,
               const char *public, int internal)
{
    struct xml *x = context;

    (void) name;
    (void) system;
    (void) public;
    (void) internal;
    XML_StopParser(x->parser, XML_FALSE);
}


static struct json *
read_xml(struct arena *a, struct str text)
{
    struct xml x = { .a = a, .sections = json_new(a, JSON_T_OBJECT) };

    if ((x.parser = XML_ParserCreate("UTF-8")) == NULL) {
        abort();
    }
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, begin_element, end_element);
    XML_SetCharacterDataHandler(x.parser, add_text);
    XML_SetStartDoctypeDeclHandler(x.parser, refuse_doctype);
    if (text.n <= XML_MAX) {
        /* what stands before an error counts */
        (void) XML_Parse(x.parser, text.p, (int) text.n, XML_TRUE);
    }
    XML_ParserFree(x.parser);
    return x.sections;
}


/* ---- what it means */

static const struct {
    const char *property; /* of RuntimeProperties */
    const char *context;  /* "device.cpu_description"; NULL: a tag */
    const char *key;
} places[] = {
    { "Misc.CPUBrand", "device", "cpu_description" },
    { "Misc.PrimaryGPUBrand", "gpu", "name" },
    { "Misc.OSVersionMajor", "os", "name" },
    { "Misc.OSVersionMinor", "os", "build" },
    { "GameName", "app", "app_name" },
    { "BuildVersion", "app", "app_version" },
    { "CrashType", NULL, "crash_type" },
    { "MachineId", NULL, "machine_id" },
    { "EpicAccountId", NULL, "epic_account_id" },
    { "PlatformName", NULL, "unreal.platform" },
    { "EngineVersion", NULL, "unreal.engine" },
};


static void
add_context(struct arena *a, struct crash *c, struct str file)
{
    struct json *sections = read_xml(a, utf8_mend(a, file));
    struct json *runtime = json_get(sections, "RuntimeProperties");
    struct json *game = json_get(sections, "GameData");
    struct json *layer = json_new(a, JSON_T_OBJECT), *own;
    struct json *unreal;

    /* what the SDK in the game has left there is the strongest */
    if (json_parse(a, json_text_of(game, "__sentry"), &event_limits, &own, NULL)
            == ST_OK
        && own->type == JSON_T_OBJECT) {
        crash_merge(c->doc, own);
        json_remove(game, "__sentry");
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct str text = json_text_of(runtime, places[i].property);

        if (text.n > 0 && places[i].context == NULL) {
            make_some(a, make_inside(a, layer, "tags"), places[i].key, text);

        } else if (text.n > 0) {
            make_some(a,
                      make_inside(a, make_inside(a, layer, "contexts"),
                                  places[i].context),
                      places[i].key, text);
        }
    }
    if (json_get(c->doc, "message") == NULL
        && json_get(c->doc, "logentry") == NULL) {
        make_some(a, make_inside(a, layer, "logentry"), "formatted",
                  json_text_of(runtime, "ErrorMessage"));
    }
    make_some(a, make_inside(a, layer, "user"), "username",
              json_text_of(runtime, "UserName"));
    c->comment = json_text_of(runtime, "UserDescription");
    unreal = make_inside(a, make_inside(a, layer, "contexts"), "unreal");
    make_some(a, unreal, "type", STR("unreal"));
    json_each(section, sections)
    {
        crash_merge(unreal, json_clone(a, section));
    }
    crash_merge(c->doc, layer);
}


/* "?UserID=login|epic account|machine" */
static void
add_user(struct arena *a, struct crash *c, struct str query)
{
    static const char *const tags[] = { "epic_account_id", "machine_id" };
    struct str text = utf8_mend(a, query_value(a, query, STR("UserID")));
    struct json *layer = json_new(a, JSON_T_OBJECT);
    struct str part;

    if (!str_split(&text, '|', &part)) {
        return;
    }
    make_some(a, make_inside(a, layer, "user"), "id", part);
    for (size_t i = 0; i < 2 && str_split(&text, '|', &part); i++) {
        make_some(a, make_inside(a, layer, "tags"), tags[i], part);
    }
    crash_merge(c->doc, layer);
}


/* The last lines as the last steps: "[time][frame]LogCategory: text". */
static void
add_log(struct arena *a, struct crash *c, struct str log)
{
    struct str lines[LOG_LINES], line;
    struct json *trail = json_new(a, JSON_T_ARRAY);
    size_t n = 0;

    while (str_split(&log, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0) {
            lines[n++ % LOG_LINES] = line;
        }
    }
    for (size_t i = n > LOG_LINES ? n - LOG_LINES : 0; i < n; i++) {
        struct json *step = json_new(a, JSON_T_OBJECT);
        struct str text =
            utf8_mend(a, str_cut(lines[i % LOG_LINES], LOG_LINE_MAX));
        ptrdiff_t end;

        while (str_starts(text, STR("[")) && (end = str_chr(text, ']')) != -1) {
            text = str_trim(str_sub(text, (size_t) end + 1, text.n));
        }
        end = str_find(text, STR(": "));
        if (end > 0 && str_starts(text, STR("Log"))) {
            make_some(a, step, "category", str_sub(text, 0, (size_t) end));
            text = str_sub(text, (size_t) end + 2, text.n);
        }
        make_some(a, step, "message", text);
        json_append(trail, step);
    }
    c->trail[0] = trail;
}


static void
add_file(struct arena *a, struct crash *c, struct crash_file file)
{
    bool keep;

    if (str_is(file.name, "CrashContext.runtime-xml")) {
        file.type = STR("unreal.context");
        file.content_type = STR("text/xml");
        add_context(a, c, file.bytes);

    } else if (str_ends(file.name, STR(".log"))) {
        file.type = STR("unreal.logs");
        file.content_type = STR("text/plain");
        add_log(a, c, file.bytes);

    } else if (str_starts(file.bytes, STR("MDMP"))) {
        file.type = STR("event.minidump");
        (void) crash_note(a, c, file.type, file.bytes, &keep);

    } else if (str_starts(file.bytes, STR("Incident Identifier:"))) {
        file.type = STR("event.applecrashreport");
        (void) crash_note(a, c, file.type, file.bytes, &keep);
    }
    crash_add_file(a, c, file);
}


enum status
crash_of_unreal(struct arena *a, struct str query, struct str body,
                struct crash *c, const char **reason)
{
    uint32_t count, number, ignored;
    struct str rest, tail;
    enum status st;

    *reason = "process_unreal";
    st = encoding_decode(a, STR("deflate"), body, CRASH_FILE_MAX, &rest);
    if (st != ST_OK || rest.n < 4) {
        return ST_INVALID;
    }
    tail = str_sub(rest, rest.n - 4, rest.n);
    if (!take_u32(&tail, &count) || count > FILES_MAX
        || !take_header(&rest, &ignored)) {
        return ST_INVALID;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct crash_file file = { .position = i };

        if (!take_u32(&rest, &number) || !take_name(&rest, &file.name)
            || !take_bytes(&rest, &file.bytes)) {
            return ST_INVALID;
        }
        file.name = base_name(file.name);
        add_file(a, c, file);
    }
    add_user(a, c, query);
    if (json_get(c->doc, "platform") == NULL) {
        make_some(a, c->doc, "platform", STR("native"));
    }
    if (json_get(c->doc, "level") == NULL) {
        make_some(a, c->doc, "level", STR("fatal"));
    }
    return ST_OK;
}
