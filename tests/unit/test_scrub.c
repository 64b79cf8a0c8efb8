/*
 * What is filtered out of events, and what is let be.
 */

#include "cpu_time.h"
#include "digest_case.h"

#include "digest/scrub.h"
#include "util/crypt.h"

static struct arena *a;
static const struct scrub_settings defaults;


static int
setup(void **state)
{
    (void) state;
    crypt_init();
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


static void
secrets_by_their_look(void **state)
{
    static const struct {
        const char *text;
        const char *value;   /* of a value; NULL: as it is */
        const char *message; /* of a message; NULL: as it is */
    } rows[] = {
        { "card 4111-1111 1111 1111, ok", "card [Filtered], ok",
          "card [creditcard], ok" },
        { "5105105105105100", "[Filtered]", "[creditcard]" },
        { "378282246310005", "[Filtered]", "[creditcard]" },
        { "1763856000123456", NULL, NULL },
        { "41111111111111111", NULL, NULL },
        { "x4111111111111111", NULL, NULL },
        { "_4111111111111111", NULL, NULL },
        { "#4111111111111111", "#[Filtered]", "#[creditcard]" },
        { "\xC3\xA4"
          "4111111111111111",
          "\xC3\xA4[Filtered]", "\xC3\xA4[creditcard]" },
        { "ssn 078-05-1120.", "ssn [Filtered].", "ssn [us-ssn]." },
        { "078-05-11201", NULL, NULL },
        { "to DE89370400440532013000!", "to [Filtered]!", "to [iban]!" },
        { "XX89370400440532013000", NULL, NULL },
        { "xDE89370400440532013000", NULL, NULL },
        { "forbearer of news", NULL, NULL },
        { "Authorization: Bearer abc.def", "Authorization: [Filtered]",
          "Authorization: [token]" },
        { "Authorization: Basic dXNlcjpwYXNz x", "Authorization: [Filtered] x",
          "Authorization: [Filtered] x" },
        { "bearer of news", "[Filtered] news", "[token] news" },
        { "https://ann:pw1@h.example/x", "https://[Filtered]@h.example/x",
          "https://[Filtered]@h.example/x" },
        { "https://h.example/a:b@c", NULL, NULL },
        { "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE "
          "KEY-----",
          "-----BEGIN RSA PRIVATE KEY-----[Filtered]-----END RSA PRIVATE "
          "KEY-----",
          "-----BEGIN RSA PRIVATE KEY-----[Filtered]-----END RSA PRIVATE "
          "KEY-----" },
        { "author=ann&tokenizer=gpt-2&max_tokens=512", NULL, NULL },
        { "{\"prompt_tokens\": 40, \"tokens\": \"a1\"}",
          "{\"prompt_tokens\": 40, \"tokens\": \"[Filtered]\"}",
          "{\"prompt_tokens\": 40, \"tokens\": \"[Filtered]\"}" },
        { "user=ann&password=x y", "user=ann&password=[Filtered] y",
          "user=ann&password=[Filtered] y" },
        { "{\"api_key\": \"a b\", 'secret':'c'}",
          "{\"api_key\": \"[Filtered]\", 'secret':'[Filtered]'}",
          "{\"api_key\": \"[Filtered]\", 'secret':'[Filtered]'}" },
        { "{\\\"token\\\":\\\"a b\\\"}", "{\\\"token\\\":\\\"[Filtered]\\\"}",
          "{\\\"token\\\":\\\"[Filtered]\\\"}" },
        { "{\"password\":{\"a\":\"}x\",\"b\":[1]},\"c\":2}",
          "{\"password\":[Filtered],\"c\":2}",
          "{\"password\":[Filtered],\"c\":2}" },
        { "secrets=[\"a\",\"b\"] x", "secrets=[Filtered] x",
          "secrets=[Filtered] x" },
        { "token={\"a\":", "token=[Filtered]", "token=[Filtered]" },
        { "{\"secret\":\"a\\\"b\",\"c\":1}",
          "{\"secret\":\"[Filtered]\",\"c\":1}",
          "{\"secret\":\"[Filtered]\",\"c\":1}" },
        { "{\\\"token\\\":\\\"a\\\\\\\"b\\\",1}",
          "{\\\"token\\\":\\\"[Filtered]\\\",1}",
          "{\\\"token\\\":\\\"[Filtered]\\\",1}" },
        { "/?token=[Filtered]&a=1", NULL, NULL },
        { "invalid password", NULL, NULL },
        { "a=b: c", NULL, NULL },
        { "mail ann.b@mail.example.", NULL, "mail [email]." },
        { "", NULL, NULL },
        { "\xC3\xA4@:=-----BEGIN ", NULL, NULL },
    };
    unsigned wrong = 0;

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int message = 0; message <= 1; message++) {
            struct scrub_hit hits[SCRUB_HITS_MAX];
            const char *expected = message ? rows[i].message : rows[i].value;
            struct str got;
            size_t n;

            got = scrub_text(a, &defaults, str_of(rows[i].text), message != 0,
                             hits, &n);
            expected = expected != NULL ? expected : rows[i].text;
            if (!str_is(got, expected)) {
                wrong++;
                print_error("%s\n  gives %.*s\n  not   %s\n", rows[i].text,
                            STR_FMT(got), expected);
            }
            for (size_t k = 0; k < n; k++) {
                assert_true(hits[k].from < hits[k].to && hits[k].to <= got.n);
            }
        }
    }
    assert_int_equal(wrong, 0);
}


