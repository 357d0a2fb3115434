/*
 * golden.cfg: a proxy made by proxyc.
 *
 * Generated; change the configuration instead. Rules are mapped to their lines, so that debuggers
 * and compiler messages speak of those.
 */
#include "abi.h"


/* ---- what is what ---- */

static const struct px_proxy frontend_front;
static const struct px_proxy backend_plain;
static const struct px_proxy backend_tls;
static const struct px_server server_plain_p1;
static const struct px_server server_plain_p2;
static const struct px_server server_tls_t1;

/* ---- names ---- */


static const struct px_str name__texts[] = {
    {NULL, 0},
    PX_STR("host"),
    PX_STR("connection"),
    PX_STR("content-length"),
    PX_STR("transfer-encoding"),
    PX_STR("upgrade"),
    PX_STR("expect"),
    PX_STR("keep-alive"),
    PX_STR("proxy-connection"),
    PX_STR("te"),
    PX_STR("trailer"),
    PX_STR("cookie"),
    PX_STR("set-cookie"),
    PX_STR("authorization"),
    PX_STR("proxy-authorization"),
    PX_STR("www-authenticate"),
    PX_STR("proxy-authenticate"),
};
static const uint8_t name__index[] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11,
    0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0,
    0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13,
    0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 3, 0, 7, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 16, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
static const struct px_name_table names = {255, name__index, name__texts, 17};

/* ---- patterns and maps ---- */

static const struct px_net4 front_connection_src_ip__nets4[] = {
    {0xc0000200u, 0xc00002ffu, 0},
    {0xc6336400u, 0xc63364ffu, 2},
};
static const struct px_net6 front_connection_src_ip__nets6[] = {{{0}, {0}, 0}};
static const uint16_t front_connection_src_ip__hits[] = {
    1, 1, 1, 0,
};
static const struct px_nets front_connection_src_ip = {2, 0, front_connection_src_ip__nets4, front_connection_src_ip__nets6, front_connection_src_ip__hits};
static const struct px_range front_content_req_ssl_hello_type_int__ranges[] = {
    {INT64_C(1), INT64_C(1), 0},
};
static const uint16_t front_content_req_ssl_hello_type_int__hits[] = {
    1, 0,
};
static const struct px_ranges front_content_req_ssl_hello_type_int = {1, front_content_req_ssl_hello_type_int__ranges, front_content_req_ssl_hello_type_int__hits};
static const struct px_range front_content_req_len_int__ranges[] = {
    {INT64_C(101), INT64_C(9223372036854775807), 0},
};
static const uint16_t front_content_req_len_int__hits[] = {
    1, 0,
};
static const struct px_ranges front_content_req_len_int = {1, front_content_req_len_int__ranges, front_content_req_len_int__hits};
static const char front_content_req_ssl_sni_str_i__text[] =
    "www.example.org";
static const struct px_key front_content_req_ssl_sni_str_i__keys[] = {
    {0, 15u, 0},
};
static const uint16_t front_content_req_ssl_sni_str_i__hits[] = {
    1, 0,
};
static const struct px_strings front_content_req_ssl_sni_str_i = {
    .nkeys = 1,
    .nbuckets = 0,
    .seed = 0,
    .fold = true,
    .text = front_content_req_ssl_sni_str_i__text,
    .keys = front_content_req_ssl_sni_str_i__keys,
    .hits = front_content_req_ssl_sni_str_i__hits,
};

/* ---- samples ---- */


static enum px_found get_src(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_src(t, s);
}

static enum px_found get_req_ssl_hello_type(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_req_ssl_hello_type(t, s);
}

static enum px_found get_req_len(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_req_len(t, s);
}

static enum px_found get_req_ssl_sni(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_req_ssl_sni(t, s);
}

/* ---- formats ---- */


