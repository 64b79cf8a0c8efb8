/*
 * The pure parts of web/: forms, routes, pagers, and what templates may do to
 * a value.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/timeutil.h"
#include "util/utf8.h"
#include "util/zone.h"
#include "web/bars.h"
#include "web/chart.h"
#include "web/data.h"
#include "web/form.h"
#include "web/login.h"
#include "web/pager.h"
#include "web/render.h"
#include "web/route.h"
#include "web/show.h"

#define NOW (INT64_C(1784884320) * US_PER_SECOND) /* 2026-07-24 09:12 UTC */

static struct arena *a;


static int
setup(void **state)
{
    (void) state;
    a = arena_new();
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    arena_free(a);
    return 0;
}


#define assert_text(got, want) assert_string_equal(str_dup(a, (got)), (want))


/* Forms */

static void
a_form_is_decoded(void **state)
{
    struct fields f;
    struct str value;
    size_t at = 0;

    (void) state;
    assert_int_equal(
        form_parse(a, STR("q=a+b%26c&&x=&q=2&flag&=n&e=%C3%A9"), &f), ST_OK);
    assert_text(field_get(&f, "q"), "a b&c");
    assert_text(field_get(&f, "x"), "");
    assert_text(field_get(&f, "flag"), "");
    assert_text(field_get(&f, "e"), "\xC3\xA9");
    assert_true(str_null(field_get(&f, "none")));
    assert_true(field_next(&f, "q", &at, &value));
    assert_true(field_next(&f, "q", &at, &value));
    assert_text(value, "2");
    assert_false(field_next(&f, "q", &at, &value));
}


static void
broken_forms_are_refused(void **state)
{
    static const char *const broken[] = {
        "a=%",   "a=%4",  "a=%zz", "a=%00",
        "%00=a", "a=%ff", "a=%C3", "a=%ED%A0%80", /* a surrogate */
    };
    struct fields f;

    (void) state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_int_equal(form_parse(a, str_of(broken[i]), &f), ST_INVALID);
    }
    assert_int_equal(form_parse(a, str_make("a=\0b", 4), &f), ST_INVALID);
}


static void
cookies_are_read_and_nonsense_is_left_out(void **state)
{
    struct fields f;

    (void) state;
    cookies_parse(a, STR("a=1; nonsense;b = x=y ;\xff=1"), &f);
    assert_int_equal(f.n, 2);
    assert_text(field_get(&f, "a"), "1");
    assert_text(field_get(&f, "b"), "x=y");
}


static void
a_link_changes_one_argument_and_keeps_the_others(void **state)
{
    struct fields f;

    (void) state;
    assert_int_equal(form_parse(a, STR("q=is%3Anew+a&cursor=1.2&sort=x"), &f),
                     ST_OK);
    assert_text(query_with(a, &f, "cursor", STR("3.4")),
                "?q=is%3Anew%20a&sort=x&cursor=3.4");
    assert_text(query_with(a, &f, "cursor", STR_NULL),
                "?q=is%3Anew%20a&sort=x");
    f.n = 0;
    assert_text(query_with(a, &f, "cursor", STR_NULL), "?");
}


static void
sign_in_leads_to_paths_of_our_own_only(void **state)
{
    static const char *const foreign[] = {
        "",      "x",    "//h",       "/\\h",  "https://h/",
        "/\t/h", "/a b", "/\xC3\xA9", "/a\\b", "/\r\nX: y",
    };

    (void) state;
    assert_text(login_next(STR("/acme/?q=a%20b")), "/acme/?q=a%20b");
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        assert_text(login_next(str_of(foreign[i])), "/");
    }
}


/* Routes */

static enum status
no_page(struct request *rq, struct response *rs)
{
    (void) rq;
    (void) rs;
    return ST_OK;
}


static const struct route rows[] = {
    { METHOD_GET, "/", "login", no_page, NULL, "home" },
    { METHOD_GET, "/login/", "public", no_page, NULL, "login" },
    { METHOD_POST, "/login/", "public", no_page, NULL, "login post" },
    { METHOD_GET, "/:org/", "org:read", no_page, NULL, "org" },
    { METHOD_GET, "/:org/issues/", "event:read", no_page, NULL, "issues" },
    { METHOD_GET, "/:org/:member/", "org:read", no_page, NULL, "thing" },
    { METHOD_GET, "/:org/issues/:issue/", "event:read", no_page, NULL,
      "issue" },
    { METHOD_GET, "/:org/poll", "org:read", no_page, NULL, "poll" },
};

