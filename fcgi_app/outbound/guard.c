/*
 * The text is read strictly: whatever two readers of URLs could understand in
 * two ways (spaces, backslashes, "@", escapes in the host, 0x7f.1) is refused,
 * so that what was checked is what curl connects to.
 */

#include "outbound/guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>

#include "util/conf.h"

#define URL_MAX 2048
#define HOST_MAX 253


/* ---- networks */

struct network {
    unsigned char bytes[16];
    int family;
    int bits;
};

/* clang-format off: one network a line */
static const struct denied {
    const char *text;
    const char *what;
} denied[] = {
    { "0.0.0.0/8", "an address of this host" },
    { "10.0.0.0/8", "a private address" },
    { "100.64.0.0/10", "an address behind a carrier" },
    { "127.0.0.0/8", "an address of this host" },
    { "169.254.0.0/16", "a link-local address" },
    { "172.16.0.0/12", "a private address" },
    { "192.0.0.0/24", "a reserved address" },
    { "192.0.2.0/24", "an address of documentation" },
    { "192.88.99.0/24", "a reserved address" },
    { "192.168.0.0/16", "a private address" },
    { "198.18.0.0/15", "an address of benchmarks" },
    { "198.51.100.0/24", "an address of documentation" },
    { "203.0.113.0/24", "an address of documentation" },
    { "224.0.0.0/4", "a multicast address" },
    { "240.0.0.0/4", "a reserved address" },
    { "::/128", "an address of this host" },
    { "::1/128", "an address of this host" },
    { "100::/64", "a reserved address" },
    { "2001::/23", "a reserved address" },
    { "2001:db8::/32", "an address of documentation" },
    { "3fff::/20", "an address of documentation" },
    { "5f00::/16", "a reserved address" },
    { "fc00::/7", "a private address" },
    { "fe80::/10", "a link-local address" },
    { "fec0::/10", "a private address" },
    { "ff00::/8", "a multicast address" },
};
/* clang-format on */

/* IPv6 networks that carry an IPv4 address, and where it stands. */
static const struct carrier {
    const char *text;
    size_t at;
} carriers[] = {
    { "::ffff:0:0/96", 12 }, { "::ffff:0:0:0/96", 12 }, { "::/96", 12 },
    { "64:ff9b::/96", 12 },  { "64:ff9b:1::/48", 12 },  { "2002::/16", 2 },
};


/* "10.0.0.0/8", or an address alone. */
static bool
read_network(struct str text, struct network *out)
{
    ptrdiff_t slash = str_chr(text, '/');
    char address[INET6_ADDRSTRLEN + 1];
    struct str part = slash == -1 ? text : str_sub(text, 0, (size_t) slash);
    int64_t bits;

    if (part.n == 0 || part.n >= sizeof(address)) {
        return false;
    }
    memcpy(address, part.p, part.n);
    address[part.n] = '\0';
    memset(out, 0, sizeof(*out));
    out->family = memchr(part.p, ':', part.n) != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(out->family, address, out->bytes) != 1) {
        return false;
    }
    bits = out->family == AF_INET ? 32 : 128;
    if (slash != -1
        && (!str_i64(str_sub(text, (size_t) slash + 1, text.n), &bits)
            || bits < 0 || bits > (out->family == AF_INET ? 32 : 128))) {
        return false;
    }
    out->bits = (int) bits;
    return true;
}


static bool
inside(const struct network *n, int family, const unsigned char *bytes)
{
    size_t whole = (size_t) n->bits / 8;
    int rest = n->bits % 8;

    return n->family == family && memcmp(n->bytes, bytes, whole) == 0
           && (rest == 0
               || (n->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0);
}


static const unsigned char *
bytes_of(const struct sockaddr *sa)
{
    return sa->sa_family == AF_INET
               ? (const unsigned char *) &(
                     (const struct sockaddr_in *) (const void *) sa)
                     ->sin_addr
               : (const unsigned char *) &(
                     (const struct sockaddr_in6 *) (const void *) sa)
                     ->sin6_addr;
}


/* ---- what the installation allows */

/* The next entry of outbound.allow. */
static bool
next_allowed(struct str *rest, struct str *entry)
{
    while (str_split(rest, ',', entry)) {
        *entry = str_trim(*entry);
        if (entry->n > 0) {
            return true;
        }
    }
    return false;
}


static bool
allows_host(struct str host)
{
    struct str rest = str_of(conf_str(CONF_OUTBOUND_ALLOW)), entry;

    while (next_allowed(&rest, &entry)) {
        if (str_ieq(entry, host)) {
            return true;
        }
    }
    return false;
}


static bool
allows_address(int family, const unsigned char *bytes)
{
    struct str rest = str_of(conf_str(CONF_OUTBOUND_ALLOW)), entry;
    struct network n;

    while (next_allowed(&rest, &entry)) {
        if (read_network(entry, &n) && inside(&n, family, bytes)) {
            return true;
        }
    }
    return false;
}


bool
guard_listed(struct str list, struct str address)
{
    struct network n, one;
    struct str entry;

    if (str_chr(address, '/') != -1 || !read_network(address, &one)) {
        return false;
    }
    while (next_allowed(&list, &entry)) {
        if (read_network(entry, &n) && inside(&n, one.family, one.bytes)) {
            return true;
        }
    }
    return false;
}


/* ---- addresses */

static const char *
denied_as(int family, const unsigned char *bytes)
{
    struct network n;

    if (allows_address(family, bytes)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
        if (read_network(str_of(denied[i].text), &n)
            && inside(&n, family, bytes)) {
            return denied[i].what;
        }
    }
    if (family == AF_INET) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
        if (read_network(str_of(carriers[i].text), &n)
            && inside(&n, family, bytes)) {
            return denied_as(AF_INET, bytes + carriers[i].at);
        }
    }
    return NULL;
}


