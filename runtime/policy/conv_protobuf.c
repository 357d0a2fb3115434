/*
 * Fields of Protocol Buffers messages, also of those in gRPC frames (HAProxy manual 7.3.1,
 * "protobuf" and "ungrpc").
 *
 * Not here: what fields mean, for there is no schema: the configuration says number and type. Idea:
 * a message is a row of fields, each with its number and as many bytes as its wire type tells; a
 * path leads through messages in messages.
 */
#include "../base/bytes.h"
#include "../base/macros.h"
#include "number.h"
#include "sample.h"

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_LEN = 2, WIRE_32 = 5 };

struct field {
    uint64_t number;
    unsigned wire;
    uint64_t value; /* of numbers, as they are in the message */
    struct px_str bytes;
};

static bool take(struct px_str *s, size_t n, struct px_str *bytes)
{
    if (s->len < n)
        return false;
    *bytes = (struct px_str){s->p, n};
    *s = (struct px_str){s->p + n, s->len - n};
    return true;
}

/* Seven bits a byte, the low ones first; bits beyond 64 are nothing. */
static bool take_varint(struct px_str *s, uint64_t *v)
{
    enum { MOST = 10 };
    *v = 0;
    for (size_t n = 0; n < s->len && n < MOST; n++) {
        *v |= (uint64_t)(s->p[n] & 0x7f) << (7 * n);
        if (!(s->p[n] & 0x80)) {
            *s = (struct px_str){s->p + n + 1, s->len - n - 1};
            return true;
        }
    }
    return false;
}

/* The low byte first. */
static bool take_fixed(struct px_str *s, size_t n, struct field *f)
{
    if (!take(s, n, &f->bytes))
        return false;
    for (size_t i = n; i--;)
        f->value = f->value << 8 | (unsigned char)f->bytes.p[i];
    return true;
}

static bool take_value(struct px_str *s, struct field *f)
{
    const char *from = s->p;
    uint64_t len;
    switch (f->wire) {
    case WIRE_VARINT:
        if (!take_varint(s, &f->value))
            return false;
        f->bytes = (struct px_str){from, (size_t)(s->p - from)};
        return true;
    case WIRE_64:
        return take_fixed(s, 8, f);
    case WIRE_LEN:
        return take_varint(s, &len) && len <= s->len && take(s, (size_t)len, &f->bytes);
    case WIRE_32:
        return take_fixed(s, 4, f);
    default: /* groups, which newer messages do not have */
        return false;
    }
}

static bool take_field(struct px_str *s, struct field *f)
{
    uint64_t key;
    *f = (struct field){.number = 0};
    if (!take_varint(s, &key))
        return false;
    f->number = key >> 3;
    f->wire = key & 7;
    return take_value(s, f);
}

/* The first field on this path of numbers. */
static bool find(struct px_str message, struct px_str path, struct field *f)
{
    uint64_t number = (uint64_t)px_read_int64(path);
    const char *dot = memchr(path.p, '.', path.len);
    while (take_field(&message, f)) {
        if (f->number != number)
            continue;
        if (!dot)
            return true;
        struct px_str rest = {dot + 1, path.len - (size_t)(dot + 1 - path.p)};
        if (f->wire == WIRE_LEN && find(f->bytes, rest, f))
            return true;
    }
    return false;
}

/* ---- values ---- */

static int64_t as_it_is(uint64_t v)
{
    return (int64_t)v;
}

static int64_t low_half(uint64_t v)
{
    return (int32_t)(uint32_t)v;
}

static int64_t zigzag(uint64_t v)
{
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

/* Beyond 64 bits the nearest bound; what is no number is 0. */
static int64_t whole_part(double d)
{
    const double bound = 0x1p63;
    if (d >= bound)
        return INT64_MAX;
    return d < -bound ? INT64_MIN : d == d ? (int64_t)d : 0;
}

static int64_t of_double(uint64_t v)
{
    double d;
    memcpy(&d, &v, sizeof d);
    return whole_part(d);
}

static int64_t of_float(uint64_t v)
{
    uint32_t low = (uint32_t)v;
    float f;
    memcpy(&f, &low, sizeof f);
    return whole_part((double)f);
}

static const struct scalar {
    const char *name;
    unsigned wire;
    int64_t (*of)(uint64_t v);
} scalars[] = {
#define PX_PROTOBUF(name, wire, of) {#name, WIRE_##wire, of},
#include "../abi/protobuf.def"
#undef PX_PROTOBUF
};

/* The compiler has checked the type, and that the path is one. */
static bool found_field(struct px_sample *smp, const struct field *f, struct px_str type)
{
    if (!type.p) {
        px_set_bytes(smp, f->bytes);
        return true;
    }
    for (size_t i = 0; i < PX_COUNT(scalars); i++)
        if (px_text_is(type, scalars[i].name)) {
            px_set_int(smp, scalars[i].of(f->value));
            return f->wire == scalars[i].wire;
        }
    return false;
}

bool px_conv_protobuf(struct px_txn *t, struct px_sample *smp, struct px_str path,
                      struct px_str type)
{
    (void)t;
    struct field f;
    return find(smp->u.s, path, &f) && found_field(smp, &f, type);
}

/* A frame is a byte that is 1 for compressed messages, a length in four bytes, the highest first,
 * and the message. */
static bool take_message(struct px_str *s, struct px_str *message)
{
    enum { HEAD = 5 };
    struct px_str head;
    do {
        if (!take(s, HEAD, &head))
            return false;
        if (!take(s, px_u32_at(head.p + 1), message))
            return false;
    } while (head.p[0]);
    return true;
}

bool px_conv_ungrpc(struct px_txn *t, struct px_sample *smp, struct px_str path, struct px_str type)
{
    (void)t;
    struct px_str rest = smp->u.s, message;
    struct field f;
    while (take_message(&rest, &message))
        if (find(message, path, &f))
            return found_field(smp, &f, type);
    return false;
}
