/*
 * The persistence cookie of a backend, in requests and responses (HAProxy manual, "cookie").
 *
 * Not here: which server has which value (persist_values.c).
 * Idea: a cookie only says which server is asked for (px_txn.persist). Whether the request gets it
 * is seen when the server is chosen, and what has come of it is known when the response is there.
 */
#include "persist.h"

#include "../abi/out.h"
#include "../base/macros.h"
#include "../http/pieces.h"
#include "../http/walk.h"
#include "../upstream/lb.h"
#include "http.h"
#include "scratch.h"

#include <string.h>

enum { DAY = 86400 };

static int64_t now(void)
{
    return px_self->date_us / 1000000;
}

static struct px_str value_of(const struct px_head *head, unsigned at)
{
    const struct px_hdr *h = px_head_at(head, at);
    return (struct px_str){h->value, h->value_len};
}

static bool same(struct px_str a, struct px_str b)
{
    return a.len == b.len && !memcmp(a.p, b.p, a.len);
}

/* A request that a listen section refuses has no backend yet; logs tell of its cookie all the same.
 */
static const struct px_proxy *backend_of(const struct px_txn *t)
{
    return t->be ? t->be : t->fe;
}

static const struct px_persistence_cookie *cookie_of(const struct px_txn *t)
{
    return backend_of(t)->cookie;
}

static bool has(const struct px_txn *t, enum px_cookie_deed deed)
{
    return cookie_of(t)->deeds & deed;
}

/* ---- requests: the server ---- */

static void look_up(struct px_txn *t, struct px_str value)
{
    struct px_cookie_trace *k = t->http->trace;
    const struct px_proxy *be = backend_of(t);
    bool free_to_choose = !t->persist && !(t->flags & PX_T_IGNORE_PERSIST);
    if (value.len && free_to_choose) {
        t->persist = px_cookie_server(be, value, t->be && px_txn_insists(t));
        if (t->persist)
            k->client = px_server_may_persist(t->persist) ? 'V' : 'D';
        else if (px_cookie_server(be, value, true))
            k->client = 'D';
    }
    if (k->client == 'N')
        k->client = free_to_choose ? 'I' : 'U';
}

/* Too old, or so far ahead that the clock cannot be meant (HAProxy manual, "maxidle"). */
static bool is_stale(int64_t date, int32_t most)
{
    return date && most && (now() - date > most || date - now() > DAY);
}

/* "value|last|first". What is left of the value, which is nothing if a date forbids it. */
static struct px_str read_dates(struct px_txn *t, struct px_str value)
{
    const struct px_persistence_cookie *c = cookie_of(t);
    struct px_cookie_trace *k = t->http->trace;
    const char *end = value.p + value.len, *bar = memchr(value.p, '|', value.len);
    if (!bar)
        return value;
    value.len = (size_t)(bar - value.p);
    k->last = px_cookie_date((struct px_str){bar + 1, (size_t)(end - bar - 1)});
    bar = memchr(bar + 1, '|', (size_t)(end - bar - 1));
    if (bar)
        k->first = px_cookie_date((struct px_str){bar + 1, (size_t)(end - bar - 1)});
    bool old = is_stale(k->first, c->max_life);
    if (!old && !is_stale(k->last, c->max_idle))
        return value;
    k->client = old ? 'O' : 'E';
    k->first = k->last = 0;
    return (struct px_str){value.p, 0};
}

/* How many bytes in front of the value are ours. */
static size_t read_value(struct px_txn *t, struct px_str value)
{
    if (!has(t, PX_COOKIE_PREFIX)) {
        look_up(t, read_dates(t, value));
        return 0;
    }
    const char *tilde = memchr(value.p, '~', value.len);
    size_t ours = tilde ? (size_t)(tilde - value.p) : value.len;
    look_up(t, (struct px_str){value.p, ours});
    return tilde ? ours + 1 : 0;
}

/* ---- requests: the fields ---- */

struct reader {
    struct px_txn *t;
    struct px_pieces kept;
    bool changed, others; /* others: there are cookies that stay */
};

static void read_piece(struct reader *r, char delimiter, struct px_str piece,
                       const struct px_pair *pair)
{
    bool attribute = pair->name.len && pair->name.p[0] == '$'; /* of the cookie before it */
    if (attribute && r->kept.gap)
        return;
    size_t ours = 0;
    if (!attribute && pair->value.p && same(pair->name, cookie_of(r->t)->name)) {
        ours = read_value(r->t, pair->value);
        if (has(r->t, PX_COOKIE_INSERT) && has(r->t, PX_COOKIE_INDIRECT)) {
            r->changed = true;
            px_piece_drop(&r->kept);
            return;
        }
    }
    r->others |= !attribute;
    r->changed |= ours > 0;
    size_t before = ours ? (size_t)(pair->value.p - piece.p) : piece.len;
    px_piece_keep(&r->kept, delimiter, (struct px_str){piece.p, before});
    px_put(&r->kept.out, piece.p + before + ours, piece.len - before - ours);
}

