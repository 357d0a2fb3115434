/*
 * A transaction whose request, or response, is a text: what tests of fetches look at.
 *
 * Each test begins with desk_request() or desk_response(); there is one transaction at a time.
 */
#ifndef MESSAGE_DESK_H
#define MESSAGE_DESK_H

#include "runtime/abi/names.h"
#include "runtime/policy/sample.h"
#include "runtime/txn/http.h"
#include "runtime/txn/scratch.h"

#include "tests/unit/unit.h"

#include <stdio.h>

#define PX_NAME(symbol, text) {text},
static const char desk_texts[PX_NKNOWN_NAMES][32] = {
    {""},
#include "runtime/abi/names.def"
};
#undef PX_NAME

enum { DESK_INDEX = 256 };
static struct px_str desk_names[PX_NKNOWN_NAMES];
static uint8_t desk_index[DESK_INDEX];
static const struct px_name_table desk_table = {DESK_INDEX - 1, desk_index, desk_names,
                                                PX_NKNOWN_NAMES};
static const struct px_global desk_global = {
    .bufsize = 16384, .maxrewrite = 1024, .maxhdr = 101, .logurilen = 1023};
enum { DESK_PROC, DESK_SESS, DESK_TXN, DESK_REQ, DESK_RES, DESK_VARS };
static const struct px_var_decl desk_vars[DESK_VARS] = {{"proc.v", PX_VAR_PROC},
                                                        {"sess.v", PX_VAR_SESS},
                                                        {"txn.v", PX_VAR_TXN},
                                                        {"req.v", PX_VAR_REQ},
                                                        {"res.v", PX_VAR_RES}};
static struct px_proxy desk_fe;
static const struct px_proxy *const desk_proxies[] = {&desk_fe};
const struct px_program px_program = {.global = &desk_global,
                                      .names = &desk_table,
                                      .proxies = desk_proxies,
                                      .nproxies = 1,
                                      .nbinds = 1,
                                      .vars = desk_vars,
                                      .nvars = DESK_VARS};

static struct px_http desk_http;
static struct px_client desk_client;
static struct px_capture desk_captures[3];
static const struct px_bind desk_bind = {.proxy = &desk_fe};
static struct px_proxy desk_fe = {
    .name = "f", .ncaptures_req = 2, .ncaptures_res = 1, .captures = desk_captures};
static struct px_txn desk;
static struct px_sample desk_sample;
static struct px_buf *desk_buf;

static void desk_file_names(void)
{
    for (unsigned i = 1; i < PX_NKNOWN_NAMES; i++) {
        desk_names[i] = px_text_of(desk_texts[i]);
        uint32_t at = px_name_hash(desk_names[i].p, desk_names[i].len);
        while (desk_index[at & (DESK_INDEX - 1)])
            at++;
        desk_index[at & (DESK_INDEX - 1)] = (uint8_t)i;
    }
}

static struct px_buf *desk_clear(const char *text)
{
    if (!desk_names[1].p)
        desk_file_names();
    px_scratch_reset();
    px_arena_release(&desk.arena);
    px_buf_put(desk_buf);
    memset(&desk, 0, sizeof desk);
    memset(&desk_http, 0, sizeof desk_http);
    memset(&desk_client, 0, sizeof desk_client);
    desk.http = &desk_http;
    desk.client = &desk_client;
    desk_client.bind = &desk_bind;
    desk.fe = &desk_fe;
    px_head_start(&desk_http.req, &desk.arena);
    px_head_start(&desk_http.res, &desk.arena);
    struct px_buf *buf = desk_buf = px_buf_get();
    ck_assert_ptr_nonnull(buf);
    buf->end = (uint32_t)strlen(text);
    ck_assert_uint_le(buf->end, buf->cap);
    memcpy(buf->data, text, buf->end);
    return buf;
}

/* The transaction after the head of this request has arrived, with what follows in the buffer. */
static inline void desk_request(const char *text)
{
    struct px_buf *buf = desk_clear(text);
    ck_assert_int_eq(px_h1_request(&desk_http.h1_req, &desk_http.req, buf, 15360), PX_H1_DONE);
    ck_assert_int_eq(px_h1_request_framing(&desk_http.req), PX_H1_DONE);
    desk_client.sock.in = buf;
    desk_client.requests = 1;
    desk.stage = PX_STAGE_FRONTEND;
    desk.at.head = 1;
}

/* A request whose target is this. */
static inline void desk_target(const char *target)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", target);
    ck_assert(n > 0 && (size_t)n < sizeof text);
    desk_request(text);
}

/* A request with these field lines behind its Host. */
static inline void desk_fields(const char *lines)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", lines);
    ck_assert(n > 0 && (size_t)n < sizeof text);
    desk_request(text);
}

/* The transaction after the head of this response has arrived; its request has been sent. */
static inline void desk_response(const char *text)
{
    struct px_buf *buf = desk_clear(text);
    ck_assert_int_eq(px_h1_response(&desk_http.h1_res, &desk_http.res, buf, 15360), PX_H1_DONE);
    ck_assert_int_eq(px_h1_response_framing(&desk_http.res, PX_M_GET), PX_H1_DONE);
    desk_http.status = desk_http.res.status;
    desk_client.requests = 1;
    desk.stage = PX_STAGE_RESPONSE_RULES;
    desk.flags = PX_T_SENT;
    desk.at.head = desk.at.answered = 1;
}

/* What a fetch answered, as text: "(none)", "(later)", or the sample. */
static inline const char *desk_text(enum px_found found)
{
    static char text[4096];
    if (found != PX_FOUND)
        return found == PX_LATER ? "(later)" : "(none)";
    struct px_out out = {.p = text, .cap = sizeof text - 1};
    px_put_plain(&out, &desk_sample);
    text[out.len] = 0;
    return text;
}

/* The fetch `call`, which fills desk_sample, gives this text. */
#define EXPECT(call, want) ck_assert_str_eq(desk_text(call), want)

#endif
