/*
 * What tests of converters share: a sample goes in, and what comes out is compared byte by byte.
 *
 * The expected values are those of HAProxy 2.6, asked once and written down.
 */
#ifndef CONV_DESK_H
#define CONV_DESK_H

#include "message_desk.h"

#define S(literal) ((struct px_str)PX_STR(literal))
#define NONE ((struct px_str){NULL, 0})
#define N(number) (&(const struct px_operand){(number), -1})

/* The call reads these: the transaction and the sample that it changes. */
static struct px_txn *const t = &desk;
static struct px_sample *const s = &desk_sample;

static inline void conv_text_in(const char *p, size_t len)
{
    px_scratch_reset();
    *s = (struct px_sample){.type = PX_STRING, .u.s = {p, len}};
}

static inline void conv_int_in(enum px_type type, int64_t v)
{
    px_scratch_reset();
    *s = (struct px_sample){.type = (uint8_t)type, .u.i = v};
}

static inline void conv_text_out(bool found, const char *call, const char *in, const char *want,
                                 size_t len)
{
    ck_assert_msg(found, "%s on '%s' gives nothing", call, in);
    ck_assert_msg(px_is_bytes(s), "%s gives type %d", call, s->type);
    ck_assert_msg(s->u.s.len == len && !memcmp(s->u.s.p, want, len),
                  "%s on '%s' gives '%.*s' (%zu bytes), not '%s'", call, in, (int)s->u.s.len,
                  s->u.s.p, s->u.s.len, want);
}

static inline void conv_int_out(bool found, const char *call, int64_t want)
{
    ck_assert_msg(found, "%s gives nothing", call);
    ck_assert_msg(s->type == PX_SINT || s->type == PX_BOOL, "%s gives type %d", call, s->type);
    ck_assert_msg(s->u.i == want, "%s gives %lld, not %lld", call, (long long)s->u.i,
                  (long long)want);
}

#define TEXT_TO_TEXT(call, in, want)                                                               \
    do {                                                                                           \
        conv_text_in("" in, sizeof in - 1);                                                        \
        conv_text_out(call, #call, in, "" want, sizeof want - 1);                                  \
    } while (0)
#define TEXT_TO_NONE(call, in)                                                                     \
    do {                                                                                           \
        conv_text_in("" in, sizeof in - 1);                                                        \
        ck_assert_msg(!(call), "%s on '%s'", #call, in);                                           \
    } while (0)
#define TEXT_TO_INT(call, in, want)                                                                \
    do {                                                                                           \
        conv_text_in("" in, sizeof in - 1);                                                        \
        conv_int_out(call, #call, want);                                                           \
    } while (0)
#define INT_TO_INT(call, in, want)                                                                 \
    do {                                                                                           \
        conv_int_in(PX_SINT, in);                                                                  \
        conv_int_out(call, #call, want);                                                           \
    } while (0)
#define INT_TO_TEXT(call, in, want)                                                                \
    do {                                                                                           \
        conv_int_in(PX_SINT, in);                                                                  \
        conv_text_out(call, #call, #in, "" want, sizeof want - 1);                                 \
    } while (0)
#define BOOL_TO_TEXT(call, in, want)                                                               \
    do {                                                                                           \
        conv_int_in(PX_BOOL, in);                                                                  \
        conv_text_out(call, #call, #in, "" want, sizeof want - 1);                                 \
    } while (0)

#endif
