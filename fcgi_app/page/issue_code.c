/*
 * What leads on from a call of a stack: its line in the repository, the commit
 * that changed its file last, and a rule of how stacks are read.
 *
 * Only calls of the application are led on from, and not endlessly many of one
 * page: a recursion of hundreds says the same each time.
 */

#include "page/issue.h"

#include "model/code_mapping.h"
#include "model/issue_page.h"
#include "util/buf.h"

#define LED_MAX 40
#define RULE_TEXT 200 /* bytes of a text in a rule */
#define REVISION_SHOWN 7
#define MESSAGE_SHOWN 80
#define WIDE 500 /* columns that nobody writes into a line */

struct issue_code {
    struct code_mapping *v;
    size_t n;
    struct str release;
    struct str revisions; /* of the release: "REVISION NAME" a line */
};


struct issue_code *
issue_code_read(struct arena *a, const struct event_view *view)
{
    struct issue_code *code = arena_new_of(a, struct issue_code);
    struct code_error err;

    *code = (struct issue_code){ .release = view->row.release,
                                 .revisions = view->revisions };
    return !str_null(view->mappings)
                   && code_mappings_parse(a, view->mappings, &code->v, &code->n,
                                          &err)
                          == ST_OK
               ? code
               : NULL;
}


/*
 * The commit that the release has of a repository: the one that is called so,
 * else the only one that is called nothing else, else what the version is.
 */
static struct str
revision(const struct issue_code *code, const struct code_mapping *m)
{
    struct str rest = code->revisions, line, only = STR_NULL;
    size_t n = 0;

    while (str_split(&rest, '\n', &line)) {
        ptrdiff_t space = str_chr(line, ' ');
        struct str name = str_sub(line, (size_t) space + 1, line.n);

        line = str_sub(line, 0, (size_t) space);
        if (code_mapping_is(m, name)) {
            return line;
        }
        n++;
        only = name.n == 0 ? line : only;
    }
    return n == 1 && !str_null(only) ? only : code_revision_of(code->release);
}


static void
place_in_repository(const struct issue_event *ev, const struct json *frame,
                    struct str platform, struct data *d)
{
    const struct str names[] = {
        issue_frame_file(ev->a, frame, platform),
        json_text_of(frame, "filename"),
        json_text_of(frame, "abs_path"),
    };
    const struct code_mapping *m;
    struct str path, at;
    int64_t line = 0;

    if (ev->code == NULL) {
        return;
    }
    m = code_mapping_find(ev->a, ev->code->v, ev->code->n, names,
                          sizeof(names) / sizeof(names[0]), &path);
    if (m == NULL) {
        return;
    }
    (void) json_i64(json_get(frame, "lineno"), &line);
    at = revision(ev->code, m);
    data_str(d, "code", code_link(ev->a, m, path, at, line));
    if (str_null(at)) {
        data_str(d, "code_branch", m->branch);
    } else {
        data_str(d, "code_at", str_cut(at, REVISION_SHOWN));
    }
}


struct str
issue_commit_link(const struct issue_event *ev, const struct commit *c)
{
    const struct issue_code *code = ev->code;

    for (size_t i = 0; code != NULL && i < code->n; i++) {
        if (code_mapping_is(&code->v[i], c->repository)
            || (c->repository.n == 0 && code->n == 1)) {
            return code_commit_link(ev->a, &code->v[i], c->revision);
        }
    }
    return STR_NULL;
}


static void
commit(const struct issue_event *ev, const struct json *frame,
       struct str platform, struct data *d)
{
    const struct issue_commit *c = issue_commit_of(ev, frame, platform);
    struct str rest, message = STR("");

    if (c == NULL) {
        return;
    }
    rest = c->commit.message;
    (void) str_split(&rest, '\n', &message);
    d = data_child(d, "Commit");
    data_str(d, "revision", str_cut(c->commit.revision, REVISION_SHOWN));
    data_str(d, "link", issue_commit_link(ev, &c->commit));
    data_str(d, "message", str_cut(message, MESSAGE_SHOWN));
    data_str(d, "author",
             c->commit.author.n > 0 ? c->commit.author
                                    : c->commit.author_email);
    data_str(d, "version", issue_release(c->version));
}


bool
issue_is_minified(const struct json *frame, struct str platform)
{
    struct str file = json_text_of(frame, "filename");
    int64_t column = 0;

    if (!str_is(platform, "javascript") && !str_is(platform, "node")) {
        return false;
    }
    (void) json_i64(json_get(frame, "colno"), &column);
    return column >= WIDE || str_find(file, STR(".min.")) != -1;
}


/* ---- rules */

/* key:"text" of a rule; false when there is no text. */
static bool
matcher(struct arena *a, struct buf *b, const char *key, struct str text)
{
    if (text.n == 0) {
        return false;
    }
    buf_addf(b, "%s%s:\"%.*s\"", b->n > 0 ? " " : "", key,
             STR_FMT(issue_pattern(a, str_cut(text, RULE_TEXT))));
    return true;
}


static struct str
path_of(const struct json *frame)
{
    struct str path = json_text_of(frame, "abs_path");

    return path.n > 0 ? path : json_text_of(frame, "filename");
}


static struct str
app_rule(struct arena *a, const struct json *frame)
{
    struct buf b = buf_in(a);

    if (!matcher(a, &b, "module", json_text_of(frame, "module"))) {
        (void) matcher(a, &b, "path", path_of(frame));
    }
    (void) matcher(a, &b, "function", json_text_of(frame, "function"));
    if (b.n == 0) {
        return STR_NULL;
    }
    buf_text(&b, " -app");
    return url_encode(a, buf_view(&b));
}


struct str
issue_library_rule(const struct issue_event *ev, const struct json *frame)
{
    struct str module = json_text_of(frame, "module");
    ptrdiff_t dot = str_chr(module, '.');
    struct buf b = buf_in(ev->a);

    if (dot > 0) {
        buf_addf(&b, "module:\"%.*s*\"",
                 STR_FMT(issue_pattern(
                     ev->a, str_cut(str_sub(module, 0, (size_t) dot + 1),
                                    RULE_TEXT))));

    } else if (!matcher(ev->a, &b, "path", path_of(frame))) {
        return STR_NULL;
    }
    buf_text(&b, " +app");
    return url_encode(ev->a, buf_view(&b));
}


void
issue_frame_more(const struct issue_event *ev, const struct json *frame,
                 struct str platform, struct data *d)
{
    struct str file = json_text_of(frame, "filename");
    int64_t line = 0;

    if (ev->led == NULL || *ev->led == LED_MAX) {
        return;
    }
    ++*ev->led;
    data_bool(d, "more", true);
    place_in_repository(ev, frame, platform, d);
    commit(ev, frame, platform, d);
    data_str(d, "rule", app_rule(ev->a, frame));
    (void) json_i64(json_get(frame, "lineno"), &line);
    if (file.n > 0 && line > 0) {
        data_str(
            d, "spot",
            str_printf(ev->a, "%.*s:%lld", STR_FMT(file), (long long) line));
    }
}