static const struct routes routes = { rows, sizeof(rows) / sizeof(rows[0]) };


/* The nav of the route that is found, or "404", "405 …", "slash". */
static const char *
found(enum method method, const char *path, struct request *rq)
{
    struct str allow;
    enum status st;
    bool slash;

    *rq = (struct request){ .a = a, .method = method, .path = str_of(path) };
    st = route_find(&routes, rq, &allow, &slash);
    if (slash) {
        return "slash";
    }
    if (st == ST_INVALID) {
        return arena_printf(a, "405 %.*s", STR_FMT(allow));
    }
    return st == ST_OK ? rq->route->nav : "404";
}


static void
the_most_literal_route_wins(void **state)
{
    static const struct {
        enum method method;
        const char *path;
        const char *want;
    } cases[] = {
        { METHOD_GET, "/", "home" },
        { METHOD_GET, "/login/", "login" },
        { METHOD_POST, "/login/", "login post" },
        { METHOD_OTHER, "/login/", "405 GET, HEAD, POST" },
        { METHOD_POST, "/acme/", "405 GET, HEAD" },
        { METHOD_GET, "/login", "slash" },
        { METHOD_GET, "/acme/", "org" },
        { METHOD_GET, "/acme", "slash" },
        { METHOD_GET, "/acme/issues/", "issues" },
        { METHOD_GET, "/acme/things/", "thing" },
        { METHOD_GET, "/acme/issues/12/", "issue" },
        { METHOD_GET, "/acme/poll", "poll" },
        { METHOD_GET, "/acme/issues/12/x/", "404" },
        { METHOD_GET, "//", "404" },
        { METHOD_GET, "//issues/", "404" },
        { METHOD_GET, "/acme//", "404" },
        { METHOD_GET, "", "404" },
        { METHOD_GET, "acme/", "404" },
        { METHOD_GET, "/acme/%00/", "404" },
        { METHOD_GET, "/acme/%ff/", "404" },
        { METHOD_GET, "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/", "404" },
    };
    struct request rq;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(found(cases[i].method, cases[i].path, &rq),
                            cases[i].want);
    }
}


static void
segments_are_decoded(void **state)
{
    struct request rq;

    (void) state;
    assert_string_equal(found(METHOD_GET, "/acme/a%2Fb+%C3%A9/", &rq), "thing");
    assert_text(request_param(&rq, "org"), "acme");
    assert_text(request_param(&rq, "member"), "a/b+\xC3\xA9");
    assert_true(str_null(request_param(&rq, "none")));
}


static void
a_table_with_a_hole_in_the_wall_is_refused(void **state)
{
    static const struct route wrong[] = {
        { METHOD_GET, "/:org/a/", NULL, no_page, NULL, NULL },
        { METHOD_GET, "/:org/a/", "no:such", no_page, NULL, NULL },
        { METHOD_GET, "/:org/a/", "login", no_page, NULL, NULL },
        { METHOD_GET, "/:org/a/", "public", no_page, NULL, NULL },
        { METHOD_GET, "/account/", "org:read", no_page, NULL, NULL },
        { METHOD_GET, "/account/:project/", "login", no_page, NULL, NULL },
        { METHOD_GET, "/:org/a/", "org:read", NULL, NULL, NULL },
        { METHOD_GET, "/:org/a/", "org:read", no_page, "no.cs", NULL },
        /* nobody says where a thing would be looked for */
        { METHOD_GET, "/:org/:thing/", "org:read", no_page, NULL, NULL },
        /* somebody could call an organisation so */
        { METHOD_GET, "/welcome/", "public", no_page, NULL, NULL },
    };
    struct routes one = { NULL, 1 };

    (void) state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        one.v = &wrong[i];
        assert_int_equal(routes_check(&one), ST_INVALID);
    }
    assert_int_equal(routes_check(&routes), ST_OK);
}


/* Pagers */

static void
a_cursor_is_read_or_ignored(void **state)
{
    struct request rq = { .a = a };
    struct pager p;

    (void) state;
    assert_int_equal(form_parse(a, STR("q=x&cursor=-12.34"), &rq.args), ST_OK);
    p = pager_read(&rq);
    assert_true(p.set && p.backward);
    assert_int_equal(p.key, 12);
    assert_int_equal(p.id, 34);
    assert_int_equal(form_parse(a, STR("cursor=12"), &rq.args), ST_OK);
    assert_false(pager_read(&rq).set);
}


/* What templates show */

static char folder[] = "/tmp/vedette-unit-XXXXXX";


