/*
 * Sample fetches about the bytes that a client or a server has sent so far (HAProxy manual 7.3.5).
 *
 * Not here: how these bytes are read (hello.c, payload.c), and messages that were parsed
 * (fetch_http.c): of HTTP clients only the number of bytes can be asked.
 * Idea: only content rules can wait for more. What is not complete anywhere else is not there.
 */
#include "../txn/scratch.h"
#include "../txn/txn.h"
#include "heads.h"
#include "hello.h"
#include "payload.h"
#include "rdp.h"
#include "sample.h"

static struct px_str bytes_of(const struct px_sock *s)
{
    const struct px_buf *in = s->in;
    return in ? (struct px_str){in->data + in->start, px_buf_len(in)} : (struct px_str){"", 0};
}

static struct px_str arrived(const struct px_txn *t)
{
    return bytes_of(&t->client->sock);
}

/* Are these rules that may see more bytes of the server later? */
static bool may_wait_for_server(const struct px_txn *t)
{
    bool content = t->stage == PX_STAGE_RESPONSE || (!t->http && t->stage == PX_STAGE_FORWARD);
    return content && !px_is_final(t);
}

static enum px_found settled(const struct px_txn *t, enum px_found found)
{
    return found == PX_LATER && !px_may_wait(t) ? PX_ABSENT : found;
}

enum px_found px_fetch_wait_end(struct px_txn *t, struct px_sample *out)
{
    return px_may_wait(t) || may_wait_for_server(t) ? PX_LATER : px_found_bool(out, true);
}

/* ---- plain bytes ---- */

/* HAProxy manual: a comparison with 0 holds before the first byte, one with more waits for it. */
enum px_found px_fetch_req_len(struct px_txn *t, struct px_sample *out)
{
    out->open = px_may_wait(t);
    return px_found_int(out, (int64_t)arrived(t).len);
}

static struct px_payload payload_of(const struct px_txn *t)
{
    return (struct px_payload){arrived(t), px_buf_size()};
}

static enum px_found found_part(const struct px_txn *t, struct px_sample *out, enum px_found found)
{
    out->type = PX_BIN;
    return settled(t, found);
}

enum px_found px_fetch_req_payload(struct px_txn *t, struct px_sample *out, int64_t at, int64_t len)
{
    struct px_payload in = payload_of(t);
    if (t->http)
        return PX_ABSENT;
    out->open = !len && px_may_wait(t); /* all there is, and there will be more */
    return found_part(t, out, px_payload_part(&in, at, len, &out->u.s));
}

enum px_found px_fetch_req_payload_lv(struct px_txn *t, struct px_sample *out, int64_t at,
                                      int64_t size, struct px_str place)
{
    struct px_payload in = payload_of(t);
    if (t->http)
        return PX_ABSENT;
    return found_part(t, out, px_payload_counted(&in, at, size, place, &out->u.s));
}

/* ---- plain bytes of the server ---- */

static struct px_str answered(const struct px_txn *t)
{
    return t->back ? bytes_of(&t->back->sock) : (struct px_str){"", 0};
}

enum px_found px_fetch_res_len(struct px_txn *t, struct px_sample *out)
{
    out->open = may_wait_for_server(t);
    return px_found_int(out, (int64_t)answered(t).len);
}

static enum px_found found_answer(const struct px_txn *t, struct px_sample *out,
                                  enum px_found found)
{
    out->type = PX_BIN;
    return found == PX_LATER && !may_wait_for_server(t) ? PX_ABSENT : found;
}

enum px_found px_fetch_res_payload(struct px_txn *t, struct px_sample *out, int64_t at, int64_t len)
{
    struct px_payload in = {answered(t), px_buf_size()};
    if (t->http)
        return PX_ABSENT;
    out->open = !len && may_wait_for_server(t);
    return found_answer(t, out, px_payload_part(&in, at, len, &out->u.s));
}

enum px_found px_fetch_res_payload_lv(struct px_txn *t, struct px_sample *out, int64_t at,
                                      int64_t size, struct px_str place)
{
    struct px_payload in = {answered(t), px_buf_size()};
    if (t->http)
        return PX_ABSENT;
    return found_answer(t, out, px_payload_counted(&in, at, size, place, &out->u.s));
}

/* ---- HTTP ---- */

enum px_found px_fetch_req_proto_http(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    if (t->http && t->at.head)
        return px_found_bool(out, true);
    enum px_found found = px_raw_head(t, &head);
    return found == PX_LATER ? found : px_found_bool(out, found == PX_FOUND);
}

/* ---- TLS ---- */

/* The first handshake message, in one piece. */
static enum px_found handshake_in(struct px_str in, struct px_handshake *msg)
{
    enum px_found found = px_handshake_first(in, NULL, msg);
    if (found != PX_FOUND || msg->body.p)
        return found;
    char *room = px_scratch_get(in.len);
    return room ? px_handshake_first(in, room, msg) : PX_ABSENT;
}

static enum px_found first_handshake(const struct px_txn *t, struct px_handshake *msg)
{
    return t->http ? PX_ABSENT : settled(t, handshake_in(arrived(t), msg));
}

