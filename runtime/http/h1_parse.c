/*
 * Parsing of HTTP/1 heads (RFC 9112 2 to 5). See h1.h.
 *
 * Not here: what the fields mean (h1_framing.c). Works line by line: a line is parsed when its LF
 * has come, so a head that trickles in costs no more than one that arrives at once.
 */
#include "h1.h"

#include "../base/macros.h"
#include "chars.h"
#include "scan.h"

#include <string.h>

struct cursor {
    char *p, *end; /* end: the line's LF, or the CR before it */
};

/* White space, and what is no better. */
static inline bool is_low(char c)
{
    return (uint8_t)c <= ' ';
}

static inline bool is_crlf(const char *p)
{
    return p[0] == '\r' && p[1] == '\n';
}

static bool is_visible(char c)
{
    return (uint8_t)c > ' ' && c != 0x7f;
}

/* The rest of a name with odd characters in it. */
static PX_COLD void skip_odd_name(struct cursor *c)
{
    for (; c->p < c->end && *c->p != ':' && is_visible(*c->p); c->p++)
        if (*c->p >= 'A' && *c->p <= 'Z')
            *c->p |= 0x20;
}

/* The value of a field behind its colon, without the white space around it. Anything but one space
 * in front of it is put right on the way out. */
static void parse_value(struct px_head *head, struct px_hdr *h, struct cursor c, bool crlf)
{
    char *from = c.p, *last = c.end;
    if (PX_LIKELY(last > from + 1 && *from == ' ' && !px_is_blank(from[1]) &&
                  !px_is_blank(last[-1]) && crlf)) {
        h->value = from + 1;
        h->value_len = (uint32_t)(last - from - 1);
        h->flags = 0;
        return;
    }
    while (c.p < last && px_is_blank(*c.p))
        c.p++;
    while (last > c.p && px_is_blank(last[-1]))
        last--;
    h->value = c.p;
    h->value_len = (uint32_t)(last - c.p);
    h->flags = 0;
    if (PX_UNLIKELY(c.p != from + 1 || *from != ' ' || last != c.end || !crlf)) {
        h->flags = PX_HDR_LOOSE;
        head->flags |= PX_HEAD_EDITED;
    }
}

/* field-line = field-name ":" OWS field-value OWS; RFC 9112 5. */
static PX_ASIDE enum px_h1_result parse_field(struct px_head *head, struct cursor c, bool crlf)
{
    char *name = c.p;
    uint8_t low;
    c.p = px_scan_name(c.p);
    while (PX_UNLIKELY((low = px_lower_token[(uint8_t)*c.p])))
        *c.p++ = (char)low;
    if (PX_UNLIKELY(head->flags & PX_HEAD_LAX))
        skip_odd_name(&c);
    size_t len = (size_t)(c.p - name);
    if (PX_UNLIKELY(*c.p != ':' || len - 1 >= UINT16_MAX)) /* a line end is no ":" either */
        return PX_H1_BAD; /* RFC 9112 5.1: no white space before the colon */
    /* HAProxy manual, tune.http.maxhdr: the first line counts as one. */
    struct px_hdr *h = head->nhdrs + 1 < px_program.global->maxhdr ? px_head_room(head) : NULL;
    if (PX_UNLIKELY(!h))
        return PX_H1_TOO_BIG;
    h->name = name;
    h->name_len = (uint16_t)len;
    h->slot = px_name_slot(px_program.names, name, len);
    c.p++;
    parse_value(head, h, c, crlf);
    px_head_file(head);
    return PX_H1_MORE;
}

/* Behind a name, or where none can be. */
static inline char *name_end(char *p)
{
    uint8_t low;
    p = px_scan_name(p);
    if (PX_UNLIKELY(*p != ':'))
        for (; (low = px_lower_token[(uint8_t)*p]); p++)
            *p = (char)low;
    return p;
}

/*
 * Most lines are a name, ": ", a value without white space around it, and CRLF. These are taken one
 * after the other here, each in one go, into h. Answers where the first begins that is something
 * else, or has not come completely, or does not fit: parse_line has the last word about it. There
 * must be a NUL at the end of the bytes.
 */
static PX_ASIDE char *take_plain(struct px_hdr **h, const struct px_hdr *end, char *line)
{
    struct px_hdr *to = *h;
    for (; to < end; to++) {
        char *colon = name_end(line), *value = colon + 2;
        if (colon == line || colon[0] != ':' || colon[1] != ' ')
            break;
        char *at = px_scan_low(value);
        if (!is_crlf(at) || is_low(*value) || is_low(at[-1]))
            break;
        to->name = line;
        to->value = value;
        to->value_len = (uint32_t)(at - value);
        to->name_len = (uint16_t)(colon - line);
        line = at + 2;
    }
    *h = to;
    return line;
}

