/*
 * Notes are gathered in two bounded tables, projects and their issues, until
 * it is time to send.  What does not fit is left out: of issues their numbers,
 * of projects the line; the page then shows less news, never wrong ones.
 */

#include "queue/live.h"

#include <stdlib.h>
#include <string.h>

#include "queue/message.h"
#include "util/buf.h"
#include "util/timeutil.h"

#define PROJECTS_MAX 100
#define ISSUES_MAX 20 /* of a project */
#define SEND_EVERY_US (US_PER_SECOND / 2)

struct noted_project {
    int64_t organization_id;
    int64_t id;
    int64_t events;
    int64_t fresh;
    struct {
        int64_t id;
        int64_t events;
    } issues[ISSUES_MAX];
    size_t nissues;
};

struct live {
    struct redis *r;
    struct arena *arena;
    struct noted_project projects[PROJECTS_MAX];
    size_t nprojects;
    int64_t sent_at; /* monotonic */
};


struct live *
live_new(struct redis *r)
{
    struct live *l = calloc(1, sizeof(struct live));

    if (l == NULL) {
        abort();
    }
    l->r = r;
    l->arena = arena_new();
    return l;
}


void
live_free(struct live *l)
{
    if (l != NULL) {
        arena_free(l->arena);
        free(l);
    }
}


static struct noted_project *
find_project(struct live *l, int64_t organization_id, int64_t id)
{
    for (size_t i = 0; i < l->nprojects; i++) {
        if (l->projects[i].id == id) {
            return &l->projects[i];
        }
    }
    if (l->nprojects == PROJECTS_MAX) {
        return NULL;
    }
    l->projects[l->nprojects] =
        (struct noted_project){ .organization_id = organization_id, .id = id };
    return &l->projects[l->nprojects++];
}


void
live_note(struct live *l, int64_t organization_id, int64_t project_id,
          int64_t issue_id, int64_t events, bool fresh)
{
    struct noted_project *p = find_project(l, organization_id, project_id);

    if (p == NULL) {
        return;
    }
    p->events += events;
    p->fresh += fresh;
    for (size_t i = 0; i < p->nissues; i++) {
        if (p->issues[i].id == issue_id) {
            p->issues[i].events += events;
            return;
        }
    }
    if (p->nissues < ISSUES_MAX) {
        p->issues[p->nissues].id = issue_id;
        p->issues[p->nissues++].events = events;
    }
}


static void
add_line(struct buf *b, const struct noted_project *p)
{
    buf_addf(b, "%lld %lld %lld %lld", (long long) p->organization_id,
             (long long) p->id, (long long) p->events, (long long) p->fresh);
    for (size_t i = 0; i < p->nissues; i++) {
        buf_addf(b, "%c%lld:%lld", i == 0 ? ' ' : ',',
                 (long long) p->issues[i].id, (long long) p->issues[i].events);
    }
    buf_char(b, '\n');
}


void
live_send(struct live *l)
{
    int64_t now = time_monotonic();
    struct buf b = buf_in(l->arena);

    if (l->nprojects == 0 || now - l->sent_at < SEND_EVERY_US) {
        return;
    }
    for (size_t i = 0; i < l->nprojects; i++) {
        add_line(&b, &l->projects[i]);
    }
    l->sent_at = now;
    l->nprojects = 0;
    if (redis_command(
            l->r, l->arena, NULL,
            REDIS_WORDS(STR("XADD"), STR(VEDETTE_LIVE), STR("MAXLEN"), STR("~"),
                        str_printf(l->arena, "%d", VEDETTE_LIVE_KEEP), STR("*"),
                        STR(VEDETTE_LIVE_CHANGES), buf_view(&b)))
        != ST_OK) {
        /* then pages hear nothing of it */
        arena_reset(l->arena);
        return;
    }
    arena_reset(l->arena);
}
