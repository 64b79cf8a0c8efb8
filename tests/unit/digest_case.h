/*
 * tests/unit/digest_case.h - what the tests of normalising and grouping share.
 * Each test is a program of its own, so these are inline.
 */

#ifndef TESTS_UNIT_DIGEST_CASE_H
#define TESTS_UNIT_DIGEST_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "digest/event.h"
#include "util/buf.h"
#include "util/timeutil.h"

/* 2025-11-23T00:00:00Z: when every event of these tests is received. */
#define CASE_RECEIVED (INT64_C(1763856000) * US_PER_SECOND)


/* A file below the repository's root, where make runs. */
static inline struct str
case_read(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf text = buf_in(a);
    char piece[65536];
    size_t n;

    if (f == NULL) {
        fail_msg("%s: cannot be read", path);
    }
    while ((n = fread(piece, 1, sizeof(piece), f)) > 0) {
        buf_add(&text, piece, n);
    }
    fclose(f);
    return buf_view(&text);
}


static inline struct json *
case_parse(struct arena *a, struct str text)
{
    struct json *v = NULL;
    struct json_error err = { 0 };

    if (json_parse(a, text, NULL, &v, &err) != ST_OK) {
        fail_msg("byte %zu: %s", err.at, err.text);
    }
    return v;
}


/* An event as the worker has it before normalize_event. */
static inline struct event
case_event(struct json *doc)
{
    struct event ev = { 0 };

    ev.doc = doc;
    ev.received_at = CASE_RECEIVED;
    ev.remote_addr = STR("198.51.100.7");
    ev.sentry_client = STR("sentry.test/1.0");
    memset(ev.id, 0xab, sizeof(ev.id));
    return ev;
}


/*
 * Whether v holds what is expected: of an object at least the expected
 * members, where null also stands for absent; anything else is the same.
 */
static inline bool
case_fits(const struct json *v, const struct json *expected)
{
    if (expected->type == JSON_T_NULL) {
        return v == NULL || v->type == JSON_T_NULL;
    }
    if (v == NULL || v->type != expected->type) {
        return false;
    }
    if (expected->type == JSON_T_OBJECT) {
        json_each(e, expected)
        {
            if (!case_fits(json_get_str(v, e->key), e)) {
                return false;
            }
        }
        return true;
    }
    if (expected->type == JSON_T_ARRAY) {
        const struct json *have = v->first;

        json_each(e, expected)
        {
            if (have == NULL || !case_fits(have, e)) {
                return false;
            }
            have = have->next;
        }
        return have == NULL;
    }
    return expected->type == JSON_T_BOOL ? v->flag == expected->flag
                                         : str_eq(v->text, expected->text);
}

#endif
