/*
 * page/integration_form.h - a form drawn from the fields of a row of
 * integration/integration.h, and read back.
 */

#ifndef VEDETTE_PAGE_INTEGRATION_FORM_H
#define VEDETTE_PAGE_INTEGRATION_FORM_H

#include "integration/integration.h"
#include "web/http.h"

/* Lines of text are longer than anything else. */
#define INTEGRATION_VALUE_MAX 10000

/*
 * Fills Fields with what i has; a secret is only said to be there.  wrong: the
 * name of the field that why is about; NULL: none.
 */
void integration_form_fill(struct request *rq, struct data *d,
                           const struct integration_type *type,
                           const struct integration *i, const char *wrong,
                           const char *why);

/*
 * Takes the fields of the POST into i, whose values and secrets are replaced;
 * an empty secret keeps the one that was there, unless its box "forget" is
 * ticked.  NULL, or why not, *wrong naming the field.
 */
const char *integration_form_read(struct request *rq,
                                  const struct integration_type *type,
                                  struct integration *i, const char **wrong);

#endif
