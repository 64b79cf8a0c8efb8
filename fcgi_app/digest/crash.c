#include "digest/crash.h"

#include <stdlib.h>

#include "digest/event.h"
#include "digest/minidump.h"
#include "json/make.h"
#include "json/msgpack.h"

#define TRAIL_MAX 10000  /* entries of one log that are read */
#define MEMBERS_MAX 1000 /* of an object that is merged: each is looked for */

struct crash_kind {
    const char *type;      /* of the attachment */
    const char *exception; /* … and what stands there when it says nothing */
    const char *value;
    const char *mechanism;
    bool (*read)(struct arena *a, struct str report, struct json *doc,
                 struct json *exception);
};


/* ---- the skeleton */

/* What the dump knows of the system, where the program has not said it. */
static void
set_contexts(struct arena *a, struct json *doc, const struct minidump *d)
{
    struct json *contexts = make_inside(a, doc, "contexts");
    struct json *v;

    if (json_get(contexts, "os") == NULL && d->os.n > 0) {
        v = make_inside(a, contexts, "os");
        make_some(a, v, "name", d->os);
        make_some(a, v, "version", d->os_version);
    }
    v = make_inside(a, contexts, "device");
    if (json_get(v, "arch") == NULL) {
        make_some(a, v, "arch", d->arch);
    }
}


static bool
read_minidump(struct arena *a, struct str report, struct json *doc,
              struct json *exception)
{
    struct minidump d;
    struct str value;

    if (!minidump_read(a, report, &d)) {
        return false;
    }
    value = d.module.n > 0 ? str_printf(a, "in %.*s", STR_FMT(d.module))
                           : STR("outside of every module");
    if (d.has_address) {
        value = str_printf(a, "%.*s at 0x%llx", STR_FMT(value),
                           (unsigned long long) d.address);
    }
    make_some(a, exception, "type", d.reason);
    make_some(a, exception, "value", value);
    set_contexts(a, doc, &d);
    return true;
}


/* The value of a line "Key:   value". */
static struct str
line_of(struct str text, const char *key)
{
    struct str line;

    while (str_split(&text, '\n', &line)) {
        if (str_starts(line, str_of(key))) {
            return str_trim(str_sub(line, strlen(key), line.n));
        }
    }
    return STR_NULL;
}


static bool
read_apple(struct arena *a, struct str report, struct json *doc,
           struct json *exception)
{
    struct str text = utf8_mend(a, str_cut(report, 64 * 1024));
    struct str type = line_of(text, "Exception Type:");
    struct str process = line_of(text, "Process:");
    ptrdiff_t id = str_find(process, STR(" ["));

    (void) doc;
    if (type.n == 0) {
        return false;
    }
    make_some(a, exception, "type", type);
    make_some(a, exception, "value",
              id > 0 ? str_sub(process, 0, (size_t) id) : process);
    return true;
}


static const struct crash_kind kinds[] = {
    { "event.minidump", "Minidump", "Invalid Minidump", "minidump",
      read_minidump },
    { "event.applecrashreport", "AppleCrashReport",
      "Invalid Apple Crash Report", "applecrashreport", read_apple },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))


static void
add_exception(struct arena *a, struct crash *c, struct json *doc)
{
    struct json *list = make_object(a, doc, "exception");
    struct json *values = make_array(a, list, "values");
    struct json *exception = make_object(a, values, NULL);
    struct json *mechanism;

    if (!c->kind->read(a, c->report, doc, exception)) {
        make_text(a, exception, "type", c->kind->exception);
        make_text(a, exception, "value", c->kind->value);
    }
    mechanism = make_object(a, exception, "mechanism");
    make_text(a, mechanism, "type", c->kind->mechanism);
    make_bool(a, mechanism, "handled", false);
}


static bool
has_exception(const struct json *doc)
{
    const struct json *list = json_get(doc, "exception");

    if (json_is(list, JSON_T_OBJECT)) {
        list = json_get(list, "values");
    }
    return json_is(list, JSON_T_ARRAY) && list->n > 0;
}


/* ---- the trail */

struct step {
    struct json *node;
    struct str at;
    size_t place;
};


static int
by_time(const void *left, const void *right)
{
    const struct step *a = left, *b = right;
    int c = str_cmp(a->at, b->at);

    return c != 0 ? c : (a->place > b->place) - (a->place < b->place);
}


