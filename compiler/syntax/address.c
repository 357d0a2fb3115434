/*
 * Addresses of bind, server and log lines. See value.h.
 *
 * Not here: looking up host names; that is done when the proxy starts.
 * Idea: a prefix decides the family and which reader takes the rest; every reader points at the
 * bytes that it cannot take.
 */
#include "value.h"

#include <string.h>
#include <sys/un.h>

enum host { HOST_ANY, HOST_V4, HOST_V6 };

struct parse {
    struct arena *arena;
    struct diags *diags;
    const struct word *w;
    unsigned flags;
    size_t start;    /* of this address in the word, prefix included */
    struct str text; /* behind the prefixes, variables expanded */
    size_t at;       /* where that begins in the word */
    bool expanded;   /* text is no part of the word: messages point at all of it */
    struct address *out;
};

static struct span span_of(const struct parse *p, size_t from, size_t to)
{
    if (p->expanded)
        return p->out->span;
    return word_span(p->w, p->at + from, p->at + to);
}

static bool fail(const struct parse *p, struct diag *d, const char *help)
{
    if (help)
        diag_help(p->diags, d, "%s", help);
    return false;
}

/* ---- ports ---- */

static bool port_number(struct str s, int *port)
{
    uint64_t v;
    if (value_uint(s, 65535, &v) != VALUE_OK || !v)
        return false;
    *port = (int)v;
    return true;
}

static bool bad_port(const struct parse *p, struct str s, size_t from)
{
    struct diag *d = diag_add(p->diags, E0602, span_of(p, from, from + s.len),
                              "'" STR_FMT "' is not a port", STR_ARG(s));
    diag_note(p->diags, d, "a port is a number from 1 to 65535");
    return false;
}

static bool no_port(const struct parse *p)
{
    return fail(p, diag_add(p->diags, E0605, p->out->span, "the port is missing"),
                "write address:port, or ':port' for all addresses");
}

static bool read_offset(struct parse *p, struct str s, size_t from)
{
    uint64_t v;
    if (!(p->flags & ADDRESS_PORT_OFFSET))
        return fail(p,
                    diag_add(p->diags, E0603, span_of(p, from, from + s.len),
                             "a port offset cannot be used here"),
                    NULL);
    if (value_uint(str_cut(s, 1, s.len), 65535, &v) != VALUE_OK)
        return bad_port(p, s, from);
    p->out->endpoint.port_offset = true;
    p->out->endpoint.port = s.p[0] == '-' ? -(int)v : (int)v;
    p->out->port_high = p->out->endpoint.port;
    return true;
}

static bool read_range(struct parse *p, struct str s, size_t from, size_t dash)
{
    int low, high;
    if (!(p->flags & ADDRESS_PORT_RANGE))
        return fail(p,
                    diag_add(p->diags, E0603, span_of(p, from, from + s.len),
                             "a range of ports cannot be used here"),
                    NULL);
    if (!port_number(str_cut(s, 0, dash), &low))
        return bad_port(p, str_cut(s, 0, dash), from);
    if (!port_number(str_cut(s, dash + 1, s.len), &high))
        return bad_port(p, str_cut(s, dash + 1, s.len), from + dash + 1);
    if (low > high)
        return fail(p,
                    diag_add(p->diags, E0604, span_of(p, from, from + s.len),
                             "the range of ports " STR_FMT " is empty", STR_ARG(s)),
                    NULL);
    p->out->endpoint.port = low;
    p->out->port_high = high;
    return true;
}

static bool read_port(struct parse *p, struct str s, size_t from)
{
    p->out->endpoint.has_port = true;
    if (s.len && (s.p[0] == '+' || s.p[0] == '-'))
        return read_offset(p, s, from);
    const char *dash = memchr(s.p, '-', s.len);
    if (dash)
        return read_range(p, s, from, (size_t)(dash - s.p));
    bool none = (p->flags & ADDRESS_PORT_ZERO) && str_is(s, "0");
    if (!none && !port_number(s, &p->out->endpoint.port))
        return bad_port(p, s, from);
    p->out->port_high = p->out->endpoint.port;
    return true;
}

/* ---- IP addresses and names ---- */

static bool is_host_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        bool good = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' ||
                    c == '_' || c == '.';
        if (!good)
            return false;
    }
    return s.len && s.len < 256;
}

static bool has_letter(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z')
            return true;
    return false;
}

