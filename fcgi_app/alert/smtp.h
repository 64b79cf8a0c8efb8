/*
 * alert/smtp.h - one mail, over libcurl, to the server of mail.host.
 *
 * The connection is kept for the next mail, a hundred of them at most. STARTTLS
 * (mail.use-tls) is then required, and a certificate always checked.
 */

#ifndef VEDETTE_ALERT_SMTP_H
#define VEDETTE_ALERT_SMTP_H

#include "model/outbox.h"

struct smtp;

struct smtp *smtp_new(void);
void smtp_free(struct smtp *s);

struct mail {
    struct str to;
    struct str subject; /* one line; anything behind a newline is left out */
    struct str text;
    struct str html;        /* null: text only */
    struct str message_id;  /* "<…@host>" */
    struct str thread;      /* Message-ID that it answers; null: none */
    struct str list;        /* List-Id; null: none */
    struct str unsubscribe; /* URL for one click; null: none */
    struct str project;     /* X-Vedette-Project; null: none */
    bool bulk;              /* nobody waits for it */
};

struct smtp_result {
    enum outbox_result result;
    int code;          /* SMTP; 0: there was no answer */
    struct str answer; /* the last line, or why there is none */
};

/* The message as it goes over the wire. */
struct str mail_bytes(struct arena *a, const struct mail *mail, int64_t now);

/* "<hash@host>": the same for the same key. */
struct str mail_id(struct arena *a, struct str key);

void smtp_send(struct smtp *s, struct arena *a, const struct mail *mail,
               struct smtp_result *out);

#endif
