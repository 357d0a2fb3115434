/*
 * Reading TLS hello messages. See hello.h.
 *
 * Not here: any cryptography, and waiting for bytes.
 * Idea: a cursor never leaves the bytes it was given. Taking more than there is makes it empty and
 * short; what was taken is then zero, and one look at the end tells whether all was there.
 */
#include "hello.h"

#include <string.h>

struct cursor {
    const char *p;
    size_t left;
    bool is_short;
};

static struct cursor cursor_of(struct px_str s)
{
    return (struct cursor){s.p, s.len, false};
}

static struct px_str take(struct cursor *c, size_t n)
{
    if (n > c->left) {
        *c = (struct cursor){c->p, 0, true};
        return (struct px_str){c->p, 0};
    }
    struct px_str s = {c->p, n};
    c->p += n;
    c->left -= n;
    return s;
}

/* A number of up to four bytes, the highest first. */
static uint32_t take_number(struct cursor *c, size_t bytes)
{
    struct px_str s = take(c, bytes);
    uint32_t v = 0;
    for (size_t i = 0; i < s.len; i++)
        v = v << 8 | (uint8_t)s.p[i];
    return v;
}

/* opaque x<..>: so many bytes of length, then the bytes (RFC 8446 3.4). */
static struct px_str take_vector(struct cursor *c, size_t length_bytes)
{
    return take(c, take_number(c, length_bytes));
}

/* ---- records ---- */

enum {
    HANDSHAKE = 22,
    RECORD_HEAD = 5,
    RECORD_MOST = 1 << 14, /* RFC 8446 5.1 */
    MESSAGE_HEAD = 4,
};

/* What can be told of a record from the part of its head that is there. */
static bool is_handshake_record(struct px_str in)
{
    return (in.len < 1 || in.p[0] == HANDSHAKE) && (in.len < 2 || (uint8_t)in.p[1] >= 3);
}

/* The next fragment of a handshake; the last one may be cut. PX_ABSENT: something else comes. */
static enum px_found next_fragment(struct cursor *c, struct px_str *fragment)
{
    if (!is_handshake_record((struct px_str){c->p, c->left}))
        return PX_ABSENT;
    if (c->left < RECORD_HEAD)
        return PX_LATER;
    take(c, RECORD_HEAD - 2);
    size_t len = take_number(c, 2);
    if (!len || len > RECORD_MOST) /* RFC 8446 5.1: fragments of handshakes are not empty */
        return PX_ABSENT;
    *fragment = take(c, len < c->left ? len : c->left);
    return PX_FOUND;
}

/* Joins fragments until `n` bytes are in room; room may be NULL to see whether they are there. */
static enum px_found join(struct px_str in, char *room, size_t n)
{
    struct cursor c = cursor_of(in);
    struct px_str part;
    for (size_t have = 0; have < n; have += part.len) {
        enum px_found found = next_fragment(&c, &part);
        if (found != PX_FOUND)
            return found;
        if (part.len > n - have)
            part.len = n - have;
        if (room && part.len)
            memcpy(room + have, part.p, part.len);
    }
    return PX_FOUND;
}

enum px_found px_handshake_first(struct px_str in, char *room, struct px_handshake *msg)
{
    char head[MESSAGE_HEAD];
    enum px_found found = join(in, head, sizeof head);
    if (found != PX_FOUND)
        return found;
    struct cursor c = cursor_of((struct px_str){head, sizeof head});
    msg->type = (uint8_t)take_number(&c, 1);
    size_t len = take_number(&c, 3);
    found = join(in, NULL, MESSAGE_HEAD + len);
    if (found != PX_FOUND)
        return found;
    struct cursor records = cursor_of(in);
    struct px_str first = {NULL, 0};
    next_fragment(&records, &first);
    msg->body = (struct px_str){NULL, len};
    if (first.len >= MESSAGE_HEAD + len) {
        msg->body.p = first.p + MESSAGE_HEAD;
    } else if (room) {
        join(in, room, MESSAGE_HEAD + len);
        msg->body.p = room + MESSAGE_HEAD;
    }
    return PX_FOUND;
}

/* ---- messages ---- */

static int64_t version_of(uint32_t major, uint32_t minor)
{
    return (int64_t)major << 16 | minor;
}

enum px_found px_hello_version(struct px_str body, int64_t *version)
{
    struct cursor c = cursor_of(body);
    uint32_t major = take_number(&c, 1), minor = take_number(&c, 1);
    *version = version_of(major, minor);
    return c.is_short ? PX_ABSENT : PX_FOUND;
}

enum { SERVER_NAME = 0, HOST_NAME = 0, RANDOM_BYTES = 32, SESSION_ID_MOST = 32 };

