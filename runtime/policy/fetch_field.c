/*
 * Sample fetches that read header fields (HAProxy manual 7.3.6, "req.hdr" and its like).
 *
 * Not here: cookies (fetch_cookie.c) and credentials (fetch_auth.c). A field name may be left out,
 * and then every field counts.
 */
#include "../base/macros.h"
#include "../base/words.h"
#include "../http/chars.h"
#include "../http/walk.h"
#include "../txn/scratch.h"
#include "heads.h"
#include "number.h"
#include "sample.h"

/* What becomes of the text of a value. false: it is no such value. */
typedef bool (*read_fn)(struct px_sample *out, struct px_str v);

struct kind {
    px_head_fn head;
    read_fn read;
    bool whole; /* lines are not split at commas */
};

struct ask {
    const struct kind *kind;
    const struct px_name *name; /* NULL: any */
    int64_t occ;                /* from 1; negative: from the last; 0: not given */
};

/* ---- walking ---- */

static unsigned next_line(const struct px_head *head, const struct px_name *name, unsigned at)
{
    if (name)
        return px_head_find(head, name, at);
    for (; at < head->nhdrs; at++)
        if (!(head->hdrs[at].flags & PX_HDR_DELETED))
            return at + 1;
    return 0;
}

static bool next_in_line(struct px_str line, bool whole, uint32_t *pos, struct px_str *v)
{
    if (!whole)
        return px_list_next(line, pos, v);
    *v = line;
    return !(*pos)++;
}

static bool next_value(const struct px_head *head, const struct ask *a, struct px_iter *it,
                       struct px_str *v)
{
    for (;;) {
        if (it->line &&
            next_in_line(px_value_of(px_head_at(head, it->line)), a->kind->whole, &it->pos, v))
            return true;
        it->line = next_line(head, a->name, it->line);
        it->pos = 0;
        if (!it->line)
            return false;
    }
}

static int64_t count_values(const struct px_head *head, const struct ask *a)
{
    struct px_iter it = {0};
    struct px_str v;
    int64_t n = 0;
    while (next_value(head, a, &it, &v))
        n++;
    return n;
}

static bool last_value(const struct px_head *head, const struct ask *a, struct px_str *v)
{
    struct px_iter it = {0};
    struct px_str next;
    bool found = false;
    while (next_value(head, a, &it, &next)) {
        *v = next;
        found = true;
    }
    return found;
}

/* The value that the occurrence means; the last one when it is not given. */
static bool pick_value(const struct px_head *head, const struct ask *a, struct px_str *v)
{
    struct px_iter it = {0};
    if (PX_LIKELY(!a->occ))
        return last_value(head, a, v);
    int64_t n = a->occ > 0 ? a->occ : count_values(head, a) + 1 + a->occ;
    if (n <= 0)
        return false;
    while (next_value(head, a, &it, v))
        if (!--n)
            return true;
    return false;
}

/* ---- the usual case ---- */

/* Is a list surely one value, without white space around it? It is if no byte is as low as a comma.
 * Short texts are not told. */
PX_INLINE bool is_plain(struct px_str list)
{
    if (list.len < 8)
        return false;
    uint64_t low = px_word_below(px_word_at(list.p + list.len - 8), ',' + 1);
    for (size_t i = 0; PX_UNLIKELY(i + 8 < list.len); i += 8)
        low |= px_word_below(px_word_at(list.p + i), ',' + 1);
    return !low;
}

/* The head, if that is told without a call. */
PX_INLINE const struct px_head *head_here(const struct px_txn *t, const struct kind *kind)
{
    const struct px_head *head;
    if (kind->head == px_request_head)
        return px_request_head_here(t);
    return px_response_head(t, &head) == PX_FOUND ? head : NULL;
}

/* The value of a field that has one line with one value. Answers the line; 0: it may not be so. */
PX_INLINE unsigned only_value(const struct px_txn *t, const struct px_name *name, int64_t occ,
                              const struct kind *kind, struct px_str *v)
{
    const struct px_head *head = name && !occ ? head_here(t, kind) : NULL;
    unsigned line = head ? head->first[name->slot] : 0;
    if (!line)
        return 0;
    const struct px_hdr *field = px_head_at(head, line);
    *v = px_value_of(field);
    if (field->next || (field->flags & PX_HDR_DELETED))
        return 0;
    return kind->whole || is_plain(*v) ? line : 0;
}