struct str
guard_text(struct arena *a, const struct sockaddr *sa)
{
    char *text = arena_alloc(a, INET6_ADDRSTRLEN);

    if (sa->sa_family != AF_INET && sa->sa_family != AF_INET6) {
        return STR("no internet address");
    }
    inet_ntop(sa->sa_family, bytes_of(sa), text, INET6_ADDRSTRLEN);
    return str_of(text);
}


const char *
guard_address(struct arena *a, struct str host, const struct sockaddr *sa)
{
    const char *what;

    if (sa->sa_family != AF_INET && sa->sa_family != AF_INET6) {
        return "The name stands for no internet address.";
    }
    if (allows_host(host)) {
        return NULL;
    }
    what = denied_as(sa->sa_family, bytes_of(sa));
    if (what == NULL) {
        return NULL;
    }
    return arena_printf(a,
                        "%.*s is %s. The setting outbound.allow can permit "
                        "it.",
                        STR_FMT(guard_text(a, sa)), what);
}


/* ---- the text of a URL */

/* What listens there is no web server, and may take a request for its own. */
static const int bad_ports[] = {
    1,    7,    9,     11,    13,    15,   17,   19,   20,   21,   22,   23,
    25,   37,   42,    43,    53,    69,   77,   79,   87,   95,   101,  102,
    103,  104,  109,   110,   111,   113,  115,  117,  119,  123,  135,  137,
    139,  143,  161,   179,   389,   427,  465,  512,  513,  514,  515,  526,
    530,  531,  532,   540,   548,   554,  556,  563,  587,  601,  636,  989,
    990,  993,  995,   1719,  1720,  1723, 2049, 2379, 3306, 3659, 4045, 4190,
    5060, 5061, 5432,  6000,  6379,  6380, 6566, 6665, 6667, 6668, 6669, 6679,
    6697, 9042, 10080, 11211, 27017,
};


static bool
is_bad_port(int port)
{
    if (port == conf_int(CONF_REDIS_PORT)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(bad_ports) / sizeof(bad_ports[0]); i++) {
        if (bad_ports[i] == port) {
            return true;
        }
    }
    return false;
}


/* Letters, digits, "-", "_" and single dots; not too long. */
static bool
is_name(struct str host)
{
    if (host.n == 0 || host.n > HOST_MAX || host.p[0] == '.' || host.p[0] == '-'
        || str_find(host, STR("..")) != -1) {
        return false;
    }
    for (size_t i = 0; i < host.n; i++) {
        if (!isalnum((unsigned char) host.p[i])
            && strchr("-_.", host.p[i]) == NULL) {
            return false;
        }
    }
    return true;
}


/* The last label is a number, in any of its forms: this means an address. */
static bool
means_number(struct str host)
{
    ptrdiff_t dot;
    struct str last;

    if (str_ends(host, STR("."))) {
        host.n--;
    }
    dot = str_rchr(host, '.');
    last = str_sub(host, (size_t) (dot + 1), host.n);
    if (last.n == 0) {
        return true;
    }
    if (str_starts(last, STR("0x"))) {
        return true;
    }
    for (size_t i = 0; i < last.n; i++) {
        if (!isdigit((unsigned char) last.p[i])) {
            return false;
        }
    }
    return true;
}


