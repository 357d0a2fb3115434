/*
 * Sample fetches that read cookies (HAProxy manual 7.3.6, "req.cook" and its like).
 *
 * An expression takes the last cookie of the name, or the first of all when no name is given;
 * conditions try each.
 */
#include "../http/walk.h"
#include "../txn/scratch.h"
#include "heads.h"
#include "number.h"
#include "sample.h"

struct ask {
    px_head_fn head;
    uint8_t slot; /* of the field */
    enum px_cookie_side side;
    struct px_str name; /* len 0: any */
};

static struct ask of_request(struct px_str name)
{
    return (struct ask){px_request_head, PX_H_COOKIE, PX_COOKIES, name};
}

static struct ask of_response(struct px_str name)
{
    return (struct ask){px_response_head, PX_H_SET_COOKIE, PX_SET_COOKIE, name};
}

static bool next_cookie(const struct px_head *head, struct ask a, struct px_iter *it,
                        struct px_cookie *cookie)
{
    for (;;) {
        if (it->line && px_cookie_next(px_value_of(px_head_at(head, it->line)), &it->pos, a.name,
                                       a.side, cookie))
            return true;
        it->line = px_head_slot(head, a.slot, it->line);
        it->pos = 0;
        if (!it->line)
            return false;
    }
}

static enum px_found fetch(struct px_txn *t, struct px_sample *out, struct ask a)
{
    const struct px_head *head;
    struct px_iter it = {0};
    struct px_cookie taken = {{NULL, 0}, {NULL, 0}};
    enum px_found found = a.head(t, &head);
    if (found != PX_FOUND)
        return found;
    while (next_cookie(head, a, &it, &taken))
        if (!a.name.len)
            break;
    return px_found_text(out, taken.value);
}

static enum px_found each(struct px_txn *t, struct px_sample *out, struct px_iter *it, struct ask a)
{
    const struct px_head *head;
    struct px_cookie cookie;
    enum px_found found = a.head(t, &head);
    if (found != PX_FOUND)
        return found;
    return next_cookie(head, a, it, &cookie) ? px_found_text(out, cookie.value) : PX_ABSENT;
}

static enum px_found fetch_count(struct px_txn *t, struct px_sample *out, struct ask a)
{
    const struct px_head *head;
    struct px_iter it = {0};
    struct px_cookie cookie;
    int64_t n = 0;
    enum px_found found = a.head(t, &head);
    if (found != PX_FOUND)
        return found;
    while (next_cookie(head, a, &it, &cookie))
        n++;
    return px_found_int(out, n);
}

/* Of a Set-Cookie, only the first pair is a cookie (RFC 6265 5.2): the rest are attributes. */
static bool next_name(const struct px_head *head, struct ask a, struct px_iter *it,
                      struct px_str *name)
{
    struct px_cookie cookie;
    if (a.side == PX_COOKIES) {
        bool found = next_cookie(head, a, it, &cookie);
        *name = cookie.name;
        return found;
    }
    while ((it->line = px_head_slot(head, a.slot, it->line)))
        if (px_cookie_begins(px_value_of(px_head_at(head, it->line)), (struct px_str){"", 0},
                             a.side, name, &cookie.value))
            return true;
    return false;
}

static size_t names_size(const struct px_head *head, struct ask a)
{
    struct px_iter it = {0};
    struct px_str name;
    size_t size = 0;
    while (next_name(head, a, &it, &name))
        size += name.len + 1;
    return size;
}

static enum px_found fetch_names(struct px_txn *t, struct px_sample *out, struct ask a,
                                 struct px_str separator)
{
    const struct px_head *head;
    struct px_iter it = {0};
    struct px_str name;
    enum px_found found = a.head(t, &head);
    if (found != PX_FOUND)
        return found;
    char *text = px_scratch_get(names_size(head, a) + 1), *to = text;
    if (!text)
        return PX_ABSENT;
    while (next_name(head, a, &it, &name)) {
        if (to > text)
            *to++ = separator.len ? separator.p[0] : ',';
        memcpy(to, name.p, name.len);
        to += name.len;
    }
    px_scratch_cut(text, (size_t)(to - text));
    return px_found_text(out, (struct px_str){text, (size_t)(to - text)});
}

static enum px_found as_int(enum px_found found, struct px_sample *out)
{
    return found == PX_FOUND ? px_found_int(out, px_read_int32(out->u.s)) : found;
}

enum px_found px_fetch_req_cook(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    return fetch(t, out, of_request(name));
}

enum px_found px_each_req_cook(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                               struct px_str name)
{
    return each(t, out, it, of_request(name));
}

enum px_found px_fetch_req_cook_val(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    return as_int(fetch(t, out, of_request(name)), out);
}

enum px_found px_each_req_cook_val(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                   struct px_str name)
{
    return as_int(each(t, out, it, of_request(name)), out);
}

enum px_found px_fetch_req_cook_cnt(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    return fetch_count(t, out, of_request(name));
}

enum px_found px_fetch_res_cook(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    return fetch(t, out, of_response(name));
}

enum px_found px_each_res_cook(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                               struct px_str name)
{
    return each(t, out, it, of_response(name));
}

enum px_found px_fetch_res_cook_cnt(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    return fetch_count(t, out, of_response(name));
}

enum px_found px_fetch_res_cook_val(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    return as_int(fetch(t, out, of_response(name)), out);
}

enum px_found px_each_res_cook_val(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                   struct px_str name)
{
    return as_int(each(t, out, it, of_response(name)), out);
}

enum px_found px_fetch_req_cook_names(struct px_txn *t, struct px_sample *out,
                                      struct px_str separator)
{
    return fetch_names(t, out, of_request((struct px_str){NULL, 0}), separator);
}

enum px_found px_fetch_res_cook_names(struct px_txn *t, struct px_sample *out,
                                      struct px_str separator)
{
    return fetch_names(t, out, of_response((struct px_str){NULL, 0}), separator);
}
