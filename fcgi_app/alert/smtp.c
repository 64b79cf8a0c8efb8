#include "alert/smtp.h"

#include <stdlib.h>
#include <time.h>

#include <curl/curl.h>

#include "util/buf.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/timeutil.h"

#define MAILS_PER_CONNECTION 100
#define LINE 76

struct smtp {
    CURL *curl;
    int sent; /* over this connection */
};


struct smtp *
smtp_new(void)
{
    struct smtp *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        abort();
    }
    return s;
}


void
smtp_free(struct smtp *s)
{
    if (s != NULL) {
        curl_easy_cleanup(s->curl);
        free(s);
    }
}


/* the message */

static struct str
first_line(struct arena *a, struct str s)
{
    char *copy = str_dup(a, str_cut(s, 900));
    size_t n = 0;

    /* no header hides in another one */
    for (; copy[n] != '\0' && copy[n] != '\n' && copy[n] != '\r'; n++) {
        if ((unsigned char) copy[n] < 0x20 || copy[n] == 0x7f) {
            copy[n] = ' ';
        }
    }
    return str_make(copy, n);
}


static bool
is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char) s.p[i] > 0x7e) {
            return false;
        }
    }
    return true;
}


/* RFC 2047: encoded words of at most 75 characters, never cutting a letter. */
static void
header(struct arena *a, struct buf *out, const char *name, struct str value)
{
    value = first_line(a, value);
    buf_addf(out, "%s: ", name);
    if (is_ascii(value)) {
        buf_str(out, value);

    } else {
        for (bool first = true; value.n > 0; first = false) {
            struct str part = str_cut(value, 45);

            buf_text(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
            buf_str(out, base64_encode(a, part));
            buf_text(out, "?=");
            value = str_sub(value, part.n, value.n);
        }
    }
    buf_text(out, "\r\n");
}


static void
quoted_printable(struct buf *out, struct str s)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];
        bool ends = i + 1 == s.n || s.p[i + 1] == '\n' || s.p[i + 1] == '\r';
        bool plain = (c > 0x20 && c < 0x7f && c != '=' && c != '.')
                     || (c == '.' && column > 0) || (c == ' ' && !ends)
                     || (c == '\t' && !ends);

        if (c == '\r') {
            continue;
        }
        if (c == '\n') {
            buf_text(out, "\r\n");
            column = 0;
            continue;
        }
        if (column + (plain ? 1 : 3) > LINE - 1) {
            buf_text(out, "=\r\n");
            column = 0;
            plain = plain && c != '.';
        }
        if (plain) {
            buf_char(out, (char) c);
            column++;

        } else {
            buf_char(out, '=');
            buf_char(out, hex[c >> 4]);
            buf_char(out, hex[c & 15]);
            column += 3;
        }
    }
    buf_text(out, "\r\n");
}


static void
part(struct buf *out, const char *type, struct str content)
{
    buf_addf(out,
             "Content-Type: %s; charset=utf-8\r\n"
             "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
             type);
    quoted_printable(out, content);
}


/* The host of mail.from: "Vedette <v@example.org>". */
static struct str
from_host(struct arena *a)
{
    struct str from = str_of(conf_str(CONF_MAIL_FROM));
    ptrdiff_t at = str_rchr(from, '@');

    if (at == -1) {
        return STR("localhost");
    }
    from = str_sub(from, (size_t) at + 1, from.n);
    return str_copy(a, str_ends(from, STR(">")) ? str_sub(from, 0, from.n - 1)
                                                : from);
}


struct str
mail_id(struct arena *a, struct str key)
{
    return str_printf(a, "<%.*s@%.*s>",
                      STR_FMT(str_sub(secret_digest(a, key), 0, 32)),
                      STR_FMT(from_host(a)));
}


