/*
 * page/attachment.c - /ORG/projects/PROJECT/attachments/ID/: one file that came
 * with an event; …/raw/: its bytes; …/delete/.
 *
 * The bytes go out with a policy of their own that lets nothing in them run,
 * and, unless they are a picture that the page itself shows, as a file to save.
 */

#include "page/file.h"

#include "json/doc.h"
#include "model/event.h"
#include "model/organization.h"
#include "model/project.h"
#include "page/pages.h"
#include "util/lang.h"
#include "util/utf8.h"
#include "web/login.h"

static const struct {
    struct str magic;
    size_t at;
    const char *type;
} images[] = {
    { { "\x89PNG\r\n\x1a\n", 8 }, 0, "image/png" },
    { { "\xff\xd8\xff", 3 }, 0, "image/jpeg" },
    { { "GIF87a", 6 }, 0, "image/gif" },
    { { "GIF89a", 6 }, 0, "image/gif" },
    { { "WEBPVP8", 7 }, 8, "image/webp" },
};


enum file_kind
file_kind_of(struct str bytes, const char **type)
{
    struct str head = str_cut(bytes, FILE_TEXT_MAX);

    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        if (str_starts(str_sub(bytes, images[i].at, bytes.n),
                       images[i].magic)) {
            *type = images[i].type;
            return FILE_IMAGE;
        }
    }
    for (size_t i = 0; i < head.n; i++) {
        unsigned char c = (unsigned char) head.p[i];

        if (c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != 0x1b) {
            return FILE_OTHER;
        }
    }
    return head.n > 0 && utf8_valid(head) ? FILE_TEXT : FILE_OTHER;
}


static struct str
link_of(const struct request *rq, struct str project,
        const struct attachment *at)
{
    return str_printf(rq->a, "/%.*s/projects/%.*s/attachments/%lld/",
                      STR_FMT(rq->org->slug), STR_FMT(project),
                      (long long) at->id);
}


/* By its name only: the list must not open each file. */
static bool
looks_like_image(struct str name)
{
    static const char *const ends[] = { ".png", ".jpg", ".jpeg", ".gif",
                                        ".webp" };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);

        if (name.n > n
            && str_ieq(str_sub(name, name.n - n, name.n), str_of(ends[i]))) {
            return true;
        }
    }
    return false;
}


void
file_row(const struct request *rq, struct data *row, struct str project,
         const struct attachment *at)
{
    struct str link = link_of(rq, project, at);

    data_i64(row, "id", at->id);
    data_str(row, "name", at->name);
    data_i64(row, "size", at->size);
    data_time(row, "at", at->received_at);
    data_str(row, "type", at->type);
    data_str(row, "link", link);
    data_str(row, "raw", str_printf(rq->a, "%.*sraw/", STR_FMT(link)));
    data_bool(row, "image", looks_like_image(at->name));
}


static enum status
find(struct request *rq, struct attachment *out)
{
    int64_t id;

    if (!str_i64(request_param(rq, "attachment"), &id)) {
        return ST_NOT_FOUND;
    }
    return attachment_find(rq->db, rq->a, rq->org->id, rq->project->id, id,
                           out);
}


/* JSON indented, when it is; else the text as it is. */
static void
show_text(struct request *rq, struct data *d, struct str bytes)
{
    static const struct json_limits limits = { .depth = 64, .nodes = 20000 };
    struct json *doc;

    if (bytes.n <= FILE_TEXT_MAX
        && (str_starts(bytes, STR("{")) || str_starts(bytes, STR("[")))
        && json_parse(rq->a, bytes, &limits, &doc, NULL) == ST_OK) {
        struct buf pretty = buf_in(rq->a);

        json_write_pretty(&pretty, doc);
        data_str(d, "text", buf_view(&pretty));
        return;
    }
    data_str(d, "text", str_cut(bytes, FILE_TEXT_MAX));
    data_bool(d, "cut", bytes.n > FILE_TEXT_MAX);
}


enum status
page_attachment(struct request *rq, struct response *rs)
{
    struct data *d = data_child(rs->data, "File");
    struct attachment at;
    const char *type = NULL;
    struct str bytes;
    enum status st;

    if ((st = find(rq, &at)) != ST_OK) {
        return st;
    }
    file_row(rq, d, rq->project->slug, &at);
    data_str(d, "event", at.event_id);
    data_str(d, "content_type", at.content_type);
    st = blob_get(rq->a, at.hash, &bytes);
    if (st == ST_NOT_FOUND) {
        data_bool(d, "gone", true);
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    switch (file_kind_of(bytes, &type)) {
    case FILE_IMAGE:
        data_bool(d, "shown", true);
        break;
    case FILE_TEXT:
        show_text(rq, d, bytes);
        break;
    case FILE_OTHER:
        break;
    }
    return ST_OK;
}


/* A file name that no header is broken by (RFC 6266). */
static struct str
disposition(struct request *rq, bool inline_, struct str name)
{
    struct buf plain = buf_in(rq->a);

    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        buf_char(&plain, c < ' ' || c > '~' || c == '"' || c == '\\' ? '_' : c);
    }
    return str_printf(rq->a, "%s; filename=\"%.*s\"; filename*=UTF-8''%.*s",
                      inline_ ? "inline" : "attachment",
                      STR_FMT(buf_view(&plain)),
                      STR_FMT(url_encode(rq->a, name)));
}


enum status
page_attachment_raw(struct request *rq, struct response *rs)
{
    const char *type = "application/octet-stream";
    struct attachment at;
    struct str bytes;
    enum status st;
    bool image;

    if ((st = find(rq, &at)) != ST_OK
        || (st = blob_get(rq->a, at.hash, &bytes)) != ST_OK) {
        return st;
    }
    image = file_kind_of(bytes, &type) == FILE_IMAGE
            && str_null(request_arg(rq, "save"));
    response_header(rs, "Content-Disposition", disposition(rq, image, at.name));
    response_header(rs, "Content-Security-Policy",
                    STR("default-src 'none'; sandbox"));
    response_raw(rs, type, bytes);
    return ST_OK;
}


enum status
page_attachment_delete(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct attachment at;
    int64_t issue = 0;
    enum status st;

    if ((st = find(rq, &at)) != ST_OK
        || (st = attachment_delete(rq->db, rq->a, rq->org->id, &by, &at))
               != ST_OK) {
        return st;
    }
    login_flash(rq, str_of(tr("The attachment is deleted.")));
    st = event_issue(rq->db, rq->a, &rq->project->id, 1, at.event_id, &issue);
    if (st == ST_OK) {
        response_redirect(rs,
                          str_printf(rq->a, "/%.*s/issues/%lld/events/%.*s/",
                                     STR_FMT(rq->org->slug), (long long) issue,
                                     STR_FMT(at.event_id)));
        return ST_OK;
    }
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/issues/", STR_FMT(rq->org->slug)));
    return st == ST_NOT_FOUND ? ST_OK : st;
}
