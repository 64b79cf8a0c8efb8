/*
 * integration/attachment.h - the message with one attachment that Mattermost
 * and Rocket.Chat have both taken over from Slack's first years.
 */

#ifndef VEDETTE_INTEGRATION_ATTACHMENT_H
#define VEDETTE_INTEGRATION_ATTACHMENT_H

#include "model/notice.h"

/* Markdown inside; channel "": none named. */
struct json *attachment_message(struct arena *a, const struct notice *n,
                                struct str channel);

#endif