static bool read_any(struct parse *p, enum host host)
{
    p->out->endpoint.family = host == HOST_V6 ? PX_AF_INET6 : PX_AF_INET;
    return true;
}

static bool read_host(struct parse *p, struct str s, enum host host)
{
    struct px_endpoint *ep = &p->out->endpoint;
    bool bracketed = s.len > 1 && s.p[0] == '[' && s.p[s.len - 1] == ']';
    struct str bare = bracketed ? str_cut(s, 1, s.len - 1) : s;
    if ((p->flags & ADDRESS_ANY) && (!s.len || str_is(s, "*")))
        return read_any(p, host);
    if (host != HOST_V6 && !bracketed && value_ipv4(s, ep->ip.v4)) {
        ep->family = PX_AF_INET;
        return true;
    }
    if (host != HOST_V4 && value_ipv6(bare, ep->ip.v6)) {
        ep->family = PX_AF_INET6;
        return true;
    }
    bool name = is_host_name(s) && has_letter(s) && !bracketed;
    if (name && (p->flags & ADDRESS_NAMES)) {
        ep->family = PX_AF_NAME;
        ep->only = host == HOST_V4 ? PX_AF_INET : host == HOST_V6 ? PX_AF_INET6 : PX_AF_NONE;
        ep->path = str_cstr(p->arena, s);
        return true;
    }
    if (name) {
        diag_add(p->diags, E0301, span_of(p, 0, s.len),
                 "a host name in the place of this address is not supported yet");
        return false;
    }
    struct diag *d = diag_add(p->diags, E0601, span_of(p, 0, s.len),
                              "'" STR_FMT "' is not an %saddress", STR_ARG(s),
                              host == HOST_V4   ? "IPv4 "
                              : host == HOST_V6 ? "IPv6 "
                                                : "");
    if (s.len && s.p[0] == '[' && !bracketed)
        diag_help(p->diags, d, "close the bracket: [2001:db8::1]:80");
    else if (memchr(s.p, ':', s.len) && !bracketed && host != HOST_V4)
        diag_help(p->diags, d,
                  "put an IPv6 address in brackets when a port follows: [2001:db8::1]:80");
    return false;
}

/* Where a port may be missing, all of it can be an IPv6 address: but not if what is in front of the
 * last colon is one, too, and a number follows, for that is a port. */
static bool no_port_in(struct str s, const char *colon)
{
    uint8_t v6[16];
    size_t end = colon ? (size_t)(colon - s.p) : s.len;
    int port;
    return value_ipv6(s, v6) &&
           !(value_ipv6(str_cut(s, 0, end), v6) && port_number(str_cut(s, end + 1, s.len), &port));
}

static bool read_ip(struct parse *p, enum host host)
{
    struct str s = p->text;
    const char *bracket = memrchr(s.p, ']', s.len);
    if (s.len && s.p[0] == '[' && !bracket)
        return read_host(p, s, host); /* which says what is missing */
    size_t from = bracket ? (size_t)(bracket - s.p) : 0;
    const char *colon = memrchr(s.p + from, ':', s.len - from);
    if (!(p->flags & ADDRESS_PORT_MANDATORY) && host != HOST_V4 && !bracket && no_port_in(s, colon))
        colon = NULL;
    size_t end = colon ? (size_t)(colon - s.p) : s.len;
    bool none = end + 1 >= s.len;
    if (none && (p->flags & ADDRESS_PORT_MANDATORY))
        return no_port(p);
    if (!read_host(p, str_cut(s, 0, end), host))
        return false;
    return none || read_port(p, str_cut(s, end + 1, s.len), end + 1);
}

/* ---- other families ---- */

static bool read_path(struct parse *p, enum px_family family)
{
    struct sockaddr_un un;
    size_t most = sizeof un.sun_path - 1;
    if (!p->text.len || p->text.len > most)
        return fail(p,
                    diag_add(p->diags, E0606, p->out->span,
                             p->text.len ? "a socket path has %zu bytes at most"
                                         : "the path of the socket is missing",
                             most),
                    NULL);
    p->out->endpoint.family = (uint8_t)family;
    p->out->endpoint.path = str_cstr(p->arena, p->text);
    return true;
}

