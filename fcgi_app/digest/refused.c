/*
 * What is refused mostly cannot be read, so it is scrubbed as the text that it
 * is, and more strictly than an event: by what stands behind a name, in any
 * quotation, by what follows a name in a list ("Cookie", "…"), by looks, mail
 * addresses among them.  A project's own rules go by places in an event, which
 * this has none of: with such rules nothing of the contents is kept, nor is
 * anything of a file or of what is no text.
 */

#include "digest/refused.h"

#include "digest/scrub.h"
#include "model/refused.h"
#include "util/buf.h"
#include "util/hex.h"
#include "util/utf8.h"

/* A secret that the end of the sample would cut is still seen as a whole. */
#define AHEAD 1024

/* Names that a tree tells by where they stand (scrub.c). */
static const char *const strict[] = { "cookie", "csrf", "sess" };

#define NSTRICT (sizeof(strict) / sizeof(strict[0]))


static struct scrub_settings
stricter(struct arena *a, const struct scrub_settings *settings)
{
    struct scrub_settings s = { 0 };
    struct str *names;

    if (settings != NULL) {
        s = *settings;
    }
    if (s.no_defaults) {
        return s;
    }
    names = arena_array(a, s.nsensitive + NSTRICT, sizeof(*names));
    for (size_t i = 0; i < s.nsensitive; i++) {
        names[i] = s.sensitive[i];
    }
    for (size_t i = 0; i < NSTRICT; i++) {
        names[s.nsensitive++] = str_of(strict[i]);
    }
    s.sensitive = names;
    return s;
}


/* Behind the quotation mark that closes what begins at i. */
static size_t
closed(struct str s, size_t i)
{
    for (; i < s.n && s.p[i] != '"'; i++) {
        i += s.p[i] == '\\';
    }
    return i < s.n ? i : s.n;
}


static size_t
skip_space(struct str s, size_t i)
{
    while (i < s.n && memchr(" \t\r\n", s.p[i], 4) != NULL) {
        i++;
    }
    return i;
}


/* As what a header or a cookie is called by, and a sentence is not. */
static bool
is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char) s.p[i] <= ' '
            || strchr("\"/?&=:,", s.p[i]) != NULL) {
            return false;
        }
    }
    return s.n > 0 && s.n <= 64;
}


/* ["Authorization", "…"]: a pair of a list, as headers are. */
static struct str
scrub_pairs(struct arena *a, const struct scrub_settings *settings,
            struct str s)
{
    struct buf out = buf_in(a);
    size_t copied = 0, i = 0;

    while (i < s.n) {
        size_t end, next;
        struct str name;

        if (s.p[i++] != '"') {
            continue;
        }
        end = closed(s, i);
        name = str_sub(s, i, end);
        next = skip_space(s, end + 1);
        i = end + 1;
        if (next >= s.n || s.p[next] != ','
            || (next = skip_space(s, next + 1)) >= s.n || s.p[next] != '"'
            || !is_name(name) || scrub_rule_of_name(settings, name) == NULL
            || scrub_is_safe(settings, name)) {
            continue;
        }
        buf_str(&out, str_sub(s, copied, next + 1));
        buf_text(&out, SCRUB_FILTERED);
        copied = closed(s, next + 1);
        i = copied + 1;
    }
    if (copied == 0) {
        return s;
    }
    buf_str(&out, str_sub(s, copied, s.n));
    return buf_view(&out);
}


static struct str
scrub_addresses(struct arena *a, struct str s)
{
    struct scrub_hit hits[SCRUB_HITS_MAX];
    const char *why;
    size_t n;
    bool gone;
    const struct scrub_rule *rule = scrub_rule_parse(
        a, scrub_names_new(a), STR("replace ip with \"[ip]\""), &why);

    return scrub_rule_apply(a, rule, NULL, 0, s, hits, &n, &gone);
}


/* No text: control characters, or much that is no UTF-8. */
static bool
is_binary(struct str s)
{
    size_t broken = 0, size;

    for (size_t i = 0; i < s.n; i += size) {
        uint32_t c = utf8_read(str_sub(s, i, s.n), &size);

        if (c < 9 || (c > 13 && c < 32 && c != 27)) {
            return true;
        }
        broken += c == UTF8_BROKEN;
    }
    return broken > 4 + s.n / 100;
}


struct str
refused_text(struct arena *a, const struct scrub_settings *settings,
             struct str s, size_t max)
{
    struct scrub_settings strictly = stricter(a, settings);
    struct scrub_hit hits[SCRUB_HITS_MAX];
    size_t n;

    s = str_sub(s, 0, s.n < max + AHEAD ? s.n : max + AHEAD);
    if (strictly.nrules > 0 || strictly.no_refused || is_binary(s)) {
        return STR_NULL;
    }
    s = utf8_mend(a, s);
    if (!strictly.off) {
        s = scrub_pairs(a, &strictly, s);
        s = scrub_text(a, &strictly, s, true, hits, &n);
    }
    if (strictly.ip != SCRUB_IP_KEEP) {
        s = scrub_addresses(a, s);
    }
    return str_cut(s, max);
}


/* A file's bytes are never shown; a crash is one. */
static bool
is_file(const struct item_context *it)
{
    return it->type != NULL
           && (str_is(str_of(it->type->name), "attachment")
               || str_is(str_of(it->type->name), "minidump")
               || str_is(str_of(it->type->name), "unreal_report"));
}


void
refused_keep(const struct item_context *it, struct str category,
             struct str reason)
{
    const struct message *m = it->message;
    struct arena *a = it->batch->arena;
    struct str sent = it->item != NULL ? it->item->payload : it->request;
    struct str id = m->event_id;
    unsigned char bytes[16];

    if ((it->scrub != NULL && it->scrub->no_refused)
        || refused_enough(it->batch, m->project_id, reason)) {
        return;
    }
    if (id.n == 0 && it->envelope != NULL) {
        id = it->envelope->event_id;
    }
    refused_add(
        it->batch,
        &(struct refused){
            .project_id = m->project_id,
            .event_id = uuid_parse(id, bytes) ? uuid_hex(a, bytes) : STR_NULL,
            .category = category,
            .reason = reason,
            .client =
                str_copy(a, str_cut(utf8_mend(it->scratch, m->client), 200)),
            .bytes = (int64_t) (str_null(sent) ? m->body.n : sent.n),
            .body = str_null(sent) || is_file(it)
                        ? STR_NULL
                        : str_copy(a, refused_text(it->scratch, it->scrub, sent,
                                                   REFUSED_BODY_MAX)),
            .received_at = it->received_at,
        });
}