static void
secrets_by_their_name(void **state)
{
    static const char *const secret[] = {
        "password",   "DB_PASSWORD",   "x-Api-Key",    "Authorization",
        "otp",        "access_token",  "mysql_pwd",    "clientSecret",
        "two-factor", "authorisation", "author_token", "tokenization_key",
        "auth",       "tokens",
    };
    static const char *const open[] = {
        "name", "user",   "otpx",      "path",      "pass",
        "",     "Author", "author_id", "authority", "tokenizer_class",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++) {
        assert_true(scrub_secret_name(str_of(secret[i])));
    }
    for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++) {
        assert_false(scrub_secret_name(str_of(open[i])));
    }
}


/* One event with a canary, "hunter2", in every place that a secret may be. */
static const char event[] =
    "{\"platform\":\"python\","
    "\"message\":\"for ann@mail.example, card 4111111111111111\","
    "\"extra\":{\"password\":\"hunter2\",\"deep\":{\"list\":[{\"secret\":"
    "[\"hunter2\"]}]},\"id\":4111111111111111,\"text\":\"token=hunter2\","
    "\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"passwd\":"
    "\"hunter2\"}}}}}}},\"flag_auth\":true},"
    "\"user\":{\"id\":7,\"email\":\"ann@mail.example\",\"auth\":\"hunter2\"},"
    "\"request\":{\"url\":\"https://ann:hunter2@h.example/p?api_key=hunter2\","
    "\"headers\":{\"Authorization\":\"hunter2\",\"User-Agent\":\"a/1 "
    "(token=x)\","
    "\"X-Token\":\"hunter2\"},\"cookies\":\"sudo=hunter2; theme=dark\","
    "\"data\":\"user=ann&credentials=hunter2\","
    "\"env\":{\"MYSQL_PWD\":\"hunter2\"}},"
    "\"breadcrumbs\":[{\"message\":\"GET /?secret=hunter2\","
    "\"data\":{\"token\":\"hunter2\"}}],"
    "\"contexts\":{\"mine\":{\"private_key\":\"hunter2\"}},"
    "\"exception\":[{\"type\":\"E\",\"value\":\"v\",\"mechanism\":{\"type\":"
    "\"m\",\"data\":{\"secret\":\"hunter2\"}},\"stacktrace\":{\"frames\":["
    "{\"function\":\"f\",\"in_app\":true,\"vars\":{\"password\":"
    "\"hunter2\",\"x\":{\"otp\":\"hunter2\"}}}]}}],"
    "\"threads\":[{\"id\":1,\"stacktrace\":{\"frames\":[{\"function\":\"g\","
    "\"vars\":{\"token\":\"hunter2\"}}]}}],"
    "\"_meta\":{\"extra\":{\"password\":{\"\":{\"val\":\"hunter2\"}},"
    "\"t\":{\"\":{\"val\":\"password=hunter2\"}}}}}";


static struct event
scrubbed(const char *text, const struct scrub_settings *settings)
{
    struct event ev = case_event(case_parse(a, str_of(text)));

    normalize_event(a, &ev);
    scrub_event(a, &ev, settings);
    event_facts(a, &ev);
    fingerprint_event(a, &ev);
    return ev;
}


static struct str
written(const struct event *ev)
{
    struct buf out = buf_in(a);

    json_write(&out, ev->doc);
    buf_str(&out, ev->title);
    buf_str(&out, ev->culprit);
    buf_str(&out, ev->search);
    return buf_view(&out);
}


