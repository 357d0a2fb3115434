/*
 * golden.cfg: a proxy made by proxyc.
 *
 * Generated; change the configuration instead. Rules are mapped to their lines, so that debuggers
 * and compiler messages speak of those.
 */
#include "abi.h"


/* ---- what is what ---- */

static const struct px_proxy frontend_www;
static const struct px_proxy backend_api;
static const struct px_proxy backend_img;
static const struct px_proxy backend_clients;
static const struct px_proxy backend_users;
static const struct px_proxy backend_app;
static const struct px_server server_api_a1;
static const struct px_server server_api_a2;
static const struct px_server server_img_i1;
static const struct px_server server_app_s1;
static const struct px_server server_app_s2;
static const struct px_server server_app_t1;
static const struct px_server server_app_t2;

enum {
    VAR_TXN_USER,
};

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
    PX_STR("user-agent"),
    PX_STR("x-port"),
    PX_STR("x-user"),
    PX_STR("x-kind"),
    PX_STR("x-servers"),
    PX_STR("x-tag"),
    PX_STR("cache-control"),
    PX_STR("x-new"),
    PX_STR("x-forwarded-for"),
    PX_STR("x-pick"),
};
static const uint8_t name__index[] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 18, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 0, 0, 0, 0, 0, 11,
    0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0,
    0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 26, 19, 0, 0, 0, 0,
    0, 24, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 13,
    0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0,
    17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 3, 0, 7, 0, 0, 0, 20, 2, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 16, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 23,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
static const struct px_name_table names = {255, name__index, name__texts, 27};
enum { TABLE_IMG, TABLE_CLIENTS, TABLE_USERS };
static const struct px_stick_table tables[] = {
    [TABLE_IMG] = {.name = "img",
     .type = PX_STRING,
     .data = 3,
     .key_size = 64,
     .size = 102400,
     .expire = 1800000,
     .number = 0},
    [TABLE_CLIENTS] = {.name = "clients",
     .type = PX_IPV4,
     .data = 3,
     .key_size = 4,
     .size = 1048576,
     .expire = 3600000,
     .nopurge = true,
     .number = 1},
    [TABLE_USERS] = {.name = "users",
     .type = PX_STRING,
     .data = 3,
     .key_size = 32,
     .size = 10240,
     .by_addr = true,
     .number = 2},
};
static struct px_jwt_key jwt_keys[] = {
    {PX_STR("p256.pem"), {"0Y0\023\006\007*\206H\316=\002\001\006\010*\206H\316=\003\001\007\003B\000\004\022y~[\361\004\237\327\006\365#D\037\372D\275\226\350Nl\262\013W\250\232\257\373\227\271*\3735\352\311\200\230\342\375\214]\304\236\013\n\213CI\201\036\272\337\313v\246\262\272\345]q|1bu?", 91}, NULL},
};
static const struct px_name name_host = {PX_STR("host"), 1};
static const struct px_name name_user_agent = {PX_STR("user-agent"), 17};
static const struct px_name name_x_tag = {PX_STR("x-tag"), 22};
static const struct px_name name_x_new = {PX_STR("x-new"), 24};
static const struct px_name name_x_user = {PX_STR("x-user"), 19};
static const struct px_name name_x_pick = {PX_STR("x-pick"), 26};
static const struct px_name name_x_port = {PX_STR("x-port"), 18};
static const struct px_name name_x_kind = {PX_STR("x-kind"), 20};
static const struct px_name name_x_servers = {PX_STR("x-servers"), 21};
static const struct px_name name_cache_control = {PX_STR("cache-control"), 23};
static const struct px_name name_x_forwarded_for = {PX_STR("x-forwarded-for"), 25};

/* ---- patterns and maps ---- */

static const char www_request_path_beg__text[] =
    "/api//d//v1/";
static const struct px_key www_request_path_beg__keys[] = {
    {0, 5u, 0},
    {5, 3u, 2},
    {8, 4u, 0},
};
static const uint32_t www_request_path_beg__up[] = {
    0u, 0u, 0u,
};
static const uint64_t www_request_path_beg__heads[] = {
    UINT64_C(0x6170692f00000000), UINT64_C(0x642f000000000000), UINT64_C(0x76312f0000000000),
};
static const uint16_t www_request_path_beg__hits[] = {
    1, 0, 1, 1,
};
static const struct px_strings www_request_path_beg = {
    .nkeys = 3,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = www_request_path_beg__text,
    .keys = www_request_path_beg__keys,
    .up = www_request_path_beg__up,
    .skip = 1,
    .heads = www_request_path_beg__heads,
    .hits = www_request_path_beg__hits,
};
static const struct px_net4 www_request_src_ip__nets4[] = {
    {0x0a000000u, 0x0affffffu, 0},
    {0xc0a80000u, 0xc0a8ffffu, 0},
};
static const struct px_net6 www_request_src_ip__nets6[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0},
};
static const uint16_t www_request_src_ip__hits[] = {
    1, 0,
};
static const struct px_nets www_request_src_ip = {2, 1, www_request_src_ip__nets4, www_request_src_ip__nets6, www_request_src_ip__hits};
static const char www_request_req_hdr_user_agent_search__classes[] =
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\005\006\006\006\006\006\006\006\006\006\006\000\000\000\000\000\000"
    "\000\000\000\001\000\011\000\010\000\000\000\000\004\000\000\000\000\000\003\000\n\002\000\007\000\000\000\000\000\000\000\000\000\000\000\001\000\011\000\010\000\000\000\000\004\000\000\000\000\000\003\000\n\002\000\007\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000";
static const uint16_t www_request_req_hdr_user_agent_search__next[] = {
    2, 2, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2,
    4, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 3, 5, 2, 2, 2, 2, 6, 2,
    2, 2, 2, 3, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 3, 2, 7, 2, 2, 2, 2, 8, 2, 2,
    2, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    3, 2, 2, 11, 2, 2, 2, 2, 9, 2, 2, 3,
    2, 2, 2, 2, 2, 2, 2, 2, 10, 2, 3, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 12, 3, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 12, 3, 2, 2, 2,
};
static const uint32_t www_request_req_hdr_user_agent_search__here[] = {
    0u, 0u,
};
static const uint32_t www_request_req_hdr_user_agent_search__end[] = {
    2u, 2u, 2u, 2u, 2u, 2u, 2u, 2u, 2u, 2u, 2u, 0u,
    0u,
};
static const uint16_t www_request_req_hdr_user_agent_search__hits[] = {
    1, 0, 0,
};
static const struct px_automaton www_request_req_hdr_user_agent_search = {
    .nclasses = 11,
    .start = 1,
    .first_here = 11,
    .classes = www_request_req_hdr_user_agent_search__classes,
    .next = www_request_req_hdr_user_agent_search__next,
    .here = www_request_req_hdr_user_agent_search__here,
    .end = www_request_req_hdr_user_agent_search__end,
    .hits = www_request_req_hdr_user_agent_search__hits,
};
static const struct px_range www_request_src_port_int__ranges[] = {
    {INT64_MIN, INT64_C(1023), 0},
};
static const uint16_t www_request_src_port_int__hits[] = {
    1, 0,
};
static const struct px_ranges www_request_src_port_int = {1, www_request_src_port_int__ranges, www_request_src_port_int__hits};
static const char www_request_path_end_i__text[] =
    ".gif.png.jpg";