static bool read_fd(struct parse *p)
{
    uint64_t fd;
    if (!(p->flags & ADDRESS_FD))
        return fail(
            p, diag_add(p->diags, E0607, p->out->span, "a file descriptor cannot be used here"),
            "write an address that can be connected to");
    p->out->endpoint.family = PX_AF_FD;
    if (p->w->fd_env.len && !p->start) {
        p->out->endpoint.path = str_cstr(p->arena, p->w->fd_env);
        p->out->endpoint.port = p->out->port_high = -1;
        return true;
    }
    if (value_uint(p->text, INT32_MAX, &fd) == VALUE_OK) {
        p->out->endpoint.port = p->out->port_high = (int32_t)fd;
        return true;
    }
    struct diag *d =
        diag_add(p->diags, E0607, p->out->span,
                 "'" STR_FMT "' is not the number of a file descriptor", STR_ARG(p->text));
    diag_help(p->diags, d,
              "to take it from the environment when the proxy starts, write \"fd@${NAME}\"");
    return false;
}

/* ---- prefixes ---- */

enum reader { READ_IP, READ_IPV4, READ_IPV6, READ_UNIX, READ_ABNS, READ_FD, READ_NEVER };
enum transport { T_EITHER, T_STREAM, T_DATAGRAM };

static const struct prefix {
    const char *text;
    enum reader reader;
    enum transport transport;
} prefixes[] = {
    {"ip@", READ_IP, T_EITHER},          {"ipv4@", READ_IPV4, T_EITHER},
    {"ipv6@", READ_IPV6, T_EITHER},      {"tcp@", READ_IP, T_STREAM},
    {"tcp4@", READ_IPV4, T_STREAM},      {"tcp6@", READ_IPV6, T_STREAM},
    {"udp@", READ_IP, T_DATAGRAM},       {"udp4@", READ_IPV4, T_DATAGRAM},
    {"udp6@", READ_IPV6, T_DATAGRAM},    {"unix@", READ_UNIX, T_EITHER},
    {"uxst@", READ_UNIX, T_STREAM},      {"uxdg@", READ_UNIX, T_DATAGRAM},
    {"abns@", READ_ABNS, T_EITHER},      {"fd@", READ_FD, T_EITHER},
    {"sockpair@", READ_NEVER, T_EITHER}, {"abnsz@", READ_NEVER, T_EITHER},
    {"quic4@", READ_NEVER, T_EITHER},    {"quic6@", READ_NEVER, T_EITHER},
    {"mptcp@", READ_NEVER, T_EITHER},    {"mptcp4@", READ_NEVER, T_EITHER},
    {"mptcp6@", READ_NEVER, T_EITHER},   {"rhttp@", READ_NEVER, T_EITHER},
};

static void drop_front(struct parse *p, size_t n)
{
    p->text = str_cut(p->text, n, p->text.len);
    p->at += n;
}

static bool transport_fits(struct parse *p, enum transport t)
{
    bool datagram = p->flags & ADDRESS_DATAGRAM;
    if (t == T_EITHER || (t == T_DATAGRAM) == datagram)
        return true;
    if (datagram)
        diag_add(p->diags, E0301, p->out->span, "logging over TCP is not supported yet");
    else
        diag_add(p->diags, E0608, p->out->span, "a datagram address cannot be used here");
    return false;
}

static const struct prefix *find_prefix(struct parse *p)
{
    for (unsigned i = 0; i < COUNT(prefixes); i++)
        if (str_begins(p->text, prefixes[i].text))
            return &prefixes[i];
    return NULL;
}

static bool read_with(struct parse *p, enum reader reader)
{
    switch (reader) {
    case READ_IPV4:
        return read_ip(p, HOST_V4);
    case READ_IPV6:
        return read_ip(p, HOST_V6);
    case READ_UNIX:
        return read_path(p, PX_AF_UNIX);
    case READ_ABNS:
        return read_path(p, PX_AF_ABNS);
    case READ_FD:
        return read_fd(p);
    default:
        return read_ip(p, HOST_ANY);
    }
}

static bool unknown_prefix(struct parse *p, size_t len)
{
    struct str names[COUNT(prefixes)], word = str_cut(p->text, 0, len);
    for (unsigned i = 0; i < COUNT(prefixes); i++)
        names[i] = str_of(prefixes[i].text);
    struct diag *d = diag_add(p->diags, E0609, span_of(p, 0, len),
                              "'" STR_FMT "' is not a prefix of addresses", STR_ARG(word));
    diag_suggest(p->diags, d, word, names, COUNT(names));
    return false;
}

