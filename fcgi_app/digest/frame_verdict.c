/*
 * A table of hashes; a newcomer takes the place of what stood there.  The hash
 * has a secret key: nobody can write a frame that is taken for another one.
 */

#include "digest/frame_verdict.h"

#include "util/crypt.h"

#define SLOTS 16384 /* 256 KB; a power of two */
#define TEXT_MAX 1024

static struct {
    uint64_t key;
    uint64_t rules;
} slots[SLOTS];


uint64_t
frame_verdict_key(const struct frame *f)
{
    const struct str texts[] = { f->abs_path.n > 0 ? f->abs_path : f->filename,
                                 f->module, f->function, f->package };
    char all[TEXT_MAX + 1];
    size_t n = 0;

    all[n++] = (char) f->family;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (n > TEXT_MAX || texts[i].n > TEXT_MAX - n) {
            return 0;
        }
        if (texts[i].n > 0) {
            memcpy(all + n, texts[i].p, texts[i].n);
            n += texts[i].n;
        }
        all[n++] = '\0'; /* which no text has */
    }
    return hash_secretly(str_make(all, n));
}


bool
frame_verdict_find(uint64_t key, uint64_t *rules)
{
    if (key == 0 || slots[key % SLOTS].key != key) {
        return false;
    }
    *rules = slots[key % SLOTS].rules;
    return true;
}


void
frame_verdict_keep(uint64_t key, uint64_t rules)
{
    slots[key % SLOTS].key = key;
    slots[key % SLOTS].rules = rules;
}
