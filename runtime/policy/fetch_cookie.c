/*
 * Sample fetches that read cookies (HAProxy manual 7.3.6, "req.cook" and its like).
 *
 * An expression takes the last cookie of the name, or the first of all when no name is given;
 * conditions try each.
 */
#include "../http/walk.h"
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
                        struct px_str *v)
{
    for (;;) {
        if (it->line &&
            px_cookie_next(px_value_of(px_head_at(head, it->line)), &it->pos, a.name, a.side, v))
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
    struct px_str v, taken = {NULL, 0};
    enum px_found found = a.head(t, &head);
    if (found != PX_FOUND)
        return found;
    while (next_cookie(head, a, &it, &v)) {
        taken = v;
        if (!a.name.len)
            break;
    }
    return px_found_text(out, taken);
}

static enum px_found each(struct px_txn *t, struct px_sample *out, struct px_iter *it, struct ask a)
{
    const struct px_head *head;
    struct px_str v;
    enum px_found found = a.head(t, &head);
    if (found != PX_FOUND)
        return found;
    return next_cookie(head, a, it, &v) ? px_found_text(out, v) : PX_ABSENT;
}

static enum px_found fetch_count(struct px_txn *t, struct px_sample *out, struct ask a)
{
    const struct px_head *head;
    struct px_iter it = {0};
    struct px_str v;
    int64_t n = 0;
    enum px_found found = a.head(t, &head);
    if (found != PX_FOUND)
        return found;
    while (next_cookie(head, a, &it, &v))
        n++;
    return px_found_int(out, n);
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