static void append__fmt_line_1(struct px_txn *t, struct px_out *out)
{
    px_log_client_addr(t, out, 0);
    px_put(out, ":", 1);
    px_log_client_port(t, out, 0);
    px_put(out, " [", 2);
    px_log_date(t, out, 0);
    px_put(out, "] ", 2);
    px_log_frontend_transport(t, out, 0);
    px_put(out, " ", 1);
    px_log_backend(t, out, 0);
    px_put(out, "/", 1);
    px_log_server(t, out, 0);
    px_put(out, " ", 1);
    px_log_time_queue(t, out, 0);
    px_put(out, "/", 1);
    px_log_time_connect(t, out, 0);
    px_put(out, "/", 1);
    px_log_time_total(t, out, 0);
    px_put(out, " ", 1);
    px_log_bytes_out(t, out, 0);
    px_put(out, " ", 1);
    px_log_state(t, out, 0);
    px_put(out, " ", 1);
    px_log_process_conns(t, out, 0);
    px_put(out, "/", 1);
    px_log_frontend_conns(t, out, 0);
    px_put(out, "/", 1);
    px_log_backend_conns(t, out, 0);
    px_put(out, "/", 1);
    px_log_server_conns(t, out, 0);
    px_put(out, "/", 1);
    px_log_retries(t, out, 0);
    px_put(out, " ", 1);
    px_log_server_queue(t, out, 0);
    px_put(out, "/", 1);
    px_log_backend_queue(t, out, 0);
}

/* ---- conditions ---- */


/* What front_connection has read so far. */
struct front_connection {
    const uint16_t *front_connection_src_ip;
};

static const uint16_t *front_connection_src_ip__hits_of(struct px_txn *t, struct front_connection *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->front_connection_src_ip)
        return m->front_connection_src_ip;
    found = get_src(t, &s);
    m->front_connection_src_ip = px_no_hits;
    if (found == PX_FOUND)
        m->front_connection_src_ip = px_match_ip(&front_connection_src_ip, &s);
    return m->front_connection_src_ip;
}

/* What front_content has read so far. */
struct front_content {
    const uint16_t *front_content_req_ssl_hello_type_int;
    const uint16_t *front_content_req_len_int;
    const uint16_t *front_content_req_ssl_sni_str_i;
};

static const uint16_t *front_content_req_ssl_hello_type_int__hits_of(struct px_txn *t, struct front_content *m)
{
    struct px_sample s = {.open = false};
    enum px_found found;
    if (m->front_content_req_ssl_hello_type_int)
        return m->front_content_req_ssl_hello_type_int;
    found = get_req_ssl_hello_type(t, &s);
    if (found == PX_LATER && !px_is_final(t))
        return px_later;
    m->front_content_req_ssl_hello_type_int = px_no_hits;
    if (found == PX_FOUND)
        m->front_content_req_ssl_hello_type_int = px_match_int(&front_content_req_ssl_hello_type_int, s.u.i);
    if (s.open && !px_is_final(t))
        m->front_content_req_ssl_hello_type_int = px_hits_open(m->front_content_req_ssl_hello_type_int);
    return m->front_content_req_ssl_hello_type_int;
}

static const uint16_t *front_content_req_len_int__hits_of(struct px_txn *t, struct front_content *m)
{
    struct px_sample s = {.open = false};
    enum px_found found;
    if (m->front_content_req_len_int)
        return m->front_content_req_len_int;
    found = get_req_len(t, &s);
    if (found == PX_LATER && !px_is_final(t))
        return px_later;
    m->front_content_req_len_int = px_no_hits;
    if (found == PX_FOUND)
        m->front_content_req_len_int = px_match_int(&front_content_req_len_int, s.u.i);
    if (s.open && !px_is_final(t))
        m->front_content_req_len_int = px_hits_open(m->front_content_req_len_int);
    return m->front_content_req_len_int;
}

static const uint16_t *front_content_req_ssl_sni_str_i__hits_of(struct px_txn *t, struct front_content *m)
{
    struct px_sample s = {.open = false};
    enum px_found found;
    if (m->front_content_req_ssl_sni_str_i)
        return m->front_content_req_ssl_sni_str_i;
    found = get_req_ssl_sni(t, &s);
    if (found == PX_LATER && !px_is_final(t))
        return px_later;
    m->front_content_req_ssl_sni_str_i = px_no_hits;
    if (found == PX_FOUND)
        m->front_content_req_ssl_sni_str_i = px_match_few(&front_content_req_ssl_sni_str_i, s.u.s);
    if (s.open && !px_is_final(t))
        m->front_content_req_ssl_sni_str_i = px_hits_open(m->front_content_req_ssl_sni_str_i);
    return m->front_content_req_ssl_sni_str_i;
}

