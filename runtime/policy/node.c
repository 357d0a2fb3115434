/*
 * Nodes of Forwarded fields. See node.h.
 */
#include "node.h"

#include "../http/chars.h"
#include "number.h"
#include "sample.h"

#include <arpa/inet.h>
#include <strings.h>

enum { PORT_DIGITS = 5, PORT_MAX = 65535 };

/* RFC 7239 6.3 */
static bool is_identifier_char(char c)
{
    char low = (char)(c | 0x20);
    return (low >= 'a' && low <= 'z') || px_is_digit(c) || c == '.' || c == '_' || c == '-';
}

static bool is_identifier(struct px_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_identifier_char(s.p[i]))
            return false;
    return s.len;
}

static bool is_obfuscated(struct px_str s)
{
    return s.len > 1 && s.p[0] == '_' && is_identifier(s);
}

static bool is_unknown(struct px_str s)
{
    return s.len == 7 && !strncasecmp(s.p, "unknown", 7);
}

static bool is_ipv4(struct px_str s)
{
    struct in_addr ip;
    return s.len && px_read_ipv4(s, &ip) == s.len;
}

static bool is_ipv6(struct px_str s)
{
    struct in6_addr ip;
    return px_read_ipv6(s, &ip);
}

static bool is_port(struct px_str s)
{
    long port = 0;
    if (s.len > PORT_DIGITS)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!px_is_digit(s.p[i]))
            return false;
        port = port * 10 + (s.p[i] - '0');
    }
    return s.len && port <= PORT_MAX;
}

/* ---- reading ---- */

/* How much of s may be the name of a node; 0: s begins none. */
static size_t name_len(struct px_str s)
{
    char last = s.len && s.p[0] == '[' ? ']' : ':';
    const char *end = s.len ? memchr(s.p, last, s.len) : NULL;
    if (last == ']')
        return end ? (size_t)(end - s.p) + 1 : 0;
    return end ? (size_t)(end - s.p) : s.len;
}

static bool is_name(struct px_str s)
{
    if (s.p[0] == '[')
        return is_ipv6((struct px_str){s.p + 1, s.len - 2});
    return is_ipv4(s) || is_unknown(s) || is_obfuscated(s);
}

bool px_node_read(struct px_str s, struct px_node *node)
{
    size_t len = name_len(s);
    *node = (struct px_node){.name = {s.p, len}};
    if (!len || !is_name(node->name))
        return false;
    if (len == s.len)
        return true;
    node->port = (struct px_str){s.p + len + 1, s.len - len - 1};
    return s.p[len] == ':' && (is_port(node->port) || is_obfuscated(node->port));
}

/* ---- writing ---- */

struct px_str px_node_text(const struct px_sample *smp)
{
    struct px_sample text = *smp;
    return px_cast(&text, PX_STRING) ? text.u.s : (struct px_str){NULL, 0};
}

static void put(struct px_out *out, struct px_str s)
{
    px_put(out, s.p, s.len);
}

/* An identifier, which may have been given its underscore already. */
static bool put_identifier(struct px_out *out, struct px_str s)
{
    if (!is_identifier(s) || (s.p[0] == '_' && s.len == 1))
        return false;
    if (s.p[0] != '_')
        px_put(out, "_", 1);
    put(out, s);
    return true;
}

bool px_node_put_name(struct px_out *out, const struct px_sample *smp)
{
    struct px_str s = px_node_text(smp);
    if (!s.p)
        return false;
    if (is_ipv6(s)) {
        px_put(out, "[", 1);
        put(out, s);
        px_put(out, "]", 1);
        return true;
    }
    if (!is_ipv4(s) && !is_unknown(s))
        return put_identifier(out, s);
    put(out, s);
    return true;
}

bool px_node_put_port(struct px_out *out, const struct px_sample *smp)
{
    struct px_str s = px_node_text(smp);
    if (!s.p)
        return false;
    if (!is_port(s))
        return smp->type != PX_SINT && put_identifier(out, s);
    put(out, s);
    return true;
}