/* ---- what all of them do ---- */

/* The values are asked for one by one where the usual case is not given. These end in a call, so
 * that the usual case saves nothing for it. */
static PX_ASIDE enum px_found fetch_any(struct px_txn *t, struct px_sample *out,
                                        const struct px_name *name, int64_t occ,
                                        const struct kind *kind)
{
    const struct px_head *head;
    struct px_str v;
    enum px_found found = kind->head(t, &head);
    if (found != PX_FOUND)
        return found;
    struct ask a = {kind, name, occ};
    return pick_value(head, &a, &v) && kind->read(out, v) ? PX_FOUND : PX_ABSENT;
}

PX_INLINE enum px_found fetch(struct px_txn *t, struct px_sample *out, const struct px_name *name,
                              int64_t occ, const struct kind *kind)
{
    struct px_str v;
    if (!only_value(t, name, occ, kind, &v))
        return fetch_any(t, out, name, occ, kind);
    return kind->read(out, v) ? PX_FOUND : PX_ABSENT;
}

/* With an occurrence there is one value only. */
static bool step(const struct px_head *head, const struct ask *a, struct px_iter *it,
                 struct px_str *v)
{
    if (!a->occ)
        return next_value(head, a, it, v);
    return !it->line++ && pick_value(head, a, v);
}

static PX_ASIDE enum px_found next_any(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                       const struct px_name *name, int64_t occ,
                                       const struct kind *kind)
{
    const struct px_head *head;
    struct px_str v;
    enum px_found found = kind->head(t, &head);
    if (found != PX_FOUND)
        return found;
    struct ask a = {kind, name, occ};
    while (step(head, &a, it, &v))
        if (kind->read(out, v))
            return PX_FOUND;
    return PX_ABSENT;
}

PX_INLINE enum px_found each(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                             const struct px_name *name, int64_t occ, const struct kind *kind)
{
    struct px_str v;
    unsigned line = it->line ? 0 : only_value(t, name, occ, kind, &v);
    if (!line)
        return next_any(t, out, it, name, occ, kind);
    *it = (struct px_iter){line, (uint32_t)v.len + 1, true};
    return kind->read(out, v) ? PX_FOUND : PX_ABSENT;
}

static enum px_found fetch_count(struct px_txn *t, struct px_sample *out,
                                 const struct px_name *name, const struct kind *kind)
{
    const struct px_head *head;
    struct ask a = {.kind = kind, .name = name};
    enum px_found found = kind->head(t, &head);
    return found == PX_FOUND ? px_found_int(out, count_values(head, &a)) : found;
}

/* ---- kinds of values ---- */

static bool read_text(struct px_sample *out, struct px_str v)
{
    px_set_text(out, v);
    return true;
}

static bool read_int(struct px_sample *out, struct px_str v)
{
    px_set_int(out, px_read_int32(v));
    return true;
}

/* ":" and a number below 65536. */
static bool is_port(const char *p, const char *end)
{
    if (p == end || *p++ != ':' || p == end)
        return false;
    unsigned port = 0;
    for (; p < end && *p >= '0' && *p <= '9' && port <= UINT16_MAX; p++)
        port = port * 10 + (unsigned)(*p - '0');
    return p == end && port <= UINT16_MAX;
}

/* An address and nothing else, but for a port behind IPv4. */
static bool read_addr(struct px_sample *out, struct px_str v)
{
    size_t len = px_read_ipv4(v, &out->u.v4);
    if (len && (len == v.len || is_port(v.p + len, v.p + v.len))) {
        out->type = PX_IPV4;
        return true;
    }
    out->type = PX_IPV6;
    return px_read_ipv6(v, &out->u.v6);
}

/* ---- the request ---- */

static const struct kind req_text = {px_request_head, read_text, false},
                         req_line = {px_request_head, read_text, true},
                         req_int = {px_request_head, read_int, false},
                         req_addr = {px_request_head, read_addr, false};