static enum px_tri front_tcp_request_rule_1(struct px_txn *t, struct front_content *m)
{
    enum px_tri any = PX_FALSE, all;
    all = PX_TRUE;
    if (all == PX_TRUE)
        all = px_hit3(front_content_req_ssl_hello_type_int__hits_of(t, m), 0);
    if (all == PX_TRUE)
        return PX_TRUE;
    if (all == PX_UNKNOWN)
        any = PX_UNKNOWN;
    return any;
}

static enum px_tri front_tcp_request_rule_2(struct px_txn *t, struct front_content *m)
{
    enum px_tri any = PX_FALSE, all;
    all = PX_TRUE;
    if (all == PX_TRUE)
        all = px_hit3(front_content_req_len_int__hits_of(t, m), 0);
    if (all == PX_TRUE)
        return PX_TRUE;
    if (all == PX_UNKNOWN)
        any = PX_UNKNOWN;
    return any;
}

static enum px_tri front_use_backend_rule_1(struct px_txn *t, struct front_content *m)
{
    enum px_tri any = PX_FALSE, all;
    all = PX_TRUE;
    if (all == PX_TRUE)
        all = px_hit3(front_content_req_ssl_sni_str_i__hits_of(t, m), 0);
    if (all == PX_TRUE)
        return PX_TRUE;
    if (all == PX_UNKNOWN)
        any = PX_UNKNOWN;
    return any;
}

/* ---- rules ---- */


static enum px_verdict front_tcp_connection(struct px_txn *t)
{
    struct front_connection memo = {0}, *m = &memo;
    enum px_verdict v;
    (void)m;
#line 26 "session.cfg"
    if (px_hit(front_connection_src_ip__hits_of(t, m), 0)) {
        if ((v = px_act_expect_proxy(t, PX_AT_CONN, 0)) != PX_GO)
            return v;
    }
#line 27 "session.cfg"
    if (px_hit(front_connection_src_ip__hits_of(t, m), 1)) {
        if ((v = px_act_reject(t, PX_AT_CONN)) != PX_GO)
            return v;
    }
#line 306 "proxy.c"
    return PX_GO;
}

static enum px_verdict front_tcp_request(struct px_txn *t)
{
    struct front_content memo = {0}, *m = &memo;
    enum px_verdict v;
    (void)m;
#line 28 "session.cfg"
    switch (front_tcp_request_rule_1(t, m)) {
    case PX_UNKNOWN:
        if (!px_is_final(t))
            return PX_WAIT;
        break;
    case PX_TRUE:
        if ((v = px_act_accept(t, PX_AT_REQ_TCP)) != PX_GO)
            return v;
        break;
    case PX_FALSE:
        break;
    }
#line 29 "session.cfg"
    switch (front_tcp_request_rule_2(t, m)) {
    case PX_UNKNOWN:
        if (!px_is_final(t))
            return PX_WAIT;
        break;
    case PX_TRUE:
        if ((v = px_act_reject(t, PX_AT_REQ_TCP)) != PX_GO)
            return v;
        break;
    case PX_FALSE:
        break;
    }
#line 341 "proxy.c"
    return PX_GO;
}

static const struct px_proxy *front_use_backend(struct px_txn *t)
{
    struct front_content memo = {0}, *m = &memo;
    (void)m;
    (void)t;
#line 30 "session.cfg"
    if (front_use_backend_rule_1(t, m) == PX_TRUE)
        return &backend_tls;
#line 353 "proxy.c"
    return NULL;
}

/* ---- proxies ---- */

