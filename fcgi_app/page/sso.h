/*
 * page/sso.h - what pages of single sign-on share.
 */

#ifndef VEDETTE_PAGE_SSO_H
#define VEDETTE_PAGE_SSO_H

#include "model/sso.h"
#include "web/flow.h"
#include "web/http.h"

/*
 * Begins the way to an OpenID provider: *url is where the browser goes.
 * ST_RETRY with *why: the provider does not work.
 */
enum status sso_leave(struct request *rq, struct response *rs,
                      const struct integration *provider,
                      enum flow_purpose purpose, struct str next,
                      struct str *url, struct str *why) MUST_CHECK;

/* A link to there, for a person to follow; or why there is none. */
enum status sso_offer(struct request *rq, struct response *rs,
                      const struct integration *provider,
                      enum flow_purpose purpose, struct str next) MUST_CHECK;

/* What came of a test: the person, and what it becomes. */
void sso_show_test(struct request *rq, struct response *rs,
                   const struct integration *provider,
                   const struct sso_person *person);

/* The providers that the sign-in page names. */
enum status sso_fill_doors(struct request *rq, struct data *d,
                           struct str org) MUST_CHECK;

#endif
