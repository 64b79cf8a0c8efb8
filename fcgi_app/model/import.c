/*
 * Two passes: from the list to tables of rows, each row checked by itself;
 * then keys to their projects and projects to teams.
 */

#include "model/import.h"

#include <stdlib.h>

#include "json/doc.h"
#include "model/project_key.h"
#include "util/lang.h"
#include "util/utf8.h"

#define NAME_CHARS 100
#define LABEL_CHARS 60
#define KEYS_OF_PROJECT 100
#define ID_MAX (INT64_C(1) << 53)
#define WINDOW_MAX (30 * 86400)
#define COUNT_MAX INT64_C(1000000000)

static const struct json_limits limits = { .depth = 64, .nodes = 2000000 };

struct reader {
    struct arena *a;
    struct import *out;
    const struct json *list;
    int64_t wanted; /* the organisation's number; 0: there is none */
    size_t dropped; /* remarks beyond the bound */
};


PRINTF_LIKE(2, 3) static void remark(struct reader *r, const char *fmt, ...)
{
    va_list args;
    char text[300];

    if (r->out->nremarks == IMPORT_REMARKS_MAX) {
        r->dropped++;
        return;
    }
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    r->out->remarks[r->out->nremarks++] =
        utf8_mend(r->a, str_copy(r->a, str_of(text)));
}


/* ---- fields */

static int64_t
number(const struct json *v)
{
    int64_t n;

    return json_i64(v, &n) && n > 0 && n <= ID_MAX ? n : 0;
}


/* One line of at most so many characters. */
static struct str
line(struct reader *r, const struct json *fields, const char *name,
     size_t chars)
{
    struct str s = json_text_of(fields, name);
    struct buf b = buf_in(r->a);

    for (size_t i = 0; i < s.n; i++) {
        buf_char(&b, (unsigned char) s.p[i] < ' ' ? ' ' : s.p[i]);
    }
    s = str_trim(buf_view(&b));
    while (utf8_length(s) > chars) {
        s = str_cut(s, s.n - 1);
    }
    return s;
}


/* Of a UUID with dashes, too; the null str: it is no key. */
static struct str
public_key(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < s.n && b.n <= 32; i++) {
        char c = s.p[i];

        if (c == '-') {
            continue;
        }
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
              || (c >= 'A' && c <= 'F'))) {
            return STR_NULL;
        }
        buf_char(&b, (char) (c >= 'A' && c <= 'F' ? c + 32 : c));
    }
    return b.n == 32 ? buf_view(&b) : STR_NULL;
}


static struct import_project *
project_of(struct reader *r, int64_t id)
{
    for (size_t i = 0; i < r->out->nprojects; i++) {
        if (r->out->projects[i].id == id) {
            return &r->out->projects[i];
        }
    }
    return NULL;
}


static bool
add_key(struct reader *r, struct import_project *p,
        const struct import_key *key)
{
    for (size_t i = 0; i < r->out->nprojects; i++) {
        for (size_t k = 0; k < r->out->projects[i].nkeys; k++) {
            if (str_eq(r->out->projects[i].keys[k].public_key,
                       key->public_key)) {
                remark(r, "A key of project %lld stands there twice.",
                       (long long) p->id);
                return false;
            }
        }
    }
    if (p->nkeys == KEYS_OF_PROJECT || r->out->nkeys == IMPORT_KEYS_MAX) {
        remark(r, "Project %lld has too many keys: the others are left out.",
               (long long) p->id);
        return false;
    }
    if (p->keys == NULL) {
        p->keys = arena_array(r->a, KEYS_OF_PROJECT, sizeof(struct import_key));
    }
    p->keys[p->nkeys++] = *key;
    r->out->nkeys++;
    return true;
}


/* ---- rows: each gets its fields and its number */