static const struct px_key www_request_path_end_i__keys[] = {
    {0, 4u, 0},
    {4, 4u, 0},
    {8, 4u, 0},
};
static const uint32_t www_request_path_end_i__up[] = {
    0u, 0u, 0u,
};
static const uint16_t www_request_path_end_i__hits[] = {
    1, 0,
};
static const struct px_strings www_request_path_end_i = {
    .nkeys = 3,
    .nbuckets = 0,
    .seed = 0,
    .fold = true,
    .text = www_request_path_end_i__text,
    .keys = www_request_path_end_i__keys,
    .up = www_request_path_end_i__up,
    .hits = www_request_path_end_i__hits,
};
static const char www_request_req_hdr_x_tag_lower_str__text[] =
    "one";
static const struct px_key www_request_req_hdr_x_tag_lower_str__keys[] = {
    {0, 3u, 0},
};
static const uint16_t www_request_req_hdr_x_tag_lower_str__hits[] = {
    1, 0,
};
static const struct px_strings www_request_req_hdr_x_tag_lower_str = {
    .nkeys = 1,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = www_request_req_hdr_x_tag_lower_str__text,
    .keys = www_request_req_hdr_x_tag_lower_str__keys,
    .hits = www_request_req_hdr_x_tag_lower_str__hits,
};
static const char www_request_req_hdr_x_tag_lower_end__text[] =
    "two";
static const struct px_key www_request_req_hdr_x_tag_lower_end__keys[] = {
    {0, 3u, 0},
};
static const uint32_t www_request_req_hdr_x_tag_lower_end__up[] = {
    0u,
};
static const uint16_t www_request_req_hdr_x_tag_lower_end__hits[] = {
    1, 0,
};
static const struct px_strings www_request_req_hdr_x_tag_lower_end = {
    .nkeys = 1,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = www_request_req_hdr_x_tag_lower_end__text,
    .keys = www_request_req_hdr_x_tag_lower_end__keys,
    .up = www_request_req_hdr_x_tag_lower_end__up,
    .hits = www_request_req_hdr_x_tag_lower_end__hits,
};
static const char www_request_path_str__text[] =
    "//ping/x";
static const struct px_key www_request_path_str__keys[] = {
    {0, 1u, 0},
    {1, 5u, 2},
    {6, 2u, 4},
};
static const uint16_t www_request_path_str__hits[] = {
    1, 0, 1, 1, 1, 2,
};
static const struct px_strings www_request_path_str = {
    .nkeys = 3,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = www_request_path_str__text,
    .keys = www_request_path_str__keys,
    .hits = www_request_path_str__hits,
};
static const char www_request_req_hdr_host_str_i__text[] =
    "g.exampleh.examplef.exampleb.examplea.examplee.examplec.exampled"
    ".examplei.example";
static const struct px_key www_request_req_hdr_host_str_i__keys[] = {
    {0, 9u, 0},
    {9, 9u, 0},
    {18, 9u, 0},
    {27, 9u, 0},
    {36, 9u, 0},
    {45, 9u, 0},
    {0, 4294967295u, 0},
    {54, 9u, 0},
    {63, 9u, 0},
    {72, 9u, 0},
};
static const uint16_t www_request_req_hdr_host_str_i__pilots[] = {
    0, 4, 18,
};
static const uint16_t www_request_req_hdr_host_str_i__hits[] = {
    1, 0,
};
static const struct px_strings www_request_req_hdr_host_str_i = {
    .nkeys = 10,
    .nbuckets = 3,
    .seed = 0,
    .fold = true,
    .text = www_request_req_hdr_host_str_i__text,
    .keys = www_request_req_hdr_host_str_i__keys,
    .pilots = www_request_req_hdr_host_str_i__pilots,
    .hits = www_request_req_hdr_host_str_i__hits,
};
static const struct px_range www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int__ranges[] = {
    {INT64_C(1), INT64_C(1), 0},
};
static const uint16_t www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int__hits[] = {
    1, 0,
};
static const struct px_ranges www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int = {1, www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int__ranges, www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int__hits};
static const char img_request_path_beg__text[] =
    "/new/";
static const struct px_key img_request_path_beg__keys[] = {
    {0, 5u, 0},
};
static const uint32_t img_request_path_beg__up[] = {
    0u,
};
static const uint64_t img_request_path_beg__heads[] = {
    UINT64_C(0x0000000000000000),
};
static const uint16_t img_request_path_beg__hits[] = {
    1, 0,
};
static const struct px_strings img_request_path_beg = {
    .nkeys = 1,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = img_request_path_beg__text,
    .keys = img_request_path_beg__keys,
    .up = img_request_path_beg__up,
    .skip = 5,
    .heads = img_request_path_beg__heads,
    .hits = img_request_path_beg__hits,
};
static const struct px_range img_response_status_int__ranges[] = {
    {INT64_C(200), INT64_C(200), 0},
};
static const uint16_t img_response_status_int__hits[] = {
    1, 0,
};
static const struct px_ranges img_response_status_int = {1, img_response_status_int__ranges, img_response_status_int__hits};
static const char app_request_path_end__text[] =
    ".png";
static const struct px_key app_request_path_end__keys[] = {
    {0, 4u, 0},
};
static const uint32_t app_request_path_end__up[] = {
    0u,
};
static const uint16_t app_request_path_end__hits[] = {
    1, 0,
};
static const struct px_strings app_request_path_end = {
    .nkeys = 1,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = app_request_path_end__text,
    .keys = app_request_path_end__keys,
    .up = app_request_path_end__up,
    .hits = app_request_path_end__hits,
};
static const struct px_net4 app_request_src_ip__nets4[] = {
    {0xc0000207u, 0xc0000207u, 0},
};
static const struct px_net6 app_request_src_ip__nets6[] = {{{0}, {0}, 0}};
static const uint16_t app_request_src_ip__hits[] = {
    1, 0,
};
static const struct px_nets app_request_src_ip = {1, 0, app_request_src_ip__nets4, app_request_src_ip__nets6, app_request_src_ip__hits};
static const char app_request_req_hdr_x_pick_str__text[] =
    "two";