static void
write_template(const char *name, const char *text)
{
    FILE *f = fopen(arena_printf(a, "%s/%s", folder, name), "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}


/* The text of one template of one expression. */
static struct str
shown(const char *expression, struct data *data)
{
    struct str out;

    write_template("t.cs", arena_printf(a,
                                        "<?cs def:content() ?>%s<?cs /def ?>"
                                        "<?cs call:content() ?>|",
                                        expression));
    assert_int_equal(render_init(folder, RENDER_EVERY_LANGUAGE), ST_OK);
    assert_int_equal(render(a, "t.cs", data, NOW, time_monotonic(), &out),
                     ST_OK);
    return str_sub(out, 0, out.n - 1);
}


static int
make_folder(void **state)
{
    (void) state;
    a = arena_new();
    return mkdtemp(folder) == NULL
           || mkdir(arena_printf(a, "%s/part", folder), 0700) == -1
           || mkdir(arena_printf(a, "%s/mail", folder), 0700) == -1;
}


static int
remove_folder(void **state)
{
    (void) state;
    render_free();
    unlink(arena_printf(a, "%s/t.cs", folder));
    rmdir(arena_printf(a, "%s/part", folder));
    rmdir(arena_printf(a, "%s/mail", folder));
    rmdir(folder);
    arena_free(a);
    return 0;
}


static void
values_look_as_the_design_says(void **state)
{
    static const struct {
        const char *function;
        int64_t value;
        const char *want;
    } cases[] = {
        { "count", 0, "0" },
        { "count", 9034, "9,034" },
        { "count", 9999, "9,999" },
        { "count", 10000, "10.0k" },
        { "count", 12431, "12.4k" },
        { "count", 128000, "128k" },
        { "count", 999499, "999k" },
        { "count", 999500, "1.0M" },
        { "count", 1234567, "1.2M" },
        { "full", 1234567, "1,234,567" },
        { "full", -18,
          "\xE2\x88\x92"
          "18" },
        { "bytes", 512, "512 B" },
        { "bytes", 14 * 1024, "14 KB" },
        { "bytes", 1500, "1.5 KB" },
        { "took", 500, "0.5 ms" },
        { "took", 42000, "42 ms" },
        { "took", 1180000, "1.18 s" },
        { "took", 75 * US_PER_SECOND, "1 min 15 s" },
        { "took", 28 * US_PER_HOUR, "1 d 4 h" },
        { "ago", NOW + 5 * US_PER_SECOND, "just now" },
        { "ago", NOW - 9 * US_PER_SECOND, "just now" },
        { "ago", NOW - 40 * US_PER_SECOND, "40 s ago" },
        { "ago", NOW - 3 * US_PER_MINUTE, "3 min ago" },
        { "ago", NOW - US_PER_HOUR, "1 h ago" },
        { "ago", NOW - 6 * US_PER_DAY, "6 d ago" },
        { "ago", NOW - 14 * US_PER_DAY, "2 w ago" },
        { "ago", NOW - 61 * US_PER_DAY, "2 mo ago" },
        { "ago", NOW - 366 * US_PER_DAY, "1 y ago" },
        { "iso", NOW, "2026-07-24T09:12:00Z" },
        { "at", NOW, "2026-07-24 09:12:00 UTC" },
        { "day", NOW, "24 Jul" },
        { "moment", NOW + 80018000, "24 Jul 09:13" },
    };

    (void) state;
    zone_use(STR_NULL); /* whatever this machine's is */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct data *data = data_new(a);

        data_i64(data, "X", cases[i].value);
        assert_text(
            shown(arena_printf(a, "<?cs var:%s(X) ?>", cases[i].function),
                  data),
            cases[i].want);
    }
}


static void
times_are_by_the_clock_of_the_reader(void **state)
{
    static const struct {
        const char *zone;
        const char *summer; /* at NOW */
        const char *winter;
    } cases[] = {
        { "Europe/Riga", "2026-07-24 12:12:00 EEST",
          "2026-01-25 11:12:00 EET" },
        { "America/New_York", "2026-07-24 05:12:00 EDT",
          "2026-01-25 04:12:00 EST" },
        { "Asia/Kolkata", "2026-07-24 14:42:00 IST",
          "2026-01-25 14:42:00 IST" },
        { "No/Such", "2026-07-24 09:12:00 UTC", "2026-01-25 09:12:00 UTC" },
        { "../../etc/passwd", "2026-07-24 09:12:00 UTC",
          "2026-01-25 09:12:00 UTC" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct data *data = data_new(a);

        zone_use(str_of(cases[i].zone));
        data_i64(data, "S", NOW);
        data_i64(data, "W", NOW - 180 * US_PER_DAY);
        assert_text(shown("<?cs var:at(S) ?>", data), cases[i].summer);
        assert_text(shown("<?cs var:at(W) ?>", data), cases[i].winter);
    }
    zone_use(STR_NULL);
}


static void
times_without_a_zone_are_read_by_the_clock_of_the_reader(void **state)
{
    static const struct {
        const char *zone;
        const char *text;
        int64_t after; /* NOW, in minutes */
    } cases[] = {
        { "UTC", "2026-07-24T09:12", 0 },
        { "Europe/Riga", "2026-07-24T12:12", 0 },
        { "Europe/Riga", "2026-07-24T09:12Z", 0 },
        { "Europe/Riga", "2026-07-24T09:12:00-01:00", 60 },
        { "America/New_York", "2026-07-24 05:13:00", 1 },
        { "America/New_York", "2026-07-24", -312 },
    };
    int64_t us;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        zone_use(str_of(cases[i].zone));
        assert_true(zone_parse(str_of(cases[i].text), &us));
        assert_int_equal(us, NOW + cases[i].after * US_PER_MINUTE);
    }
    assert_false(zone_parse(STR("yesterday"), &us));
    assert_false(zone_parse(STR_NULL, &us));
    zone_use(STR_NULL);
}


static void
hostile_text_is_escaped_and_made_visible(void **state)
{
    static const struct {
        const char *in;
        const char *text;      /* show() */
        const char *attribute; /* plain() */
    } cases[] = {
        { "<b>&\"'", "&lt;b&gt;&amp;\"'", "&lt;b&gt;&amp;&quot;&#39;" },
        { "a\r\n\tb", "a\n\tb", "a\n\tb" },
        { "a\u202Eb", "a<span class=\"ctl\">U+202E</span>b",
          "a\u2039U+202E\u203Ab" },
        { "\x1B[0m", "<span class=\"ctl\">U+001B</span>[0m",
          "\u2039U+001B\u203A[0m" },
        { "x\xFFy", "x\uFFFDy", "x\uFFFDy" },
        /* joiners belong to words of other scripts, and hide between Latin */
        { "\u0645\u200C\u06CC", "\u0645\u200C\u06CC", "\u0645\u200C\u06CC" },
        { "a\u200Db", "a<span class=\"ctl\">U+200D</span>b",
          "a\u2039U+200D\u203Ab" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct data *data = data_new(a);

        data_text(data, "X", cases[i].in);
        assert_text(shown("<?cs var:show(X) ?>", data), cases[i].text);
        assert_text(shown("<?cs var:plain(X) ?>", data), cases[i].attribute);
    }
}


static void
rows_are_numbered_and_data_is_no_name(void **state)
{
    struct data *data = data_new(a), *list = data_child(data, "L");

    (void) state;
    for (int i = 0; i < 12; i++) {
        data_i64(data_row(list), "v", i);
    }
    data_item(data_child(data, "M"), STR("x.y = 1"));
    data_item(data_child(data, "M"), str_make("a\0b", 3));
    assert_text(shown("<?cs each:r = L ?><?cs var:r.v ?>,<?cs /each ?>"
                      "<?cs each:m = M ?>[<?cs var:m ?>]<?cs /each ?>",
                      data),
                "0,1,2,3,4,5,6,7,8,9,10,11,[x.y = 1][a\uFFFDb]");
}


static void
a_chart_has_bars_of_the_right_height(void **state)
{
    static const int64_t v[] = { 0, 23, 1, 0 };
    struct data *data = data_new(a);

    (void) state;
    chart_spark(data, &(struct series){ "events", v, 4, NOW, 3600, 2 });
    assert_text(shown("<?cs var:d ?> <?cs var:hot ?> <?cs var:width ?> "
                      "<?cs var:v ?> <?cs var:peak ?> <?cs var:total ?> "
                      "<?cs var:from ?>",
                      data),
                "M30 24v-23h29v23 "
                "M60 24v-1h29v1 120 0,23,1,0 23 24 2026-07-24T09:12:00Z");
}


static void
bars_stand_on_their_feet_in_few_bytes(void **state)
{
    static const struct bars_gap gap = { 0.16, 0.007 };
    static const struct {
        int64_t bucket, foot, height;
    } v[] = { { 0, 140, 7 }, { 1, 140, 0 }, { 3, 100, 5 }, { 4, 120, 90 } };
    struct bars b = { .d = buf_in(a) };
    int64_t unit = bars_unit(&gap, 56);

    (void) state;
    assert_int_equal(unit, 6);
    assert_int_equal(bars_unit(&gap, 14), 10); /* a narrower gap of wide ones */
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        bars_add(&b, v[i].bucket * unit, unit, v[i].foot, v[i].height);
    }
    assert_text(buf_view(&b.d), "M0 140v-7h5v7"
                                "h1v-1h5v1"
                                "m7-40v-5h5v5"
                                "m1 20v-90h5v90");
    assert_int_equal(bars_height(1, 3, 80), 27);
}


static void
a_pager_leads_where_there_is_more(void **state)
{
    const struct pager first = { .key = 9, .id = 1 },
                       last = { .key = 5, .id = 2 };
    static const struct {
        struct pager at;
        bool more;
        size_t n;
        const char *want;
    } cases[] = {
        { { .set = false }, false, 2, "|" },
        { { .set = false }, true, 2, "|?q=x&cursor=5.2" },
        { { .set = true }, true, 2, "?q=x&cursor=-9.1|?q=x&cursor=5.2" },
        { { .set = true }, false, 2, "?q=x&cursor=-9.1|" },
        { { .set = true, .backward = true }, false, 2, "|?q=x&cursor=5.2" },
        { { .set = true, .backward = true },
          true,
          2,
          "?q=x&cursor=-9.1|?q=x&cursor=5.2" },
        { { .set = true }, false, 0, "?q=x|" },
    };
    struct request rq = { .a = a };

    (void) state;
    assert_int_equal(form_parse(a, STR("q=x&cursor=7.7"), &rq.args), ST_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct data *data = data_new(a);
        struct str got;

        pager_show(data, &rq, &cases[i].at, cases[i].n, cases[i].more, first,
                   last);
        got = shown("<?cs var:Pager.newer ?>|<?cs var:Pager.older ?>", data);
        assert_int_equal(str_find(got, STR("<")), -1);
        while (str_find(got, STR("&amp;")) != -1) {
            size_t at = (size_t) str_find(got, STR("&amp;"));

            got = str_printf(a, "%.*s&%.*s", STR_FMT(str_sub(got, 0, at)),
                             STR_FMT(str_sub(got, at + 5, got.n)));
        }
        assert_text(got, cases[i].want);
    }
}


static void
utf8_is_read_strictly(void **state)
{
    static const char *const broken[] = {
        "\x80",
        "\xC0\x80",
        "\xC3",
        "\xE2\x82",
        "\xED\xA0\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xE0\x80\xAF",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_false(utf8_valid(str_of(broken[i])));
    }
    assert_true(utf8_valid(STR("a\u00E9\u20AC\U0001F600")));
    assert_int_equal(utf8_length(STR("a\u00E9\u20AC\U0001F600")), 4);
}


int
main(void)
{
    const struct CMUnitTest plain[] = {
        cmocka_unit_test(a_form_is_decoded),
        cmocka_unit_test(broken_forms_are_refused),
        cmocka_unit_test(cookies_are_read_and_nonsense_is_left_out),
        cmocka_unit_test(a_link_changes_one_argument_and_keeps_the_others),
        cmocka_unit_test(sign_in_leads_to_paths_of_our_own_only),
        cmocka_unit_test(the_most_literal_route_wins),
        cmocka_unit_test(segments_are_decoded),
        cmocka_unit_test(a_table_with_a_hole_in_the_wall_is_refused),
        cmocka_unit_test(a_cursor_is_read_or_ignored),
        cmocka_unit_test(utf8_is_read_strictly),
    };
    const struct CMUnitTest templates[] = {
        cmocka_unit_test(values_look_as_the_design_says),
        cmocka_unit_test(times_are_by_the_clock_of_the_reader),
        cmocka_unit_test(
            times_without_a_zone_are_read_by_the_clock_of_the_reader),
        cmocka_unit_test(hostile_text_is_escaped_and_made_visible),
        cmocka_unit_test(rows_are_numbered_and_data_is_no_name),
        cmocka_unit_test(a_pager_leads_where_there_is_more),
        cmocka_unit_test(a_chart_has_bars_of_the_right_height),
        cmocka_unit_test(bars_stand_on_their_feet_in_few_bytes),
    };
    int failed = cmocka_run_group_tests_name("web", plain, setup, teardown);

    return failed
           + cmocka_run_group_tests_name("templates", templates, make_folder,
                                         remove_folder);
}