static bool read_address(struct parse *p)
{
    enum transport t = str_begins(p->text, "stream+")  ? T_STREAM
                       : str_begins(p->text, "dgram+") ? T_DATAGRAM
                                                       : T_EITHER;
    if (t != T_EITHER)
        drop_front(p, t == T_STREAM ? 7 : 6);
    const struct prefix *prefix = find_prefix(p);
    const char *sign = memchr(p->text.p, '@', p->text.len);
    if (!prefix && sign && (size_t)(sign - p->text.p) < p->text.len && p->text.p[0] != '/')
        return unknown_prefix(p, (size_t)(sign + 1 - p->text.p));
    if (!transport_fits(p, t) || (prefix && !transport_fits(p, prefix->transport)))
        return false;
    if (!prefix)
        return p->text.len && p->text.p[0] == '/' ? read_path(p, PX_AF_UNIX) : read_ip(p, HOST_ANY);
    if (prefix->reader == READ_NEVER) {
        bool quic = str_begins(p->text, "quic");
        diag_add(p->diags, quic ? E0302 : E0301, span_of(p, 0, strlen(prefix->text)),
                 "addresses of the kind '%s' are not supported %s", prefix->text,
                 quic ? "by proxyc" : "yet");
        return false;
    }
    drop_front(p, strlen(prefix->text));
    return read_with(p, prefix->reader);
}

/* ---- variables ---- */

/* Behind a dollar sign at s.p[at - 1]; *at moves behind the name. p == NULL: there is none. */
static struct str variable_name(struct str s, size_t *at)
{
    bool braced = *at < s.len && s.p[*at] == '{';
    size_t from = *at + braced, to = from;
    while (to < s.len && env_name_byte(s.p[to], to == from))
        to++;
    if (to == from || (braced && (to == s.len || s.p[to] != '}')))
        return (struct str){NULL, 0};
    *at = to + braced;
    return str_cut(s, from, to);
}

static bool expand(struct parse *p, const struct env *env)
{
    struct str s = p->text;
    struct text out = {.arena = p->arena};
    if (!memchr(s.p, '$', s.len))
        return true;
    for (size_t i = 0; i < s.len;) {
        if (s.p[i] != '$') {
            text_put(&out, &s.p[i++], 1);
            continue;
        }
        size_t dollar = i++;
        struct str name = variable_name(s, &i);
        if (!name.p) {
            diag_add(p->diags, E0104, word_span(p->w, p->at + dollar, p->at + dollar + 1),
                     "a variable needs a name: $NAME or ${NAME}");
            return false;
        }
        text_str(&out, env_get(env, name));
    }
    p->text = (struct str){out.len ? out.p : "", out.len};
    p->expanded = true;
    return true;
}

/* ---- the word ---- */

static bool parse_part(struct parse *p, const struct env *env, size_t from, size_t to)
{
    p->start = p->at = from;
    p->text = str_cut(p->w->text, from, to);
    p->expanded = false;
    *p->out = (struct address){.span = to > from ? word_span(p->w, from, to) : p->w->span};
    size_t comma = from ? from - 1 : 0;
    if (to == from && !p->w->fd_env.len)
        return fail(
            p,
            diag_add(p->diags, E0600, word_span(p->w, comma, comma + 1), "an address is missing"),
            NULL);
    if (!expand(p, env))
        return false;
    if (!p->expanded || p->text.len)
        return read_address(p);
    struct diag *d = diag_add(p->diags, E0600, p->out->span, "an address is missing");
    diag_label(p->diags, d, "the variable is empty or not set");
    return false;
}

unsigned address_parse(struct arena *a, struct diags *diags, const struct env *env,
                       const struct word *w, unsigned flags, struct address **list)
{
    VEC(struct address) all = {0};
    struct parse p = {.arena = a, .diags = diags, .w = w, .flags = flags};
    size_t from = 0;
    bool good = true;
    while (good) {
        const char *comma = (flags & ADDRESS_LIST) && from < w->text.len
                                ? memchr(w->text.p + from, ',', w->text.len - from)
                                : NULL;
        size_t to = comma ? (size_t)(comma - w->text.p) : w->text.len;
        p.out = VEC_PUSH(a, &all);
        good = parse_part(&p, env, from, to);
        if (!comma)
            break;
        from = to + 1;
    }
    *list = all.v;
    return good ? all.n : 0;
}