/* The slots of fields that take_plain has read. */
static PX_ASIDE void file_plain(struct px_head *head, const struct px_hdr *end)
{
    const struct px_name_table *names = px_program.names;
    for (struct px_hdr *h = head->hdrs + head->nhdrs; h < end; h++) {
        h->next = 0;
        h->flags = 0;
        h->slot = px_name_slot(names, h->name, h->name_len);
        if (h->slot)
            px_head_link(head, h->slot, (unsigned)(h - head->hdrs) + 1);
    }
    head->nhdrs = (uint16_t)(end - head->hdrs);
}

static char *plain_fields(struct px_head *head, char *line, const char *end)
{
    unsigned most = (unsigned)px_program.global->maxhdr - 1;
    if (end - line > UINT16_MAX) /* names that are too long are for parse_field */
        return line;
    struct px_hdr *h = head->hdrs + head->nhdrs;
    line = take_plain(&h, head->hdrs + (most < head->cap ? most : head->cap), line);
    file_plain(head, h);
    return line;
}

/* A line that begins with white space continues the field before it (RFC 9112 5.2): the line end
 * between them becomes spaces. */
static PX_ASIDE enum px_h1_result unfold(struct px_head *head, struct cursor c, bool crlf)
{
    if (!head->nhdrs)
        return PX_H1_BAD;
    struct px_hdr *h = &head->hdrs[head->nhdrs - 1];
    char *value = (char *)h->value;
    for (char *p = value + h->value_len; p < c.p; p++)
        *p = ' ';
    char *last = c.end;
    while (last > value && px_is_blank(last[-1]))
        last--;
    while (value < last && px_is_blank(*value))
        value++;
    if (last != c.end || !crlf || value != h->value) {
        h->flags |= PX_HDR_LOOSE;
        head->flags |= PX_HEAD_EDITED;
    }
    h->value = value;
    h->value_len = (uint32_t)(last - value);
    return PX_H1_MORE;
}

/* HTTP-version = "HTTP/" DIGIT "." DIGIT; what claims to be later is treated as 1.1. */
static PX_ASIDE bool parse_odd_version(struct px_head *head, const char *p, const char *end)
{
    if (end - p != 8 || memcmp(p, "HTTP/", 5) || p[6] != '.' || !px_is_digit(p[5]) ||
        !px_is_digit(p[7]))
        return false;
    unsigned version = (unsigned)(p[5] - '0') * 10 + (unsigned)(p[7] - '0');
    if (version < PX_HTTP_10)
        return false;
    head->version = version == PX_HTTP_10 ? PX_HTTP_10 : PX_HTTP_11;
    if (version > PX_HTTP_11)
        head->flags |= PX_HEAD_EDITED | PX_HEAD_LINE;
    return true;
}

static inline bool parse_version(struct px_head *head, const char *p, const char *end)
{
    if (PX_UNLIKELY(end - p != 8 || memcmp(p, "HTTP/1.1", 8)))
        return parse_odd_version(head, p, end);
    head->version = PX_HTTP_11;
    return true;
}

static PX_ASIDE char *skip_blank(struct cursor *c)
{
    char *from = c->p;
    while (c->p < c->end && px_is_blank(*c->p))
        c->p++;
    return from;
}

/* A single space is the norm (RFC 9112 3); more are put right on the way out. */
static inline bool one_space(struct px_head *head, struct cursor *c)
{
    if (PX_LIKELY(c->end > c->p + 1 && *c->p == ' ' && !px_is_blank(c->p[1]))) {
        c->p++;
        return true;
    }
    char *from = skip_blank(c);
    if (c->p == from)
        return false;
    if (c->p != from + 1 || *from != ' ')
        head->flags |= PX_HEAD_EDITED | PX_HEAD_LINE;
    return true;
}

static enum px_h1_result request_line(struct px_head *head, struct cursor c)
{
    head->method.p = c.p;
    while (px_lower_token[(uint8_t)*c.p])
        c.p++;
    head->method.len = (size_t)(c.p - head->method.p);
    if (!head->method.len || !one_space(head, &c))
        return PX_H1_BAD;
    head->meth = (uint8_t)px_meth_of(head->method);
    head->uri.p = c.p;
    c.p = px_scan_uri(c.p, c.end);
    while ((head->flags & PX_HEAD_LAX) && c.p < c.end && is_visible(*c.p))
        c.p++;
    head->uri.len = (size_t)(c.p - head->uri.p);
    if (!head->uri.len || !one_space(head, &c))
        return PX_H1_BAD;
    return parse_version(head, c.p, c.end) ? PX_H1_MORE : PX_H1_BAD;
}

/* Above 9 if c is none. */
static unsigned digit(char c)
{
    return (uint8_t)c - (unsigned)'0';
}

/* status-line = HTTP-version SP status-code SP [ reason-phrase ]; RFC 9112 4. */
static enum px_h1_result status_line(struct px_head *head, struct cursor c)
{
    if (c.end - c.p < 12 || !parse_version(head, c.p, c.p + 8))
        return PX_H1_BAD;
    c.p += 8;
    if (!one_space(head, &c) || c.end - c.p < 3)
        return PX_H1_BAD;
    unsigned hundreds = digit(c.p[0]), tens = digit(c.p[1]), ones = digit(c.p[2]);
    if (hundreds > 9 || tens > 9 || ones > 9)
        return PX_H1_BAD;
    head->status = (uint16_t)(hundreds * 100 + tens * 10 + ones);
    c.p += 3;
    if (c.p < c.end && !px_is_blank(*c.p))
        return PX_H1_BAD;
    if (!one_space(head, &c))
        head->flags |= PX_HEAD_EDITED | PX_HEAD_LINE;
    head->reason = (struct px_str){c.p, (size_t)(c.end - c.p)};
    return head->status >= 100 ? PX_H1_MORE : PX_H1_BAD;
}