/* false: no memory. */
static bool read_field(struct px_txn *t, unsigned at)
{
    struct px_head *req = &t->http->req;
    struct px_str field = value_of(req, at);
    if (!memmem(field.p, field.len, cookie_of(t)->name.p, cookie_of(t)->name.len))
        return true;
    struct reader r = {.t = t, .kept.out = {px_scratch_get(field.len), 0, field.len, false}};
    if (!r.kept.out.p)
        return false;
    for (size_t from = 0; from < field.len;) {
        struct px_pair pair = px_cookie_pair(field, from, PX_COOKIES);
        read_piece(&r, from ? field.p[from - 1] : 0,
                   (struct px_str){field.p + from, pair.end - from}, &pair);
        from = pair.end + 1;
    }
    if (!r.changed)
        return true;
    struct px_str kept = px_pieces_end(&r.kept);
    if (r.others && kept.len)
        return px_head_change(req, at, kept);
    px_head_delete(req, at);
    return true;
}

static bool request(struct px_txn *t)
{
    struct px_cookie_trace *k = px_arena_get(&t->arena, sizeof *k);
    if (!k)
        return false;
    *k = (struct px_cookie_trace){.client = 'N', .server = 'N'};
    t->http->trace = k;
    for (unsigned at = 0; (at = px_head_slot(&t->http->req, PX_H_COOKIE, at));)
        if (!read_field(t, at))
            return false;
    return true;
}

/* ---- responses: cookies of the server ---- */

/* p == NULL: there is no server, or it has no cookie. */
static struct px_str own_value(const struct px_txn *t)
{
    return t->srv->name ? px_cookie_value(t->srv) : (struct px_str){NULL, 0};
}

/* The letter of what becomes of a cookie that the server sets under our name. */
static char deed_of(const struct px_txn *t)
{
    if (has(t, PX_COOKIE_PRESERVE))
        return 'P';
    if ((t->srv->name && has(t, PX_COOKIE_INSERT)) ||
        ((t->flags & PX_T_ASKED) && has(t, PX_COOKIE_INDIRECT)))
        return 'D';
    bool rewrites = has(t, PX_COOKIE_REWRITE) || has(t, PX_COOKIE_PREFIX);
    return rewrites && own_value(t).p ? 'R' : 'P';
}

static void put_str(struct px_out *out, struct px_str s)
{
    px_put(out, s.p, s.len);
}

/* The cookie with another value, or with more of it. */
static void put_rewritten(const struct px_txn *t, struct px_pieces *to, char delimiter,
                          struct px_str piece, const struct px_pair *pair)
{
    bool prefix = has(t, PX_COOKIE_PREFIX);
    size_t name_end = (size_t)(pair->name.p + pair->name.len - piece.p);
    const char *rest = prefix ? pair->value.p : pair->value.p + pair->value.len;
    px_piece_keep(to, delimiter, (struct px_str){piece.p, name_end});
    px_put(&to->out, "=", 1);
    put_str(&to->out, own_value(t));
    if (prefix)
        px_put(&to->out, "~", 1);
    px_put(&to->out, rest, (size_t)(piece.p + piece.len - rest));
}

/* Room for the field with a value of ours for each cookie that may be in it. */
static size_t room_for(const struct px_txn *t, struct px_str field)
{
    size_t most = field.len;
    for (size_t i = 0; i < field.len; i++)
        most += field.p[i] == '=' ? own_value(t).len + 2 : 0;
    return most + 1;
}

