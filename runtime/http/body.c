/*
 * Walking bodies. See body.h.
 *
 * Chunked coding is read byte by byte only in its framing; strict, because the next reader may
 * disagree about anything else: CRLF only, hexadecimal sizes below 2^31, valid extensions.
 */
#include "body.h"

#include "../base/macros.h"
#include "chars.h"

#include <string.h>

enum state {
    SIZE,
    GAP, /* blanks behind the size: only an extension or the line end may follow */
    EXTENSION,
    SIZE_CR,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
};

enum { MAX_SIZE_DIGITS = 16, MAX_EXTRA = 16384 };

void px_body_begin(struct px_body_walk *w, enum px_body kind, uint64_t length)
{
    *w = (struct px_body_walk){.kind = (uint8_t)kind, .left = kind == PX_BODY_LENGTH ? length : 0};
    w->over = kind == PX_BODY_NONE || (kind == PX_BODY_LENGTH && !length);
}

static enum px_span_kind take_data(struct px_body_walk *w, const char **p, const char *end)
{
    uint64_t here = (uint64_t)(end - *p);
    uint64_t n = here < w->left ? here : w->left;
    *p += n;
    w->left -= n;
    return n ? PX_SPAN_DATA : PX_SPAN_MORE;
}

static int hex_digit(char c)
{
    if (px_is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What follows the last digit of a chunk size. */
static bool size_ends(struct px_body_walk *w, char c)
{
    if (!w->digits || (c != '\r' && c != ';' && !px_is_blank(c)))
        return false;
    w->state = c == '\r' ? SIZE_LF : GAP;
    return true;
}

static bool size_byte(struct px_body_walk *w, char c)
{
    int digit = hex_digit(c);
    if (digit < 0)
        return size_ends(w, c);
    w->left = w->left << 4 | (unsigned)digit;
    return ++w->digits <= MAX_SIZE_DIGITS && w->left < UINT64_C(1) << 31;
}

/* RFC 9110 6.5.1: who merges trailers into the head must not find these there. */
static bool trailer_is_good(const struct px_body_walk *w)
{
    static const struct px_str bad[] = {PX_STR("content-length"), PX_STR("transfer-encoding"),
                                        PX_STR("host")};
    for (unsigned i = 0; i < PX_COUNT(bad); i++)
        if (bad[i].len == w->name_len && !memcmp(bad[i].p, w->name, w->name_len))
            return false;
    return true;
}

static bool trailer_name_byte(struct px_body_walk *w, char c)
{
    char low = (char)px_lower_token[(uint8_t)c];
    if (c == ':')
        w->state = TRAILER_VALUE;
    else if (w->name_len < PX_TRAILER_NAME)
        w->name[w->name_len++] = low;
    return c == ':' ? trailer_is_good(w) : low;
}

static bool trailer_byte(struct px_body_walk *w, char c)
{
    switch (w->state) {
    case TRAILER_START:
        w->state = c == '\r' ? LAST_LF : TRAILER_NAME;
        w->name_len = 0;
        return c == '\r' || (c != ':' && trailer_name_byte(w, c));
    case TRAILER_NAME:
        return trailer_name_byte(w, c);
    case TRAILER_VALUE:
        if (c == '\r')
            w->state = TRAILER_LF;
        return c != '\n' && c != '\0';
    case TRAILER_LF:
        w->state = TRAILER_START;
        return c == '\n';
    default: /* LAST_LF */
        w->over = c == '\n';
        return w->over;
    }
}

/* The framing bytes between two runs of data, one state at a time. */
static bool frame_byte(struct px_body_walk *w, char c)
{
    switch (w->state) {
    case SIZE:
        return size_byte(w, c);
    case SIZE_CR: /* an extension ends at a CR only */
        w->state = SIZE_LF;
        return true;
    case SIZE_LF:
        w->state = w->left ? DATA : TRAILER_START;
        w->extra = 0;
        return c == '\n';
    case DATA_CR:
        w->state = DATA_LF;
        return c == '\r';
    default: /* DATA_LF */
        w->state = SIZE;
        w->left = 0;
        w->digits = 0;
        w->extra = 0;
        return c == '\n';
    }
}

static bool in_extension(const struct px_body_walk *w)
{
    return w->state == GAP || w->state == EXTENSION;
}

static enum px_span_kind take_frame(struct px_body_walk *w, const char **p, const char *end)
{
    while (*p < end && w->state != DATA && w->state < TRAILER_START) {
        if (!frame_byte(w, **p))
            return PX_SPAN_BAD;
        if (in_extension(w))
            break; /* the separator itself is dropped with the extension */
        ++*p;
    }
    return PX_SPAN_FRAME;
}

static bool extension_byte(struct px_body_walk *w, char c)
{
    if (c == ';')
        w->state = EXTENSION;
    bool control = c != '\t' && ((uint8_t)c < ' ' || (uint8_t)c == 0x7f);
    bool good = w->state == GAP ? px_is_blank(c) : !control;
    return good && ++w->extra <= MAX_EXTRA; /* RFC 9112 7.1.1: a limit */
}

/* RFC 9112 7.1.1. The CR that ends the extensions belongs to the frame. */
static enum px_span_kind take_extension(struct px_body_walk *w, const char **p, const char *end)
{
    const char *from = *p;
    while (*p < end && **p != '\r') {
        if (!extension_byte(w, **p))
            return PX_SPAN_BAD;
        ++*p;
    }
    if (*p < end)
        w->state = SIZE_CR;
    return *p > from ? PX_SPAN_DROP : take_frame(w, p, end);
}

static enum px_span_kind take_trailers(struct px_body_walk *w, const char **p, const char *end)
{
    while (*p < end && !w->over) {
        if (!trailer_byte(w, **p) || ++w->extra > MAX_EXTRA)
            return PX_SPAN_BAD;
        ++*p;
    }
    return PX_SPAN_TRAILER;
}

static enum px_span_kind next_chunked(struct px_body_walk *w, const char **p, const char *end)
{
    if (w->state == DATA) {
        enum px_span_kind kind = take_data(w, p, end);
        if (!w->left)
            w->state = DATA_CR;
        return kind;
    }
    if (in_extension(w))
        return take_extension(w, p, end);
    if (w->state >= TRAILER_START)
        return take_trailers(w, p, end);
    return take_frame(w, p, end);
}

enum px_span_kind px_body_next(struct px_body_walk *w, const char **p, const char *end)
{
    if (w->over)
        return PX_SPAN_END;
    if (*p == end)
        return PX_SPAN_MORE;
    if (w->kind == PX_BODY_CLOSE) {
        *p = end;
        return PX_SPAN_DATA;
    }
    if (w->kind == PX_BODY_CHUNKED)
        return next_chunked(w, p, end);
    enum px_span_kind kind = take_data(w, p, end);
    w->over = !w->left;
    return kind;
}

uint64_t px_body_unseen(const struct px_body_walk *w)
{
    if (w->over)
        return 0;
    if (w->kind == PX_BODY_CLOSE)
        return UINT64_MAX;
    return w->kind == PX_BODY_LENGTH || w->state == DATA ? w->left : 0;
}

void px_body_skip(struct px_body_walk *w, uint64_t bytes)
{
    if (w->kind == PX_BODY_CLOSE)
        return;
    w->left -= bytes;
    if (w->left)
        return;
    if (w->kind == PX_BODY_LENGTH)
        w->over = true;
    else
        w->state = DATA_CR;
}

bool px_body_is_bad(enum px_body kind, const char *p, const char *end)
{
    struct px_body_walk w;
    enum px_span_kind span;
    if (kind != PX_BODY_CHUNKED)
        return false;
    px_body_begin(&w, kind, 0);
    do
        span = px_body_next(&w, &p, end);
    while (span < PX_SPAN_MORE);
    return span == PX_SPAN_BAD;
}
