#include "digest/wishes.h"

#include <stdlib.h>

#include "model/attachment.h"
#include "model/body.h"
#include "model/keep.h"
#include "model/project.h"
#include "model/project_setting.h"

/* Projects that are known at once; then all are forgotten. */
#define PROJECTS_MAX 1000

struct wish {
    int64_t project_id;
    int64_t organization_id; /* where it is */
    struct filters *filters; /* NULL: the defaults */
    struct attachment_wish attachments;
    struct scrub_settings scrub;
    struct grouping_texts grouping_texts;
    const struct grouping *grouping; /* NULL: none of its own */
    struct ownership owners;         /* n 0: none */
    bool owners_off;                 /* they only suggest */
    int32_t dictionary;
    bool all_bodies;
};

struct wishes {
    struct arena *defaults_arena;
    struct filters *defaults;
    struct arena *arena; /* of what is known now */
    int64_t until;       /* monotonic */
    size_t n;
    struct wish v[PROJECTS_MAX]; /* by project */
};


struct wishes *
wishes_new(void)
{
    struct wishes *w = calloc(1, sizeof(struct wishes));

    if (w == NULL) {
        abort();
    }
    w->defaults_arena = arena_new();
    w->defaults = filters_new(w->defaults_arena);
    w->arena = arena_new();
    return w;
}


void
wishes_free(struct wishes *w)
{
    if (w == NULL) {
        return;
    }
    arena_free(w->defaults_arena);
    arena_free(w->arena);
    free(w);
}


static int
by_project(const void *left, const void *right)
{
    const struct wish *a = left, *b = right;

    return (a->project_id > b->project_id) - (a->project_id < b->project_id);
}


static struct wish *
find(const struct wishes *w, int64_t project_id)
{
    struct wish key = { .project_id = project_id };

    return bsearch(&key, w->v, w->n, sizeof(struct wish), by_project);
}


/* The projects that are not known yet; each once. */
static size_t
unknown(const struct wishes *w, const struct message *m, size_t n,
        int64_t *organizations, int64_t *projects)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        bool seen = find(w, m[i].project_id) != NULL;

        for (size_t k = 0; k < found && !seen; k++) {
            seen = projects[k] == m[i].project_id;
        }
        if (!seen && found < PROJECTS_MAX) {
            organizations[found] = m[i].organization_id;
            projects[found++] = m[i].project_id;
        }
    }
    return found;
}


void
wishes_forget(struct wishes *w)
{
    arena_reset(w->arena);
    w->n = 0;
    w->until = time_monotonic() + WISHES_US;
}


/* Who has no room for attachments any more. */
static enum status
learn_usage(struct wishes *w, struct db *db, struct arena *a,
            const int64_t *projects, size_t n)
{
    int64_t *bytes;
    enum status st = attachment_usage(db, a, projects, n, &bytes);

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct wish *wish = find(w, projects[i]);

        if (wish != NULL) {
            wish->attachments.full = bytes[i] >= wish->attachments.room;
        }
    }
    return st == ST_OK ? ST_OK : ST_RETRY;
}


static enum status
learn_dictionaries(struct wishes *w, struct db *db, struct arena *a,
                   const int64_t *projects, size_t n)
{
    int32_t *ids;
    enum status st = body_dictionaries(db, a, projects, n, &ids);

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct wish *wish = find(w, projects[i]);

        if (wish != NULL) {
            wish->dictionary = ids[i];
        }
    }
    return st == ST_OK ? ST_OK : ST_RETRY;
}


/* The page has read them before they were saved. */
static void
learn_owners(struct wishes *w, struct wish *wish, struct str text)
{
    struct ownership_error err;

    if (ownership_parse(w->arena, str_copy(w->arena, text), &wish->owners, &err)
        != ST_OK) {
        wish->owners.n = 0;
    }
}