static const struct px_key app_request_req_hdr_x_pick_str__keys[] = {
    {0, 3u, 0},
};
static const uint16_t app_request_req_hdr_x_pick_str__hits[] = {
    1, 0,
};
static const struct px_strings app_request_req_hdr_x_pick_str = {
    .nkeys = 1,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = app_request_req_hdr_x_pick_str__text,
    .keys = app_request_req_hdr_x_pick_str__keys,
    .hits = app_request_req_hdr_x_pick_str__hits,
};
static const char acls_is_img_inside_in_frontend_www_request_path_end_i__text[] =
    ".gif.png.jpg";
static const struct px_key acls_is_img_inside_in_frontend_www_request_path_end_i__keys[] = {
    {0, 4u, 0},
    {4, 4u, 0},
    {8, 4u, 0},
};
static const uint32_t acls_is_img_inside_in_frontend_www_request_path_end_i__up[] = {
    0u, 0u, 0u,
};
static const uint16_t acls_is_img_inside_in_frontend_www_request_path_end_i__hits[] = {
    1, 0,
};
static const struct px_strings acls_is_img_inside_in_frontend_www_request_path_end_i = {
    .nkeys = 3,
    .nbuckets = 0,
    .seed = 0,
    .fold = true,
    .text = acls_is_img_inside_in_frontend_www_request_path_end_i__text,
    .keys = acls_is_img_inside_in_frontend_www_request_path_end_i__keys,
    .up = acls_is_img_inside_in_frontend_www_request_path_end_i__up,
    .hits = acls_is_img_inside_in_frontend_www_request_path_end_i__hits,
};
static const struct px_net4 acls_is_img_inside_in_frontend_www_request_src_ip__nets4[] = {
    {0x0a000000u, 0x0affffffu, 0},
    {0xc0a80000u, 0xc0a8ffffu, 0},
};
static const struct px_net6 acls_is_img_inside_in_frontend_www_request_src_ip__nets6[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0},
};
static const uint16_t acls_is_img_inside_in_frontend_www_request_src_ip__hits[] = {
    1, 0,
};
static const struct px_nets acls_is_img_inside_in_frontend_www_request_src_ip = {2, 1, acls_is_img_inside_in_frontend_www_request_src_ip__nets4, acls_is_img_inside_in_frontend_www_request_src_ip__nets6, acls_is_img_inside_in_frontend_www_request_src_ip__hits};

/* ---- samples ---- */


static enum px_found get_req_hdr_host(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_req_hdr(t, s, &name_host, 0);
}

static enum px_found get_path(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_path(t, s);
}

static enum px_found get_src(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_src(t, s);
}

static enum px_found each_req_hdr_user_agent(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    return px_each_req_hdr(t, s, it, &name_user_agent, 0);
}

static enum px_found get_src_port(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_src_port(t, s);
}

static enum px_found compute_each_req_hdr_x_tag_lower(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    enum px_found found = px_each_req_hdr(t, s, it, &name_x_tag, 0);
    if (found == PX_FOUND && !(px_conv_lower(t, s)))
        return PX_ABSENT;
    return found;
}

static _Thread_local struct px_kept_list kept_each_req_hdr_x_tag_lower;
static enum px_found each_req_hdr_x_tag_lower(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    if (!px_is_kept(&kept_each_req_hdr_x_tag_lower.end, t))
        px_keep_all(&kept_each_req_hdr_x_tag_lower, t, compute_each_req_hdr_x_tag_lower);
    return px_kept_next(&kept_each_req_hdr_x_tag_lower, s, it);
}

static enum px_found each_req_hdr_host(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    return px_each_req_hdr(t, s, it, &name_host, 0);
}

static enum px_found get_http_auth_bearer_jwt_verify_ES256_p256_pem(struct px_txn *t, struct px_sample *s)
{
    enum px_found found = px_fetch_http_auth_bearer(t, s, NULL);
    if (found != PX_FOUND)
        return found;
    if (!(px_cast(s, PX_BIN) && px_conv_jwt_verify(t, s, &(const struct px_value){{"ES256", 5}, -1}, &(const struct px_value){{"p256.pem", 8}, -1})))
        return PX_ABSENT;
    return PX_FOUND;
}

static enum px_found get_var_txn_user(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_var(t, s, VAR_TXN_USER, (struct px_str){NULL, 0});
}

static enum px_found each_url_param_kind_lower(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    enum px_found found = px_each_url_param(t, s, it, (struct px_str){"kind", 4}, (struct px_str){NULL, 0}, (struct px_str){NULL, 0});
    if (found == PX_FOUND && !(px_conv_lower(t, s)))
        return PX_ABSENT;
    return found;
}

/* What acls_is_img_inside_in_frontend_www_request has read so far. */
struct acls_is_img_inside_in_frontend_www_request {
    const uint16_t *acls_is_img_inside_in_frontend_www_request_path_end_i;
    const uint16_t *acls_is_img_inside_in_frontend_www_request_src_ip;
};

static const uint16_t *acls_is_img_inside_in_frontend_www_request_path_end_i__hits_of(struct px_txn *t, struct acls_is_img_inside_in_frontend_www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->acls_is_img_inside_in_frontend_www_request_path_end_i)
        return m->acls_is_img_inside_in_frontend_www_request_path_end_i;
    found = get_path(t, &s);
    m->acls_is_img_inside_in_frontend_www_request_path_end_i = px_no_hits;
    if (found == PX_FOUND)
        m->acls_is_img_inside_in_frontend_www_request_path_end_i = px_match_suffix(&acls_is_img_inside_in_frontend_www_request_path_end_i, s.u.s);
    return m->acls_is_img_inside_in_frontend_www_request_path_end_i;
}

static const uint16_t *acls_is_img_inside_in_frontend_www_request_src_ip__hits_of(struct px_txn *t, struct acls_is_img_inside_in_frontend_www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->acls_is_img_inside_in_frontend_www_request_src_ip)
        return m->acls_is_img_inside_in_frontend_www_request_src_ip;
    found = get_src(t, &s);
    m->acls_is_img_inside_in_frontend_www_request_src_ip = px_no_hits;
    if (found == PX_FOUND)
        m->acls_is_img_inside_in_frontend_www_request_src_ip = px_match_ip(&acls_is_img_inside_in_frontend_www_request_src_ip, &s);
    return m->acls_is_img_inside_in_frontend_www_request_src_ip;
}

