/*
 * outbound/guard.h - where a request that somebody else has set up may go.
 *
 * An address that a user types (a webhook, a Jira, an OpenID provider) must not
 * reach what only we can reach.  Three looks: at the text of the URL, at all
 * addresses that its name resolves to, and at the one that is connected to.
 * What the installation's outbound.allow names may be private, and may be
 * spoken to without TLS.
 */

#ifndef VEDETTE_OUTBOUND_GUARD_H
#define VEDETTE_OUTBOUND_GUARD_H

#include <sys/socket.h>

#include "util/str.h"

struct guard_url {
    struct str host; /* lower case; an IPv6 address without brackets */
    int port;
    bool tls;
};

/*
 * Takes a URL apart.  NULL, or why it is refused, as a whole sentence for
 * people: another scheme, a name and password, an address in disguise, a port
 * of something that is no web server, plain http without being allowed.
 */
const char *guard_url(struct arena *a, struct str url, struct guard_url *out);

/*
 * The same for "host:port" of a directory: on its own ports, or on any of a
 * host that outbound.allow names.
 */
const char *guard_host(struct arena *a, struct str text, int port, bool tls,
                       struct guard_url *out);

/*
 * NULL, or why this address of the host is refused.  An IPv4 address inside an
 * IPv6 one is looked at too.
 */
const char *guard_address(struct arena *a, struct str host,
                          const struct sockaddr *sa);

/* Is the address in a list of networks and addresses with commas between? */
bool guard_listed(struct str list, struct str address);

/* "10.0.0.1": for messages. */
struct str guard_text(struct arena *a, const struct sockaddr *sa);

#endif