typedef enum px_h1_result (*start_line_fn)(struct px_head *, struct cursor);

static enum px_h1_result end_head(struct px_head *head, const char *end)
{
    head->len = (uint32_t)(end - head->base);
    return PX_H1_DONE;
}

static enum px_h1_result parse_line(struct px_head *head, struct cursor c, bool crlf,
                                    start_line_fn start)
{
    char *line = c.p, *lf = c.end + crlf;
    if (!head->base) {
        head->base = line;
        head->line_len = (uint32_t)(lf + 1 - line);
        if (!crlf)
            head->flags |= PX_HEAD_EDITED | PX_HEAD_LINE;
        return start(head, c);
    }
    if (c.p == c.end) {
        if (!crlf)
            head->flags |= PX_HEAD_EDITED;
        return end_head(head, lf + 1);
    }
    if (px_is_blank(*c.p))
        return unfold(head, c, crlf);
    return parse_field(head, c, crlf);
}

/* Empty lines before a message are passed over (RFC 9112 2.2). */
static void skip_empty_lines(struct px_buf *buf)
{
    while (buf->start < buf->end) {
        const char *p = buf->data + buf->start;
        if (*p == '\n')
            buf->start++;
        else if (*p == '\r' && buf->end - buf->start > 1 && p[1] == '\n')
            buf->start += 2;
        else
            return;
    }
}

static bool may_begin(start_line_fn start, const char *p, uint32_t len)
{
    static const char version[] = "HTTP/";
    if (!len || p[0] == '\r')
        return true;
    if (start == status_line)
        return !memcmp(p, version, len < sizeof version - 1 ? len : sizeof version - 1);
    return px_lower_token[(uint8_t)p[0]];
}

/* The first line end or NUL; *end, which is behind the bytes, is NUL. */
static inline char *line_end(char *p, char *end)
{
    p = px_scan_low(p);
    return PX_LIKELY(*p == '\r') ? p : px_scan_break(p, end);
}

/* Junk does not have to wait for the end of its line. */
static enum px_h1_result parse_head(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                    uint32_t limit, start_line_fn start)
{
    char *base = buf->data + buf->start, *end = buf->data + buf->end;
    char *line = base + h1->line, *at = base + h1->looked;
    *end = '\0';
    while ((at = line_end(at, end)) < end) {
        bool crlf = *at == '\r';
        if (PX_UNLIKELY(at[crlf] != '\n')) {
            if (crlf && at + 1 == end)
                break;
            return PX_H1_BAD;
        }
        enum px_h1_result r = parse_line(head, (struct cursor){line, at}, crlf, start);
        if (r == PX_H1_MORE) {
            line = at = plain_fields(head, at + crlf + 1, end);
            if (PX_LIKELY(is_crlf(line)))
                r = end_head(head, line + 2);
        }
        if (r != PX_H1_MORE)
            return r == PX_H1_DONE && head->len > limit ? PX_H1_TOO_BIG : r;
    }
    h1->line = (uint32_t)(line - base);
    h1->looked = (uint32_t)(at - base);
    if (!head->base && !may_begin(start, base, px_buf_len(buf)))
        return PX_H1_BAD;
    return px_buf_len(buf) >= limit ? PX_H1_TOO_BIG : PX_H1_MORE;
}

/* A head begins at the front of its buffer: what refers to it must not be moved when more comes. */
static inline void begin_head(const struct px_head *head, struct px_buf *buf)
{
    if (head->base)
        return;
    if (PX_UNLIKELY(is_low(buf->data[buf->start])))
        skip_empty_lines(buf);
    if (buf->start)
        px_buf_align(buf);
}

enum px_h1_result px_h1_request(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                uint32_t limit)
{
    begin_head(head, buf);
    return parse_head(h1, head, buf, limit, request_line);
}

enum px_h1_result px_h1_response(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                 uint32_t limit)
{
    begin_head(head, buf);
    return parse_head(h1, head, buf, limit, status_line);
}

static enum px_h1_result parse_again(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                     uint32_t limit, start_line_fn start)
{
    px_h1_reset(h1);
    px_head_start(head, head->arena);
    head->flags = PX_HEAD_LAX;
    begin_head(head, buf);
    return parse_head(h1, head, buf, limit, start);
}

enum px_h1_result px_h1_request_again(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                      uint32_t limit)
{
    return parse_again(h1, head, buf, limit, request_line);
}

enum px_h1_result px_h1_response_again(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                       uint32_t limit)
{
    return parse_again(h1, head, buf, limit, status_line);
}
