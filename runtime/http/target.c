/*
 * Request targets and the Host field (RFC 9112 3.2, RFC 9110 4.2 and 7.2).
 *
 * Not here: taking targets apart for rules (txn/http_common.c). Whatever is neither a path, an
 * absolute URI with an authority, "*" of OPTIONS nor the authority of a CONNECT is refused: rules
 * about paths would see something else in it than the server does.
 */
#include "h1.h"

#include "../base/macros.h"
#include "chars.h"

#include <string.h>
#include <strings.h>

/* uri-host [ ":" port ] */
struct authority {
    struct px_str host;
    struct px_str port; /* p == NULL: no colon */
};

static bool is_letter(char c)
{
    c |= 0x20;
    return c >= 'a' && c <= 'z';
}

/* reg-name (RFC 3986 3.2.2) without the comma, which would make a list of the field. */
static const bool in_host[256] = {
    ['-'] = 1, ['.'] = 1, ['_'] = 1, ['~'] = 1,  ['%'] = 1, ['!'] = 1, ['$'] = 1, ['&'] = 1,
    ['('] = 1, [')'] = 1, ['*'] = 1, ['\''] = 1, ['+'] = 1, [';'] = 1, ['='] = 1, ['0'] = 1,
    ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1,  ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1,
    ['9'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1,  ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1,
    ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1,  ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1,
    ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1,  ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1,
    ['x'] = 1, ['y'] = 1, ['z'] = 1, ['A'] = 1,  ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1,
    ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1,  ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1,
    ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1,  ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,
    ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1,  ['Z'] = 1,
};

static bool is_host_char(char c)
{
    return in_host[(uint8_t)c];
}

static bool is_literal_char(char c)
{
    return c == ':' || is_host_char(c);
}

/* Length of the host that v begins with: a name or address, or an address in brackets. */
static size_t host_len(struct px_str v)
{
    size_t n = 0;
    if (v.len && v.p[0] == '[') {
        for (n = 1; n < v.len && is_literal_char(v.p[n]);)
            n++;
        return n > 1 && n < v.len && v.p[n] == ']' ? n + 1 : 0;
    }
    while (n < v.len && is_host_char(v.p[n]))
        n++;
    return n;
}

/* No user information: it has no place in a request (RFC 9110 4.2.4). */
static bool split_authority(struct px_str v, struct authority *a)
{
    size_t n = host_len(v);
    a->host = (struct px_str){v.p, n};
    a->port = (struct px_str){NULL, 0};
    if (n == v.len)
        return n > 0;
    if (!n || v.p[n] != ':')
        return false;
    a->port = (struct px_str){v.p + n + 1, v.len - n - 1};
    unsigned port = 0;
    for (size_t i = 0; i < a->port.len; i++) {
        if (!px_is_digit(a->port.p[i]))
            return false;
        port = port * 10 + (unsigned)(a->port.p[i] - '0');
        if (port > 65535)
            return false;
    }
    return true;
}

bool px_h1_is_authority(struct px_str v)
{
    struct authority a;
    return split_authority(v, &a);
}

static bool same(struct px_str a, struct px_str b)
{
    return a.len == b.len && !strncasecmp(a.p, b.p, a.len);
}

static bool is_text(struct px_str s, const char *text)
{
    return same(s, (struct px_str){text, strlen(text)});
}

/* Is there no port, or one that says what its absence says? */
static bool is_default(struct px_str port, const char *usual)
{
    return !port.len || is_text(port, usual);
}

/* ":port" is cut out of the target: what is before it moves up. */
static void cut_target_port(struct px_head *head, const struct authority *a)
{
    size_t before = (size_t)(a->port.p - 1 - head->uri.p), gap = a->port.len + 1;
    char *p = (char *)head->uri.p;
    memmove(p + gap, p, before);
    memset(p, ' ', gap);
    head->uri = (struct px_str){p + gap, head->uri.len - gap};
    head->flags |= PX_HEAD_EDITED | PX_HEAD_LINE;
}

static void cut_host_port(struct px_head *head, const struct authority *host)
{
    struct px_hdr *h = &head->hdrs[head->first[PX_H_HOST] - 1];
    h->value_len = (uint32_t)host->host.len;
    h->flags |= PX_HDR_LOOSE;
    head->flags |= PX_HEAD_EDITED;
}

/*
 * RFC 9112 3.2: one valid Host in HTTP/1.1, at most one in 1.0. An empty one is only right for
 * targets without an authority. *host: p == NULL if there is none.
 */
static bool read_host(const struct px_head *head, struct authority *host)
{
    unsigned at = px_head_slot(head, PX_H_HOST, 0);
    *host = (struct authority){{NULL, 0}, {NULL, 0}};
    if (!at)
        return head->version == PX_HTTP_10;
    if (px_head_slot(head, PX_H_HOST, at))
        return false;
    struct px_str v = {px_head_at(head, at)->value, px_head_at(head, at)->value_len};
    host->host.p = v.p;
    return !v.len || split_authority(v, host);
}

/* authority-form: a port is never implied (RFC 9110 9.3.6). */
static bool connect_is_good(struct px_head *head, const struct authority *host)
{
    struct authority to;
    if (!split_authority(head->uri, &to) || !to.port.len || is_text(to.port, "0"))
        return false;
    if (!host->host.p)
        return true;
    bool usual = is_text(to.port, "443") || is_text(to.port, "80");
    if (!same(to.host, host->host) || (!host->port.len && !usual))
        return false;
    if (host->port.len && !same(to.port, host->port))
        return false;
    if (host->port.p && usual)
        cut_host_port(head, host);
    return true;
}

/* The scheme of an absolute URI; p == NULL: it is none. */
static struct px_str scheme_of(struct px_str uri)
{
    size_t n = 0;
    while (n < uri.len &&
           (is_letter(uri.p[n]) || (n && (px_is_digit(uri.p[n]) || strchr("+-.", uri.p[n])))))
        n++;
    bool good = n && uri.len - n > 3 && !memcmp(uri.p + n, "://", 3);
    return (struct px_str){good ? uri.p : NULL, n};
}

/*
 * absolute-form. Host has to agree with it; a port that is the scheme's own is left out of both.
 * A query right behind the authority is refused: there is no path that it belongs to.
 */
static bool absolute_is_good(struct px_head *head, const struct authority *host)
{
    struct px_str scheme = scheme_of(head->uri), v;
    struct authority to;
    if (!scheme.p)
        return false;
    v.p = scheme.p + scheme.len + 3;
    v.len = (size_t)(head->uri.p + head->uri.len - v.p);
    const char *slash = memchr(v.p, '/', v.len);
    if (slash)
        v.len = (size_t)(slash - v.p);
    if (!split_authority(v, &to))
        return false;
    const char *usual = is_text(scheme, "http") ? "80" : is_text(scheme, "https") ? "443" : "";
    bool plain = is_default(to.port, usual);
    if (host->host.p) {
        bool agree = plain ? is_default(host->port, usual) : same(to.port, host->port);
        if (!agree || !same(to.host, host->host))
            return false;
    }
    if (plain && to.port.p && host->port.p)
        cut_host_port(head, host);
    if (plain && to.port.p)
        cut_target_port(head, &to);
    return true;
}

bool px_h1_target(struct px_head *head)
{
    struct authority host;
    if (!read_host(head, &host))
        return false;
    if (head->meth == PX_M_CONNECT)
        return connect_is_good(head, &host);
    if (PX_LIKELY(head->uri.p[0] == '/'))
        return true;
    if (head->uri.p[0] == '*')
        return head->uri.len == 1 && head->meth == PX_M_OPTIONS;
    return absolute_is_good(head, &host);
}
