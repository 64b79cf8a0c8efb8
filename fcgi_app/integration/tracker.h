/*
 * integration/tracker.h - services that keep tickets: what each of them can be
 * asked.
 *
 * Texts go in as the small Markdown of markup.h, and each tracker turns it into
 * its own.  A ticket is known by its key, as people read it: "SHOP-5",
 * "acme/shop#7".  Everything answers with an integration_result: what went
 * wrong is the tracker's own words.
 */

#ifndef VEDETTE_INTEGRATION_TRACKER_H
#define VEDETTE_INTEGRATION_TRACKER_H

#include "integration/integration.h"
#include "model/issue.h"
#include "model/ticket.h"

#define TRACKER_OPTIONS_MAX 200
#define TRACKER_FIELDS_MAX 30
#define TRACKER_TIMEOUT_MS 5000

/* A description, unless the connection has another template. */
#define TRACKER_DESCRIPTION                                                    \
    "{title}\n"                                                                \
    "{culprit}\n"                                                              \
    "\n"                                                                       \
    "[{short_id} in Vedette]({url})\n"                                         \
    "\n"                                                                       \
    "- Events: {events}\n"                                                     \
    "- Users: {users}\n"                                                       \
    "- First seen: {first_seen}\n"                                             \
    "- Last seen: {last_seen}\n"                                               \
    "- Environment: {environment}\n"                                           \
    "- Release: {release}\n"                                                   \
    "- Request: {request}\n"                                                   \
    "- Rule: {rules}\n"                                                        \
    "\n"                                                                       \
    "```\n"                                                                    \
    "{stack}\n"                                                                \
    "```\n"                                                                    \
    "\n"                                                                       \
    "{tags}\n"

struct tracker_option {
    struct str id;
    struct str label;
};

struct tracker_options {
    struct tracker_option v[TRACKER_OPTIONS_MAX];
    size_t n;
};

enum tracker_kind {
    TRACKER_TEXT,
    TRACKER_LINES,
    TRACKER_NUMBER,
    TRACKER_DATE,
    TRACKER_CHOICE,
    TRACKER_CHOICES,
    TRACKER_PERSON
};

/* A field of a ticket beside the usual ones. */
struct tracker_field {
    struct str id;
    struct str label;
    enum tracker_kind kind;
    bool required;
    struct str shape; /* how its value is written; the tracker's own */
    struct tracker_options *options;
};

/* What the form of a new ticket asks. */
struct tracker_form {
    struct tracker_options projects;
    struct tracker_options types;      /* none: there are no types */
    struct tracker_options priorities; /* likewise */
    bool labels;
    struct tracker_field fields[TRACKER_FIELDS_MAX];
    size_t nfields;
};

struct tracker_draft {
    struct str project;
    struct str type;
    struct str title;
    struct str text;   /* Markdown */
    struct str labels; /* ", " between */
    struct str priority;
    struct str assignee; /* the tracker's own id; "": nobody */
    struct json *fields; /* an object of strings by field's id; may be NULL */
};

/*
 * What came in by a webhook: which ticket, and that it changed.  How it is now
 * is asked, so that an old message that comes again changes nothing, nor does
 * one that was made up by somebody who knows the secret.
 */
struct tracker_event {
    struct str key;
    bool changed;          /* its status or its assignee */
    bool removed;          /* it is gone */
    struct str comment_id; /* "": no comment */
    struct str comment;
    struct str author;
};

/* A request to our webhook. */
struct tracker_hook {
    struct str body;
    struct json *json; /* of the body */
    /* a header of it by its name; the null str: none */
    struct str (*header)(const void *request, const char *name);
    const void *request;
};

struct tracker {
    const char *hook_help;

    /* project, type: chosen so far, or "" */
    void (*form)(const struct integration_call *call, struct str project,
                 struct str type, struct tracker_form *out,
                 struct integration_result *result);
    /* Those who may be assigned and match a name or a mail address. */
    void (*people)(const struct integration_call *call, struct str project,
                   struct str text, struct tracker_options *out,
                   struct integration_result *result);
    /* Tickets whose key or title matches. */
    void (*search)(const struct integration_call *call, struct str text,
                   struct tracker_options *out,
                   struct integration_result *result);
    void (*create)(const struct integration_call *call,
                   const struct tracker_draft *draft, struct ticket *out,
                   struct integration_result *result);
    void (*find)(const struct integration_call *call, struct str key,
                 struct ticket *out, struct integration_result *result);
    /* Into a state that is done, or back. */
    void (*move)(const struct integration_call *call,
                 const struct ticket *ticket, bool done,
                 struct integration_result *result);
    /* id "": nobody. */
    void (*assign)(const struct integration_call *call,
                   const struct ticket *ticket, struct str id,
                   struct integration_result *result);
    /* *id: the comment's. */
    void (*comment)(const struct integration_call *call,
                    const struct ticket *ticket, struct str text,
                    struct str *id, struct integration_result *result);