enum px_found px_fetch_req_hdr(struct px_txn *t, struct px_sample *out, const struct px_name *name,
                               int64_t occ)
{
    return fetch(t, out, name, occ, &req_text);
}

enum px_found px_each_req_hdr(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                              const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &req_text);
}

enum px_found px_fetch_req_fhdr(struct px_txn *t, struct px_sample *out, const struct px_name *name,
                                int64_t occ)
{
    return fetch(t, out, name, occ, &req_line);
}

enum px_found px_each_req_fhdr(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                               const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &req_line);
}

enum px_found px_fetch_req_hdr_val(struct px_txn *t, struct px_sample *out,
                                   const struct px_name *name, int64_t occ)
{
    return fetch(t, out, name, occ, &req_int);
}

enum px_found px_each_req_hdr_val(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                  const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &req_int);
}

enum px_found px_fetch_req_hdr_ip(struct px_txn *t, struct px_sample *out,
                                  const struct px_name *name, int64_t occ)
{
    return fetch(t, out, name, occ, &req_addr);
}

enum px_found px_each_req_hdr_ip(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                 const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &req_addr);
}

enum px_found px_fetch_req_hdr_cnt(struct px_txn *t, struct px_sample *out,
                                   const struct px_name *name)
{
    return fetch_count(t, out, name, &req_text);
}

enum px_found px_fetch_req_fhdr_cnt(struct px_txn *t, struct px_sample *out,
                                    const struct px_name *name)
{
    return fetch_count(t, out, name, &req_line);
}

/* ---- the response ---- */

static const struct kind res_text = {px_response_head, read_text, false},
                         res_line = {px_response_head, read_text, true},
                         res_int = {px_response_head, read_int, false},
                         res_addr = {px_response_head, read_addr, false};

enum px_found px_fetch_res_hdr(struct px_txn *t, struct px_sample *out, const struct px_name *name,
                               int64_t occ)
{
    return fetch(t, out, name, occ, &res_text);
}

enum px_found px_each_res_hdr(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                              const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &res_text);
}

enum px_found px_fetch_res_fhdr(struct px_txn *t, struct px_sample *out, const struct px_name *name,
                                int64_t occ)
{
    return fetch(t, out, name, occ, &res_line);
}

enum px_found px_each_res_fhdr(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                               const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &res_line);
}

enum px_found px_fetch_res_hdr_val(struct px_txn *t, struct px_sample *out,
                                   const struct px_name *name, int64_t occ)
{
    return fetch(t, out, name, occ, &res_int);
}

enum px_found px_each_res_hdr_val(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                  const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &res_int);
}

enum px_found px_fetch_res_hdr_ip(struct px_txn *t, struct px_sample *out,
                                  const struct px_name *name, int64_t occ)
{
    return fetch(t, out, name, occ, &res_addr);
}

enum px_found px_each_res_hdr_ip(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                 const struct px_name *name, int64_t occ)
{
    return each(t, out, it, name, occ, &res_addr);
}

enum px_found px_fetch_res_hdr_cnt(struct px_txn *t, struct px_sample *out,
                                   const struct px_name *name)
{
    return fetch_count(t, out, name, &res_text);
}

enum px_found px_fetch_res_fhdr_cnt(struct px_txn *t, struct px_sample *out,
                                    const struct px_name *name)
{
    return fetch_count(t, out, name, &res_line);
}

/* ---- all fields in one text ---- */

/* Appends without a check: fields_size has made the room. */
static void put(struct px_str *to, const char *p, size_t len)
{
    memcpy((char *)to->p + to->len, p, len);
    to->len += len;
}

enum { SEPARATORS = 4 }; /* ": " and the line end */

static size_t fields_size(const struct px_head *head)
{
    size_t size = SEPARATORS;
    for (unsigned at = 0; (at = next_line(head, NULL, at));)
        size += px_head_at(head, at)->name_len + px_head_at(head, at)->value_len + SEPARATORS;
    return size;
}

