/*
 * Sample fetches about the client connection, its frontend and what was chosen for it
 * (HAProxy manual 7.3.3).
 *
 * Not here: addresses (fetch_addr.c), what the kernel measures (fetch_tcp.c), and counts of a whole
 * frontend or backend (fetch_state.c).
 */
#include "../net/proxy_protocol.h"
#include "../txn/txn.h"
#include "sample.h"

/* ---- the connection ---- */

enum px_found px_fetch_fc_http_major(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, 1); /* HTTP/1 is all that clients are spoken to, TCP counts as 1 too */
}

enum px_found px_fetch_fc_rcvd_proxy(struct px_txn *t, struct px_sample *out)
{
    const struct px_client *c = t->client;
    bool expected = c->expect && c->expect->is_proxy;
    if (expected && !c->announced) /* that will be seen */
        return PX_ABSENT;
    return px_found_bool(out, expected);
}

enum px_found px_fetch_fc_err(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->refused ? t->refused->number : 0);
}

enum px_found px_fetch_fc_err_str(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(t->refused ? t->refused->text : "Success"));
}

static enum px_found found_told(struct px_sample *out, struct px_str s)
{
    return s.p ? px_found_text(out, s) : PX_ABSENT;
}

enum px_found px_fetch_fc_pp_authority(struct px_txn *t, struct px_sample *out)
{
    const struct px_told *told = t->client->told;
    return told ? found_told(out, told->authority) : PX_ABSENT;
}

enum px_found px_fetch_fc_pp_unique_id(struct px_txn *t, struct px_sample *out)
{
    const struct px_told *told = t->client->told;
    return told ? found_told(out, told->unique_id) : PX_ABSENT;
}

/* The compiler has made it a decimal number. */
static unsigned type_of(struct px_str id)
{
    unsigned type = 0;
    for (size_t i = 0; i < id.len; i++)
        type = type * 10 + (unsigned)(id.p[i] - '0');
    return type;
}

enum px_found px_each_fc_pp_tlv(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                struct px_str id)
{
    const struct px_told *told = t->client->told;
    size_t at = it->pos;
    struct px_str value;
    if (!told || !told->vectors.p || !px_pp_next_vector(told->vectors, &at, type_of(id), &value))
        return PX_ABSENT;
    it->pos = (uint32_t)at;
    return px_found_text(out, value);
}

enum px_found px_fetch_fc_pp_tlv(struct px_txn *t, struct px_sample *out, struct px_str id)
{
    struct px_iter it = {0};
    return px_each_fc_pp_tlv(t, out, &it, id);
}

/* No bind line speaks TLS yet. */
enum px_found px_fetch_ssl_fc(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_bool(out, false);
}

enum px_found px_fetch_ssl_fc_is_resumed(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_bool(out, false);
}

enum px_found px_fetch_ssl_fc_err(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    (void)out;
    return PX_ABSENT;
}

enum px_found px_fetch_ssl_c_err(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    (void)out;
    return PX_ABSENT;
}

enum px_found px_fetch_ssl_c_ca_err(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    (void)out;
    return PX_ABSENT;
}

enum px_found px_fetch_ssl_fc_sni(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    (void)out;
    return PX_ABSENT;
}

/* ---- the frontend and its listening addresses ---- */

enum px_found px_fetch_fe_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->fe->id);
}

enum px_found px_fetch_fe_name(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(t->fe->name));
}

enum px_found px_fetch_fe_defbe(struct px_txn *t, struct px_sample *out)
{
    const struct px_proxy *be = t->fe->default_backend;
    return be ? px_found_text(out, px_text_of(be->name)) : PX_ABSENT;
}

enum px_found px_fetch_dst_conn(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_proxy_state(t->client->bind->proxy)->fe_conns.now);
}

enum px_found px_fetch_so_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->client->bind->id);
}

enum px_found px_fetch_so_name(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(t->client->bind->name));
}

/* ---- what was chosen ---- */

/* Before a backend is chosen, the frontend stands for it. */
static const struct px_proxy *backend_of(const struct px_txn *t)
{
    return t->be ? t->be : t->fe;
}

enum px_found px_fetch_be_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, backend_of(t)->id);
}

enum px_found px_fetch_be_name(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(backend_of(t)->name));
}

enum px_found px_fetch_unique_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_txn_unique_id(t));
}

enum px_found px_fetch_srv_id(struct px_txn *t, struct px_sample *out)
{
    return t->srv && t->srv->name ? px_found_int(out, t->srv->id) : PX_ABSENT;
}

enum px_found px_fetch_srv_name(struct px_txn *t, struct px_sample *out)
{
    return t->srv && t->srv->name ? px_found_text(out, px_text_of(t->srv->name)) : PX_ABSENT;
}
