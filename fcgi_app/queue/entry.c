#include "queue/entry.h"

#include "queue/message.h"
#include "queue/packed.h"

/* Names and values of one entry that we carry on; the contract has fewer. */
#define MAX_FIELDS 64


/* Understands its fields, which come to stay. */
static void
fill(struct arena *a, struct message *m)
{
    struct str *fields = arena_array(a, m->nfields, sizeof(*fields));
    const struct {
        const char *name;
        struct str *text;
        int64_t *number;
    } rows[] = {
        { VEDETTE_F_VERSION, &m->version, NULL },
        { VEDETTE_F_ENDPOINT, &m->endpoint, NULL },
        { VEDETTE_F_ORG, NULL, &m->organization_id },
        { VEDETTE_F_PROJECT, NULL, &m->project_id },
        { VEDETTE_F_KEY, NULL, &m->key_id },
        { VEDETTE_F_EVENT_ID, &m->event_id, NULL },
        { VEDETTE_F_RECEIVED, NULL, &m->received_at },
        { VEDETTE_F_ENCODING, &m->encoding, NULL },
        { VEDETTE_F_TYPE, &m->type, NULL },
        { VEDETTE_F_CLIENT, &m->client, NULL },
        { VEDETTE_F_ADDR, &m->addr, NULL },
        { VEDETTE_F_AGENT, &m->agent, NULL },
        { VEDETTE_F_PARAM, &m->param, NULL },
        { VEDETTE_F_QUERY, &m->query, NULL },
        { VEDETTE_F_HEADERS, &m->headers, NULL },
        { VEDETTE_F_DROP, &m->drop, NULL },
        { VEDETTE_F_BODY, &m->body, NULL },
        { VEDETTE_F_SIZE, NULL, &m->apart },
    };

    memcpy(fields, m->fields, m->nfields * sizeof(*fields));
    m->fields = fields;
    for (size_t i = 0; i + 1 < m->nfields; i += 2) {
        for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            /* names are one byte */
            if (m->fields[i].n != 1 || m->fields[i].p[0] != rows[j].name[0]) {
                continue;
            }
            if (rows[j].text != NULL) {
                *rows[j].text = m->fields[i + 1];

            } else if (!str_i64(m->fields[i + 1], rows[j].number)) {
                *rows[j].number = 0;
            }
            break;
        }
    }
}


/*
 * Those that are packed behind the version are spelled out.  When they are
 * broken the version stays as it is, which nobody knows.
 */
static void
add_field(struct message *m, struct str name, struct str value)
{
    static const struct str versions[] = {
        { VEDETTE_MESSAGE_VERSION_PACKED, 1 },
        { VEDETTE_MESSAGE_VERSION_LZ4, 1 },
    };
    struct str *words = m->fields + m->nfields, version = value;
    size_t n = 0;

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0])
                       && str_is(name, VEDETTE_F_VERSION);
         i++) {
        if (value.n > 1 && str_starts(value, versions[i])) {
            version = versions[i];
            n = packed_words(str_sub(value, 1, value.n), words + 2,
                             MAX_FIELDS - m->nfields - 2);
        }
    }
    words[0] = name;
    words[1] = n > 0 ? version : value;
    m->nfields += 2 + n;
}


bool
message_read(struct arena *a, const redisReply *entry, struct message *m)
{
    const redisReply *fields;
    struct str words[MAX_FIELDS];

    *m = (struct message){ .of = 1 };
    if (entry == NULL || entry->type != REDIS_REPLY_ARRAY
        || entry->elements < 2) {
        return false;
    }
    m->id = redis_text(entry->element[0]);
    fields = entry->element[1];
    if (fields == NULL || fields->type != REDIS_REPLY_ARRAY) {
        return false;
    }

    m->fields = words;
    for (size_t i = 0; i + 1 < fields->elements && m->nfields + 2 <= MAX_FIELDS;
         i += 2) {
        add_field(m, redis_text(fields->element[i]),
                  redis_text(fields->element[i + 1]));
    }
    fill(a, m);
    return true;
}


size_t
messages_of(struct arena *a, const struct message *entry, struct message *out)
{
    struct str parts[VEDETTE_SEVERAL_MAX], words[MAX_FIELDS];
    size_t n = 0;

    if (str_starts(entry->version, STR(VEDETTE_MESSAGE_VERSION_SEVERAL))) {
        n = packed_several(str_sub(entry->version, 1, entry->version.n), parts,
                           VEDETTE_SEVERAL_MAX);
    }
    if (n == 0) {
        *out = *entry;
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        struct message *m = &out[i];

        *m = (struct message){ .id = entry->id,
                               .of = n - i,
                               .shared = n > 1,
                               .packed = parts[i],
                               .fields = words };
        add_field(m, STR(VEDETTE_F_VERSION), parts[i]);
        fill(a, m);
    }
    return n;
}


size_t
messages_read(struct arena *a, const redisReply *entry, struct message *out)
{
    struct message whole;

    return message_read(a, entry, &whole) ? messages_of(a, &whole, out) : 0;
}


struct str *
message_ids(struct arena *a, const struct message *m, size_t n, size_t *nids)
{
    struct str *ids = arena_array(a, n, sizeof(struct str));

    *nids = 0;
    for (size_t i = 0; i < n; i += m[i].of) {
        ids[(*nids)++] = m[i].id;
    }
    return ids;
}
