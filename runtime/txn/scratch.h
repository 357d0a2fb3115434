/*
 * Evaluating formats where a rule or a step needs their text at once.
 */
#ifndef PX_SCRATCH_H
#define PX_SCRATCH_H

#include "../abi/types.h"
#include "../base/macros.h"

/*
 * The text of a format: constant, or in scratch memory of this thread until the next call.
 * Longer texts than a buffer are cut.
 */
struct px_str px_fmt_text(struct px_txn *t, const struct px_fmt *fmt);

/* Of this thread's scratch memory, since the last reset. */
enum px_scratch_use { PX_SCRATCH_UNUSED, PX_SCRATCH_USED, PX_SCRATCH_FAILED };
extern _Thread_local uint8_t px_scratch_state;
void px_scratch_clear(void);

/* Scratch memory of this thread for samples, aligned for numbers. It is valid until the phase waits
 * or ends: px_kept_age (kept.h) counts how often that was. NULL: too much. */
char *px_scratch_get(size_t size);
/* Of the piece that was given out last, only so many bytes are needed. */
void px_scratch_cut(const char *piece, size_t size);
static inline void px_scratch_reset(void)
{
    if (px_scratch_state)
        px_scratch_clear();
}

/* A reset in the middle of a step: what was computed goes, but not that there was too much. */
static inline void px_scratch_renew(void)
{
    uint8_t was = px_scratch_state;
    px_scratch_reset();
    if (PX_UNLIKELY(was == PX_SCRATCH_FAILED))
        px_scratch_state = was;
}

/* Was there too much since the last reset? Then rules may have taken a test for failed that would
 * have passed: what they have decided must not count. */
static inline bool px_scratch_failed(void)
{
    return px_scratch_state == PX_SCRATCH_FAILED;
}

/* As if some had been given out: the next reset counts. */
static inline void px_scratch_use(void)
{
    if (!px_scratch_state)
        px_scratch_state = PX_SCRATCH_USED;
}

/* Is it surely a piece of this memory? */
bool px_scratch_has(const char *p);

/* A copy in scratch memory. */
bool px_scratch_copy(struct px_str *s);

#endif