static void
no_secret_is_left_anywhere(void **state)
{
    struct event ev = scrubbed(event, NULL);
    struct str all = written(&ev);

    (void) state;
    if (str_find(all, STR("hunter2")) != -1
        || str_find(all, STR("4111111111111111")) != -1) {
        fail_msg("%s", str_dup(a, all));
    }
    assert_true(case_fits(
        ev.doc,
        case_parse(
            a,
            STR("{\"logentry\":{\"formatted\":\"for [email], card "
                "[creditcard]\"},"
                "\"extra\":{\"password\":\"[Filtered]\",\"id\":\"[Filtered]\","
                "\"text\":\"token=[Filtered]\",\"flag_auth\":true},"
                "\"user\":{\"id\":\"7\",\"email\":\"ann@mail.example\"},"
                "\"request\":{\"url\":\"https://[Filtered]@h.example/p\","
                "\"headers\":[[\"Authorization\",\"[Filtered]\"],"
                "[\"User-Agent\",\"a/1 (token=x)\"],"
                "[\"X-Token\",\"[Filtered]\"]],"
                "\"cookies\":[[\"sudo\",\"[Filtered]\"],[\"theme\",\"dark\"]]},"
                "\"_meta\":{\"extra\":{\"password\":{\"\":{\"rem\":"
                "[[\"@password:filter\",\"s\",0,10]],\"len\":7}}},"
                "\"request\":{\"cookies\":{\"0\":{\"1\":{\"\":{\"rem\":"
                "[[\"@cookie:filter\",\"s\",0,10]]}}}}}}}"))));
}


static void
a_project_can_switch_it_off(void **state)
{
    const struct scrub_settings off = { .off = true };
    struct event ev = scrubbed(event, &off);
    struct str all = written(&ev);

    (void) state;
    assert_true(str_find(all, STR("hunter2")) != -1);
    assert_int_equal(str_find(all, STR(SCRUB_FILTERED)), -1);
}


static void
a_project_names_fields(void **state)
{
    static const struct str sensitive[] = { { "pet", 3 } };
    static const struct str safe[] = { { "token", 5 } };
    const struct scrub_settings named = {
        .sensitive = sensitive, .nsensitive = 1, .safe = safe, .nsafe = 1
    };
    const struct scrub_settings only = { .no_defaults = true,
                                         .sensitive = sensitive,
                                         .nsensitive = 1 };
    static const char text[] = "{\"extra\":{\"myPet\":\"rex\",\"token\":\"t\","
                               "\"secret\":\"s\"}}";
    struct event ev = scrubbed(text, &named);

    (void) state;
    assert_true(
        case_fits(json_get(ev.doc, "extra"),
                  case_parse(a, STR("{\"myPet\":\"[Filtered]\",\"token\":\"t\","
                                    "\"secret\":\"[Filtered]\"}"))));
    ev = scrubbed(text, &only);
    assert_true(
        case_fits(json_get(ev.doc, "extra"),
                  case_parse(a, STR("{\"myPet\":\"[Filtered]\",\"token\":\"t\","
                                    "\"secret\":\"s\"}"))));
}


/* In a text, too: what stands behind the name. */
static void
a_project_names_fields_of_texts(void **state)
{
    static const struct str sensitive[] = { { "pet", 3 }, { "authori", 7 } };
    static const struct str safe[] = { { "token", 5 } };
    static const struct {
        const char *text;
        const char *both;
        const char *only; /* without the defaults */
    } rows[] = {
        { "GET /?myPet=rex&token=t&secret=s",
          "GET /?myPet=[Filtered]&token=t&secret=[Filtered]",
          "GET /?myPet=[Filtered]&token=t&secret=s" },
        { "Authorization: Bearer abc 4111111111111111",
          "Authorization: [Filtered] [Filtered]",
          "Authorization: [Filtered] 4111111111111111" },
        { "{\"pet\": {\"name\": \"rex\"}}", "{\"pet\": [Filtered]}",
          "{\"pet\": [Filtered]}" },
    };
    const struct scrub_settings both = {
        .sensitive = sensitive, .nsensitive = 2, .safe = safe, .nsafe = 1
    };
    struct scrub_settings only = both;

    (void) state;
    only.no_defaults = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scrub_hit hits[SCRUB_HITS_MAX];
        struct str got;
        size_t n;

        got = scrub_text(a, &both, str_of(rows[i].text), false, hits, &n);
        assert_string_equal(str_dup(a, got), rows[i].both);
        got = scrub_text(a, &only, str_of(rows[i].text), false, hits, &n);
        assert_string_equal(str_dup(a, got), rows[i].only);
        assert_string_equal(hits[0].rule, "strip-fields");
    }
}


