/*
 * Writing HTTP/1 heads: runs of untouched lines go out as they came in, edits between them.
 */
#include "h1.h"

#include "../base/macros.h"

#include <string.h>

struct iov_list {
    struct iovec *v;
    unsigned n, max;
    bool full;
};

static inline void put(struct iov_list *l, const char *p, size_t len)
{
    struct iovec *last = l->n ? &l->v[l->n - 1] : NULL;
    if (!len)
        return;
    if (last && (const char *)last->iov_base + last->iov_len == p) {
        last->iov_len += len;
    } else if (l->n < l->max) {
        l->v[l->n++] = (struct iovec){(char *)p, len};
    } else {
        l->full = true;
    }
}

#define PUT_TEXT(l, text) put(l, text, sizeof(text) - 1)

static void put_start_line(struct iov_list *l, const struct px_head *head)
{
    if (!(head->flags & PX_HEAD_LINE)) {
        put(l, head->base, head->line_len);
    } else if (head->status) {
        static const char digits[] = "0123456789";
        PUT_TEXT(l, "HTTP/1.");
        put(l, digits + head->version % 10, 1);
        PUT_TEXT(l, " ");
        put(l, digits + head->status / 100 % 10, 1);
        put(l, digits + head->status / 10 % 10, 1);
        put(l, digits + head->status % 10, 1);
        PUT_TEXT(l, " ");
        put(l, head->reason.p, head->reason.len);
        PUT_TEXT(l, "\r\n");
    } else {
        put(l, head->method.p, head->method.len);
        PUT_TEXT(l, " ");
        put(l, head->uri.p, head->uri.len);
        PUT_TEXT(l, " HTTP/1.");
        put(l, head->version == PX_HTTP_10 ? "0\r\n" : "1\r\n", 3);
    }
}

static void put_field(struct iov_list *l, const struct px_hdr *h)
{
    put(l, h->name, h->name_len);
    PUT_TEXT(l, ": ");
    put(l, h->value, h->value_len);
    PUT_TEXT(l, "\r\n");
}

/* As a whole line somewhere? */
static bool is_line(const struct px_hdr *h)
{
    unsigned way = h->flags & (PX_HDR_ADDED | PX_HDR_LOOSE | PX_HDR_LINE);
    return !way || way == (PX_HDR_ADDED | PX_HDR_LINE);
}

/* Lines that stand one behind the other are one piece. Behind the last of them there is the empty
 * line, most often. */
static void put_fields(struct iov_list *l, const struct px_head *head)
{
    const char *from = "", *to = from;
    for (const struct px_hdr *h = head->hdrs, *end = h + head->nhdrs; h < end; h++) {
        if (h->flags & PX_HDR_DELETED)
            continue;
        bool line = is_line(h);
        if (!line || h->name != to) {
            put(l, from, (size_t)(to - from));
            from = to = h->name;
        }
        if (line) {
            to += h->name_len + 2u + h->value_len + 2u;
        } else {
            put_field(l, h);
            from = to = "";
        }
    }
    bool ends = to > from && to + 2 == head->base + head->len;
    put(l, from, (size_t)(to - from) + (ends ? 2 : 0));
    if (!ends)
        PUT_TEXT(l, "\r\n");
}

unsigned px_h1_iov(const struct px_head *head, struct iovec *v, unsigned max)
{
    if (!(head->flags & PX_HEAD_EDITED)) {
        v[0] = (struct iovec){head->base, head->len};
        return 1;
    }
    struct iov_list l = {v, 0, max, false};
    put_start_line(&l, head);
    put_fields(&l, head);
    return l.full ? 0 : l.n;
}

char *px_h1_flat(const struct px_head *head, size_t *len)
{
    unsigned max = 12 + 4u * head->nhdrs;
    struct iovec *v = px_arena_get(head->arena, max * sizeof *v);
    if (!v)
        return NULL;
    unsigned n = px_h1_iov(head, v, max);
    *len = 0;
    for (unsigned i = 0; i < n; i++)
        *len += v[i].iov_len;
    char *flat = px_arena_get(head->arena, *len);
    if (!flat)
        return NULL;
    for (unsigned i = 0, at = 0; i < n; at += (unsigned)v[i++].iov_len)
        memcpy(flat + at, v[i].iov_base, v[i].iov_len);
    return flat;
}

uint64_t px_head_size(const struct px_head *head)
{
    uint64_t size = 20 + 8 + 1;
    if (head->status)
        size += 3 + head->reason.len;
    else
        size += head->method.len + head->uri.len;
    if (!(head->flags &
          (PX_HEAD_EDITED | PX_HEAD_LINE))) /* all is "name: value" CRLF, and one CRLF */
        return size + (head->len - head->line_len - 2 - 4u * head->nhdrs);
    for (unsigned i = 0; i < head->nhdrs; i++)
        if (!(head->hdrs[i].flags & PX_HDR_DELETED))
            size += head->hdrs[i].name_len + head->hdrs[i].value_len;
    return size;
}