static bool acls_is_img_inside_in_frontend_www_request_is_img(struct px_txn *t, struct acls_is_img_inside_in_frontend_www_request *m)
{
    return px_hit(acls_is_img_inside_in_frontend_www_request_path_end_i__hits_of(t, m), 0);
}

static bool acls_is_img_inside_in_frontend_www_request_inside(struct px_txn *t, struct acls_is_img_inside_in_frontend_www_request *m)
{
    return px_hit(acls_is_img_inside_in_frontend_www_request_src_ip__hits_of(t, m), 0);
}

static enum px_tri acls_is_img_inside_in_frontend_www_request__hold(struct px_txn *t)
{
    struct acls_is_img_inside_in_frontend_www_request memo = {0}, *m = &memo;
    px_kept_pass++;
    return acls_is_img_inside_in_frontend_www_request_is_img(t, m) && !acls_is_img_inside_in_frontend_www_request_inside(t, m) ? PX_TRUE : PX_FALSE;
}

static enum px_found get_acl_is_img_inside_in_frontend_www_request(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_acl(t, s, acls_is_img_inside_in_frontend_www_request__hold);
}

static enum px_found get_req_hdr_x_new(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_req_hdr(t, s, &name_x_new, 0);
}

static enum px_found get_req_hdr_x_user(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_req_hdr(t, s, &name_x_user, 0);
}

static enum px_found get_status(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_status(t, s);
}

static enum px_found each_req_hdr_x_pick(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    return px_each_req_hdr(t, s, it, &name_x_pick, 0);
}

static enum px_found get_req_hdr_x_user_lower(struct px_txn *t, struct px_sample *s)
{
    enum px_found found = px_fetch_req_hdr(t, s, &name_x_user, 0);
    if (found != PX_FOUND)
        return found;
    if (!(px_conv_lower(t, s)))
        return PX_ABSENT;
    return PX_FOUND;
}

static enum px_found compute_get_nbsrv_api_mul_2(struct px_txn *t, struct px_sample *s)
{
    enum px_found found = px_fetch_nbsrv(t, s, &backend_api);
    if (found != PX_FOUND)
        return found;
    if (!(px_conv_mul(t, s, &(const struct px_operand){2, -1})))
        return PX_ABSENT;
    return PX_FOUND;
}

static _Thread_local struct px_kept kept_nbsrv_api_mul_2;
static enum px_found get_nbsrv_api_mul_2(struct px_txn *t, struct px_sample *s)
{
    if (px_is_kept_in_pass(&kept_nbsrv_api_mul_2, t))
        return px_kept_again(&kept_nbsrv_api_mul_2, s);
    s->open = false;
    return px_keep(&kept_nbsrv_api_mul_2, t, s, compute_get_nbsrv_api_mul_2(t, s));
}

static enum px_found get_url_param_kind_lower(struct px_txn *t, struct px_sample *s)
{
    enum px_found found = px_fetch_url_param(t, s, (struct px_str){"kind", 4}, (struct px_str){NULL, 0}, (struct px_str){NULL, 0});
    if (found != PX_FOUND)
        return found;
    if (!(px_conv_lower(t, s)))
        return PX_ABSENT;
    return PX_FOUND;
}

static enum px_found get_path_word_1(struct px_txn *t, struct px_sample *s)
{
    enum px_found found = px_fetch_path(t, s);
    if (found != PX_FOUND)
        return found;
    if (!(px_conv_word(t, s, 1, (struct px_str){"/", 1}, (struct px_str){NULL, 0})))
        return PX_ABSENT;
    return PX_FOUND;
}

static enum px_found get_req_cook_sid(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_req_cook(t, s, (struct px_str){"sid", 3});
}

static enum px_found get_src_table_server_id_clients(struct px_txn *t, struct px_sample *s)
{
    enum px_found found = px_fetch_src(t, s);
    if (found != PX_FOUND)
        return found;
    if (!(px_conv_table_server_id(t, s, &tables[TABLE_CLIENTS])))
        return PX_ABSENT;
    return PX_FOUND;
}

static enum px_found get_res_cook_sid(struct px_txn *t, struct px_sample *s)
{
    return px_fetch_res_cook(t, s, (struct px_str){"sid", 3});
}

/* ---- formats ---- */


static void append__fmt_line_25(struct px_txn *t, struct px_out *out)
{
    struct px_sample s = {.type = PX_STRING};
    px_put(out, "https://", 8);
    if (get_req_hdr_host(t, &s) == PX_FOUND)
        px_put_sample(out, &s);
    px_put(out, "/", 1);
}
static const struct px_fmt fmt_line_25 = {{NULL, 0}, append__fmt_line_25};
static const char fmt_text__bytes[] =
    "text/plain";
static const struct px_fmt fmt_text = {{fmt_text__bytes, 10}, NULL};
static const char fmt_text_2__bytes[] =
    "pong";
static const struct px_fmt fmt_text_2 = {{fmt_text_2__bytes, 4}, NULL};

static void append__fmt_line_18(struct px_txn *t, struct px_out *out)
{
    struct px_sample s = {.type = PX_STRING};
    if (get_src_port(t, &s) == PX_FOUND)
        px_put_sample(out, &s);
}
static const struct px_fmt fmt_line_18 = {{NULL, 0}, append__fmt_line_18};

static void append__fmt_line_19(struct px_txn *t, struct px_out *out)
{
    struct px_sample s = {.type = PX_STRING};
    px_put(out, "/img", 4);
    if (get_path(t, &s) == PX_FOUND)
        px_put_sample(out, &s);
}
static const struct px_fmt fmt_line_19 = {{NULL, 0}, append__fmt_line_19};

static void append__fmt_line_21(struct px_txn *t, struct px_out *out)
{
    struct px_sample s = {.type = PX_STRING};
    if (get_var_txn_user(t, &s) == PX_FOUND)
        px_put_sample(out, &s);
}
static const struct px_fmt fmt_line_21 = {{NULL, 0}, append__fmt_line_21};

static void append__fmt_line_22(struct px_txn *t, struct px_out *out)
{
    struct px_sample s = {.type = PX_STRING};
    px_put(out, "kind=", 5);
    if (get_nbsrv_api_mul_2(t, &s) == PX_FOUND)
        px_put_sample(out, &s);
}
static const struct px_fmt fmt_line_22 = {{NULL, 0}, append__fmt_line_22};

static void append__fmt_line_23(struct px_txn *t, struct px_out *out)
{
    struct px_sample s = {.type = PX_STRING};
    if (get_url_param_kind_lower(t, &s) == PX_FOUND)
        px_put_sample(out, &s);
}
static const struct px_fmt fmt_line_23 = {{NULL, 0}, append__fmt_line_23};

