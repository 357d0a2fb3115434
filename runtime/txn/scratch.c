/*
 * Scratch memory. See scratch.h.
 *
 * One area a thread is enough: rule sets run to their end or to a point where they wait, and what
 * was computed before does not outlive either.
 */
#include "scratch.h"

#include "../base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLE_BUFS = 16, ALIGN = 8 };

static _Thread_local char *text, *samples;
static _Thread_local size_t used;

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

char *px_scratch_get(size_t size)
{
    size_t cap = px_buf_size() * SAMPLE_BUFS;
    size = round_up(size);
    if (!samples && !(samples = malloc(cap)))
        return NULL;
    if (cap - used < size)
        return NULL;
    char *piece = samples + used;
    used += size;
    return piece;
}

void px_scratch_cut(const char *piece, size_t size)
{
    used = (size_t)(piece - samples) + round_up(size);
}

void px_scratch_reset(void)
{
    used = 0;
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