/* What an SDK sends beyond the attributes that there are. */
static const char strange[] =
    "{\"server_name\":\"hunter2\",\"exception\":[{\"type\":\"E\","
    "\"api_key\":\"hunter2\",\"mechanism\":{\"type\":\"m\",\"meta\":"
    "{\"token\":\"hunter2\"},\"help_link\":\"http://a:hunter2@h/\"},"
    "\"stacktrace\":{\"secret\":\"hunter2\",\"frames\":[{\"function\":"
    "\"f\",\"auth\":{\"a\":\"hunter2\"},\"data\":{\"passwd\":"
    "\"hunter2\"}}]}}],\"threads\":[{\"id\":1,\"password\":[\"hunter2\"],"
    "\"held_locks\":{\"0x1\":{\"secret\":\"hunter2\"}}}],"
    "\"breadcrumbs\":[{\"message\":\"m\",\"token\":\"hunter2\",\"note\":"
    "\"secret=hunter2\"}],\"request\":{\"url\":\"http://h/\",\"auth\":"
    "\"hunter2\",\"data\":{\"a\":1},\"inferred_content_type\":\"x\"},"
    "\"sdk\":{\"name\":\"s\",\"secret\":\"hunter2\"},"
    "\"errors\":[{\"type\":\"t\",\"name\":\"password\",\"value\":"
    "\"hunter2\"}],\"contexts\":{\"response\":{\"headers\":"
    "{\"Set-Cookie\":[\"a=1; Path=/\",\"sessionid=hunter2; "
    "Expires=Wed, 21 Oct 2026 07:28:00 GMT\"]}}},"
    "\"extra\":{\"cookie\":\"sid=hunter2\",\"list\":"
    "[[\"token=hunter2\",\"b\"]],\"http.request.header.cookie.sudo\":"
    "\"hunter2\"},\"_meta\":{\"extra\":{\"a\":{\"\":{\"err\":"
    "[[\"invalid_data\",{\"value\":\"secret=hunter2\"}]]}}}}}";


static void
what_no_table_has_is_looked_at(void **state)
{
    static const struct str sensitive[] = { { "server_name", 11 } };
    const struct scrub_settings named = { .sensitive = sensitive,
                                          .nsensitive = 1 };
    struct event ev = scrubbed(strange, &named);
    struct str all = written(&ev);

    (void) state;
    if (str_find(all, STR("hunter2")) != -1) {
        fail_msg("%s", str_dup(a, all));
    }
    assert_true(case_fits(
        ev.doc,
        case_parse(
            a,
            STR("{\"contexts\":{\"response\":{\"headers\":null,"
                "\"cookies\":[[\"a\",\"1\"],[\"sessionid\",\"[Filtered]\"]]}},"
                "\"request\":{\"data\":{\"a\":1}},\"breadcrumbs\":"
                "{\"values\":[{\"note\":\"secret=[Filtered]\"}]},"
                "\"_meta\":{\"exception\":{\"values\":{\"0\":{\"api_key\":"
                "{\"\":{\"rem\":[[\"@password:filter\",\"s\",0,10]],"
                "\"len\":7}}}}}}}"))));
    assert_int_equal(ev.server_name.n, STR("[Filtered]").n);
}


/* Addresses and rules are wishes of their own. */
static void
switched_off_keeps_rules_and_addresses(void **state)
{
    struct scrub_settings off = { .off = true, .ip = SCRUB_IP_DROP };
    struct event ev;

    (void) state;
    scrub_setting(a, &off, STR(SCRUB_SETTING_RULES),
                  STR("mask anything from extra.pin"));
    ev = scrubbed("{\"user\":{\"ip_address\":\"192.0.2.17\"},\"extra\":"
                  "{\"pin\":\"1234\",\"password\":\"p\"}}",
                  &off);
    assert_true(case_fits(
        ev.doc, case_parse(a, STR("{\"user\":{\"ip_address\":null},\"extra\":"
                                  "{\"pin\":\"****\",\"password\":\"p\"}}"))));
}


static void
own_rules_by_place_and_kind(void **state)
{
    static const char text[] =
        "{\"extra\":{\"l\":[[\"colour\",\"r\xC3\xB6t\"]],\"a\":\"ann@x.example "
        "or "
        "10.1.2.3\",\"b\":{\"c\":\"ORD-12, "
        "ORD-7\",\"n\":4242}},\"user\":{\"id\":\"7\",\"ip_address\":\"192.0.2."
        "17\"},"
        "\"tags\":[]}";
    static const struct {
        const char *rule;
        const char *fits; /* what the event then has */
    } rows[] = {
        { "remove anything from extra.b",
          "{\"extra\":{\"b\":{\"c\":null,\"n\":null}}}" },
        { "remove anything from extra.b !extra.b.n",
          "{\"extra\":{\"b\":{\"c\":null,\"n\":4242}}}" },
        { "mask email", "{\"extra\":{\"a\":\"************* or 10.1.2.3\"}}" },
        { "mask anything from extra.l.colour",
          "{\"extra\":{\"l\":[[\"colour\",\"***\"]]}}" },
        { "replace ip from **",
          "{\"extra\":{\"a\":\"ann@x.example or [ip]\"}}" },
        { "replace /ord-([0-9]+)/ with \"o\" from **.c",
          "{\"extra\":{\"b\":{\"c\":\"o, o\"}}}" },
        { "replace anything with \"\" from $user.id",
          "{\"user\":{\"id\":\"\"}}" },
        { "remove anything from extra.x.y",
          "{\"extra\":{\"b\":{\"n\":4242}}}" },
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scrub_settings s = { 0 };
        struct event ev;

        scrub_setting(a, &s, STR(SCRUB_SETTING_RULES), str_of(rows[i].rule));
        ev = scrubbed(text, &s);
        if (s.nrules != 1
            || !case_fits(ev.doc, case_parse(a, str_of(rows[i].fits)))) {
            struct buf b = buf_in(a);

            json_write(&b, ev.doc);
            fail_msg("%s: %.*s", rows[i].rule, STR_FMT(buf_view(&b)));
        }
    }
}


