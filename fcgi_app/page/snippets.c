#include "page/snippets.h"

#include "util/conf.h"
#include "web/platform.h"


void
snippets_fill(const struct request *rq, struct response *rs,
              const struct project_key *key)
{
    struct data *setup = data_child(rs->data, "Setup");

    data_i64(setup, "project", rq->project->id);
    data_str(setup, "slug", rq->project->slug);
    data_text(setup, "url", conf_str(CONF_SYSTEM_URL_PREFIX));
    data_text(setup, "lang", platform_find(rq->project->platform)->setup);
    if (key != NULL) {
        data_str(setup, "dsn", project_key_dsn(rq->a, key));
        data_str(setup, "key", key->public_key);
    }
}


const struct project_key *
snippets_key(const struct project_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (keys[i].is_active) {
            return &keys[i];
        }
    }
    return NULL;
}
