/*
 * golden.cfg: a proxy made by proxyc.
 *
 * Generated; change the configuration instead. Rules are mapped to their lines, so that debuggers
 * and compiler messages speak of those.
 */
#include "abi.h"


/* ---- what is what ---- */

static const struct px_proxy frontend_www;
static const struct px_proxy backend_app;
static const struct px_server server_app_s1;

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
    PX_STR("x-say"),
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
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0,
};
static const struct px_name_table names = {255, name__index, name__texts, 18};
static const struct px_name name_x_say = {PX_STR("x-say"), 17};

/* ---- patterns and maps ---- */

static const char www_request_path_beg__text[] =
    "/a#b";
static const struct px_key www_request_path_beg__keys[] = {
    {0, 4u, 0},
};
static const uint32_t www_request_path_beg__up[] = {
    0u,
};
static const uint64_t www_request_path_beg__heads[] = {
    UINT64_C(0x0000000000000000),
};
static const uint16_t www_request_path_beg__hits[] = {
    1, 0,
};
static const struct px_strings www_request_path_beg = {
    .nkeys = 1,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = www_request_path_beg__text,
    .keys = www_request_path_beg__keys,
    .up = www_request_path_beg__up,
    .skip = 4,
    .heads = www_request_path_beg__heads,
    .hits = www_request_path_beg__hits,
};

/* ---- samples ---- */


static enum px_found get_path(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_path(t, s);
}

/* ---- formats ---- */

static const char fmt_line_16__bytes[] =
    "it\\x20is";
static const struct px_fmt fmt_line_16 = {{fmt_line_16__bytes, 8}, NULL};

/* ---- conditions ---- */


/* What www_request has read so far. */
struct www_request {
    const uint16_t *www_request_path_beg;
};

static const uint16_t *www_request_path_beg__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->www_request_path_beg)
        return m->www_request_path_beg;
    found = get_path(t, &s);
    m->www_request_path_beg = px_no_hits;
    if (found == PX_FOUND)
        m->www_request_path_beg = px_match_prefix(&www_request_path_beg, s.u.s);
    return m->www_request_path_beg;
}

/* ---- rules ---- */


static enum px_verdict www_http_request(struct px_txn *t)
{
    struct www_request memo = {0}, *m = &memo;
    enum px_verdict v;
    (void)m;
#line 16 "words.cfg"
    if (px_hit(www_request_path_beg__hits_of(t, m), 0)) {
        if ((v = px_act_set_header(t, PX_AT_REQ_HTTP, &name_x_say, &fmt_line_16)) != PX_GO)
            return v;
    }
#line 138 "proxy.c"
    return PX_GO;
}

/* ---- proxies ---- */


static const struct px_bind bind_0 = {
    .addr = {.family = PX_AF_INET, .port = 8080, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 0,
    .file = "words.cfg",
    .line = 15,
    .proxy = &frontend_www,
    .serve = &px_mode_http,
    .id = 1,
    .uid = -1,
    .gid = -1,
};
static const struct px_bind *const binds_of__frontend_www[] = {
    &bind_0,
};
static const struct px_rules rules_of__frontend_www = {
    .http_request = www_http_request,
};
static const struct px_proxy frontend_www = {
    .name = "www",
    .file = "words.cfg",
    .line = 14,
    .number = 0,
    .id = 1,
    .caps = PX_FRONTEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .binds = binds_of__frontend_www,
    .nbinds = 1,
    .rules = &rules_of__frontend_www,
    .retries = 3,
    .timeout_client = 60000,
    .timeout_connect = 3,
    .timeout_server = 90000,
    .tcp_smart_accept = true,
    .max_keep_alive_queue = -1,
};

static const struct px_server server_app_s1 = {
    .name = "s1",
    .addr = {.family = PX_AF_INET, .port = 9, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 0,
    .id = 1,
    .proxy = &backend_app,
    .weight = 1,
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server *const servers_of__backend_app[] = {
    &server_app_s1,
};
static const struct px_proxy backend_app = {
    .name = "app",
    .file = "words.cfg",
    .line = 21,
    .number = 1,
    .id = 2,
    .caps = PX_BACKEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .lb = &px_lb_roundrobin,
    .lb_arg = 0,
    .servers = servers_of__backend_app,
    .nservers = 1,
    .retries = 3,
    .timeout_client = 60000,
    .timeout_connect = 3,
    .timeout_server = 90000,
    .max_keep_alive_queue = -1,
};

static const struct px_global global = {
    .maxconn = 100,
    .mworker_max_reloads = -1,
    .strict_limits = true,
    .description = "it is \"hello world\" here",
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
    &frontend_www,
    &backend_app,
};
static const struct px_bind *const binds[] = {
    &bind_0,
};

static const struct px_env environment[] = {
    {"SITE", "example.org", PX_SETENV},
    {NULL, NULL, 0},
};

const struct px_program px_program = {
    .abi = PX_ABI_VERSION,
    .config = "golden.cfg",
    .global = &global,
    .proxies = proxies,
    .nproxies = 2,
    .binds = binds,
    .nbinds = 1,
    .nservers = 1,
    .nlog_targets = 0,
    .names = &names,
    .vars = NULL,
    .nvars = 0,
    .prepare = NULL,
    .log = NULL,
    .environment = environment,
};