/*
 * Each method on each kind of thing to look for, at each form of a path, with
 * what _meta then says.
 */
static void
own_rules_leave_remarks(void **state)
{
    static const char text[] =
        "{\"extra\":{\"a\":\"to ann@x.example!\",\"my.key\":\"secret "
        "7\",\"flag\":true,\"n\":4242,\"pay\":{\"salary\":\"10\",\"base\":"
        "{\"x\":\"11\"}},\"q\":\"salary=12&x=\\\"1\\\"\",\"c\":\"C-77 of "
        "C-78\"},\"request\":{\"headers\":{\"X-Own\":\"10.1.2.3\"}},"
        "\"exception\":[{\"type\":\"E\",\"value\":\"mail "
        "bo@y.example\"}]}";
    static const struct {
        const char *rules;
        const char *fits;
    } rows[] = {
        { "remove email from extra.a",
          "{\"extra\":{\"a\":\"to !\"},\"_meta\":{\"extra\":{\"a\":{\"\":"
          "{\"rem\":[[\"remove:email\",\"x\",3,3]],\"len\":17}}}}}" },
        { "mask email from extra.a",
          "{\"extra\":{\"a\":\"to *************!\"},\"_meta\":{\"extra\":"
          "{\"a\":{\"\":{\"rem\":[[\"mask:email\",\"m\",3,16]]}}}}}" },
        { "hash email from extra.a",
          "{\"_meta\":{\"extra\":{\"a\":{\"\":{\"rem\":[[\"hash:email\","
          "\"p\",3,43]]}}}}}" },
        { "replace email with \"x\" from extra.a",
          "{\"extra\":{\"a\":\"to x!\"},\"_meta\":{\"extra\":{\"a\":{\"\":"
          "{\"rem\":[[\"replace:email\",\"s\",3,4]]}}}}}" },
        { "remove anything from extra.'my.key'",
          "{\"extra\":{\"my.key\":null},\"_meta\":{\"extra\":{\"my.key\":"
          "{\"\":{\"rem\":[[\"remove:anything\",\"x\"]],\"len\":8}}}}}" },
        { "replace anything from extra.flag",
          "{\"extra\":{\"flag\":\"[anything]\"},\"_meta\":{\"extra\":"
          "{\"flag\":{\"\":{\"rem\":[[\"replace:anything\",\"s\",0,10]]}}}}}" },
        { "remove anything from extra.flag", "{\"extra\":{\"flag\":null}}" },
        { "mask anything from *.n", "{\"extra\":{\"n\":\"****\"}}" },
        { "remove pair /^salary$/",
          "{\"extra\":{\"pay\":{\"salary\":null,\"base\":{\"x\":\"11\"}},"
          "\"q\":\"salary=&x=\\\"1\\\"\"}}" },
        { "mask pair /^(base|x)$/",
          "{\"extra\":{\"pay\":{\"salary\":\"10\",\"base\":{\"x\":\"**\"}},"
          "\"q\":\"salary=12&x=\\\"*\\\"\"}}" },
        { "mask email,/C-([0-9]+)/ from extra",
          "{\"extra\":{\"a\":\"to *************!\",\"c\":\"**** of "
          "****\"},\"_meta\":{\"extra\":{\"c\":{\"\":{\"rem\":"
          "[[\"mask:pattern\",\"m\",0,4],[\"mask:pattern\",\"m\",8,12]]}}}}}" },
        { "alias customer /C-[0-9]+/\nalias who customer,email\n"
          "replace who from extra",
          "{\"extra\":{\"a\":\"to [email]!\",\"c\":\"[customer] of "
          "[customer]\"},\"_meta\":{\"extra\":{\"c\":{\"\":{\"rem\":"
          "[[\"replace:customer\",\"s\",0,10],[\"replace:customer\",\"s\",14,"
          "24]]}}}}}" },
        { "replace ip from $http.headers.x-own",
          "{\"request\":{\"headers\":[[\"X-Own\",\"[ip]\"]]},\"_meta\":"
          "{\"request\":{\"headers\":{\"0\":{\"1\":{\"\":{\"rem\":"
          "[[\"replace:ip\",\"s\",0,4]]}}}}}}}" },
        { "replace email from $exception.value",
          "{\"extra\":{\"a\":\"to ann@x.example!\"},\"exception\":{\"values\":"
          "[{\"type\":\"E\",\"value\":\"mail [email]\"}]}}" },
        { "mask email from ** !$exception !extra.*",
          "{\"extra\":{\"a\":\"to ann@x.example!\"},\"exception\":{\"values\":"
          "[{\"type\":\"E\",\"value\":\"mail bo@y.example\"}]}}" },
        { "mask email from $attachments",
          "{\"extra\":{\"a\":\"to ann@x.example!\"}}" },
        { "replace /(x+x+)+y/ from extra.a",
          "{\"extra\":{\"a\":\"to ann@x.example!\"}}" },
        { "mask /x*/ from extra.a",
          "{\"extra\":{\"a\":\"to ann@*.e*ample!\"}}" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scrub_settings s = { 0 };
        struct event ev;

        scrub_setting(a, &s, STR(SCRUB_SETTING_RULES), str_of(rows[i].rules));
        ev = scrubbed(text, &s);
        if (s.nrules != 1
            || !case_fits(ev.doc, case_parse(a, str_of(rows[i].fits)))) {
            struct buf b = buf_in(a);

            json_write(&b, ev.doc);
            fail_msg("%s: %.*s", rows[i].rules, STR_FMT(buf_view(&b)));
        }
    }
}


/* Every type finds its own, and leaves what only looks like it. */
static void
every_type_of_a_rule(void **state)
{
    static const struct {
        const char *type;
        const char *text;
        const char *then;
    } rows[] = {
        { "email", "a ann.b+c@x.example. b@", "a #. b@" },
        { "ip", "1.2.3.4 256.1.1.1 fe80::1 12:30:15",
          "# 256.1.1.1 # 12:30:15" },
        { "mac", "00:1b:63:84:45:e6 00:1b", "# 00:1b" },
        { "imei", "49-015420-323751-8 4901", "# 4901" },
        { "uuid", "9f1c0d4e-8c5f-4d0a-9d55-0123456789ab 9f1c", "# 9f1c" },
        { "creditcard", "4111 1111 1111 1111, 4111", "#, 4111" },
        { "iban", "DE89370400440532013000 DE89", "# DE89" },
        { "ssn", "078-05-1120 078-05", "# 078-05" },
        { "usssn", "078-05-1120", "#" },
        { "urlauth", "https://a:b@h/ https://h/a:b@c",
          "https://#@h/ https://h/a:b@c" },
        { "pemkey",
          "x -----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----",
          "x #" },
        { "bearer", "Bearer abc", "#" },
        { "userpath", "/home/ann/x C:\\Users\\bo\\y",
          "/home/#/x C:\\Users\\#\\y" },
        { "password", "db_password: x; name=y", "db_password: #; name=y" },
        { "pair /^pet$/", "pet=rex, 'pet': 'a b', petty=z",
          "pet=#, 'pet': '#', petty=z" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *why = NULL;
        const struct scrub_rule *rule = scrub_rule_parse(
            a, scrub_names_new(a),
            str_printf(a, "replace %s with \"#\"", rows[i].type), &why);
        struct scrub_hit hits[SCRUB_HITS_MAX];
        struct str name = STR("x"), got;
        size_t n;
        bool gone;

        assert_null(why);
        got = scrub_rule_apply(a, rule, &name, 1, str_of(rows[i].text), hits,
                               &n, &gone);
        if (!str_is(got, rows[i].then)) {
            fail_msg("%s: %.*s", rows[i].type, STR_FMT(got));
        }
    }
}


static void
a_text_too_hard_for_a_rule_is_filtered(void **state)
{
    struct scrub_settings s = { 0 };
    struct buf text = buf_in(a);

    (void) state;
    buf_text(&text, "{\"extra\":{\"a\":\"");
    for (int i = 0; i < 100; i++) {
        buf_char(&text, 'x');
    }
    buf_text(&text, "\"}}");
    scrub_setting(a, &s, STR(SCRUB_SETTING_RULES), STR("mask /(x+x+)+[yz]/"));
    assert_true(
        case_fits(scrubbed(str_dup(a, buf_view(&text)), &s).doc,
                  case_parse(a, STR("{\"extra\":{\"a\":\"[Filtered]\"}}"))));
}


/* Texts made to be slow cost a rule no more than others of their length. */
static void
types_of_rules_are_linear(void **state)
{
    static const char *const types[] = {
        "email",      "ip",         "mac",      "imei",     "uuid",
        "pair /^b$/", "creditcard", "iban",     "ssn",      "urlauth",
        "pemkey",     "bearer",     "userpath", "password",
    };
    static const char *const pieces[] = {
        "a",
        "a@",
        "a.",
        "1",
        "1.",
        "::",
        ":a",
        "a=",
        "//a:",
        "/home/",
        "-----BEGIN PRIVATE KEY-----",
        "bearer ",
        "de89",
        "password\"",
    };
    struct str name = STR("x");

    (void) state;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        for (size_t k = 0; k < sizeof(pieces) / sizeof(*pieces); k++) {
            const char *why;
            const struct scrub_rule *rule =
                scrub_rule_parse(a, scrub_names_new(a),
                                 str_printf(a, "mask %s", types[i]), &why);
            struct scrub_hit hits[SCRUB_HITS_MAX];
            struct buf text = buf_in(a);
            int64_t best = INT64_MAX;

            while (text.n < 16000) {
                buf_text(&text, pieces[k]);
            }
            for (int times = 0; times < 3; times++) {
                int64_t start = cpu_time(), took;
                size_t n;
                bool gone;

                scrub_rule_apply(a, rule, &name, 1, buf_view(&text), hits, &n,
                                 &gone);
                took = cpu_time() - start;
                best = took < best ? took : best;
            }
            if (best > 200000) {
                fail_msg("%s in %s: %lld us", types[i], pieces[k],
                         (long long) best);
            }
        }
    }
}


static void
files_by_the_rules_that_name_them(void **state)
{
    static const char wide[] = "\0\1a\0@\0x\0.\0d\0e\0\0\xff";
    const struct {
        const char *rules;
        const char *name;
        struct str bytes;
        struct str then; /* null: gone */
    } rows[] = {
        { "mask email from $attachments.'*.log'", "App.LOG", STR("to a@x.de\n"),
          STR("to ******\n") },
        { "mask email from $attachments.'*.log'", "app.txt", STR("to a@x.de\n"),
          STR("to a@x.de\n") },
        { "mask email", "app.log", STR("a@x.de"), STR("a@x.de") },
        { "mask email from **", "app.log", STR("a@x.de"), STR("a@x.de") },
        { "mask email from $attachments !$attachments.'keep*'", "keep.1",
          STR("a@x.de"), STR("a@x.de") },
        { "replace email with \"m\" from $attachments.**", "x",
          STR("\0\xff"
              "a@x.de\0"),
          STR("\0\xff"
              "mxxxxx\0") },
        { "remove email from $attachments.*", "x", STR("a@x.de"),
          STR("xxxxxx") },
        { "replace email with \"too long for it\" from $attachments", "x",
          STR("a@x.de"), STR("too lo") },
        { "mask email,pair /^pin$/ from $attachments", "x",
          STR("pin=12 a@x.de"), STR("pin=** ******") },
        { "mask email from $attachments.'*.dmp'",
          "core.dmp",
          { wide, sizeof(wide) - 1 },
          STR("\0\1*\0*\0*\0*\0*\0*\0\0\xff") },
        { "mask /(x+x+)+[yz]/ from $attachments", "x",
          STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
          STR("********************************************") },
        { "remove anything from $attachments.'core'", "core", STR("x"),
          STR_NULL },
        { "remove anything from $attachments.'core'", "score", STR("x"),
          STR("x") },
        { "mask email from $attachments", "x", STR(""), STR("") },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scrub_settings s = { 0 };
        struct str bytes = rows[i].bytes;
        enum scrub_file what;

        scrub_setting(a, &s, STR(SCRUB_SETTING_RULES), str_of(rows[i].rules));
        assert_int_equal(s.nrules, 1);
        what = scrub_file(a, s.rules, s.nrules, str_of(rows[i].name), &bytes);
        if (str_null(rows[i].then) ? what != SCRUB_FILE_GONE
                                   : !str_eq(bytes, rows[i].then)) {
            fail_msg("%s on %s: %d %.*s", rows[i].rules, rows[i].name, what,
                     STR_FMT(bytes));
        }
        assert_int_equal(what == SCRUB_FILE_AS_IT_IS,
                         bytes.p == rows[i].bytes.p && !str_null(rows[i].then));
    }
}


static void
a_file_too_large_to_be_looked_through_is_told(void **state)
{
    struct scrub_settings s = { 0 };
    struct str bytes = str_make("", (size_t) 33 << 20); /* not touched */

    (void) state;
    scrub_setting(a, &s, STR(SCRUB_SETTING_RULES),
                  STR("mask email from $attachments.'*.dmp'"));
    assert_int_equal(scrub_file(a, s.rules, 1, STR("a.dmp"), &bytes),
                     SCRUB_FILE_TOO_LARGE);
    assert_int_equal(scrub_file(a, s.rules, 1, STR("a.txt"), &bytes),
                     SCRUB_FILE_AS_IT_IS);
}


static void
a_wrong_rule_says_why(void **state)
{
    static const char *const wrong[] = {
        "",
        "drop it",
        "mask",
        "mask cards",
        "mask /(/",
        "mask /a",
        "mask email with \"x\"",
        "replace email with x",
        "remove ip from",
        "remove ip from a..b",
        "remove ip from $nothing",
        "remove ip from **.a.**.b.**.c.**",
        "remove ip extra",
        "mask email, from extra",
        "mask email,,ip",
        "mask ip,ip,ip,ip,ip,ip,ip,ip,ip,ip,ip",
        "mask pair",
        "mask pair email",
        "mask pair /(/",
        "mask customer",
        "alias email /x/",
        "alias from /x/",
        "alias A /x/",
        "alias customer",
        "alias customer /(/",
        "alias customer /x/ from extra",
        "remove ip from extra.'a",
        "remove ip from extra.'a'b",
        "remove ip from extra, user",
        "mask anything from $attachments.'a.txt'",
        "mask email from $attachments.a.txt",
        "mask email from $minidump",
        "mask email from $attachments.'a'.'b'",
        "mask /\\x{20ac}/ from $attachments",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        const char *why = NULL;

        if (scrub_rule_parse(a, scrub_names_new(a), str_of(wrong[i]), &why)
                != NULL
            || why == NULL) {
            fail_msg("understood: %s", wrong[i]);
        }
    }
}


static void
addresses_are_cut_or_dropped(void **state)
{
    static const char text[] =
        "{\"user\":{\"ip_address\":\"192.0.2.17\"},\"extra\":{\"a\":\"from "
        "2001:db8:1:2::3 at 12:30:15\"}}";
    struct scrub_settings cut = { .ip = SCRUB_IP_NETWORK };
    struct scrub_settings drop = { .ip = SCRUB_IP_DROP };

    (void) state;
    assert_true(case_fits(
        scrubbed(text, &cut).doc,
        case_parse(a, STR("{\"user\":{\"ip_address\":\"192.0.2.0\"}}"))));
    assert_true(case_fits(
        scrubbed(text, &drop).doc,
        case_parse(a, STR("{\"user\":{\"ip_address\":null},\"extra\":{\"a\":"
                          "\"from [ip] at 12:30:15\"}}"))));
}


/* Texts made to be slow cost no more than others of their length. */
static void
looking_is_linear(void **state)
{
    static const char *const pieces[] = {
        "4",
        "4 ",
        "4-",
        "://a:",
        "auth:bearer=",
        "auth=",
        "DE89a",
        "a@",
        "@a.",
        "\"=\"",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "-----",
        "bearer ",
        "secret='",
        "secret={",
        "secret=\\\"",
        "secret=[\"",
        "aaaa:",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        for (int message = 0; message <= 1; message++) {
            struct scrub_hit hits[SCRUB_HITS_MAX];
            struct buf text = buf_in(a);
            int64_t best = INT64_MAX;
            size_t n;

            while (text.n < 16000) {
                buf_text(&text, pieces[i]);
            }
            for (int k = 0; k < 5; k++) {
                int64_t start = cpu_time(), took;

                scrub_text(a, &defaults, buf_view(&text), message != 0, hits,
                           &n);
                took = cpu_time() - start;
                best = took < best ? took : best;
            }
            if (best > 50000) {
                fail_msg("%s: %lld us", pieces[i], (long long) best);
            }
        }
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_by_their_look),
        cmocka_unit_test(secrets_by_their_name),
        cmocka_unit_test(no_secret_is_left_anywhere),
        cmocka_unit_test(a_project_can_switch_it_off),
        cmocka_unit_test(a_project_names_fields),
        cmocka_unit_test(a_project_names_fields_of_texts),
        cmocka_unit_test(what_no_table_has_is_looked_at),
        cmocka_unit_test(switched_off_keeps_rules_and_addresses),
        cmocka_unit_test(own_rules_by_place_and_kind),
        cmocka_unit_test(own_rules_leave_remarks),
        cmocka_unit_test(every_type_of_a_rule),
        cmocka_unit_test(a_text_too_hard_for_a_rule_is_filtered),
        cmocka_unit_test(types_of_rules_are_linear),
        cmocka_unit_test(files_by_the_rules_that_name_them),
        cmocka_unit_test(a_file_too_large_to_be_looked_through_is_told),
        cmocka_unit_test(a_wrong_rule_says_why),
        cmocka_unit_test(addresses_are_cut_or_dropped),
        cmocka_unit_test(looking_is_linear),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
