#include "digest/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define STEPS_MAX 100000


static void
compile(struct regex *r)
{
    int error;
    PCRE2_SIZE at;

    r->code = pcre2_compile((PCRE2_SPTR) r->pattern, PCRE2_ZERO_TERMINATED,
                            PCRE2_CASELESS | PCRE2_DOTALL, &error, &at, NULL);
    if (r->code == NULL) {
        abort(); /* the pattern stands in our source */
    }
    /* without machine code it is interpreted */
    (void) pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
}


bool
regex_matches(struct regex *r, struct str s)
{
    static pcre2_match_context *bounds;
    static pcre2_match_data *data;

    if (bounds == NULL) {
        bounds = pcre2_match_context_create(NULL);
        data = pcre2_match_data_create(1, NULL);
        if (bounds == NULL || data == NULL) {
            abort();
        }
        pcre2_set_match_limit(bounds, STEPS_MAX);
    }
    if (r->code == NULL) {
        compile(r);
    }
    return s.n > 0
           && pcre2_match(r->code, (PCRE2_SPTR) s.p, s.n, 0, 0, data, bounds)
                  >= 0;
}