struct str
mail_bytes(struct arena *a, const struct mail *mail, int64_t now)
{
    time_t seconds = (time_t) (now / US_PER_SECOND);
    struct str boundary = str_sub(secret_digest(a, mail->message_id), 0, 24);
    struct buf out = buf_in(a);
    char date[64];
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
    header(a, &out, "From", str_of(conf_str(CONF_MAIL_FROM)));
    header(a, &out, "To", mail->to);
    header(a, &out, "Subject", mail->subject);
    buf_addf(&out, "Date: %s\r\n", date);
    header(a, &out, "Message-ID", mail->message_id);
    if (mail->thread.n > 0 && !str_eq(mail->thread, mail->message_id)) {
        header(a, &out, "In-Reply-To", mail->thread);
        header(a, &out, "References", mail->thread);
    }
    if (mail->list.n > 0) {
        header(a, &out, "List-Id", mail->list);
    }
    if (mail->unsubscribe.n > 0) {
        header(a, &out, "List-Unsubscribe",
               str_printf(a, "<%.*s>", STR_FMT(mail->unsubscribe)));
        buf_text(&out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    }
    if (mail->project.n > 0) {
        header(a, &out, "X-Vedette-Project", mail->project);
    }
    buf_text(&out, "Auto-Submitted: auto-generated\r\n");
    if (mail->bulk) {
        buf_text(&out, "Precedence: bulk\r\n");
    }
    buf_text(&out, "MIME-Version: 1.0\r\n");
    if (mail->html.n == 0) {
        part(&out, "text/plain", mail->text);
        return buf_view(&out);
    }
    buf_addf(&out,
             "Content-Type: multipart/alternative; boundary=\"%.*s\"\r\n\r\n"
             "--%.*s\r\n",
             STR_FMT(boundary), STR_FMT(boundary));
    part(&out, "text/plain", mail->text);
    buf_addf(&out, "--%.*s\r\n", STR_FMT(boundary));
    part(&out, "text/html", mail->html);
    buf_addf(&out, "--%.*s--\r\n", STR_FMT(boundary));
    return buf_view(&out);
}


/* sending */

struct upload {
    struct str rest;
};


static size_t
on_read(char *to, size_t size, size_t n, void *data)
{
    struct upload *u = data;
    size_t take = size * n < u->rest.n ? size * n : u->rest.n;

    memcpy(to, u->rest.p, take);
    u->rest = str_sub(u->rest, take, u->rest.n);
    return take;
}


/* What the server says, a line each: the last one is kept. */
static size_t
on_line(char *line, size_t size, size_t n, void *data)
{
    struct buf *last = data;
    struct str text = str_trim(str_make(line, size * n));

    if (text.n > 0) {
        last->n = 0;
        buf_str(last, str_cut(text, 500));
    }
    return size * n;
}


static size_t
on_body(char *p, size_t size, size_t n, void *data)
{
    (void) p;
    (void) data;
    return size * n;
}


static void
connect_to(struct arena *a, CURL *c)
{
    bool tls = strcmp(conf_str(CONF_MAIL_USE_SSL), "true") == 0;
    bool starttls = strcmp(conf_str(CONF_MAIL_USE_TLS), "true") == 0;

    curl_easy_setopt(c, CURLOPT_URL,
                     arena_printf(a, "%s://%s:%lld/%.*s",
                                  tls ? "smtps" : "smtp",
                                  conf_str(CONF_MAIL_HOST),
                                  (long long) conf_int(CONF_MAIL_PORT),
                                  STR_FMT(from_host(a))));
    curl_easy_setopt(c, CURLOPT_USE_SSL,
                     starttls ? (long) CURLUSESSL_ALL : (long) CURLUSESSL_NONE);
    if (conf_str(CONF_MAIL_CA_FILE)[0] != '\0') {
        curl_easy_setopt(c, CURLOPT_CAINFO, conf_str(CONF_MAIL_CA_FILE));
    }
    if (conf_str(CONF_MAIL_USERNAME)[0] != '\0') {
        curl_easy_setopt(c, CURLOPT_USERNAME, conf_str(CONF_MAIL_USERNAME));
        curl_easy_setopt(c, CURLOPT_PASSWORD, conf_str(CONF_MAIL_PASSWORD));
    }
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long) conf_int(CONF_MAIL_TIMEOUT));
    curl_easy_setopt(c, CURLOPT_PROXY, "");
}


static struct str
address_of(struct arena *a, struct str s)
{
    ptrdiff_t open = str_chr(s, '<'), end = str_rchr(s, '>');

    if (open != -1 && end > open) {
        s = str_sub(s, (size_t) open + 1, (size_t) end);
    }
    return str_printf(a, "<%.*s>", STR_FMT(str_trim(s)));
}


static void
judge(struct arena *a, CURLcode rc, int code, const struct buf *last,
      struct smtp_result *out)
{
    struct str said = buf_view(last);

    *out = (struct smtp_result){ .code = code };
    if (rc == CURLE_OK) {
        out->result = OUTBOX_OK;
        out->answer = str_copy(a, said);
        return;
    }
    /* 5yz is for good; a login that fails is ours to repair, so it waits */
    out->result = code >= 500 && code < 600 && rc != CURLE_LOGIN_DENIED
                      ? OUTBOX_PERMANENT
                      : OUTBOX_RETRY;
    out->answer = code > 0 && said.n > 0
                      ? str_printf(a, "%.*s", STR_FMT(said))
                      : str_of(arena_strdup(a, curl_easy_strerror(rc)));
}


void
smtp_send(struct smtp *s, struct arena *a, const struct mail *mail,
          struct smtp_result *out)
{
    struct upload upload = { mail_bytes(a, mail, time_now()) };
    struct curl_slist *to;
    struct buf last = buf_in(a);
    long code = 0;
    CURLcode rc;

    if (conf_str(CONF_MAIL_HOST)[0] == '\0') {
        *out = (struct smtp_result){
            OUTBOX_PERMANENT, 0,
            STR("No mail server is set: mail.host is empty.")
        };
        return;
    }
    if (s->curl == NULL && (s->curl = curl_easy_init()) == NULL) {
        abort();
    }
    curl_easy_reset(s->curl); /* keeps the connection */
    connect_to(a, s->curl);
    to = curl_slist_append(NULL, str_dup(a, address_of(a, mail->to)));
    curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(
        s->curl, CURLOPT_MAIL_FROM,
        str_dup(a, address_of(a, str_of(conf_str(CONF_MAIL_FROM)))));
    curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(s->curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(s->curl, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(s->curl, CURLOPT_HEADERDATA, &last);

    rc = curl_easy_perform(s->curl);
    curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
    judge(a, rc, (int) code, &last, out);
    curl_slist_free_all(to);

    if (rc != CURLE_OK || ++s->sent >= MAILS_PER_CONNECTION) {
        curl_easy_cleanup(s->curl);
        s->curl = NULL;
        s->sent = 0;
    }
}