static enum px_found first_hello(const struct px_txn *t, struct px_handshake *msg)
{
    enum px_found found = first_handshake(t, msg);
    return found == PX_FOUND && msg->type != PX_CLIENT_HELLO ? PX_ABSENT : found;
}

enum px_found px_fetch_req_ssl_hello_type(struct px_txn *t, struct px_sample *out)
{
    struct px_handshake msg;
    enum px_found found = first_handshake(t, &msg);
    return found == PX_FOUND ? px_found_int(out, msg.type) : found;
}

enum px_found px_fetch_req_ssl_sni(struct px_txn *t, struct px_sample *out)
{
    struct px_handshake msg;
    enum px_found found = first_hello(t, &msg);
    out->type = PX_STRING;
    return found == PX_FOUND ? px_hello_name(msg.body, &out->u.s) : found;
}

enum px_found px_fetch_req_ssl_ver(struct px_txn *t, struct px_sample *out)
{
    struct px_handshake msg;
    out->type = PX_SINT;
    enum px_found found = first_hello(t, &msg);
    if (found == PX_FOUND)
        return px_hello_version(msg.body, &out->u.i);
    if (found == PX_LATER || t->http)
        return found;
    return settled(t, px_sslv2_version(arrived(t), &out->u.i));
}

static enum px_found hello_bytes(struct px_txn *t, struct px_sample *out,
                                 enum px_found (*read)(struct px_str body, struct px_str *part))
{
    struct px_handshake msg;
    enum px_found found = first_hello(t, &msg);
    out->type = PX_BIN;
    return found == PX_FOUND ? read(msg.body, &out->u.s) : found;
}

enum px_found px_fetch_req_ssl_alpn(struct px_txn *t, struct px_sample *out)
{
    enum px_found found = hello_bytes(t, out, px_hello_protocol);
    out->type = PX_STRING;
    return found;
}

enum px_found px_fetch_req_ssl_cipherlist(struct px_txn *t, struct px_sample *out)
{
    return hello_bytes(t, out, px_hello_ciphers);
}

static enum px_found groups_of(struct px_str body, struct px_str *list)
{
    return px_hello_list(body, PX_EXT_GROUPS, list);
}

static enum px_found signatures_of(struct px_str body, struct px_str *list)
{
    return px_hello_list(body, PX_EXT_SIGNATURES, list);
}

enum px_found px_fetch_req_ssl_supported_groups(struct px_txn *t, struct px_sample *out)
{
    return hello_bytes(t, out, groups_of);
}

enum px_found px_fetch_req_ssl_sigalgs(struct px_txn *t, struct px_sample *out)
{
    return hello_bytes(t, out, signatures_of);
}

enum px_found px_fetch_req_ssl_keyshare_groups(struct px_txn *t, struct px_sample *out)
{
    struct px_handshake msg;
    enum px_found found = first_hello(t, &msg);
    if (found != PX_FOUND)
        return found;
    out->type = PX_BIN;
    out->u.s.p = px_scratch_get(msg.body.len);
    return out->u.s.p ? px_hello_shares(msg.body, &out->u.s) : PX_ABSENT;
}

enum px_found px_fetch_req_ssl_ec_ext(struct px_txn *t, struct px_sample *out)
{
    struct px_handshake msg;
    struct px_str data;
    enum px_found found = first_hello(t, &msg);
    if (found != PX_FOUND)
        return found;
    return px_found_bool(out, px_hello_extension(msg.body, PX_EXT_GROUPS, &data) == PX_FOUND);
}

enum px_found px_fetch_req_ssl_st_ext(struct px_txn *t, struct px_sample *out)
{
    struct px_handshake msg;
    struct px_str data;
    enum px_found found = first_hello(t, &msg);
    if (found != PX_FOUND)
        return found;
    bool there = px_hello_extension(msg.body, PX_EXT_TICKET, &data) == PX_FOUND;
    return px_found_int(out, !there ? 0 : data.len ? 2 : 1);
}

enum px_found px_fetch_res_ssl_hello_type(struct px_txn *t, struct px_sample *out)
{
    struct px_handshake msg;
    enum px_found found = t->http ? PX_ABSENT : handshake_in(answered(t), &msg);
    if (found == PX_LATER)
        return may_wait_for_server(t) ? PX_LATER : PX_ABSENT;
    return found == PX_FOUND ? px_found_int(out, msg.type) : found;
}

/* ---- RDP ---- */

static enum px_found rdp_cookie(struct px_txn *t, struct px_str name, struct px_str *value)
{
    return t->http ? PX_ABSENT : settled(t, px_rdp_cookie(arrived(t), name, value));
}

enum px_found px_fetch_req_rdp_cookie(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    out->type = PX_STRING;
    return rdp_cookie(t, name, &out->u.s);
}

enum px_found px_fetch_req_rdp_cookie_cnt(struct px_txn *t, struct px_sample *out,
                                          struct px_str name)
{
    struct px_str value;
    enum px_found found = rdp_cookie(t, name, &value);
    return found == PX_LATER ? found : px_found_int(out, found == PX_FOUND);
}
