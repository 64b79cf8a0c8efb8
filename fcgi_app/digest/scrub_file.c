/*
 * Files by the rules that name them.
 */

#include "digest/scrub_parts.h"

/* Of one file, and of all looks at it together: what takes about two seconds.
 */
#define FILE_MAX ((size_t) 32 << 20)
#define LOOKS_BYTES ((size_t) 128 << 20)

#define WIDE_LEAST 4 /* letters of a text of two bytes each */

struct file {
    struct arena *a;
    struct str *bytes;
    char *copy; /* NULL: nothing was found yet */
};


/* Into its own place, as long as it was: cut, or filled up with x. */
static void
put(struct file *f, const struct scrub_rule *rule, struct str found, size_t at,
    size_t step)
{
    struct str by = scrub_instead(f->a, rule, found);

    if (f->copy == NULL) {
        f->copy = arena_alloc(f->a, f->bytes->n);
        memcpy(f->copy, f->bytes->p, f->bytes->n);
        *f->bytes = str_make(f->copy, f->bytes->n);
    }
    for (size_t i = 0; i < found.n; i++) {
        f->copy[at + i * step] = rule->method == SCRUB_MASK ? '*'
                                 : i < by.n                 ? by.p[i]
                                                            : 'x';
    }
}


/*
 * Finds in text, which is what stands from `start` on in the file, every
 * step-th byte.  What is too hard to look through is masked as a whole.
 */
static void
look(struct file *f, const struct scrub_rule *rule, struct str text,
     size_t start, size_t step)
{
    enum scrub_found found = SCRUB_NONE;
    size_t done = 0, at, to;

    while (done < text.n
           && (found = scrub_find(rule, true, text, done, &at, &to))
                  == SCRUB_FOUND) {
        put(f, rule, str_sub(text, at, to), start + at * step, step);
        done = to;
    }
    if (found == SCRUB_TOO_HARD) {
        put(f, rule, str_sub(text, done, text.n), start + done * step, step);
    }
}


static bool
is_wide(struct str s, size_t i)
{
    return i + 1 < s.n && s.p[i] >= ' ' && s.p[i] < 0x7f && s.p[i + 1] == 0;
}


static void
look_wide(struct file *f, const struct scrub_rule *rule)
{
    struct str s = *f->bytes;
    size_t i = 0;

    while (i < s.n) {
        size_t end = i, n;
        char *narrow;

        while (is_wide(s, end)) {
            end += 2;
        }
        n = (end - i) / 2;
        if (n < WIDE_LEAST) {
            i = end + 1;
            continue;
        }
        narrow = arena_alloc(f->a, n);
        for (size_t k = 0; k < n; k++) {
            narrow[k] = s.p[i + 2 * k];
        }
        look(f, rule, str_make(narrow, n), i, 2);
        s = *f->bytes; /* perhaps a copy now */
        i = end;
    }
}


enum scrub_file
scrub_file(struct arena *a, const struct scrub_rule **rules, size_t n,
           struct str name, struct str *bytes)
{
    struct file f = { .a = a, .bytes = bytes };
    size_t looks = 0;

    for (size_t i = 0; i < n; i++) {
        for (const struct scrub_rule *r = rules[i]; r != NULL; r = r->next) {
            if (!scrub_rule_meant_file(a, r, name)) {
                continue;
            }
            if (r->code == NULL) {
                return SCRUB_FILE_GONE;
            }
            looks++;
        }
    }
    if (looks > 0 && (bytes->n > FILE_MAX || bytes->n > LOOKS_BYTES / looks)) {
        return SCRUB_FILE_TOO_LARGE;
    }
    for (size_t i = 0; looks > 0 && i < n; i++) {
        for (const struct scrub_rule *r = rules[i]; r != NULL; r = r->next) {
            if (scrub_rule_meant_file(a, r, name)) {
                look(&f, r, *bytes, 0, 1);
                look_wide(&f, r);
            }
        }
    }
    return f.copy != NULL ? SCRUB_FILE_CHANGED : SCRUB_FILE_AS_IT_IS;
}