static void append__fmt_line_24(struct px_txn *t, struct px_out *out)
{
    struct px_sample s = {.type = PX_STRING};
    if (get_nbsrv_api_mul_2(t, &s) == PX_FOUND)
        px_put_sample(out, &s);
}
static const struct px_fmt fmt_line_24 = {{NULL, 0}, append__fmt_line_24};
static const char fmt_line_40__bytes[] =
    "no-store";
static const struct px_fmt fmt_line_40 = {{fmt_line_40__bytes, 8}, NULL};

/* ---- responses ---- */

static const struct px_reply reply_0 = {
    .status = 429,
    .layout = PX_REPLY_RULE,
    .page = true,
};
static const struct px_redirect redirect_0 = {
    .kind = PX_REDIR_LOCATION,
    .code = 301,
    .target = &fmt_line_25,
};
static const struct px_reply reply_1 = {
    .status = 200,
    .layout = PX_REPLY_RULE,
    .type = &fmt_text,
    .body = &fmt_text_2,
};
static const struct px_reply reply_3 = {
    .status = 403,
    .layout = PX_REPLY_RULE,
    .page = true,
};

/* ---- conditions ---- */


/* What www_request has read so far. */
struct www_request {
    const uint16_t *www_request_path_beg;
    const uint16_t *www_request_src_ip;
    const uint16_t *www_request_req_hdr_user_agent_search;
    const uint16_t *www_request_src_port_int;
    const uint16_t *www_request_path_end_i;
    const uint16_t *www_request_req_hdr_x_tag_lower_str;
    const uint16_t *www_request_req_hdr_x_tag_lower_end;
    const uint16_t *www_request_path_str;
    const uint16_t *www_request_req_hdr_host_str_i;
    const uint16_t *www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int;
};

static struct www_request *www_request__shared(const struct px_txn *t)
{
    static _Thread_local struct px_kept whose;
    static _Thread_local struct www_request memo;
    if (!px_is_shared(&whose, t))
        memo = (struct www_request){0};
    return &memo;
}

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

static const uint16_t *www_request_src_ip__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->www_request_src_ip)
        return m->www_request_src_ip;
    found = get_src(t, &s);
    m->www_request_src_ip = px_no_hits;
    if (found == PX_FOUND)
        m->www_request_src_ip = px_match_ip(&www_request_src_ip, &s);
    return m->www_request_src_ip;
}

static const uint16_t *www_request_req_hdr_user_agent_search__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
    if (m->www_request_req_hdr_user_agent_search)
        return m->www_request_req_hdr_user_agent_search;
    m->www_request_req_hdr_user_agent_search = px_no_hits;
    while (!it.last && (found = each_req_hdr_user_agent(t, &s, &it)) == PX_FOUND) {
        m->www_request_req_hdr_user_agent_search = px_hits_join(m->www_request_req_hdr_user_agent_search, px_match_automaton(&www_request_req_hdr_user_agent_search, s.u.s));
    }
    return m->www_request_req_hdr_user_agent_search;
}

static const uint16_t *www_request_src_port_int__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->www_request_src_port_int)
        return m->www_request_src_port_int;
    found = get_src_port(t, &s);
    m->www_request_src_port_int = px_no_hits;
    if (found == PX_FOUND)
        m->www_request_src_port_int = px_match_int(&www_request_src_port_int, s.u.i);
    return m->www_request_src_port_int;
}

static const uint16_t *www_request_path_end_i__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->www_request_path_end_i)
        return m->www_request_path_end_i;
    found = get_path(t, &s);
    m->www_request_path_end_i = px_no_hits;
    if (found == PX_FOUND)
        m->www_request_path_end_i = px_match_suffix(&www_request_path_end_i, s.u.s);
    return m->www_request_path_end_i;
}

static const uint16_t *www_request_req_hdr_x_tag_lower_str__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
    if (m->www_request_req_hdr_x_tag_lower_str)
        return m->www_request_req_hdr_x_tag_lower_str;
    m->www_request_req_hdr_x_tag_lower_str = px_no_hits;
    while (!it.last && (found = each_req_hdr_x_tag_lower(t, &s, &it)) == PX_FOUND) {
        m->www_request_req_hdr_x_tag_lower_str = px_hits_join(m->www_request_req_hdr_x_tag_lower_str, px_match_few(&www_request_req_hdr_x_tag_lower_str, s.u.s));
    }
    return m->www_request_req_hdr_x_tag_lower_str;
}

static const uint16_t *www_request_req_hdr_x_tag_lower_end__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
    if (m->www_request_req_hdr_x_tag_lower_end)
        return m->www_request_req_hdr_x_tag_lower_end;
    m->www_request_req_hdr_x_tag_lower_end = px_no_hits;
    while (!it.last && (found = each_req_hdr_x_tag_lower(t, &s, &it)) == PX_FOUND) {
        m->www_request_req_hdr_x_tag_lower_end = px_hits_join(m->www_request_req_hdr_x_tag_lower_end, px_match_suffix(&www_request_req_hdr_x_tag_lower_end, s.u.s));
    }
    return m->www_request_req_hdr_x_tag_lower_end;
}

static const uint16_t *www_request_path_str__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->www_request_path_str)
        return m->www_request_path_str;
    found = get_path(t, &s);
    m->www_request_path_str = px_no_hits;
    if (found == PX_FOUND)
        m->www_request_path_str = px_match_few(&www_request_path_str, s.u.s);
    return m->www_request_path_str;
}

static const uint16_t *www_request_req_hdr_host_str_i__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
    if (m->www_request_req_hdr_host_str_i)
        return m->www_request_req_hdr_host_str_i;
    m->www_request_req_hdr_host_str_i = px_no_hits;
    while (!it.last && (found = each_req_hdr_host(t, &s, &it)) == PX_FOUND) {
        m->www_request_req_hdr_host_str_i = px_hits_join(m->www_request_req_hdr_host_str_i, px_match_hash(&www_request_req_hdr_host_str_i, s.u.s));
    }
    return m->www_request_req_hdr_host_str_i;
}

static const uint16_t *www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int__hits_of(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int)
        return m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int;
    found = get_http_auth_bearer_jwt_verify_ES256_p256_pem(t, &s);
    m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int = px_no_hits;
    if (found == PX_FOUND)
        m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int = px_match_int(&www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int, s.u.i);
    return m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int;
}

static bool www_request_is_api(struct px_txn *t, struct www_request *m)
{
    return px_hit(www_request_path_beg__hits_of(t, m), 0);
}

static bool www_request_inside(struct px_txn *t, struct www_request *m)
{
    return px_hit(www_request_src_ip__hits_of(t, m), 0);
}

