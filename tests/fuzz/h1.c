/*
 * Fuzz target: HTTP/1 heads and chunked bodies.
 *
 * The first byte says whether the rest is a request or a response, in pieces of which size it
 * arrives, and whether odd characters are let pass. A message must be understood alike when it
 * arrives whole and in pieces; what is written of it must be valid, and must be understood in the
 * same way, also after edits.
 */
#include "tests/unit/runtime/http/program.h"

#include "runtime/base/macros.h"
#include "runtime/http/body.h"
#include "runtime/http/chars.h"

#include <stdlib.h>

enum { BUFFER = 4096, IOV = 600 };

struct message {
    struct px_h1 h1;
    struct px_head head;
    struct px_arena arena;
    struct px_buf *buf;
    bool response, lax;
    enum px_h1_result parsed, framed;
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void begin(struct message *m, bool response, bool lax)
{
    memset(m, 0, sizeof *m);
    m->response = response;
    m->lax = lax;
    m->buf = px_buf_get();
    must(m->buf);
    px_head_start(&m->head, &m->arena);
}

static void end(struct message *m)
{
    px_buf_put(m->buf);
    px_arena_release(&m->arena);
}

static enum px_h1_result parse_head(struct message *m)
{
    enum px_h1_result r = m->response ? px_h1_response(&m->h1, &m->head, m->buf, BUFFER)
                                      : px_h1_request(&m->h1, &m->head, m->buf, BUFFER);
    if (r != PX_H1_BAD || !m->lax)
        return r;
    return m->response ? px_h1_response_again(&m->h1, &m->head, m->buf, BUFFER)
                       : px_h1_request_again(&m->h1, &m->head, m->buf, BUFFER);
}

static void parse(struct message *m, const char *p, size_t len, size_t piece)
{
    m->parsed = PX_H1_MORE;
    for (size_t at = 0; at < len && m->parsed == PX_H1_MORE; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        memcpy(m->buf->data + m->buf->end, p + at, n);
        m->buf->end += (uint32_t)n;
        m->parsed = parse_head(m);
    }
    if (m->parsed == PX_H1_DONE)
        m->framed = m->response ? px_h1_response_framing(&m->head, PX_M_GET)
                                : px_h1_request_framing(&m->head);
}

static bool same_str(struct px_str a, struct px_str b)
{
    return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

/* The next field that was not deleted, from *at on; NULL: none is left. */
static const struct px_hdr *next_field(const struct px_head *h, unsigned *at)
{
    while (*at < h->nhdrs && (h->hdrs[*at].flags & PX_HDR_DELETED))
        ++*at;
    return *at < h->nhdrs ? &h->hdrs[(*at)++] : NULL;
}

static void must_be_alike(const struct px_head *a, const struct px_head *b)
{
    unsigned i = 0, k = 0;
    const struct px_hdr *x, *y;
    must(a->version == b->version && a->status == b->status && a->meth == b->meth);
    must(same_str(a->method, b->method) && same_str(a->uri, b->uri));
    must(same_str(a->reason, b->reason));
    must(a->body == b->body && a->length == b->length);
    do {
        x = next_field(a, &i);
        y = next_field(b, &k);
        must(!x == !y);
        if (x) {
            must(x->slot == y->slot && x->name_len == y->name_len && x->value_len == y->value_len);
            must(!memcmp(x->name, y->name, x->name_len));
            must(!x->value_len || !memcmp(x->value, y->value, x->value_len));
        }
    } while (x);
}

static void check_written(const struct message *m)
{
    struct iovec v[IOV];
    struct message again;
    size_t len = 0, flat_len = 0;
    unsigned n = px_h1_iov(&m->head, v, IOV);
    const char *flat = px_h1_flat(&m->head, &flat_len);
    must(n && flat);
    for (unsigned i = 0; i < n; len += v[i++].iov_len)
        must(!memcmp(flat + len, v[i].iov_base, v[i].iov_len));
    must(len == flat_len);
    if (len > BUFFER || m->head.nhdrs >= PROGRAM_MAXHDR - 1) /* edits may have made it too large */
        return;
    begin(&again, m->response, m->lax);
    parse(&again, flat, len, len);
    must(again.parsed == PX_H1_DONE && again.framed == PX_H1_DONE && again.head.len == len);
    must(!(again.head.flags & PX_HEAD_BOTH));
    must_be_alike(&m->head, &again.head);
    must(px_head_size(&m->head) == px_head_size(&again.head));
    end(&again);
}

/* ---- edits ---- */

static uint32_t dice_state;

static unsigned dice(unsigned sides)
{
    dice_state = dice_state * 1664525 + 1013904223;
    return (dice_state >> 16) % sides;
}

/* Some bytes of the message, without the white space that reading takes away. */
static struct px_str some_text(const char *p, size_t len)
{
    size_t from = len ? dice((unsigned)len) : 0;
    return px_trim((struct px_str){p + from, len ? dice((unsigned)(len - from + 1)) : 0});
}

static unsigned some_field(const struct px_head *h)
{
    unsigned at = h->nhdrs ? dice(h->nhdrs) : 0;
    return at < h->nhdrs && !(h->hdrs[at].flags & PX_HDR_DELETED) ? at + 1 : 0;
}

static bool is_framing(uint8_t slot)
{
    return slot == PX_H_HOST || slot == PX_H_CONTENT_LENGTH || slot == PX_H_TRANSFER_ENCODING;
}

static void edit(struct px_head *h, const char *p, size_t len)
{
    static const struct px_name names[] = {{PX_STR("x-slot"), PROGRAM_X_SLOT},
                                           {PX_STR("x-none"), 0},
                                           {PX_STR("te"), PX_H_TE},
                                           {PX_STR("connection"), PX_H_CONNECTION}};
    const struct px_name *name = &names[dice(PX_COUNT(names))];
    unsigned at = some_field(h);
    bool free = at && !is_framing(px_head_at(h, at)->slot);
    switch (dice(7)) {
    case 0:
    case 1:
        px_head_add(h, name, some_text(p, len));
        break;
    case 2:
        if (free)
            px_head_change(h, at, some_text(p, len));
        break;
    case 3:
        if (free)
            px_head_delete(h, at);
        break;
    case 4:
        px_head_delete_name(h, name);
        break;
    case 5:
        if (h->status)
            px_head_set_status(h, h->status, some_text(p, len));
        else if (h->uri.p[0] == '/')
            px_head_set_uri(h, (struct px_str)PX_STR("/other path"));
        break;
    default:
        px_head_drop_hop(h);
    }
}

/* Nothing is left for it to do, and nothing says to the next one what was meant for us. */
static void check_dropped(const struct message *m)
{
    struct px_head *h = (struct px_head *)&m->head;
    size_t before, after;
    px_head_drop_hop(h);
    const char *first = px_h1_flat(h, &before);
    for (unsigned at = 0; (at = px_head_slot(h, PX_H_CONNECTION, at));) {
        struct px_str v = {px_head_at(h, at)->value, px_head_at(h, at)->value_len};
        must(!px_list_has(v, "close") && !px_list_has(v, "keep-alive"));
    }
    px_head_drop_hop(h);
    const char *second = px_h1_flat(h, &after);
    must(first && second && before == after && !memcmp(first, second, before));
}

static void check_edits(const struct message *m, const char *p, size_t len)
{
    struct px_head *h = (struct px_head *)&m->head;
    dice_state = 0;
    for (size_t i = 0; i < len; i++)
        dice_state = dice_state * 31 + (uint8_t)p[i];
    for (unsigned n = 1 + dice(12);
         n-- && !h->first[PX_H_UPGRADE];) /* who edits that needs a key */
        edit(h, p, len);
    check_written(m);
    check_dropped(m);
    check_written(m);
}

struct walked {
    enum px_span_kind kind;
    uint64_t data, hash;
    size_t used;
};

static void walk_piece(struct px_body_walk *w, const char *p, const char *end, struct walked *r)
{
    do {
        const char *from = p;
        r->kind = px_body_next(w, &p, end);
        must(p >= from && p <= end);
        r->used += (size_t)(p - from);
        r->data += r->kind == PX_SPAN_DATA ? (uint64_t)(p - from) : 0;
        for (; r->kind == PX_SPAN_DATA && from < p; from++)
            r->hash = (r->hash ^ (uint8_t)*from) * UINT64_C(0x100000001b3);
    } while (r->kind < PX_SPAN_MORE);
    must(r->kind != PX_SPAN_MORE || p == end);
}

static struct walked walk(enum px_body kind, uint64_t length, const char *p, size_t len,
                          size_t piece)
{
    struct walked r = {.kind = PX_SPAN_MORE};
    struct px_body_walk w;
    px_body_begin(&w, kind, length);
    for (size_t at = 0; at < len && r.kind == PX_SPAN_MORE; at += piece)
        walk_piece(&w, p + at, p + (len - at < piece ? len : at + piece), &r);
    return r;
}

static void check_body(enum px_body kind, uint64_t length, const char *p, size_t len, size_t piece)
{
    struct walked whole = walk(kind, length, p, len, len ? len : 1);
    struct walked parts = walk(kind, length, p, len, piece);
    must(whole.kind == parts.kind);
    must(whole.data == parts.data && whole.hash == parts.hash);
    must(whole.kind == PX_SPAN_BAD || whole.used == parts.used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool prepared;
    if (!prepared)
        program_prepare();
    prepared = true;
    if (!size || size > BUFFER)
        return 0;
    px_buf_set_size(BUFFER);
    bool response = data[0] & 1;
    size_t len = size - 1, piece = 1 + (data[0] >> 1) % 50;
    const char *text = (const char *)data + 1;
    struct message whole, parts;
    begin(&whole, response, data[0] & 0x80);
    begin(&parts, response, data[0] & 0x80);
    parse(&whole, text, len, len ? len : 1);
    parse(&parts, text, len, piece);
    must(whole.parsed == parts.parsed);
    if (whole.parsed == PX_H1_DONE) {
        must(whole.framed == parts.framed && whole.head.len == parts.head.len);
        must_be_alike(&whole.head, &parts.head);
        if (whole.framed == PX_H1_DONE)
            check_written(&whole);
        size_t used = whole.buf->start + whole.head.len;
        check_body((enum px_body)whole.head.body, whole.head.length, text + used, len - used,
                   piece);
        if (parts.framed == PX_H1_DONE)
            check_edits(&parts, text, len);
    }
    check_body(PX_BODY_CHUNKED, 0, text, len, piece);
    end(&whole);
    end(&parts);
    return 0;
}