static void
take_project(struct reader *r, const struct json *f, int64_t id)
{
    struct import_project p = { .id = id };
    int64_t status;

    p.organization = number(json_get(f, "organization"));
    if (r->wanted != 0 && p.organization != r->wanted) {
        return;
    }
    if (json_yes(json_get(f, "is_deleted"))
        || (json_i64(json_get(f, "status"), &status) && status != 0)) {
        remark(r, "Project %lld is deleted or hidden there.", (long long) id);
        return;
    }
    if (id == 0 || project_of(r, id) != NULL) {
        remark(r, "A project has no number of its own.");
        return;
    }
    if (r->out->nprojects == IMPORT_PROJECTS_MAX) {
        remark(r, "There are more than %d projects: the others are left out.",
               IMPORT_PROJECTS_MAX);
        return;
    }
    p.name = line(r, f, "name", NAME_CHARS);
    p.slug = str_lower(r->a, line(r, f, "slug", 50));
    if (!slug_valid(p.slug)) {
        p.slug = slug_from(r->a, p.name);
    }
    if (!slug_valid(p.slug)) {
        p.slug = str_printf(r->a, "project-%lld", (long long) id);
    }
    if (p.name.n == 0) {
        p.name = p.slug;
    }
    p.platform = str_lower(r->a, line(r, f, "platform", 40));
    if (p.platform.n == 0) {
        p.platform = STR("other");
    }
    r->out->projects[r->out->nprojects++] = p;

    /* Bugsink has the one key in the project */
    if (!str_null(json_text_of(f, "sentry_key"))) {
        struct import_key key = { .label = STR("Default"), .active = true };

        key.public_key = public_key(r->a, json_text_of(f, "sentry_key"));
        if (str_null(key.public_key)) {
            remark(r, "The key of project %lld is none.", (long long) id);
        } else {
            add_key(r, &r->out->projects[r->out->nprojects - 1], &key);
        }
    }
}


static void
take_key(struct reader *r, const struct json *f, int64_t id)
{
    struct import_project *p = project_of(r, number(json_get(f, "project")));
    struct import_key key = { .active = true };
    const struct json *on = json_get(f, "is_active");
    int64_t status, count, window;

    (void) id;
    if (p == NULL) {
        return; /* of another organisation, or of a project left out */
    }
    key.public_key = public_key(r->a, json_text_of(f, "public_key"));
    if (str_null(key.public_key)) {
        remark(r, "A key of project %lld is none: it is left out.",
               (long long) p->id);
        return;
    }
    key.label = line(r, f, "label", LABEL_CHARS);
    if (key.label.n == 0) {
        key.label = line(r, f, "name", LABEL_CHARS);
    }
    if (key.label.n == 0) {
        key.label = STR("Default");
    }
    if (json_is(on, JSON_T_BOOL)) {
        key.active = json_yes(on);
    }
    if (json_i64(json_get(f, "status"), &status)) {
        key.active = status == 0;
    }
    if (json_i64(json_get(f, "rate_limit_count"), &count)
        && json_i64(json_get(f, "rate_limit_window"), &window) && count > 0
        && count <= COUNT_MAX && window > 0 && window <= WINDOW_MAX) {
        key.limit_count = count;
        key.limit_window = window;
    }
    add_key(r, p, &key);
}


static void
give(struct reader *r, struct import_team *t, int64_t project)
{
    if (project_of(r, project) == NULL || t->nprojects == IMPORT_PROJECTS_MAX) {
        return;
    }
    if (t->projects == NULL) {
        t->projects = arena_array(r->a, IMPORT_PROJECTS_MAX, sizeof(int64_t));
    }
    t->projects[t->nprojects++] = project;
}


static void
take_team(struct reader *r, const struct json *f, int64_t id)
{
    struct import_team t = { .id = id };
    struct import_team *kept;

    t.organization = number(json_get(f, "organization"));
    if (r->wanted != 0 && t.organization != r->wanted) {
        return;
    }
    t.name = line(r, f, "name", NAME_CHARS);
    t.slug = str_lower(r->a, line(r, f, "slug", 50));
    if (!slug_valid(t.slug)) {
        t.slug = slug_from(r->a, t.name);
    }
    if (!slug_valid(t.slug) || r->out->nteams == IMPORT_TEAMS_MAX) {
        remark(r, "A team has no name that can be used.");
        return;
    }
    if (t.name.n == 0) {
        t.name = t.slug;
    }
    kept = &r->out->teams[r->out->nteams++];
    *kept = t;
    json_each(p, json_get(f, "projects")) /* GlitchTip */
    {
        give(r, kept, number(p));
    }
}


