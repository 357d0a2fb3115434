/*
 * Converters about Forwarded fields (RFC 7239; HAProxy manual 7.3.1, "rfc7239_*").
 *
 * Not here: the field that the proxy adds itself (forwarded.c).
 * Idea: a value counts as a whole. Where one part of it is malformed, there is nothing to be had
 * from the others.
 */
#include "../http/chars.h"
#include "../http/h1.h"
#include "../txn/scratch.h"
#include "node.h"
#include "number.h"
#include "sample.h"

#include <arpa/inet.h>
#include <strings.h>

enum part { PROTO, HOST, BY, CLIENT, NPARTS, EXTENSION = NPARTS };

struct cursor {
    const char *p, *end;
};

/* What has been read: of each part the first one, and which ones this element has. */
struct forwarded {
    struct px_str parts[NPARTS];
    unsigned seen, pairs;
};

/* ---- a value by its grammar (RFC 7239 4) ---- */

static bool take(struct cursor *c, char byte)
{
    bool there = c->p < c->end && *c->p == byte;
    c->p += there;
    return there;
}

static struct px_str take_token(struct cursor *c)
{
    const char *from = c->p;
    while (c->p < c->end && px_lower_token[(uint8_t)*c->p])
        c->p++;
    return (struct px_str){from, (size_t)(c->p - from)};
}

/* quoted-string (RFC 9110 5.6.4), behind its first quote. Answers what it stands for; p == NULL: it
 * is malformed. */
static struct px_str take_quoted(struct cursor *c)
{
    char *text = px_scratch_get((size_t)(c->end - c->p) + 1);
    size_t len = 0;
    while (text && c->p < c->end && !px_is_control(*c->p)) {
        if (take(c, '"'))
            return (struct px_str){text, len};
        if (take(c, '\\') && (c->p == c->end || px_is_control(*c->p)))
            break;
        text[len++] = *c->p++;
    }
    return (struct px_str){NULL, 0};
}

static bool is_part(struct px_str name, const char *word)
{
    return name.len == strlen(word) && !strncasecmp(name.p, word, name.len);
}

static enum part part_of(struct px_str name)
{
    static const char *const names[] = {
        [PROTO] = "proto", [HOST] = "host", [BY] = "by", [CLIENT] = "for"};
    unsigned i = 0;
    while (i < NPARTS && !is_part(name, names[i]))
        i++;
    return (enum part)i;
}

static bool is_good(enum part part, struct px_str value)
{
    struct px_node node;
    switch (part) {
    case PROTO:
        return is_part(value, "http") || is_part(value, "https");
    case HOST:
        return px_h1_is_authority(value);
    case BY:
    case CLIENT:
        return px_node_read(value, &node);
    default:
        return true;
    }
}

/* token "=" ( token / quoted-string ) */
static bool take_pair(struct cursor *c, struct forwarded *f)
{
    enum part part = part_of(take_token(c));
    if (!take(c, '='))
        return false;
    struct px_str value = take(c, '"') ? take_quoted(c) : take_token(c);
    bool empty = !value.len && (!value.p || c->p[-1] != '"');
    if (empty || !is_good(part, value))
        return false;
    f->pairs++;
    if (part == EXTENSION)
        return true;
    if (f->seen & 1u << part)
        return false;
    f->seen |= 1u << part;
    if (!f->parts[part].p)
        f->parts[part] = value;
    return true;
}

static void skip_blanks(struct cursor *c)
{
    while (c->p < c->end && px_is_blank(*c->p))
        c->p++;
}

/* [ pair ] *( ";" [ pair ] ) */
static bool take_element(struct cursor *c, struct forwarded *f)
{
    f->seen = 0;
    do
        if (c->p < c->end && px_lower_token[(uint8_t)*c->p] && !take_pair(c, f))
            return false;
    while (take(c, ';'));
    return true;
}

static bool read_forwarded(struct px_str s, struct forwarded *f)
{
    struct cursor c = {s.p, s.p + s.len};
    *f = (struct forwarded){0};
    do {
        skip_blanks(&c);
        if (!take_element(&c, f))
            return false;
        skip_blanks(&c);
    } while (take(&c, ','));
    return c.p == c.end && f->pairs;
}

bool px_conv_rfc7239_is_valid(struct px_txn *t, struct px_sample *smp)
{
    struct forwarded f;
    (void)t;
    px_set_bool(smp, read_forwarded(smp->u.s, &f));
    return true;
}

bool px_conv_rfc7239_field(struct px_txn *t, struct px_sample *smp, struct px_str name)
{
    struct forwarded f;
    enum part part = part_of(name);
    (void)t;
    if (part == EXTENSION || !read_forwarded(smp->u.s, &f) || !f.parts[part].p)
        return false;
    px_set_text(smp, f.parts[part]);
    return true;
}

/* ---- nodes ---- */

/* An address becomes one; what only is a name stays text. */
bool px_conv_rfc7239_n2nn(struct px_txn *t, struct px_sample *smp)
{
    struct px_node node;
    (void)t;
    if (!px_node_read(smp->u.s, &node))
        return false;
    if (node.name.p[0] == '[') {
        smp->type = PX_IPV6;
        return px_read_ipv6((struct px_str){node.name.p + 1, node.name.len - 2}, &smp->u.v6);
    }
    struct in_addr v4;
    if (px_read_ipv4(node.name, &v4) == node.name.len) {
        smp->type = PX_IPV4;
        smp->u.v4 = v4;
    } else {
        px_set_text(smp, node.name);
    }
    return true;
}

bool px_conv_rfc7239_n2np(struct px_txn *t, struct px_sample *smp)
{
    struct px_node node;
    (void)t;
    if (!px_node_read(smp->u.s, &node) || !node.port.p)
        return false;
    if (node.port.p[0] == '_')
        px_set_text(smp, node.port);
    else
        px_set_int(smp, px_read_int32(node.port));
    return true;
}

static bool becomes(struct px_sample *smp,
                    bool (*put)(struct px_out *out, const struct px_sample *smp))
{
    size_t cap = px_node_text(smp).len + sizeof "[]";
    struct px_out out = {.p = px_scratch_get(cap), .cap = cap};
    if (!out.p || !put(&out, smp))
        return false;
    px_set_text(smp, (struct px_str){out.p, out.len});
    return true;
}

bool px_conv_rfc7239_nn(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    return becomes(smp, px_node_put_name);
}

bool px_conv_rfc7239_np(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    return becomes(smp, px_node_put_port);
}