/* NULL, or why not: only 1.2.3.4 without zeros in front is an address. */
static const char *
check_host(struct arena *a, struct str host, bool bracketed)
{
    unsigned char bytes[16];

    if (bracketed) {
        return inet_pton(AF_INET6, str_dup(a, host), bytes) == 1
                   ? NULL
                   : "This is no IPv6 address.";
    }
    if (!is_name(host)) {
        return "The host has signs that no host name has.";
    }
    if (means_number(host)
        && inet_pton(AF_INET, str_dup(a, host), bytes) != 1) {
        return "An address is written as four numbers from 0 to 255.";
    }
    return NULL;
}


static const char *
read_port(struct str text, int *port)
{
    int64_t n;

    for (size_t i = 0; i < text.n; i++) {
        if (!isdigit((unsigned char) text.p[i])) {
            return "The port is no number.";
        }
    }
    if (!str_i64(text, &n) || n < 1 || n > 65535) {
        return "A port is a number from 1 to 65535.";
    }
    *port = (int) n;
    return NULL;
}


static const char *
read_authority(struct arena *a, struct str text, struct guard_url *out)
{
    const char *why;
    struct str port;
    bool bracketed = str_starts(text, STR("["));
    ptrdiff_t end;

    if (str_chr(text, '@') != -1) {
        return "A URL with a name or a password in it is not taken.";
    }
    if (bracketed) {
        end = str_chr(text, ']');
        if (end == -1) {
            return "This is no IPv6 address.";
        }
        out->host = str_lower(a, str_sub(text, 1, (size_t) end));
        port = str_sub(text, (size_t) end + 1, text.n);

    } else {
        end = str_chr(text, ':');
        end = end == -1 ? (ptrdiff_t) text.n : end;
        out->host = str_lower(a, str_sub(text, 0, (size_t) end));
        port = str_sub(text, (size_t) end, text.n);
    }
    if (port.n > 0 && port.p[0] != ':') {
        return "The host has signs that no host name has.";
    }
    if ((why = check_host(a, out->host, bracketed)) != NULL) {
        return why;
    }
    if (port.n > 0
        && (why = read_port(str_sub(port, 1, port.n), &out->port)) != NULL) {
        return why;
    }
    return NULL;
}


/* Plain http is for what is named in outbound.allow. */
static bool
may_be_plain(struct arena *a, struct str host)
{
    struct network n;
    char *text = str_dup(a, host);

    if (allows_host(host)) {
        return true;
    }
    n.family = str_chr(host, ':') != -1 ? AF_INET6 : AF_INET;
    return inet_pton(n.family, text, n.bytes) == 1
           && allows_address(n.family, n.bytes);
}


/* What every reader of URLs understands alike. */
static const char *
check_signs(struct str url)
{
    if (url.n == 0 || url.n > URL_MAX) {
        return "A URL has 2,048 signs at most.";
    }
    for (size_t i = 0; i < url.n; i++) {
        if (url.p[i] <= ' ' || url.p[i] > '~' || url.p[i] == '\\') {
            return "A URL has no spaces, backslashes or letters beyond ASCII.";
        }
    }
    return NULL;
}


const char *
guard_host(struct arena *a, struct str text, int port, bool tls,
           struct guard_url *out)
{
    static const int own[] = { 389, 636, 3268, 3269 };
    const char *why = check_signs(text);
    bool usual = false;

    *out = (struct guard_url){ .port = port, .tls = tls };
    if (why != NULL || (why = read_authority(a, text, out)) != NULL) {
        return why;
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        usual |= out->port == own[i];
    }
    if (!usual && !may_be_plain(a, out->host)) {
        return "A directory listens on port 389, 636, 3268 or 3269. The "
               "setting outbound.allow can permit others of a host.";
    }
    return tls || may_be_plain(a, out->host)
               ? NULL
               : "Without encryption a directory is not asked. The setting "
                 "outbound.allow can permit it.";
}


const char *
guard_url(struct arena *a, struct str url, struct guard_url *out)
{
    struct str rest;
    const char *why = check_signs(url);
    size_t end = 0;

    if (why != NULL) {
        return why;
    }
    if (str_starts(str_lower(a, url), STR("https://"))) {
        out->tls = true;
        out->port = 443;

    } else if (str_starts(str_lower(a, url), STR("http://"))) {
        out->tls = false;
        out->port = 80;

    } else {
        return "A URL begins with https://.";
    }

    rest = str_sub(url, out->tls ? 8 : 7, url.n);
    while (end < rest.n && strchr("/?#", rest.p[end]) == NULL) {
        end++;
    }
    why = read_authority(a, str_sub(rest, 0, end), out);
    if (why != NULL) {
        return why;
    }
    if (is_bad_port(out->port)) {
        return "This port belongs to something that is no web server.";
    }
    if (!out->tls && !may_be_plain(a, out->host)) {
        return "Only https:// is spoken. The setting outbound.allow can "
               "permit http:// to a host.";
    }
    return NULL;
}