static void
take_project_team(struct reader *r, const struct json *f, int64_t id)
{
    (void) id;
    for (size_t i = 0; i < r->out->nteams; i++) {
        if (r->out->teams[i].id == number(json_get(f, "team"))) {
            give(r, &r->out->teams[i], number(json_get(f, "project")));
            return;
        }
    }
}


static void
take_member(struct reader *r, const struct json *f, int64_t id)
{
    (void) id;
    if (r->wanted == 0 || number(json_get(f, "organization")) == r->wanted) {
        r->out->members++;
    }
}


/*
 * What is read, in this order: a row is complete when what it names is there.
 */
static const struct {
    const char *model;
    void (*take)(struct reader *r, const struct json *fields, int64_t id);
} rows[] = {
    { "sentry.project", take_project },
    { "projects.project", take_project },
    { "sentry.projectkey", take_key },
    { "projects.projectkey", take_key },
    { "sentry.team", take_team },
    { "teams.team", take_team },
    { "sentry.projectteam", take_project_team },
    { "sentry.organizationmember", take_member },
    { "organizations_ext.organizationuser", take_member },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))


/* ---- organisations */

static bool
is_organization(const struct json *row)
{
    struct str model = json_text_of(row, "model");

    return str_is(model, "sentry.organization")
           || str_is(model, "organizations_ext.organization");
}


static enum status
choose(struct reader *r, struct str slug, struct str *why)
{
    size_t n = 0;

    json_each(row, r->list)
    {
        const struct json *f = json_get(row, "fields");

        if (!is_organization(row)
            || (!str_null(slug) && !str_eq(json_text_of(f, "slug"), slug))) {
            continue;
        }
        n++;
        r->wanted = number(json_get(row, "pk"));
        r->out->from = line(r, f, "name", NAME_CHARS);
    }
    if (n > 1) {
        *why = STR("There is more than one organisation in it: say which, by "
                   "its address there.");
        return ST_INVALID;
    }
    if (n == 0 && !str_null(slug)) {
        *why = STR("There is no organisation of that address in it.");
        return ST_INVALID;
    }
    if (n == 1 && r->wanted == 0) {
        *why = STR("The organisation in it has no number.");
        return ST_INVALID;
    }
    return ST_OK;
}


enum status
import_read(struct arena *a, struct str text, struct str slug,
            struct import *out, struct str *why)
{
    struct reader r = { .a = a, .out = out };
    struct json *doc;
    struct json_error err;
    enum status st;