static bool www_request_agent(struct px_txn *t, struct www_request *m)
{
    return px_hit(www_request_req_hdr_user_agent_search__hits_of(t, m), 0);
}

static bool www_request_low_port(struct px_txn *t, struct www_request *m)
{
    return px_hit(www_request_src_port_int__hits_of(t, m), 0);
}

static bool www_request_is_img(struct px_txn *t, struct www_request *m)
{
    return px_hit(www_request_path_end_i__hits_of(t, m), 0);
}

static bool www_request_line_21(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found = get_var_txn_user(t, &s);
    (void)m;
    return found == PX_FOUND;
}

static bool www_request_line_22(struct px_txn *t, struct www_request *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
    (void)m;
    while (!it.last && (found = each_url_param_kind_lower(t, &s, &it)) == PX_FOUND) {
        if (true)
            return true;
    }
    return false;
}

static bool www_request_many(struct px_txn *t, struct www_request *m)
{
    return px_hit(www_request_req_hdr_host_str_i__hits_of(t, m), 0);
}

static bool www_request_line_32(struct px_txn *t, struct www_request *m)
{
    struct px_sample s;
    enum px_found found = get_acl_is_img_inside_in_frontend_www_request(t, &s);
    (void)m;
    return found == PX_FOUND && s.u.i;
}

/* What api_response has read so far. */
struct api_response {
    char nothing;
};

/* What img_request has read so far. */
struct img_request {
    const uint16_t *img_request_path_beg;
};

static const uint16_t *img_request_path_beg__hits_of(struct px_txn *t, struct img_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->img_request_path_beg)
        return m->img_request_path_beg;
    found = get_path(t, &s);
    m->img_request_path_beg = px_no_hits;
    if (found == PX_FOUND)
        m->img_request_path_beg = px_match_prefix(&img_request_path_beg, s.u.s);
    return m->img_request_path_beg;
}

static bool img_request_is_new(struct px_txn *t, struct img_request *m)
{
    struct px_sample s;
    enum px_found found = get_req_hdr_x_new(t, &s);
    (void)m;
    return found == PX_FOUND;
}

static bool img_request_line_50(struct px_txn *t, struct img_request *m)
{
    struct px_sample s;
    enum px_found found = get_req_hdr_x_user(t, &s);
    (void)m;
    return found == PX_FOUND;
}

/* What img_response has read so far. */
struct img_response {
    const uint16_t *img_response_status_int;
};

static const uint16_t *img_response_status_int__hits_of(struct px_txn *t, struct img_response *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->img_response_status_int)
        return m->img_response_status_int;
    found = get_status(t, &s);
    m->img_response_status_int = px_no_hits;
    if (found == PX_FOUND)
        m->img_response_status_int = px_match_int(&img_response_status_int, s.u.i);
    return m->img_response_status_int;
}

/* What app_request has read so far. */
struct app_request {
    const uint16_t *app_request_path_end;
    const uint16_t *app_request_src_ip;
    const uint16_t *app_request_req_hdr_x_pick_str;
};

static struct app_request *app_request__shared(const struct px_txn *t)
{
    static _Thread_local struct px_kept whose;
    static _Thread_local struct app_request memo;
    if (!px_is_shared(&whose, t))
        memo = (struct app_request){0};
    return &memo;
}

static const uint16_t *app_request_path_end__hits_of(struct px_txn *t, struct app_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->app_request_path_end)
        return m->app_request_path_end;
    found = get_path(t, &s);
    m->app_request_path_end = px_no_hits;
    if (found == PX_FOUND)
        m->app_request_path_end = px_match_suffix(&app_request_path_end, s.u.s);
    return m->app_request_path_end;
}

static const uint16_t *app_request_src_ip__hits_of(struct px_txn *t, struct app_request *m)
{
    struct px_sample s;
    enum px_found found;
    if (m->app_request_src_ip)
        return m->app_request_src_ip;
    found = get_src(t, &s);
    m->app_request_src_ip = px_no_hits;
    if (found == PX_FOUND)
        m->app_request_src_ip = px_match_ip(&app_request_src_ip, &s);
    return m->app_request_src_ip;
}

static const uint16_t *app_request_req_hdr_x_pick_str__hits_of(struct px_txn *t, struct app_request *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
    if (m->app_request_req_hdr_x_pick_str)
        return m->app_request_req_hdr_x_pick_str;
    m->app_request_req_hdr_x_pick_str = px_no_hits;
    while (!it.last && (found = each_req_hdr_x_pick(t, &s, &it)) == PX_FOUND) {
        m->app_request_req_hdr_x_pick_str = px_hits_join(m->app_request_req_hdr_x_pick_str, px_match_few(&app_request_req_hdr_x_pick_str, s.u.s));
    }
    return m->app_request_req_hdr_x_pick_str;
}

/* ---- rules ---- */


static enum px_verdict www_http_request(struct px_txn *t)
{
    struct www_request *m = www_request__shared(t);
    px_kept_pass++;
    enum px_verdict v;
    (void)m;
#line 17 "rules.cfg"
    if ((www_request_is_api(t, m) && !www_request_inside(t, m)) || www_request_agent(t, m)) {
        if ((v = px_act_deny(t, PX_AT_REQ_HTTP, &reply_0)) != PX_GO)
            return v;
    }
#line 18 "rules.cfg"
    if (www_request_low_port(t, m)) {
        if ((v = px_act_set_header(t, PX_AT_REQ_HTTP, &name_x_port, &fmt_line_18)) != PX_GO)
            return v;
        m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int = NULL;
    }
#line 19 "rules.cfg"
    if (www_request_is_img(t, m)) {
        if ((v = px_act_set_path(t, PX_AT_REQ_HTTP, &fmt_line_19)) != PX_GO)
            return v;
        m->www_request_path_beg = NULL;
        m->www_request_path_end_i = NULL;
        m->www_request_path_str = NULL;
    }
#line 20 "rules.cfg"
    if ((v = px_act_set_var(t, PX_AT_REQ_HTTP, VAR_TXN_USER, get_req_hdr_x_user_lower, 0)) != PX_GO)
        return v;
#line 21 "rules.cfg"
    if (www_request_line_21(t, m)) {
        if ((v = px_act_add_header(t, PX_AT_REQ_HTTP, &name_x_user, &fmt_line_21)) != PX_GO)
            return v;
        m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int = NULL;
    }
#line 22 "rules.cfg"
    if (!www_request_line_22(t, m)) {
        if ((v = px_act_set_query(t, PX_AT_REQ_HTTP, &fmt_line_22)) != PX_GO)
            return v;
        m->www_request_path_beg = NULL;
        m->www_request_path_end_i = NULL;
        m->www_request_path_str = NULL;
    }
#line 23 "rules.cfg"
    {
        if ((v = px_act_set_header(t, PX_AT_REQ_HTTP, &name_x_kind, &fmt_line_23)) != PX_GO)
            return v;
        m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int = NULL;
    }
#line 24 "rules.cfg"
    if (px_hit(www_request_req_hdr_x_tag_lower_str__hits_of(t, m), 0) || px_hit(www_request_req_hdr_x_tag_lower_end__hits_of(t, m), 0)) {
        if ((v = px_act_set_header(t, PX_AT_REQ_HTTP, &name_x_servers, &fmt_line_24)) != PX_GO)
            return v;
        m->www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int = NULL;
    }
#line 25 "rules.cfg"
    if (px_hit(www_request_path_str__hits_of(t, m), 0) && www_request_many(t, m)) {
        if ((v = px_act_redirect(t, PX_AT_REQ_HTTP, &redirect_0)) != PX_GO)
            return v;
    }
#line 26 "rules.cfg"
    if (px_hit(www_request_path_str__hits_of(t, m), 1)) {
        if ((v = px_act_return(t, PX_AT_REQ_HTTP, &reply_1)) != PX_GO)
            return v;
    }
#line 28 "rules.cfg"
    if (!(px_hit(www_request_http_auth_bearer_jwt_verify_ES256_p256_pem_int__hits_of(t, m), 0) || !www_request_is_api(t, m))) {
        if ((v = px_act_deny(t, PX_AT_REQ_HTTP, &reply_3)) != PX_GO)
            return v;
    }
#line 1156 "proxy.c"
    return PX_GO;
}

