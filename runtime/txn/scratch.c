/*
 * Scratch memory. See scratch.h.
 *
 * One area a thread is enough: rule sets run to their end or to a point where they wait, and what
 * was computed before does not outlive either. It grows by blocks, so that what a client sends does
 * not decide which rules find room; all but the first block go back when it is reset.
 */
#include "scratch.h"

#include "../abi/kept.h"
#include "../base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLE_BUFS = 16, MOST_BUFS = 4096, ALIGN = 8 };

struct block {
    struct block *older;
    size_t cap, used;
    char bytes[];
};

static _Thread_local char *text;
static _Thread_local struct block *newest;
static _Thread_local size_t total; /* of all blocks */
_Thread_local uint8_t px_scratch_state;
_Thread_local uint64_t px_kept_age = 1;

struct px_str px_fmt_text(struct px_txn *t, const struct px_fmt *fmt)
{
    if (!fmt->append)
        return fmt->text;
    if (!text && !(text = malloc(px_buf_size())))
        return (struct px_str){"", 0};
    struct px_out out = {.p = text, .cap = px_buf_size()};
    fmt->append(t, &out);
    return (struct px_str){out.p, out.len};
}

static size_t round_up(size_t size)
{
    return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static bool add_block(size_t size)
{
    size_t cap = px_buf_size() * SAMPLE_BUFS, most = px_buf_size() * MOST_BUFS;
    if (cap < size)
        cap = size;
    struct block *b = cap <= most - total ? malloc(sizeof *b + cap) : NULL;
    if (!b)
        return false;
    *b = (struct block){newest, cap, 0};
    newest = b;
    total += cap;
    return true;
}

static void drop_newest(void)
{
    struct block *b = newest;
    newest = b->older;
    total -= b->cap;
    free(b);
}

char *px_scratch_get(size_t size)
{
    size = round_up(size);
    if ((!newest || newest->cap - newest->used < size) && !add_block(size)) {
        px_scratch_state = PX_SCRATCH_FAILED;
        return NULL;
    }
    px_scratch_use();
    char *piece = newest->bytes + newest->used;
    newest->used += size;
    return piece;
}

static bool is_in(const struct block *b, const char *piece)
{
    return (uintptr_t)piece - (uintptr_t)b->bytes <= b->cap;
}

void px_scratch_cut(const char *piece, size_t size)
{
    while (!is_in(newest, piece))
        drop_newest();
    newest->used = (size_t)(piece - newest->bytes) + round_up(size);
}

bool px_scratch_has(const char *p)
{
    return newest && is_in(newest, p);
}

void px_scratch_clear(void)
{
    px_scratch_state = PX_SCRATCH_UNUSED;
    px_kept_age++;
    while (newest && newest->older)
        drop_newest();
    if (newest)
        newest->used = 0;
}

bool px_scratch_copy(struct px_str *s)
{
    char *copy = px_scratch_get(s->len ? s->len : 1);
    if (!copy)
        return false;
    if (s->len)
        memcpy(copy, s->p, s->len);
    s->p = copy;
    return true;
}
