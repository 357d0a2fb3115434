/*
 * Sample fetches about how a transaction went: its times and dates, bytes and timeouts, retries and
 * its connection to the server (HAProxy manual 7.3.3, 7.3.4 and 8.4).
 */
#include "../txn/scratch.h"
#include "sample.h"
#include "times.h"

/* ---- dates and times ---- */

enum px_found px_fetch_accept_date(struct px_txn *t, struct px_sample *out, struct px_str unit)
{
    int64_t us = px_unit_us(unit);
    return us ? px_found_int(out, t->accept_us / us) : PX_ABSENT;
}

enum px_found px_fetch_request_date(struct px_txn *t, struct px_sample *out, struct px_str unit)
{
    int64_t us = px_unit_us(unit);
    return us ? px_found_int(out, t->date_us / us) : PX_ABSENT;
}

enum px_found px_fetch_fc_timer_handshake(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_handshake(t));
}

enum px_found px_fetch_fc_timer_total(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_total(t));
}

enum px_found px_fetch_req_timer_idle(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_idle(t));
}

enum px_found px_fetch_req_timer_hdr(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_head(t));
}

enum px_found px_fetch_req_timer_tq(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_request(t));
}

enum px_found px_fetch_req_timer_queue(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_queue(t));
}

enum px_found px_fetch_bc_timer_connect(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_connect(t));
}

enum px_found px_fetch_res_timer_hdr(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_response(t));
}

enum px_found px_fetch_res_timer_data(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_data(t));
}

enum px_found px_fetch_txn_timer_total(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_active(t));
}

enum px_found px_fetch_txn_timer_user(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_time_active(t));
}

/* ---- bytes ---- */

/* Once the end is reached, all has been counted together. */
enum px_found px_fetch_req_bytes_in(struct px_txn *t, struct px_sample *out)
{
    uint64_t bytes = t->bytes_in + (t->at.end ? 0 : t->up.bytes);
    return px_found_int(out, (int64_t)bytes);
}

enum px_found px_fetch_res_bytes_in(struct px_txn *t, struct px_sample *out)
{
    uint64_t now = t->down.bytes + (t->http ? t->http->head_sizes : 0);
    return px_found_int(out, (int64_t)(t->at.end ? t->bytes_out : now));
}

/* Nothing goes to a server that was not found. */
enum px_found px_fetch_req_bytes_out(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, (int64_t)(t->up.bytes + (t->http ? t->http->sent_head : 0)));
}

enum px_found px_fetch_res_bytes_out(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, (int64_t)(t->down.bytes + (t->http ? t->http->head_sizes : 0)));
}

/* ---- timeouts ---- */

enum px_found px_fetch_fe_client_timeout(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->fe->timeout_client);
}

enum px_found px_fetch_fe_tarpit_timeout(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->fe->timeout_tarpit);
}

/* Before a backend is chosen, the frontend stands for it, if it is one as well. */
static const struct px_proxy *backend_of(const struct px_txn *t)
{
    return t->be ? t->be : t->fe->lb ? t->fe : NULL;
}

#define OF_BACKEND(symbol, member)                                                                 \
    enum px_found px_fetch_be_##symbol(struct px_txn *t, struct px_sample *out)                    \
    {                                                                                              \
        const struct px_proxy *be = backend_of(t);                                                 \
        return px_found_int(out, be ? be->member : 0);                                             \
    }

OF_BACKEND(connect_timeout, timeout_connect)
OF_BACKEND(queue_timeout, timeout_queue)
OF_BACKEND(server_timeout, timeout_server)
OF_BACKEND(tarpit_timeout, timeout_tarpit)
OF_BACKEND(tunnel_timeout, timeout_tunnel)
OF_BACKEND(max_retries, retries)

/* Those that hold now: set-timeout may have changed them. */
static enum px_found current(const struct px_txn *t, enum px_timeout_word which, int32_t configured,
                             struct px_sample *out)
{
    return px_found_int(out, (int64_t)px_timeout(t, which, configured));
}

enum px_found px_fetch_cur_client_timeout(struct px_txn *t, struct px_sample *out)
{
    return current(t, PX_WORD_CLIENT, t->fe->timeout_client, out);
}

enum px_found px_fetch_cur_server_timeout(struct px_txn *t, struct px_sample *out)
{
    const struct px_proxy *be = backend_of(t);
    return current(t, PX_WORD_SERVER, be ? be->timeout_server : 0, out);
}

enum px_found px_fetch_cur_connect_timeout(struct px_txn *t, struct px_sample *out)
{
    const struct px_proxy *be = backend_of(t);
    return current(t, PX_WORD_CONNECT, be ? be->timeout_connect : 0, out);
}

enum px_found px_fetch_cur_max_retries(struct px_txn *t, struct px_sample *out)
{
    return t->be ? px_found_int(out, px_retries(t)) : px_fetch_be_max_retries(t, out);
}

enum px_found px_fetch_cur_queue_timeout(struct px_txn *t, struct px_sample *out)
{
    const struct px_proxy *be = backend_of(t);
    return current(t, PX_WORD_QUEUE, be ? be->timeout_queue : 0, out);
}

enum px_found px_fetch_cur_tarpit_timeout(struct px_txn *t, struct px_sample *out)
{
    return current(t, PX_WORD_TARPIT, (t->be ? t->be : t->fe)->timeout_tarpit, out);
}

enum px_found px_fetch_cur_tunnel_timeout(struct px_txn *t, struct px_sample *out)
{
    const struct px_proxy *be = backend_of(t);
    return current(t, PX_WORD_TUNNEL, be ? be->timeout_tunnel : 0, out);
}

/* ---- states ---- */

enum px_found px_fetch_txn_sess_term_state(struct px_txn *t, struct px_sample *out)
{
    char *state = px_scratch_get(2);
    if (!state)
        return PX_ABSENT;
    state[0] = t->cause ? t->cause : '-';
    state[1] = t->phase ? t->phase : '-';
    return px_found_text(out, (struct px_str){state, 2});
}

enum px_found px_fetch_last_rule_file(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(t->rule_file));
}

enum px_found px_fetch_last_rule_line(struct px_txn *t, struct px_sample *out)
{
    return t->rule_file ? px_found_int(out, t->rule_line) : PX_ABSENT;
}

enum px_found px_fetch_txn_redispatched(struct px_txn *t, struct px_sample *out)
{
    return px_found_bool(out, t->flags & PX_T_REDISPATCHED);
}

enum px_found px_fetch_txn_conn_retries(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->retries);
}

enum px_found px_fetch_txn_id32(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->number);
}

enum px_found px_fetch_bc_be_queue(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->ahead_backend);
}

enum px_found px_fetch_bc_srv_queue(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->ahead_server);
}

/* ---- the connection to the server ---- */

/* No error is known beside those by which a connection does not come about at all. */
enum px_found px_fetch_bc_err(struct px_txn *t, struct px_sample *out)
{
    return t->at.connected ? px_found_int(out, 0) : PX_ABSENT;
}

enum px_found px_fetch_bc_err_str(struct px_txn *t, struct px_sample *out)
{
    return t->at.connected ? px_found_text(out, px_text_of("Success")) : PX_ABSENT;
}

enum px_found px_fetch_bc_http_major(struct px_txn *t, struct px_sample *out)
{
    return t->at.connected ? px_found_int(out, 1) : PX_ABSENT;
}

enum px_found px_fetch_bc_reused(struct px_txn *t, struct px_sample *out)
{
    return t->at.connected ? px_found_bool(out, t->flags & PX_T_REUSED) : PX_ABSENT;
}