/* The parts of a ClientHello (RFC 8446 4.1.2); hellos of SSL 3 have no extensions. */
static bool read_hello(struct px_str body, struct px_str *ciphers, struct px_str *extensions)
{
    struct cursor c = cursor_of(body);
    uint32_t version = take_number(&c, 2);
    take(&c, RANDOM_BYTES);
    struct px_str session = take_vector(&c, 1);
    *ciphers = take_vector(&c, 2);
    struct px_str compressions = take_vector(&c, 1);
    bool good =
        !c.is_short && session.len <= SESSION_ID_MOST && ciphers->len >= 2 && compressions.len;
    *extensions = take_vector(&c, 2);
    if (c.is_short || version <= 0x300)
        *extensions = (struct px_str){NULL, 0};
    return good;
}

static bool find_extensions(struct px_str body, struct px_str *extensions)
{
    struct px_str ciphers;
    return read_hello(body, &ciphers, extensions) && extensions->p;
}

static bool find_extension(struct px_str extensions, uint32_t type, struct px_str *data)
{
    struct cursor c = cursor_of(extensions);
    while (c.left) {
        uint32_t found = take_number(&c, 2);
        *data = take_vector(&c, 2);
        if (found == type)
            return !c.is_short;
    }
    return false;
}

enum px_found px_hello_name(struct px_str body, struct px_str *name)
{
    struct px_str extensions, data;
    if (!find_extensions(body, &extensions) || !find_extension(extensions, SERVER_NAME, &data))
        return PX_ABSENT;
    struct cursor c = cursor_of(data);
    struct cursor list = cursor_of(take_vector(&c, 2));
    while (list.left) {
        uint32_t type = take_number(&list, 1);
        *name = take_vector(&list, 2);
        if (type == HOST_NAME)
            return !list.is_short && name->len ? PX_FOUND : PX_ABSENT;
    }
    return PX_ABSENT;
}

enum px_found px_hello_ciphers(struct px_str body, struct px_str *list)
{
    struct px_str extensions;
    return read_hello(body, list, &extensions) ? PX_FOUND : PX_ABSENT;
}

enum px_found px_hello_extension(struct px_str body, enum px_hello_extension type,
                                 struct px_str *data)
{
    struct px_str all;
    bool found = find_extensions(body, &all) && find_extension(all, type, data);
    return found ? PX_FOUND : PX_ABSENT;
}

enum px_found px_hello_list(struct px_str body, enum px_hello_extension type, struct px_str *list)
{
    struct px_str data;
    if (px_hello_extension(body, type, &data) != PX_FOUND)
        return PX_ABSENT;
    struct cursor c = cursor_of(data);
    *list = take_vector(&c, 2);
    return c.is_short ? PX_ABSENT : PX_FOUND;
}

enum px_found px_hello_protocol(struct px_str body, struct px_str *name)
{
    struct px_str list;
    if (px_hello_list(body, PX_EXT_ALPN, &list) != PX_FOUND)
        return PX_ABSENT;
    struct cursor c = cursor_of(list);
    *name = take_vector(&c, 1);
    return name->len ? PX_FOUND : PX_ABSENT;
}

enum px_found px_hello_shares(struct px_str body, struct px_str *groups)
{
    struct px_str list;
    if (px_hello_list(body, PX_EXT_KEY_SHARES, &list) != PX_FOUND)
        return PX_ABSENT;
    struct cursor c = cursor_of(list);
    char *to = (char *)groups->p;
    while (c.left) {
        struct px_str group = take(&c, 2);
        memcpy(to, group.p, group.len);
        to += group.len;
        take_vector(&c, 2);
    }
    groups->len = (size_t)(to - groups->p);
    return c.is_short ? PX_ABSENT : PX_FOUND;
}

/* ---- SSL 2 ---- */

enum {
    V2_LONG = 0x8000, /* of the two bytes of length: no padding follows */
    V2_HEAD = 11,
    V2_FIXED = 9, /* bytes of the message before its three variable parts */
    V2_CHALLENGE = 16,
};

static bool starts_like_v2(struct px_str in)
{
    return (in.len < 1 || (uint8_t)in.p[0] >= V2_LONG >> 8) &&
           (in.len < 3 || in.p[2] == PX_CLIENT_HELLO);
}

enum px_found px_sslv2_version(struct px_str in, int64_t *version)
{
    struct cursor c = cursor_of(in);
    if (!starts_like_v2(in))
        return PX_ABSENT;
    if (in.len < V2_HEAD)
        return PX_LATER;
    uint32_t len = take_number(&c, 2) & ~(uint32_t)V2_LONG;
    take(&c, 1);
    uint32_t major = take_number(&c, 1), minor = take_number(&c, 1);
    uint32_t ciphers = take_number(&c, 2), session = take_number(&c, 2);
    uint32_t challenge = take_number(&c, 2);
    if (!ciphers || ciphers % 3 || challenge < V2_CHALLENGE ||
        len != V2_FIXED + ciphers + session + challenge)
        return PX_ABSENT;
    *version = version_of(major, minor);
    return c.left >= ciphers + session + challenge ? PX_FOUND : PX_LATER;
}