static const struct px_proxy *www_use_backend(struct px_txn *t)
{
    struct www_request *m = www_request__shared(t);
    px_kept_pass++;
    (void)m;
    (void)t;
#line 29 "rules.cfg"
    if (www_request_is_api(t, m))
        return &backend_api;
#line 30 "rules.cfg"
    if (www_request_is_img(t, m))
        return &backend_img;
#line 31 "rules.cfg"
    if (px_hit(www_request_path_beg__hits_of(t, m), 1))
        return px_backend_found(t, get_path_word_1);
#line 32 "rules.cfg"
    if (www_request_line_32(t, m) || px_hit(www_request_path_str__hits_of(t, m), 2))
        return &backend_api;
#line 1178 "proxy.c"
    return NULL;
}

static enum px_verdict api_http_response(struct px_txn *t)
{
    struct api_response memo = {0}, *m = &memo;
    px_kept_pass++;
    enum px_verdict v;
    (void)m;
#line 40 "rules.cfg"
    if ((v = px_act_set_header(t, PX_AT_RES_HTTP, &name_cache_control, &fmt_line_40)) != PX_GO)
        return v;
#line 1191 "proxy.c"
    return PX_GO;
}

static void img_stick_request(struct px_txn *t)
{
    struct img_request memo = {0}, *m = &memo;
    px_kept_pass++;
    (void)m;
#line 46 "rules.cfg"
    px_stick_match(t, &tables[TABLE_IMG], get_req_cook_sid);
#line 48 "rules.cfg"
    if (img_request_is_new(t, m) || px_hit(img_request_path_beg__hits_of(t, m), 0))
        px_stick_on(t, &tables[TABLE_CLIENTS], get_src);
#line 49 "rules.cfg"
    px_stick_store(t, &tables[TABLE_USERS], get_req_hdr_x_user);
#line 50 "rules.cfg"
    if (px_stick_may_store(t, &tables[TABLE_USERS]) && !img_request_line_50(t, m))
        px_stick_store(t, &tables[TABLE_USERS], get_src_table_server_id_clients);
#line 1210 "proxy.c"
}

static void img_stick_response(struct px_txn *t)
{
    struct img_response memo = {0}, *m = &memo;
    px_kept_pass++;
    (void)m;
    struct px_stick_seen seen = {0};
#line 45 "rules.cfg"
    if (px_hit(img_response_status_int__hits_of(t, m), 0))
        px_stick_learn(t, &seen, &tables[TABLE_IMG], get_res_cook_sid);
#line 1222 "proxy.c"
}

static enum px_persist_rule app_persistence(struct px_txn *t)
{
    struct app_request *m = app_request__shared(t);
    px_kept_pass++;
    (void)m;
    (void)t;
#line 62 "rules.cfg"
    if (px_hit(app_request_path_end__hits_of(t, m), 0))
        return PX_PERSIST_IGNORE;
#line 63 "rules.cfg"
    if (px_hit(app_request_src_ip__hits_of(t, m), 0))
        return PX_PERSIST_FORCE;
#line 1237 "proxy.c"
    return PX_PERSIST_USUAL;
}

static const struct px_server *app_use_server(struct px_txn *t)
{
    struct app_request *m = app_request__shared(t);
    px_kept_pass++;
    (void)m;
    (void)t;
#line 64 "rules.cfg"
    if (px_hit(app_request_req_hdr_x_pick_str__hits_of(t, m), 0) && px_server_accepts(t, &server_app_s2))
        return &server_app_s2;
#line 1250 "proxy.c"
    return NULL;
}

/* ---- proxies ---- */


