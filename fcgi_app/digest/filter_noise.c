/*
 * Filters of what every web application has and nobody can or has to mend
 * (protocol.md §6).
 */

#include "digest/filter.h"

#include "digest/regex.h"


FILTER_CHECK(filter_chunk_load)
{
    static struct {
        struct regex type;
        struct regex value;
    } rows[] = {
        { { "\\AChunkLoadError\\z", NULL },
          { "\\A(?:Loading|Failed to load) chunk ", NULL } },
        { { "Uncaught ", NULL },
          { "\\AChunkLoadError: (?:Loading|Failed to load) chunk ", NULL } },
        { { "\\AError\\z", NULL },
          { "\\AUncaught \\(in promise\\): ChunkLoadError", NULL } },
    };

    (void) s;
    json_each(e, json_path(ev->doc, "exception", "values", NULL))
    {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            if (regex_matches(&rows[i].type, json_text_of(e, "type"))
                && regex_matches(&rows[i].value, json_text_of(e, "value"))) {
                return true;
            }
        }
    }
    return false;
}


FILTER_CHECK(filter_hydration)
{
    static struct regex values = {
        "https://(?:reactjs\\.org/docs/error-decoder\\.html\\?invariant="
        "|react\\.dev/errors/)(?:418|419|421|422|423|425)",
        NULL
    };

    (void) s;
    json_each(e, json_path(ev->doc, "exception", "values", NULL))
    {
        if (regex_matches(&values, json_text_of(e, "value"))) {
            return true;
        }
    }
    return false;
}


/* What asks every few seconds whether the application lives. */
FILTER_CHECK(filter_health_checks)
{
    static struct regex names = { "healthcheck|heartbeat"
                                  "|/(?:health|healthy|healthz|live|livez"
                                  "|ready|readyz|ping)\\z",
                                  NULL };

    (void) s;
    return str_is(json_text_of(ev->doc, "type"), "transaction")
           && regex_matches(&names, json_text_of(ev->doc, "transaction"));
}