static enum status
learn(struct wishes *w, struct db *db, struct arena *a, int64_t *organizations,
      const int64_t *projects, size_t n)
{
    struct project_setting *settings;
    enum status st;
    size_t count;

    if (project_homes(db, a, projects, organizations, n) != ST_OK) {
        return ST_RETRY;
    }
    st = project_setting_list(db, a, organizations, projects, n, &settings,
                              &count);
    if (st != ST_OK) {
        return ST_RETRY;
    }
    for (size_t i = 0; i < n; i++) {
        w->v[w->n++] = (struct wish){
            .project_id = projects[i],
            .organization_id = organizations[i],
            .attachments.room = attachment_room(STR_NULL),
        };
    }
    qsort(w->v, w->n, sizeof(struct wish), by_project);
    for (size_t i = 0; i < count; i++) {
        struct wish *wish = find(w, settings[i].project_id);

        if (wish == NULL) {
            continue;
        }
        if (str_is(settings[i].name, ATTACHMENT_SETTING)) {
            wish->attachments.off = str_is(settings[i].value, "off");

        } else if (str_is(settings[i].name, KEEP_SAMPLING)) {
            wish->all_bodies = str_is(settings[i].value, "off");

        } else if (str_is(settings[i].name, OWNERSHIP_RULES)) {
            learn_owners(w, wish, settings[i].value);

        } else if (str_is(settings[i].name, OWNERSHIP_ASSIGN)) {
            wish->owners_off = str_is(settings[i].value, "off");

        } else if (str_is(settings[i].name, ATTACHMENT_LIMIT_SETTING)) {
            wish->attachments.room = attachment_room(settings[i].value);
        }
        scrub_setting(w->arena, &wish->scrub, settings[i].name,
                      settings[i].value);
        grouping_text_set(w->arena, &wish->grouping_texts, settings[i].name,
                          settings[i].value);
        if (wish->filters == NULL) {
            wish->filters = filters_new(w->arena);
        }
        filters_set(w->arena, wish->filters, settings[i].name,
                    settings[i].value);
    }
    for (size_t i = 0; i < w->n; i++) {
        struct wish *wish = &w->v[i];

        wish->owners.assign = !wish->owners_off;
        if (wish->grouping == NULL) {
            wish->grouping =
                grouping_read(w->arena, &wish->grouping_texts, time_now());
        }
    }
    st = learn_usage(w, db, a, projects, n);
    return st == ST_OK ? learn_dictionaries(w, db, a, projects, n) : st;
}


static enum status
ask(struct wishes *w, struct db *db, const struct message *m, size_t n)
{
    int64_t organizations[PROJECTS_MAX], projects[PROJECTS_MAX];
    struct arena *a;
    enum status st;
    size_t found;

    if (time_monotonic() >= w->until) {
        wishes_forget(w);
    }
    if ((found = unknown(w, m, n, organizations, projects)) == 0) {
        return ST_OK;
    }
    if (w->n + found > PROJECTS_MAX) {
        wishes_forget(w);
        found = unknown(w, m, n, organizations, projects);
    }
    a = arena_new();
    st = learn(w, db, a, organizations, projects, found);
    arena_free(a);
    return st;
}


enum status
wishes_refresh(struct wishes *w, struct db *db, struct message *m, size_t n)
{
    enum status st = ask(w, db, m, n);

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        const struct wish *wish = find(w, m[i].project_id);

        if (wish != NULL) {
            m[i].organization_id = wish->organization_id;
        }
    }
    return st;
}


const struct filters *
wishes_filters(const struct wishes *w, int64_t project_id)
{
    const struct wish *wish = find(w, project_id);

    return wish != NULL && wish->filters != NULL ? wish->filters : w->defaults;
}


const struct grouping *
wishes_grouping(const struct wishes *w, int64_t project_id)
{
    const struct wish *wish = find(w, project_id);

    return wish != NULL ? wish->grouping : NULL;
}


const struct ownership *
wishes_owners(const struct wishes *w, int64_t project_id)
{
    const struct wish *wish = find(w, project_id);

    return wish != NULL && wish->owners.n > 0 ? &wish->owners : NULL;
}


const struct scrub_settings *
wishes_scrub(const struct wishes *w, int64_t project_id)
{
    const struct wish *wish = find(w, project_id);

    return wish != NULL ? &wish->scrub : NULL;
}


struct attachment_wish
wishes_attachments(const struct wishes *w, int64_t project_id)
{
    const struct wish *wish = find(w, project_id);

    return wish != NULL
               ? wish->attachments
               : (struct attachment_wish){ .room = attachment_room(STR_NULL) };
}


int32_t
wishes_dictionary(const struct wishes *w, int64_t project_id)
{
    const struct wish *wish = find(w, project_id);

    return wish != NULL ? wish->dictionary : 0;
}


bool
wishes_sampling(const struct wishes *w, int64_t project_id)
{
    const struct wish *wish = find(w, project_id);

    return wish == NULL || !wish->all_bodies;
}