    /*
     * Leaves the issue's address at the ticket where its description has
     * none; NULL: a comment does.
     */
    void (*remember)(const struct integration_call *call,
                     const struct ticket *ticket, const struct issue *is,
                     struct str url, struct integration_result *result);

    /* Whether the request comes from there. */
    bool (*genuine)(const struct integration_call *call,
                    const struct tracker_hook *hook);
    /* False when there is nothing in it for us. */
    bool (*read)(const struct integration_call *call,
                 const struct tracker_hook *hook, struct tracker_event *out);
    /*
     * A comment as it is there, text and author; no text: none that is for
     * everybody.  NULL: the body of what comes in is signed, and believed.
     */
    void (*said)(const struct integration_call *call, struct str key,
                 struct tracker_event *comment,
                 struct integration_result *result);
};

/* ---- for the files of the trackers */

void tracker_option_add(struct tracker_options *list, struct str id,
                        struct str label);

/* Rows that every tracker has at the end of its fields. */
#define TRACKER_SYNC_FIELDS                                                    \
    { .name = "title",                                                         \
      .label = "Ticket title",                                                 \
      .kind = FIELD_TEXT,                                                      \
      .initial = "[{short_id}] {title}",                                       \
      .help = "With {short_id}, {title}, {culprit}, {project}, {release}, "    \
              "{environment}, {level}." },                                     \
        { .name = "text",                                                      \
          .label = "Ticket description",                                       \
          .kind = FIELD_LINES,                                                 \
          .initial = TRACKER_DESCRIPTION,                                      \
          .help = "A template in Markdown; also with {stack}, {tags}, {url}, " \
                  "{message}, {request}, {events}, {users}, {first_seen}, "    \
                  "{last_seen:Europe/Riga}. Empty: the built-in one." },       \
        { .name = "labels",                                                    \
          .label = "Labels",                                                   \
          .kind = FIELD_TEXT,                                                  \
          .initial = "vedette",                                                \
          .help = "With commas between; {project} and {environment} too." },   \
        { .name = "push",                                                      \
          .label = "From here to there",                                       \
          .kind = FIELD_CHOICES,                                               \
          .initial = "status,comments",                                        \
          .choices = tracker_push,                                             \
          .help = "What changes here changes there." },                        \
        { .name = "pull",                                                      \
          .label = "From there to here",                                       \
          .kind = FIELD_CHOICES,                                               \
          .initial = "status",                                                 \
          .choices = tracker_pull,                                             \
          .help = "At once by the webhook below, else when tickets are read "  \
                  "again." },                                                  \
    {                                                                          \
        .name = "regression", .label = "When an issue happens again",          \
        .kind = FIELD_CHOICE, .initial = "reopen",                             \
        .choices = tracker_regression                                          \
    }

extern const struct field_choice tracker_push[];
extern const struct field_choice tracker_pull[];
extern const struct field_choice tracker_regression[];

/* The choice of a field of choices is ticked. */
bool tracker_does(const struct integration *i, const char *field,
                  const char *choice);

/* Whether header has the hex of the HMAC-SHA256 of the body, after prefix. */
bool tracker_signed(const struct integration_call *call,
                    const struct tracker_hook *hook, const char *header,
                    const char *prefix);

/* The same with the secret itself, by those who do not sign. */
bool tracker_token(const struct integration_call *call,
                   const struct tracker_hook *hook, const char *header);

/*
 * Sends a request whose headers say who we are, with a body of JSON or NULL;
 * what came back, also with an error; NULL when it is no JSON.  The usual
 * members of an error become the answer.  reply: for its headers; may be NULL.
 */
struct json *tracker_ask(const struct integration_call *call,
                         struct post_request *rq, const struct json *body,
                         struct post_reply *reply,
                         struct integration_result *result);

/* It worked, but the reply has not what it must have. */
void tracker_unread(struct integration_result *result);

/* Only what has the text in its id or its label, in any case; "": all. */
void tracker_option_match(struct tracker_options *list, struct str id,
                          struct str label, struct str text);

/* "acme/shop#7" in its two parts; false when it is none. */
bool tracker_key(struct str key, struct str *project, struct str *number);

/* A member that may be a number: its text; "": there is none. */
struct str tracker_id(const struct json *object, const char *name);

/* A JSON array of the words between commas. */
void tracker_words(struct arena *a, struct json *array, struct str words);

/*
 * The webhooks that GitHub has and Gitea has taken over: event "issues" or
 * "issue_comment".
 */
bool tracker_read_forge(const struct integration_call *call,
                        const struct tracker_hook *hook, struct str event,
                        struct tracker_event *out);

#endif