static enum px_found fetch_names(struct px_txn *t, struct px_sample *out, px_head_fn head_of,
                                 struct px_str separator)
{
    const struct px_head *head;
    enum px_found found = head_of(t, &head);
    if (found != PX_FOUND)
        return found;
    struct px_str text = {px_scratch_get(fields_size(head)), 0};
    if (!text.p)
        return PX_ABSENT;
    for (unsigned at = 0; (at = next_line(head, NULL, at));) {
        if (text.len)
            put(&text, separator.len ? separator.p : ",", 1);
        put(&text, px_head_at(head, at)->name, px_head_at(head, at)->name_len);
    }
    px_scratch_cut(text.p, text.len);
    px_set_bytes(out, text);
    return PX_FOUND;
}

static enum px_found fetch_section(struct px_txn *t, struct px_sample *out, px_head_fn head_of)
{
    const struct px_head *head;
    enum px_found found = head_of(t, &head);
    if (found != PX_FOUND)
        return found;
    struct px_str text = {px_scratch_get(fields_size(head)), 0};
    if (!text.p)
        return PX_ABSENT;
    for (unsigned at = 0; (at = next_line(head, NULL, at));) {
        const struct px_hdr *h = px_head_at(head, at);
        put(&text, h->name, h->name_len);
        put(&text, ": ", 2);
        put(&text, h->value, h->value_len);
        put(&text, "\r\n", 2);
    }
    put(&text, "\r\n", 2);
    px_scratch_cut(text.p, text.len);
    return px_found_text(out, text);
}

enum px_found px_fetch_req_hdr_names(struct px_txn *t, struct px_sample *out, struct px_str sep)
{
    return fetch_names(t, out, px_request_head, sep);
}

enum px_found px_fetch_res_hdr_names(struct px_txn *t, struct px_sample *out, struct px_str sep)
{
    return fetch_names(t, out, px_response_head, sep);
}

enum px_found px_fetch_req_hdrs(struct px_txn *t, struct px_sample *out)
{
    return fetch_section(t, out, px_request_head);
}

enum px_found px_fetch_res_hdrs(struct px_txn *t, struct px_sample *out)
{
    return fetch_section(t, out, px_response_head);
}

/* ---- all fields in binary ---- */

enum { VARINT_MOST = 10 };

/* SPOE 3.1: up to 239 in one byte; then four bits in the first, and seven in each other one. */
static void put_varint(struct px_str *to, uint64_t v)
{
    unsigned char bytes[VARINT_MOST];
    size_t n = 0;
    if (v < 240) {
        bytes[n++] = (unsigned char)v;
    } else {
        bytes[n++] = (unsigned char)(v | 240);
        for (v = (v - 240) >> 4; v >= 128; v = (v - 128) >> 7)
            bytes[n++] = (unsigned char)(v | 128);
        bytes[n++] = (unsigned char)v;
    }
    put(to, (const char *)bytes, n);
}

static void put_counted(struct px_str *to, const char *p, size_t len)
{
    put_varint(to, len);
    put(to, p, len);
}

/* Two empty texts are the end. */
static enum px_found fetch_binary(struct px_txn *t, struct px_sample *out, px_head_fn head_of)
{
    const struct px_head *head;
    enum px_found found = head_of(t, &head);
    if (found != PX_FOUND)
        return found;
    size_t room = fields_size(head) + 2 * VARINT_MOST * ((size_t)head->nhdrs + 1);
    struct px_str bytes = {px_scratch_get(room), 0};
    if (!bytes.p)
        return PX_ABSENT;
    for (unsigned at = 0; (at = next_line(head, NULL, at));) {
        const struct px_hdr *h = px_head_at(head, at);
        put_counted(&bytes, h->name, h->name_len);
        put_counted(&bytes, h->value, h->value_len);
    }
    put(&bytes, "\0\0", 2);
    px_scratch_cut(bytes.p, bytes.len);
    px_set_bytes(out, bytes);
    return PX_FOUND;
}

enum px_found px_fetch_req_hdrs_bin(struct px_txn *t, struct px_sample *out)
{
    return fetch_binary(t, out, px_request_head);
}

enum px_found px_fetch_res_hdrs_bin(struct px_txn *t, struct px_sample *out)
{
    return fetch_binary(t, out, px_response_head);
}
