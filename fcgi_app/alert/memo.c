#include "alert/memo.h"

#define SLOTS 256

struct memo {
    struct arena *a;
    struct memo_entry *slots[SLOTS];
};


struct memo *
memo_new(struct arena *a)
{
    struct memo *memo = arena_new_of(a, struct memo);

    memo->a = a;
    return memo;
}


static size_t
slot_of(enum memo_kind kind, int64_t project_id)
{
    return ((size_t) project_id * 7 + (size_t) kind) % SLOTS;
}


const struct memo_entry *
memo_find(const struct memo *memo, enum memo_kind kind, int64_t project_id,
          struct str key, int64_t at)
{
    const struct memo_entry *e =
        memo != NULL ? memo->slots[slot_of(kind, project_id)] : NULL;

    while (e != NULL
           && (e->kind != kind || e->project_id != project_id || at < e->from
               || at >= e->to || !str_eq(e->key, key))) {
        e = e->next;
    }
    return e;
}


void
memo_add(struct memo *memo, const struct memo_entry *entry)
{
    struct memo_entry **slot, *e;

    if (memo == NULL) {
        return;
    }
    slot = &memo->slots[slot_of(entry->kind, entry->project_id)];
    e = arena_new_of(memo->a, struct memo_entry);
    *e = *entry;
    e->key = str_copy(memo->a, entry->key);
    e->text = str_copy(memo->a, entry->text);
    e->next = *slot;
    *slot = e;
}