/* list: RFC 2965, several cookies in a field. false: no memory. */
static bool edit_field(struct px_txn *t, unsigned at, bool list)
{
    struct px_head *res = &t->http->res;
    struct px_str field = value_of(res, at);
    if (!memmem(field.p, field.len, cookie_of(t)->name.p, cookie_of(t)->name.len))
        return true;
    struct px_pieces to = {.out.cap = room_for(t, field)};
    bool any = false, changed = false;
    to.out.p = px_scratch_get(to.out.cap);
    if (!to.out.p)
        return false;
    for (size_t from = 0, end; from < field.len; from = end + 1) {
        end = list ? px_list_end(field, from) : field.len;
        struct px_str piece = {field.p + from, end - from};
        struct px_pair pair = px_cookie_pair((struct px_str){field.p, end}, from, PX_SET_COOKIE);
        bool ours = pair.value.p && same(pair.name, cookie_of(t)->name);
        char deed = ours ? deed_of(t) : 'P';
        if (ours)
            t->http->trace->server = deed;
        changed |= deed != 'P';
        any |= deed != 'D';
        if (deed == 'D')
            px_piece_drop(&to);
        else if (deed == 'R')
            put_rewritten(t, &to, ',', piece, &pair);
        else
            px_piece_keep(&to, ',', piece);
    }
    if (changed && any)
        return px_head_change(res, at, px_pieces_end(&to));
    if (changed)
        px_head_delete(res, at);
    return true;
}

static bool edit_cookies(struct px_txn *t)
{
    static const struct px_name of_old = {PX_STR("set-cookie2"), 0};
    const struct px_head *res = &t->http->res;
    for (unsigned at = 0; (at = px_head_slot(res, PX_H_SET_COOKIE, at));)
        if (!edit_field(t, at, false))
            return false;
    for (unsigned at = 0; (at = px_head_find(res, &of_old, at));)
        if (!edit_field(t, at, true))
            return false;
    return true;
}

/* ---- responses: our own cookie ---- */

/* Who has the server that it asked for needs no cookie, unless a date in it has to change. */
static bool is_due(const struct px_txn *t)
{
    const struct px_persistence_cookie *c = cookie_of(t);
    const struct px_cookie_trace *k = t->http->trace;
    if (!(t->flags & PX_T_ASKED))
        return true;
    if ((c->max_idle || k->last) && k->last < now())
        return true;
    return c->max_life ? !k->first : k->first != 0;
}

static bool is_wanted(const struct px_txn *t)
{
    if (!has(t, PX_COOKIE_INSERT) || !t->srv->name)
        return false;
    if (has(t, PX_COOKIE_PRESERVE) && t->http->trace->server == 'P')
        return false;
    if (has(t, PX_COOKIE_POSTONLY) && t->http->req.meth != PX_M_POST)
        return false;
    return is_due(t);
}

static void put_dates(const struct px_txn *t, struct px_out *out)
{
    const struct px_persistence_cookie *c = cookie_of(t);
    int64_t first = t->http->trace->first, date = now() + 3;
    if (c->max_idle || c->max_life) {
        px_put(out, "|", 1);
        px_cookie_date_put(out, date);
    }
    if (c->max_life) {
        px_put(out, "|", 1);
        px_cookie_date_put(out, first ? first : date);
    }
}

/* A server without a value makes clients forget the one that they have. */
static bool add_cookie(struct px_txn *t)
{
    static const char gone[] = "; Expires=Thu, 01-Jan-1970 00:00:01 GMT";
    static const struct px_name set_cookie = {PX_STR("set-cookie"), PX_H_SET_COOKIE};
    const struct px_persistence_cookie *c = cookie_of(t);
    struct px_str value = own_value(t);
    size_t tail = strlen(c->attributes);
    struct px_out out = {.cap = c->name.len + value.len + sizeof gone + 2 * PX_COOKIE_DATE + tail};
    out.p = px_arena_get(&t->arena, out.cap);
    if (!out.p)
        return false;
    put_str(&out, c->name);
    px_put(&out, "=", 1);
    if (value.p) {
        put_str(&out, value);
        put_dates(t, &out);
    } else {
        px_put(&out, gone, sizeof gone - 1);
    }
    px_put(&out, c->attributes, tail);
    t->http->trace->server = value.p && (t->flags & PX_T_ASKED) ? 'U' : 'I';
    return px_head_add(&t->http->res, &set_cookie, (struct px_str){out.p, out.len});
}

static bool response(struct px_txn *t)
{
    static const struct px_name control = {PX_STR("cache-control"), 0};
    if ((t->flags & PX_T_IGNORE_PERSIST) || !t->http->trace)
        return true;
    if (!edit_cookies(t))
        return false;
    if (!is_wanted(t))
        return true;
    bool private = has(t, PX_COOKIE_NOCACHE) && px_http_is_cacheable(t->http);
    return add_cookie(t) &&
           (!private || px_head_add(&t->http->res, &control, (struct px_str)PX_STR("private")));
}

const struct px_cookie_ops px_cookie_persistence = {px_cookie_values_prepare, request, response,
                                                    px_cookie_value, px_cookie_values_make};
