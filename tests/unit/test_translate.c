/*
 * Templates in another language: what a text is, where a translation goes, and
 * how a language's own file is read.
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

#include "util/lang.h"
#include "web/translate.h"

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
    lang_use(0);
    arena_free(a);
    return 0;
}


/* A language that has one text. */
struct only {
    const char *english;
    const char *own;
};


static struct str
look_up(void *context, struct str english)
{
    const struct only *only = context;

    return str_is(english, only->english) ? str_of(only->own) : STR_NULL;
}


static void
texts_are_replaced_and_the_rest_stays(void **state)
{
    static const struct {
        const char *template;
        struct only only;
        const char *want;
    } rows[] = {
        { "<p>Save  it\nnow</p>",
          { "Save it now", "Sichern" },
          "<p>Sichern</p>" },
        { "<p> Save </p>", { "Save", "Sichern" }, "<p> Sichern </p>" },
        { "<p>Open</p>", { "Save", "Sichern" }, "<p>Open</p>" },
        /* values and inline tags become placeholders, in any order */
        { "<td>Seen <?cs call:count(n) ?> times by <b><?cs var:who ?></b></td>",
          { "Seen {0} times by {1}", "Von {1} {0} mal" },
          "<td>Von <b><?cs var:who ?></b> <?cs call:count(n) ?> mal</td>" },
        { "<td><?cs var:n ?> found</td>",
          { "{0} found", "{0} da" },
          "<td><?cs var:n ?> da</td>" },
        /* a macro or an icon at the end is no part of it */
        { "<b><?cs call:icon(\"x\") ?>Save</b>",
          { "Save", "Sichern" },
          "<b><?cs call:icon(\"x\") ?>Sichern</b>" },
        { "See <a href=\"/x\"><?cs var:y ?></a> too.",
          { "See {0} too.", "Auch {0}." },
          "Auch <a href=\"/x\"><?cs var:y ?></a>." },
        { "See <a href=\"/x\">docs</a>",
          { "docs", "Doku" },
          "See <a href=\"/x\">Doku</a>" },
        { "Run <code>make run</code> now",
          { "Run {0} now", "{0} jetzt" },
          "<code>make run</code> jetzt" },
        /* a choice of the template breaks a text */
        { "<?cs if:x ?>yes<?cs else ?>no<?cs /if ?>",
          { "no", "nein" },
          "<?cs if:x ?>yes<?cs else ?>nein<?cs /if ?>" },
        /* attributes that people read, with tags inside, and no others */
        { "<a title=\"Go to <?cs var:\"x\" ?>\" class=\"Go\">x</a>",
          { "Go to {0}", "Nach {0}" },
          "<a title=\"Nach <?cs var:\"x\" ?>\" class=\"Go\">x</a>" },
        { "<a class=\"Save\" aria-label=\"Save\">",
          { "Save", "Sichern" },
          "<a class=\"Save\" aria-label=\"Sichern\">" },
        { "<td data-t=\"Save\">1</td>",
          { "Save", "Sichern" },
          "<td data-t=\"Sichern\">1</td>" },
        /* words by number */
        { "<p><?cs var:full(n) ?> events</p>",
          { "{0} events", "{0} {0|one|few|many}" },
          "<p><?cs var:full(n) ?> <?cs var:form(n, \"one|few|many\") ?></p>" },
        { "<p><b><?cs call:count(t.n) ?></b> events</p>",
          { "{0} events", "{0|a|b}: {0}" },
          "<p><?cs var:form(t.n, \"a|b\") ?>: <b><?cs call:count(t.n) ?></b>"
          "</p>" },
        { "<p><?cs var:full(n) ?> <?cs var:form(n, \"event|events\") ?></p>",
          { "{0} {1|event|events}", "{1|one|few|many}: {0}" },
          "<p><?cs var:form(n, \"one|few|many\") ?>: <?cs var:full(n) ?></p>" },
        { "<b><?cs var:full(n) ?></b> <i><?cs var:form(n, \"a|b\") ?></i>",
          { "{0} {1}{2|a|b}", "{0} {1}{2|c|d}" },
          "<b><?cs var:full(n) ?></b> <i><?cs var:form(n, \"c|d\") ?></i>" },
        { "<p><?cs var:n ?> <span><?cs var:form(n, \"a|b\") ?></span></p>",
          { "{0|a|b}", "{0|c|d}" },
          "<p><?cs var:n ?> <span><?cs var:form(n, \"c|d\") ?></span></p>" },
        /* no language */
        { "<pre>Save</pre>", { "Save", "Sichern" }, "<pre>Save</pre>" },
        { "<!-- Save -->", { "Save", "Sichern" }, "<!-- Save -->" },
        { "<?cs # Save ?>", { "Save", "Sichern" }, "<?cs # Save ?>" },
        { "&nbsp;<p>&times;</p>", { "&times;", "x" }, "&nbsp;<p>&times;</p>" },
        /* cut off in the middle of something */
        { "<p>Save", { "Save", "Sichern" }, "<p>Sichern" },
        { "<a title=\"Save", { "Save", "Sichern" }, "<a title=\"Sichern" },
        { "x <?cs var:", { "x", "y" }, "y <?cs var:" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct only only = rows[i].only;
        struct str out;

        assert_int_equal(translate(a, "t.cs", str_of(rows[i].template), look_up,
                                   &only, &out),
                         ST_OK);
        assert_string_equal(str_dup(a, out), rows[i].want);
    }
}


static void
a_translation_that_does_not_fit_is_refused(void **state)
{
    static const struct only rows[] = {
        { "Seen {0}", "Gesehen {1}" },
        { "Seen {0}", "Gesehen {0 }" },
        { "Seen {0}", "{0|mal\"|male}" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct only only = rows[i];
        struct str out;

        assert_int_equal(translate(a, "t.cs", STR("<p>Seen <?cs var:x ?></p>"),
                                   look_up, &only, &out),
                         ST_INVALID);
    }
}


/* Files */

static enum status
load(const char *text)
{
    char folder[] = "/tmp/test_translate-XXXXXX", path[64];
    enum status st;
    FILE *f;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/ru.po", folder);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    st = lang_load(folder);
    unlink(path);
    rmdir(folder);
    return st;
}


static void
a_file_of_gettext_is_read(void **state)
{
    struct str n;

    (void) state;
    assert_int_equal(load("# head\nmsgid \"\"\nmsgstr \"Language: ru\\n\"\n\n"
                          "#: a.cs\nmsgid \"Open\"\nmsgstr \"Открыть\"\n\n"
                          "msgctxt \"b.cs\"\nmsgid \"Open\"\n"
                          "msgstr \"Открытые\"\n"
                          "msgid \"A \\\"quote\\\"\"\nmsgstr \"\"\n"
                          "\"«Цитата»\"\n\n"
                          "msgid \"Not yet\"\nmsgstr \"\"\n\n"
                          "msgid \"{0} {0|event|events}, {1}\"\n"
                          "msgstr \"{1}: {0} {0|событие|события|событий}\"\n"),
                     ST_OK);
    lang_use(lang_find(STR("ru")));
    assert_string_equal(tr("Open"), "Открыть");
    assert_true(str_is(lang_text(1, STR("b.cs"), STR("Open")), "Открытые"));
    assert_true(str_is(lang_text(1, STR("c.cs"), STR("Open")), "Открыть"));
    assert_string_equal(tr("A \"quote\""), "«Цитата»");
    assert_string_equal(tr("Not yet"), "Not yet");
    n = lang_fill(a, "{0} {0|event|events}, {1}", FILL(STR("22"), STR("x")));
    assert_true(str_is(n, "x: 22 события"));

    lang_use(0);
    n = lang_fill(a, "{0} {0|event|events}, {1}", FILL(STR("1"), STR("x")));
    assert_true(str_is(n, "1 event, x"));
    n = lang_fill(a, "{0} {0|event|events} {9} {", FILL(STR("1,001")));
    assert_true(str_is(n, "1,001 events {9} {"));
}


/* What is kept is said in any language, whatever stands in its values. */
static void
kept_texts_are_said(void **state)
{
    struct str n, window, all;

    (void) state;
    assert_int_equal(load("msgid \"{0} {0|event|events} in {1}\"\n"
                          "msgstr \"{0} {0|событие|события|событий} ({1})\"\n"
                          "msgid \"{0} {0|hour|hours}\"\n"
                          "msgstr \"{0} {0|час|часа|часов}\"\n"
                          "msgid \"Seen in {name}\"\n"
                          "msgstr \"{name}: видели\"\n"),
                     ST_OK);
    n = lang_keep_number(a, STR("1234"));
    window = lang_keep(a, "{0} {0|hour|hours}", FILL(STR("2")));
    all = str_printf(
        a, "%.*s!",
        STR_FMT(lang_keep(a, "{0} {0|event|events} in {1}", FILL(n, window))));
    assert_true(str_is(lang_say(a, all), "1,234 events in 2 hours!"));
    lang_use(lang_find(STR("ru")));
    assert_true(str_is(lang_say(a, all), "1\u00a0234 события (2 часа)!"));
    all = lang_keep(a, "Seen in {name}",
                    FILL(lang_named(a, "name",
                                    STR("a\x02"
                                        "b\x1f"
                                        "c {name}"))));
    assert_true(str_is(lang_say(a, all), "a b c {name}: видели"));
    all = lang_keep(a, "{0} {0|hour|hours}",
                    FILL(lang_keep_number(a, STR("1.5"))));
    assert_true(str_is(lang_say(a, all), "1,5 часа"));
    lang_use(0);
    /* not ours, and broken: as it is */
    assert_true(str_is(lang_say(a, STR("\x03 x \x02 y")), "\x03 x \x02 y"));
    assert_true(str_is(lang_say(a, STR("no {0}")), "no {0}"));
}


static void
a_broken_file_is_refused(void **state)
{
    (void) state;
    assert_int_equal(load("msgid Open\n"), ST_INVALID);
    assert_int_equal(load("msgid \"Open\nmsgstr \"x\"\n"), ST_INVALID);
    assert_int_equal(load("\"Open\"\n"), ST_INVALID);
    assert_int_equal(load("msgstrange \"x\"\n"), ST_INVALID);
    assert_int_equal(load("msgid \"a\"\nmsgstr \"b\"\n\n"
                          "msgid \"a\"\nmsgstr \"c\"\n"),
                     ST_INVALID);
}


/* As for the templates of an administrator who wrote them in one language. */
static void
a_language_without_a_file_is_english(void **state)
{
    (void) state;
    assert_int_equal(lang_load("/nonexistent"), ST_OK);
    lang_use(lang_find(STR("ru")));
    assert_string_equal(tr("Open"), "Open");
}


static void
words_follow_numbers(void **state)
{
    static const struct {
        int64_t n;
        const char *want;
    } rows[] = {
        { 0, "many" }, { 1, "one" },   { 2, "few" },    { 4, "few" },
        { 5, "many" }, { 11, "many" }, { 12, "many" },  { 21, "one" },
        { 22, "few" }, { 25, "many" }, { 111, "many" }, { 1001, "one" },
    };

    (void) state;
    lang_use(lang_find(STR("ru")));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(
            str_is(lang_form(STR("one|few|many"), rows[i].n), rows[i].want));
    }
    assert_true(str_is(lang_form(STR("one"), 5), "one"));
}


static void
the_browser_asks_for_a_language(void **state)
{
    static const struct {
        const char *header;
        const char *want;
    } rows[] = {
        { "", "en" },
        { "ru", "ru" },
        { "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru" },
        { "en-GB,en;q=0.9,ru;q=0.8", "en" },
        { "fr-CH, fr;q=0.9, ru;q=0.3, *;q=0.5", "ru" },
        { "de, fr", "en" },
        { "ru;q=0, en", "en" },
        { ";;,,q=,ru;q=x", "en" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(langs[lang_accept(str_of(rows[i].header))].code,
                            rows[i].want);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_replaced_and_the_rest_stays),
        cmocka_unit_test(a_translation_that_does_not_fit_is_refused),
        cmocka_unit_test(a_file_of_gettext_is_read),
        cmocka_unit_test(kept_texts_are_said),
        cmocka_unit_test(a_broken_file_is_refused),
        cmocka_unit_test(a_language_without_a_file_is_english),
        cmocka_unit_test(words_follow_numbers),
        cmocka_unit_test(the_browser_asks_for_a_language),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
