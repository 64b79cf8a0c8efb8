#include "model/origins.h"

#include "model/project_key.h"
#include "model/project_setting.h"
#include "util/buf.h"


enum status
origins_of(struct db *db, struct arena *a, const struct project *project,
           struct str *lines)
{
    struct project_setting *settings;
    size_t n;
    enum status st = project_setting_list(db, a, &project->organization_id,
                                          &project->id, 1, &settings, &n);

    *lines = STR("*");
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (str_is(settings[i].name, ORIGINS_SETTING)) {
            *lines = settings[i].value;
        }
    }
    return st;
}


static bool
is_port(struct str s)
{
    int64_t port;

    return str_is(s, "*") || (str_i64(s, &port) && port >= 1 && port <= 65535);
}


static bool
has_only(struct str s, const char *others)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || strchr(others, c) != NULL)
            || c == '\0') {
            return false;
        }
    }
    return true;
}


/* Bytes of one. */
#define PATTERN_MAX 300


/* [scheme://]domain[:port]; what a path behind it says nobody asks for */
static bool
is_pattern(struct str s)
{
    ptrdiff_t at = str_find(s, STR("://"));
    struct str scheme = STR("*"), host = s;

    if (s.n > PATTERN_MAX) {
        return false;
    }
    if (at != -1) {
        scheme = str_sub(s, 0, (size_t) at);
        host = str_sub(s, (size_t) at + 3, s.n);
    }
    if ((at = str_chr(host, '/')) != -1) {
        host = str_sub(host, 0, (size_t) at);
    }
    if ((at = str_rchr(host, ':')) != -1 && str_rchr(host, ']') < at) {
        if (!is_port(str_sub(host, (size_t) at + 1, host.n))) {
            return false;
        }
        host = str_sub(host, 0, (size_t) at);
    }
    if (str_starts(host, STR("*."))) {
        host = str_sub(host, 2, host.n);
    }
    return (str_is(scheme, "*") || (scheme.n > 0 && has_only(scheme, "+-.")))
           && (str_is(host, "*") || (host.n > 0 && has_only(host, "-._:[]")));
}


enum status
origins_save(struct db *db, struct redis *r, struct arena *a,
             const struct actor *by, const struct project *project,
             struct str lines, struct str *wrong)
{
    struct project_setting setting = { project->id, STR(ORIGINS_SETTING),
                                       STR_NULL };
    struct buf b = buf_in(a);
    struct str line;
    enum status st;

    *wrong = STR_NULL;
    while (str_split(&lines, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0) {
            continue;
        }
        if (!is_pattern(line)) {
            *wrong = line;
            return ST_INVALID;
        }
        buf_addf(&b, "%s%.*s", b.n > 0 ? "\n" : "", STR_FMT(line));
    }
    if (b.n > ORIGINS_MAX) {
        return ST_INVALID;
    }
    setting.value = buf_view(&b);
    st = project_setting_save(db, a, by, project, &setting, 1);
    return st == ST_OK ? project_key_publish_project(
               db, r, a, project->organization_id, project->id)
                       : st;
}