static const struct px_log_target log_line_4 = {
    .to = {.family = PX_AF_INET, .port = 514, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .format = PX_LOG_LOCAL,
    .facility = 16,
    .max_level = 5,
    .min_level = 0,
    .max_len = 1024,
    .number = 0,
};

static const struct px_bind bind_0 = {
    .addr = {.family = PX_AF_INET, .port = 7000, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 0,
    .file = "session.cfg",
    .line = 15,
    .proxy = &frontend_front,
    .serve = &px_mode_tcp,
    .id = 1,
    .uid = -1,
    .gid = -1,
};
static const struct px_bind bind_1 = {
    .addr = {.family = PX_AF_INET, .port = 7001, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 1,
    .file = "session.cfg",
    .line = 15,
    .proxy = &frontend_front,
    .serve = &px_mode_tcp,
    .id = 2,
    .uid = -1,
    .gid = -1,
};
static const struct px_bind bind_2 = {
    .addr = {.family = PX_AF_INET6, .port = 7000, .has_port = true, .ip.v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    .number = 2,
    .file = "session.cfg",
    .line = 15,
    .proxy = &frontend_front,
    .serve = &px_mode_tcp,
    .id = 3,
    .uid = -1,
    .gid = -1,
};
static const struct px_bind bind_3 = {
    .addr = {.family = PX_AF_INET, .port = 7002, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 3,
    .file = "session.cfg",
    .line = 16,
    .proxy = &frontend_front,
    .serve = &px_mode_tcp,
    .expect = &px_expect_proxy,
    .id = 4,
    .accept_proxy = true,
    .uid = -1,
    .gid = -1,
};
static const struct px_bind bind_4 = {
    .addr = {.family = PX_AF_INET6, .port = 7003, .has_port = true, .ip.v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    .number = 4,
    .file = "session.cfg",
    .line = 17,
    .proxy = &frontend_front,
    .serve = &px_mode_tcp,
    .name = "odd",
    .id = 77,
    .maxconn = 90,
    .backlog = 80,
    .interface = "lo",
    .mss = 1400,
    .tcp_ut = 10000,
    .tfo = true,
    .defer_accept = true,
    .transparent = true,
    .v4v6 = true,
    .uid = -1,
    .gid = -1,
    .nice = -3,
};
static const struct px_bind bind_5 = {
    .addr = {.family = PX_AF_INET6, .port = 7004, .has_port = true, .ip.v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    .number = 5,
    .file = "session.cfg",
    .line = 18,
    .proxy = &frontend_front,
    .serve = &px_mode_tcp,
    .id = 6,
    .cc = "reno",
    .tcp_md5sig = "secret",
    .tcp_ss = 2,
    .threads = 0x6,
    .v6only = true,
    .uid = -1,
    .gid = -1,
};
static const struct px_bind bind_6 = {
    .addr = {.family = PX_AF_UNIX, .path = "/tmp/golden.stream"},
    .number = 6,
    .file = "session.cfg",
    .line = 19,
    .proxy = &frontend_front,
    .serve = &px_mode_tcp,
    .id = 7,
    .mode = 432,
    .user = "root",
    .uid = -1,
    .gid = 4,
};
static const struct px_bind *const binds_of__frontend_front[] = {
    &bind_0,
    &bind_1,
    &bind_2,
    &bind_3,
    &bind_4,
    &bind_5,
    &bind_6,
};
static const struct px_proxy *const routes_of__frontend_front[] = {
    &backend_tls,
};
static const struct px_rules rules_of__frontend_front = {
    .tcp_connection = front_tcp_connection,
    .tcp_request = front_tcp_request,
    .use_backend = front_use_backend,
};
static const struct px_log_target *const logs_of__frontend_front[] = {&log_line_4};
static const struct px_proxy frontend_front = {
    .name = "front",
    .file = "session.cfg",
    .line = 14,
    .number = 0,
    .id = 2,
    .caps = PX_FRONTEND,
    .binds = binds_of__frontend_front,
    .nbinds = 7,
    .default_backend = &backend_plain,
    .routes = routes_of__frontend_front,
    .nroutes = 1,
    .rules = &rules_of__frontend_front,
    .logs = logs_of__frontend_front,
    .nlogs = 1,
    .log_line = append__fmt_line_1,
    .retries = 3,
    .timeout_client = 3600000,
    .timeout_connect = 4000,
    .timeout_queue = 30000,
    .timeout_server = 3600000,
    .inspect_delay = 5000,
    .clitcpka = true,
    .clitcpka_cnt = 3,
    .clitcpka_idle = 60000,
    .clitcpka_intvl = 10000,
    .tcp_smart_accept = true,
    .max_keep_alive_queue = -1,
};

static const struct px_server server_plain_p1 = {
    .name = "p1",
    .addr = {.family = PX_AF_INET, .port = 7100, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 0,
    .id = 1,
    .proxy = &backend_plain,
    .personal = true,
    .announce = &px_announce_v1,
    .weight = 1,
    .error_limit = 10,
    .send_proxy = true,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server server_plain_p2 = {
    .name = "p2",
    .addr = {.family = PX_AF_INET, .port = 100, .has_port = true, .port_offset = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 1,
    .id = 2,
    .proxy = &backend_plain,
    .personal = true,
    .announce = &px_announce_v2,
    .says = PX_SAY_CRC32C | PX_SAY_AUTHORITY,
    .weight = 1,
    .error_limit = 10,
    .send_proxy_v2 = true,
    .proxy_v2_options = "crc32c,authority",
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server *const servers_of__backend_plain[] = {
    &server_plain_p1,
    &server_plain_p2,
};

static const struct px_balance balance_backend_plain = {
    .name = "source",
    .hash = px_balance_source,
    .key = NULL,
    .function = PX_HASH_SDBM,
    .len = 0,
    .depth = 0,
};

static const struct px_rdp_persistence rdp_backend_plain = {
    .find = px_persist_rdp,
    .cookie = {"msts", 4},
};
static const struct px_log_target *const logs_of__backend_plain[] = {&log_line_4};
static const struct px_proxy backend_plain = {
    .name = "plain",
    .file = "session.cfg",
    .line = 33,
    .number = 1,
    .id = 3,
    .caps = PX_BACKEND,
    .lb = &px_lb_map_based,
    .lb_arg = 0,
    .balance = &balance_backend_plain,
    .servers = servers_of__backend_plain,
    .nservers = 2,
    .rdp = &rdp_backend_plain,
    .logs = logs_of__backend_plain,
    .nlogs = 1,
    .retries = 3,
    .timeout_client = 3600000,
    .timeout_connect = 4000,
    .timeout_queue = 30000,
    .timeout_server = 3600000,
    .max_keep_alive_queue = -1,
};

static const struct px_server server_tls_t1 = {
    .name = "t1",
    .addr = {.family = PX_AF_INET6, .port = 7443, .has_port = true, .ip.v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    .number = 2,
    .id = 1,
    .proxy = &backend_tls,
    .weight = 1,
    .maxconn = 50,
    .error_limit = 10,
    .tcp_ut = 20000,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server *const servers_of__backend_tls[] = {
    &server_tls_t1,
};
static const struct px_log_target *const logs_of__backend_tls[] = {&log_line_4};
static const struct px_proxy backend_tls = {
    .name = "tls",
    .file = "session.cfg",
    .line = 39,
    .number = 2,
    .id = 4,
    .caps = PX_BACKEND,
    .lb = &px_lb_first,
    .lb_arg = 0,
    .servers = servers_of__backend_tls,
    .nservers = 1,
    .logs = logs_of__backend_tls,
    .nlogs = 1,
    .retries = 3,
    .timeout_client = 3600000,
    .timeout_connect = 4000,
    .timeout_queue = 30000,
    .timeout_server = 3600000,
    .srvtcpka = true,
    .srvtcpka_cnt = 4,
    .srvtcpka_idle = 120000,
    .srvtcpka_intvl = 20000,
    .tcp_smart_connect = true,
    .max_keep_alive_queue = -1,
};

static const struct px_log_target *const global_logs[] = {&log_line_4};
static const struct px_bind bind_7 = {
    .addr = {.family = PX_AF_UNIX, .path = "/tmp/golden.sock"},
    .number = 7,
    .file = "session.cfg",
    .line = 3,
    .serve = &px_mode_control,
    .id = 1,
    .mode = 432,
    .uid = -1,
    .gid = -1,
    .level = "operator",
};
static const struct px_global global = {
    .logs = global_logs,
    .nlogs = 1,
    .mworker_max_reloads = -1,
    .strict_limits = true,
    .stats_timeout = 10000,
    .stats_maxconn = 10,
    .bufsize = 16384,
    .maxrewrite = 1024,
    .maxhdr = 101,
    .logurilen = 1023,
    .cookielen = 63,
};

/* ---- the program ---- */

static const struct px_proxy *const proxies[] = {
    &frontend_front,
    &backend_plain,
    &backend_tls,
};
static const struct px_bind *const binds[] = {
    &bind_0,
    &bind_1,
    &bind_2,
    &bind_3,
    &bind_4,
    &bind_5,
    &bind_6,
    &bind_7,
};

const struct px_program px_program = {
    .abi = PX_ABI_VERSION,
    .config = "golden.cfg",
    .global = &global,
    .proxies = proxies,
    .nproxies = 3,
    .binds = binds,
    .nbinds = 8,
    .nservers = 3,
    .nlog_targets = 1,
    .names = &names,
    .vars = NULL,
    .nvars = 0,
    .prepare = NULL,
    .log = &px_log_lines,
    .environment = NULL,
};
