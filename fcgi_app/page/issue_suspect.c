/*
 * The commit that an error may come from: of the commits of its releases one
 * that changed a file of its stack (grouping.md 6).
 *
 * Only files of the application count, by the end of their paths, as a stack
 * and a repository seldom begin at the same folder.  A path that is wholly the
 * end of the other is better than one that shares at least two of its names
 * with it; then a newer call is better than an older one, a longer end than a
 * shorter one, and a newer commit than an older one.
 */

#include "page/issue.h"

#include "model/issue_page.h"
#include "page/choice.h"

#define PATHS_MAX 50  /* of the stack */
#define NAMES_LEAST 2 /* that two paths share, if neither is in the other */
#define REVISION_SHOWN 7
#define MESSAGE_SHOWN 120 /* bytes of its first line */

struct paths {
    struct str v[PATHS_MAX]; /* the newest call first */
    struct str names[PATHS_MAX];
    size_t n;
};


/* The last name of a path, which loses it. */
static struct str
last_name(struct str *path)
{
    size_t i = path->n;
    struct str name;

    while (i > 0 && path->p[i - 1] != '/' && path->p[i - 1] != '\\') {
        i--;
    }
    name = str_sub(*path, i, path->n);
    *path = str_sub(*path, 0, i > 0 ? i - 1 : 0);
    return name;
}


/* As Java sends them: its files have no folders. */
struct str
issue_frame_file(struct arena *a, const struct json *frame, struct str platform)
{
    struct str file = json_text_of(frame, "filename");
    struct str module = json_text_of(frame, "module");
    ptrdiff_t dot = -1;
    char *text;

    if (!str_is(platform, "java") || module.n == 0) {
        return file.n > 0 ? file : json_text_of(frame, "abs_path");
    }
    for (size_t i = 0; i < module.n; i++) {
        dot = module.p[i] == '.' ? (ptrdiff_t) i : dot;
    }
    if (dot < 0 || file.n == 0) {
        return file;
    }
    text =
        arena_printf(a, "%.*s/%.*s", STR_FMT(str_sub(module, 0, (size_t) dot)),
                     STR_FMT(file));
    for (ptrdiff_t i = 0; i < dot; i++) {
        text[i] = text[i] == '.' ? '/' : text[i];
    }
    return str_of(text);
}


/* The calls of a stack, which has the oldest first. */
static void
collect(const struct issue_event *ev, const struct json *stack,
        struct paths *out)
{
    const struct json *frames = json_get(stack, "frames");

    for (unsigned i = json_is(frames, JSON_T_ARRAY) ? frames->n : 0;
         i-- > 0 && out->n < PATHS_MAX;) {
        const struct json *frame = json_at(frames, i);
        struct str path = issue_frame_file(ev->a, frame, ev->row->platform);
        struct str rest = path;

        if (json_yes(json_get(frame, "in_app")) && path.n > 0) {
            out->v[out->n] = path;
            out->names[out->n++] = last_name(&rest);
        }
    }
}


static void
collect_all(const struct issue_event *ev, struct paths *out)
{
    const struct json *exceptions =
        json_path(ev->doc, "exception", "values", NULL);
    const struct json *threads = json_path(ev->doc, "threads", "values", NULL);

    for (unsigned i = json_is(exceptions, JSON_T_ARRAY) ? exceptions->n : 0;
         i-- > 0;) {
        collect(ev, json_get(json_at(exceptions, i), "stacktrace"), out);
    }
    if (out->n == 0) {
        json_each(thread, threads)
        {
            collect(ev, json_get(thread, "stacktrace"), out);
        }
    }
    if (out->n == 0) {
        collect(ev, json_get(ev->doc, "stacktrace"), out);
    }
}


/* How many names the ends of two paths share, and whether one is used up. */
static size_t
shared(struct str a, struct str b, bool *whole)
{
    size_t n = 0;

    while (a.n > 0 && b.n > 0) {
        struct str left = last_name(&a);

        if (!str_eq(left, last_name(&b))) {
            *whole = false;
            return n;
        }
        n++;
    }
    *whole = true;
    return n;
}


/* NULL: none is likely enough. */
static const struct issue_commit *
choose(const struct issue_commit *rows, size_t n, const struct paths *paths)
{
    const struct issue_commit *best = NULL;
    size_t best_call = 0, best_length = 0;
    bool best_whole = false;

    for (size_t i = 0; i < n; i++) {
        for (size_t call = 0; call < paths->n; call++) {
            bool whole;
            size_t length = shared(rows[i].path, paths->v[call], &whole);

            if (!whole && length < NAMES_LEAST) {
                continue;
            }
            if (best == NULL || (whole && !best_whole)
                || (whole == best_whole
                    && (call < best_call
                        || (call == best_call && length > best_length)))) {
                best = &rows[i];
                best_call = call;
                best_length = length;
                best_whole = whole;
            }
        }
    }
    return best;
}


static void
show(struct request *rq, const struct issue_event *ev,
     const struct issue_commit *c, const struct assignee *people, size_t n,
     struct data *d)
{
    ptrdiff_t line = str_chr(c->commit.message, '\n');
    struct str message = line >= 0
                             ? str_sub(c->commit.message, 0, (size_t) line)
                             : c->commit.message;

    d = data_child(d, "Suspect");
    data_str(d, "revision", str_cut(c->commit.revision, REVISION_SHOWN));
    data_str(d, "message", str_cut(message, MESSAGE_SHOWN));
    data_str(d, "author",
             c->commit.author.n > 0 ? c->commit.author
                                    : c->commit.author_email);
    data_str(d, "version", issue_release(c->version));
    data_str(d, "link", release_link(rq, c->version, ev->issue->project_slug));
    data_str(d, "code", issue_commit_link(ev, &c->commit));
    data_str(d, "path", c->path);
    for (size_t i = 0; c->commit.author_email.n > 0 && i < n; i++) {
        if (people[i].id > 0 && str_ieq(people[i].word, c->commit.author_email)
            && people[i].id != ev->issue->assignee_id) {
            data_i64(d, "account", people[i].id);
        }
    }
}


const struct issue_commit *
issue_commit_of(const struct issue_event *ev, const struct json *frame,
                struct str platform)
{
    struct paths paths = { .n = 0 };

    paths.v[0] = issue_frame_file(ev->a, frame, platform);
    paths.n = paths.v[0].n > 0 ? 1 : 0;
    return choose(ev->commits, ev->ncommits, &paths);
}


enum status
issue_commits_of(struct request *rq, struct issue_event *ev)
{
    struct paths paths = { .n = 0 };
    struct issue_commit *rows;
    enum status st;

    collect_all(ev, &paths);
    if (paths.n == 0) {
        return ST_OK;
    }
    st = issue_commits(rq->db, rq->a, ev->issue, ev->row->release, paths.names,
                       paths.n, &rows, &ev->ncommits);
    ev->commits = rows;
    return st;
}


void
issue_suspect(struct request *rq, const struct issue_event *ev,
              const struct assignee *people, size_t npeople, struct data *d)
{
    struct paths paths = { .n = 0 };
    const struct issue_commit *best;

    collect_all(ev, &paths);
    best = choose(ev->commits, ev->ncommits, &paths);
    if (best != NULL) {
        show(rq, ev, best, people, npeople, d);
    }
}
