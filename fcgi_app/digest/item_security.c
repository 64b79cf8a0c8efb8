/*
 * What browsers report by themselves, one report or an array of the Reporting
 * API.  A kind is a row: how it is known, where its report stands, what makes
 * an event of it.  Other kinds of the Reporting API are counted, not kept.
 */

#include "digest/item.h"

#include "digest/csp_report.h"
#include "digest/outcome.h"
#include "envelope/store.h"

/* Reports of one request that are read; browsers send a few. */
#define REPORTS_MAX 100

static const struct json_limits limits = { .depth = 32, .nodes = 20000 };


static void
set_header(struct arena *a, struct json *headers, struct str name,
           struct str value)
{
    if (name.n > 0 && value.n > 0) {
        json_set(headers, str_copy(a, utf8_mend(a, name)),
                 json_new_str(a, utf8_mend(a, value)));
    }
}


/* The report comes from the browser itself: so what its request says counts. */
static void
add_request(const struct item_context *it, struct json *event)
{
    struct json *headers = json_path(event, "request", "headers", NULL);
    struct str rest = it->message->headers, line;

    set_header(it->scratch, headers, STR("User-Agent"), it->message->agent);
    while (str_split(&rest, '\n', &line)) {
        ptrdiff_t at = str_chr(line, ':');
        struct str name =
            at == -1 ? STR_NULL : str_trim(str_sub(line, 0, (size_t) at));

        /* the page's own referrer stands in the report */
        if (name.n > 0 && !str_ieq(name, STR("referer"))) {
            set_header(it->scratch, headers, name,
                       str_trim(str_sub(line, (size_t) at + 1, line.n)));
        }
    }
}


static void
add_query(const struct item_context *it, struct json *event, const char *name,
          const char *attribute)
{
    struct str value =
        query_value(it->scratch, it->message->query, str_of(name));

    if (value.n > 0) {
        json_set(event, str_of(attribute),
                 json_new_str(it->scratch, utf8_mend(it->scratch, value)));
    }
}


static const struct kind {
    const char *member; /* that only this kind has; NULL: none */
    const char *type;   /* of the Reporting API; NULL: none */
    const char *report; /* the member that is the report; NULL: all of it */
    struct json *(*event)(struct arena *a, const struct json *report);
} kinds[] = {
    { "csp-report", NULL, "csp-report", csp_report_event },
    { NULL, "csp-violation", "body", csp_report_event },
    { NULL, "network-error", NULL, nel_event },
    { "expect-ct-report", NULL, "expect-ct-report", expect_ct_event },
    { "expect-staple-report", NULL, "expect-staple-report",
      expect_staple_event },
    { "known-pins", NULL, NULL, hpkp_event },
};


static const struct kind *
kind_of(const struct json *v)
{
    struct str type = json_text_of(v, "type");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].member != NULL ? json_get(v, kinds[i].member) != NULL
                                    : str_is(type, kinds[i].type)) {
            return &kinds[i];
        }
    }
    return NULL;
}


/* One report, which ends as an event or as one outcome. */
static void
digest_report(struct item_context *it, const struct json *v, unsigned part)
{
    struct str category = str_of(it->type->category);
    const struct kind *kind = kind_of(v);
    const struct json *report = NULL;
    struct json *event;

    if (kind == NULL && json_text_of(v, "type").n > 0) {
        outcome_record(it, category, OUTCOME_ACCEPTED, STR("not_kept"), 1);
        return;
    }
    if (kind != NULL) {
        report = kind->report != NULL ? json_get(v, kind->report) : v;
    }
    if (report == NULL) {
        outcome_record(it, category, OUTCOME_INVALID,
                       STR("security_report_type"), 1);
        return;
    }
    event = json_is(report, JSON_T_OBJECT) ? kind->event(it->scratch, report)
                                           : NULL;
    if (event == NULL) {
        outcome_record(it, category, OUTCOME_INVALID, STR("security_report"),
                       1);
        return;
    }
    add_request(it, event);
    add_query(it, event, "sentry_release", "release");
    add_query(it, event, "sentry_environment", "environment");
    item_event_doc(it, event, part);
}


void
item_security(struct item_context *it)
{
    struct str category = str_of(it->type->category);
    struct json *doc;
    unsigned part = 0;

    if (json_parse(it->scratch, it->item->payload, &limits, &doc, NULL)
        != ST_OK) {
        outcome_record(it, category, OUTCOME_INVALID, STR("invalid_json"), 1);
        return;
    }
    if (!json_is(doc, JSON_T_ARRAY)) {
        digest_report(it, doc, 0);
        return;
    }
    if (doc->n == 0) {
        outcome_record(it, category, OUTCOME_INVALID, STR("no_data"), 1);
    }
    json_each(report, doc)
    {
        if (part == REPORTS_MAX) {
            outcome_record(it, category, OUTCOME_INVALID,
                           STR("too_large:security"), doc->n - part);
            return;
        }
        digest_report(it, report, part++);
    }
}