static const struct px_bind bind_0 = {
    .addr = {.family = PX_AF_INET, .port = 8080, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 0,
    .file = "rules.cfg",
    .line = 9,
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
    .use_backend = www_use_backend,
};
static const struct px_proxy frontend_www = {
    .name = "www",
    .file = "rules.cfg",
    .line = 8,
    .number = 0,
    .id = 1,
    .caps = PX_FRONTEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .binds = binds_of__frontend_www,
    .nbinds = 1,
    .default_backend = &backend_app,
    .rules = &rules_of__frontend_www,
    .retries = 3,
    .timeout_client = 1000,
    .timeout_connect = 1000,
    .timeout_server = 1000,
    .tcp_smart_accept = true,
    .lax_requests = true,
    .max_keep_alive_queue = -1,
};

static const struct px_server server_api_a1 = {
    .name = "a1",
    .addr = {.family = PX_AF_INET, .port = 9001, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 0,
    .id = 1,
    .proxy = &backend_api,
    .weight = 10,
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server server_api_a2 = {
    .name = "a2",
    .addr = {.family = PX_AF_INET, .port = 9002, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 1,
    .id = 2,
    .proxy = &backend_api,
    .weight = 20,
    .backup = true,
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server *const servers_of__backend_api[] = {
    &server_api_a1,
    &server_api_a2,
};
static const struct px_rules rules_of__backend_api = {
    .http_response = api_http_response,
};
static const struct px_proxy backend_api = {
    .name = "api",
    .file = "rules.cfg",
    .line = 35,
    .number = 1,
    .id = 2,
    .caps = PX_BACKEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .lb = &px_lb_leastconn,
    .lb_arg = 0,
    .servers = servers_of__backend_api,
    .nservers = 2,
    .rules = &rules_of__backend_api,
    .retries = 3,
    .timeout_client = 1000,
    .timeout_connect = 1000,
    .timeout_server = 1000,
    .lax_responses = true,
    .max_keep_alive_queue = -1,
};

static const struct px_server server_img_i1 = {
    .name = "i1",
    .addr = {.family = PX_AF_INET, .port = 9003, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 2,
    .id = 1,
    .proxy = &backend_img,
    .weight = 1,
    .maxconn = 10,
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server *const servers_of__backend_img[] = {
    &server_img_i1,
};
static const struct px_rules rules_of__backend_img = {
    .stick_request = img_stick_request,
    .stick_response = img_stick_response,
};
static const struct px_proxy backend_img = {
    .name = "img",
    .file = "rules.cfg",
    .line = 42,
    .number = 2,
    .id = 3,
    .caps = PX_BACKEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .lb = &px_lb_roundrobin,
    .lb_arg = 0,
    .servers = servers_of__backend_img,
    .nservers = 1,
    .rules = &rules_of__backend_img,
    .retries = 3,
    .timeout_client = 1000,
    .timeout_connect = 1000,
    .timeout_server = 1000,
    .max_keep_alive_queue = -1,
};

static const struct px_proxy backend_clients = {
    .name = "clients",
    .file = "rules.cfg",
    .line = 53,
    .number = 3,
    .id = 4,
    .caps = PX_BACKEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .lb = &px_lb_roundrobin,
    .lb_arg = 0,
    .retries = 3,
    .timeout_client = 1000,
    .timeout_connect = 1000,
    .timeout_server = 1000,
    .max_keep_alive_queue = -1,
};

static const struct px_proxy backend_users = {
    .name = "users",
    .file = "rules.cfg",
    .line = 56,
    .number = 4,
    .id = 5,
    .caps = PX_BACKEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .lb = &px_lb_roundrobin,
    .lb_arg = 0,
    .retries = 3,
    .timeout_client = 1000,
    .timeout_connect = 1000,
    .timeout_server = 1000,
    .max_keep_alive_queue = -1,
};

static const struct px_server server_app_s1 = {
    .name = "s1",
    .addr = {.family = PX_AF_INET, .port = 9004, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 3,
    .id = 1,
    .proxy = &backend_app,
    .weight = 1,
    .cookie = "one",
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server server_app_s2 = {
    .name = "s2",
    .addr = {.family = PX_AF_INET, .port = 9005, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 4,
    .id = 2,
    .proxy = &backend_app,
    .weight = 1,
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server server_app_t1 = {
    .name = "t1",
    .addr = {.family = PX_AF_INET, .port = 9006, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 5,
    .id = 3,
    .proxy = &backend_app,
    .weight = 1,
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server server_app_t2 = {
    .name = "t2",
    .addr = {.family = PX_AF_INET, .port = 9006, .has_port = true, .ip.v4 = {127, 0, 0, 1}},
    .number = 6,
    .id = 4,
    .proxy = &backend_app,
    .weight = 1,
    .error_limit = 10,
    .pool_max_conn = -1,
    .pool_purge_delay = 5000,
    .max_reuse = -1,
};
static const struct px_server *const servers_of__backend_app[] = {
    &server_app_s1,
    &server_app_s2,
    &server_app_t1,
    &server_app_t2,
};
static const struct px_rules rules_of__backend_app = {
    .persist = app_persistence,
    .use_server = app_use_server,
};

static const struct px_persistence_cookie cookie_backend_app = {
    .ops = &px_cookie_persistence,
    .name = {"SRV", 3},
    .deeds = PX_COOKIE_INSERT | PX_COOKIE_INDIRECT | PX_COOKIE_NOCACHE,
    .max_idle = 1800,
    .attributes = "; path=/; domain=.example.org; Secure; SameSite=Lax",
};
static const struct px_forwardfor forwardfor_of__backend_app = {
    .name = &name_x_forwarded_for,
    .except_family = PX_AF_INET,
    .except_len = 8,
    .except = {127, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
};
static const struct px_proxy backend_app = {
    .name = "app",
    .file = "rules.cfg",
    .line = 59,
    .number = 5,
    .id = 6,
    .caps = PX_BACKEND,
    .is_http = true,
    .http_mode = PX_KEEP_ALIVE,
    .reuse = PX_REUSE_SAFE,
    .lb = &px_lb_roundrobin,
    .lb_arg = 0,
    .servers = servers_of__backend_app,
    .nservers = 4,
    .cookie = &cookie_backend_app,
    .forwardfor = &forwardfor_of__backend_app,
    .rules = &rules_of__backend_app,
    .retries = 3,
    .timeout_client = 1000,
    .timeout_connect = 1000,
    .timeout_server = 1000,
    .max_keep_alive_queue = -1,
};

static const struct px_global global = {
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

static const struct px_var_decl vars[] = {
    {"txn.user", PX_VAR_TXN},
};

/* ---- the program ---- */

static const struct px_proxy *const proxies[] = {
    &frontend_www,
    &backend_api,
    &backend_img,
    &backend_clients,
    &backend_users,
    &backend_app,
};
static const struct px_bind *const binds[] = {
    &bind_0,
};
static const char backend_names__text[] =
    "apiimgclientsusersapp";
static const struct px_key backend_names__keys[] = {
    {0, 3u, 1},
    {3, 3u, 2},
    {6, 7u, 3},
    {13, 5u, 4},
    {18, 3u, 5},
};
static const struct px_strings backend_names = {
    .nkeys = 5,
    .nbuckets = 0,
    .seed = 0,
    .fold = false,
    .text = backend_names__text,
    .keys = backend_names__keys,
};

static void prepare(void)
{
    px_jwt_keys_prepare(jwt_keys, 1);
}

const struct px_program px_program = {
    .abi = PX_ABI_VERSION,
    .config = "golden.cfg",
    .global = &global,
    .proxies = proxies,
    .nproxies = 6,
    .find_backend = px_find_few,
    .backend_names = &backend_names,
    .binds = binds,
    .nbinds = 1,
    .nservers = 7,
    .nlog_targets = 0,
    .stick = &px_stick_tables,
    .tables = tables,
    .ntables = 3,
    .names = &names,
    .vars = vars,
    .nvars = 1,
    .prepare = prepare,
    .log = NULL,
    .environment = NULL,
};