/*
 * One log was being written while the other was full: together, in order of
 * time, the newest as many as the longer one has.
 */
static void
add_trail(struct arena *a, struct crash *c, struct json *doc)
{
    size_t n = 0, most = 0;
    struct json *values;
    struct step *steps;

    for (size_t i = 0; i < 2; i++) {
        size_t count = c->trail[i] != NULL ? c->trail[i]->n : 0;

        n += count;
        most = count > most ? count : most;
    }
    if (n == 0) {
        return;
    }
    steps = arena_array(a, n, sizeof(*steps));
    n = 0;
    for (size_t i = 0; i < 2; i++) {
        json_each(node, c->trail[i])
        {
            steps[n] =
                (struct step){ node, json_text_of(node, "timestamp"), n };
            n++;
        }
    }
    qsort(steps, n, sizeof(*steps), by_time);

    values = make_array(a, make_object(a, doc, "breadcrumbs"), "values");
    for (size_t i = n - most; i < n; i++) {
        json_append(values, json_clone(a, steps[i].node));
    }
}


void
crash_finish(struct arena *a, struct crash *c, struct json *doc)
{
    if (doc != c->doc) {
        crash_merge(doc, c->doc);
    }
    add_trail(a, c, doc);
    if (c->kind == NULL) {
        return;
    }
    if (json_get(doc, "platform") == NULL) {
        make_some(a, doc, "platform", STR("native"));
    }
    if (json_get(doc, "level") == NULL) {
        make_some(a, doc, "level", STR("fatal"));
    }
    if (!has_exception(doc)) {
        add_exception(a, c, doc);
    }
}


/* ---- its parts */

struct crash *
crash_new(struct arena *a)
{
    struct crash *c = arena_new_of(a, struct crash);

    c->doc = json_new(a, JSON_T_OBJECT);
    return c;
}


void
crash_add_file(struct arena *a, struct crash *c, struct crash_file file)
{
    if (c->nfiles == CRASH_FILES_MAX) {
        return;
    }
    if ((c->nfiles & (c->nfiles - 1)) == 0) {
        size_t size = c->nfiles > 0 ? c->nfiles * 2 : 1;

        c->files = arena_grow(a, c->files, c->nfiles * sizeof(file),
                              size * sizeof(file));
    }
    c->files[c->nfiles++] = file;
}


void
crash_merge(struct json *into, const struct json *from)
{
    struct json *next;
    unsigned seen = 0;

    for (struct json *v = from->first;
         v != NULL && into->n < MEMBERS_MAX && seen < MEMBERS_MAX; v = next) {
        struct json *old = json_get_str(into, v->key);

        seen++;
        next = v->next;
        if (old == NULL) {
            json_set(into, v->key, v);

        } else if (json_is(old, JSON_T_OBJECT) && json_is(v, JSON_T_OBJECT)) {
            crash_merge(old, v);
        }
    }
}


/* A log of steps, one map after the other; what is broken ends it. */
static struct json *
read_trail(struct arena *a, struct str bytes)
{
    struct json *list = json_new(a, JSON_T_ARRAY), *v;

    while (list->n < TRAIL_MAX
           && msgpack_read(a, &bytes, &event_limits, &v) == ST_OK) {
        if (v->type == JSON_T_OBJECT) {
            json_append(list, v);

        } else {
            json_each(step, v)
            {
                if (step->type == JSON_T_OBJECT) {
                    json_append(list, json_clone(a, step));
                }
            }
        }
    }
    return list;
}


bool
crash_makes_event(struct str type)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (str_is(type, kinds[i].type)) {
            return true;
        }
    }
    return str_is(type, "event.payload");
}


bool
crash_note(struct arena *a, struct crash *c, struct str type, struct str bytes,
           bool *keep)
{
    struct json *v;

    *keep = false;
    if (str_is(type, "event.payload")) {
        if (msgpack_read(a, &bytes, &event_limits, &v) == ST_OK
            && v->type == JSON_T_OBJECT) {
            crash_merge(c->doc, v);
        }
        return true;
    }
    if (str_is(type, "event.breadcrumbs")) {
        c->trail[c->trail[0] != NULL] = read_trail(a, bytes);
        return true;
    }
    for (size_t i = 0; i < KINDS; i++) {
        if (str_is(type, kinds[i].type)) {
            c->kind = &kinds[i];
            c->report = bytes;
            *keep = true;
            return true;
        }
    }
    return false;
}