    *out = (struct import){ .from = STR("") };
    out->projects =
        arena_array(a, IMPORT_PROJECTS_MAX, sizeof(struct import_project));
    out->teams = arena_array(a, IMPORT_TEAMS_MAX, sizeof(struct import_team));
    out->remarks = arena_array(a, IMPORT_REMARKS_MAX, sizeof(struct str));
    if (json_parse(a, text, &limits, &doc, &err) != ST_OK) {
        *why =
            lang_fill(a, N_("It is not JSON: {0} at byte {1}."),
                      FILL(str_of(tr(err.text)), str_printf(a, "%zu", err.at)));
        return ST_INVALID;
    }
    if (!json_is(doc, JSON_T_ARRAY)) {
        *why = STR("It is no export: a list of rows is expected.");
        return ST_INVALID;
    }
    r.list = doc;
    if ((st = choose(&r, slug, why)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < ROWS; i++) {
        json_each(row, doc)
        {
            if (str_is(json_text_of(row, "model"), rows[i].model)) {
                rows[i].take(&r, json_get(row, "fields"),
                             number(json_get(row, "pk")));
            }
        }
    }
    if (out->nprojects == 0) {
        *why = STR("There is no project in it.");
        return ST_INVALID;
    }
    return ST_OK;
}


/* ---- storing */

static enum status
free_slug(struct db *db, struct arena *a, int64_t org, struct import_project *p)
{
    struct str base = p->slug;
    struct db_rows row;

    for (int i = 2; i < 1000; i++) {
        enum status st = db_one(db, a, SQL_IMPORT_PROJECT_SLUG,
                                DB_ARGS(db_i64(org), db_str(p->slug)), &row);

        if (st != ST_OK) {
            return st == ST_NOT_FOUND ? ST_OK : st;
        }
        p->slug = str_printf(a, "%.*s-%d", STR_FMT(str_cut(base, 45)), i);
    }
    return ST_CONFLICT;
}


static enum status
store_project(struct db *db, struct arena *a, const struct actor *by,
              int64_t org, struct import_project *p, struct str *why)
{
    struct change c = change_new(a);
    struct db_rows row;
    enum status st = db_one(db, a, SQL_IMPORT_PROJECT_OWNER,
                            DB_ARGS(db_i64(org), db_i64(p->id)), &row);

    p->there = st == ST_OK;
    if (st != ST_NOT_FOUND) {
        return st;
    }
    if ((st = free_slug(db, a, org, p)) != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_IMPORT_PROJECT,
                  DB_ARGS(db_i64(p->id), db_i64(org), db_str(p->slug),
                          db_str(p->name), db_str(p->platform)),
                  NULL);
    if (st == ST_CONFLICT) {
        *why =
            lang_fill(a,
                      N_("The number {0} of \"{1}\" is that of another "
                         "project here."),
                      FILL(str_printf(a, "%lld", (long long) p->id), p->name));
    }
    if (st == ST_OK) {
        st = db_query(db, a, SQL_IMPORT_NUMBER, DB_ARGS(db_i64(p->id)), NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "name", STR_NULL, p->name);
    change_str(&c, "imported", STR_NULL,
               str_printf(a, "with %zu keys", p->nkeys));
    return audit_add(db, a, org, by, "project.create", p->slug, &c);
}


static enum status
store_keys(struct db *db, struct arena *a, int64_t org,
           const struct import_project *p, struct str *why)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < p->nkeys; i++) {
        const struct import_key *k = &p->keys[i];
        bool limited = k->limit_window > 0;

        st = db_query(db, a, SQL_IMPORT_KEY,
                      DB_ARGS(db_i64(org), db_i64(p->id), db_str(k->public_key),
                              db_str(k->label), db_bool(k->active),
                              limited ? db_i64(k->limit_count) : db_null(),
                              limited ? db_i64(k->limit_window) : db_null()),
                      NULL);
        if (st == ST_CONFLICT) {
            *why = lang_fill(a,
                             N_("A key of \"{0}\" is that of another project "
                                "here."),
                             FILL(p->name));
        }
    }
    return st;
}


static enum status
store_team(struct db *db, struct arena *a, const struct actor *by, int64_t org,
           const struct import_team *t)
{
    struct change c = change_new(a);
    struct db_rows row;
    int64_t id;
    enum status st =
        db_one(db, a, SQL_IMPORT_TEAM,
               DB_ARGS(db_i64(org), db_str(t->slug), db_str(t->name)), &row);

    if (st != ST_OK) {
        return st;
    }
    id = db_get_i64(&row, 0, "id");
    for (size_t i = 0; st == ST_OK && i < t->nprojects; i++) {
        st = db_query(db, a, SQL_IMPORT_TEAM_PROJECT,
                      DB_ARGS(db_i64(org), db_i64(id), db_i64(t->projects[i])),
                      NULL);
    }
    change_str(&c, "imported", STR_NULL,
               str_printf(a, "with %zu projects", t->nprojects));
    return st == ST_OK ? audit_add(db, a, org, by, "team.create", t->slug, &c)
                       : st;
}


static enum status
store(struct db *db, struct arena *a, const struct actor *by, int64_t org,
      struct import *import, struct str *why)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < import->nprojects; i++) {
        st = store_project(db, a, by, org, &import->projects[i], why);
        if (st == ST_OK) {
            st = store_keys(db, a, org, &import->projects[i], why);
        }
    }
    for (size_t i = 0; st == ST_OK && i < import->nteams; i++) {
        st = store_team(db, a, by, org, &import->teams[i]);
    }
    return st;
}


enum status
import_apply(struct db *db, struct redis *r, struct arena *a,
             const struct actor *by, int64_t org, struct import *import,
             struct str *why)
{
    enum status st = db_begin(db);

    *why = STR_NULL;
    if (st != ST_OK) {
        return st;
    }
    st = db_finish(db, store(db, a, by, org, import, why));
    return st == ST_OK ? project_key_publish_organization(db, r, org) : st;
}
