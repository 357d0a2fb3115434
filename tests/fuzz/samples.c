/*
 * Fuzz target: what reads, and converts, values that clients choose.
 *
 * The first byte chooses the reader. It gets exactly the other bytes, and scratch memory is given
 * out in pieces of exactly the size asked for, so that sanitizers see what is read or written
 * behind them. All bytes of what comes out must be there.
 */
#include "runtime/abi/policy.h"
#include "runtime/base/macros.h"
#include "runtime/http/walk.h"
#include "runtime/policy/hello.h"
#include "runtime/policy/rdp.h"
#include "runtime/policy/replace.h"
#include "runtime/policy/vars.h"
#include "runtime/txn/scratch.h"

#include <stdlib.h>
#include <string.h>

static const struct px_global global = {.bufsize = 16384, .maxrewrite = 1024, .maxhdr = 101};
const struct px_program px_program = {.global = &global};

/* ---- scratch memory ---- */

struct piece {
    struct piece *older;
    char *bytes;
    size_t size;
};

static struct piece *pieces;
_Thread_local uint8_t px_scratch_state;

static void must(bool holds)
{
    if (!holds)
        abort();
}

char *px_scratch_get(size_t size)
{
    struct piece *p = malloc(sizeof *p);
    must(p);
    *p = (struct piece){pieces, malloc(size ? size : 1), size};
    must(p->bytes);
    pieces = p;
    return p->bytes;
}

/* The bytes that are not needed stay, so that they do not move. */
void px_scratch_cut(const char *piece, size_t size)
{
    must(piece == pieces->bytes && size <= pieces->size);
}

bool px_scratch_copy(struct px_str *s)
{
    char *copy = px_scratch_get(s->len);
    if (s->len)
        memcpy(copy, s->p, s->len);
    s->p = copy;
    return true;
}

static void forget_pieces(void)
{
    while (pieces) {
        struct piece *p = pieces;
        pieces = p->older;
        free(p->bytes);
        free(p);
    }
}

/* ---- what other converters, which stand beside these, would need ---- */

bool px_var_get(const struct px_txn *t, unsigned var, struct px_sample *out)
{
    (void)t, (void)var, (void)out;
    return false;
}

bool px_regex_find(const struct px_regex *re, struct px_str s, bool not_begin, struct px_match *m)
{
    (void)re, (void)s, (void)not_begin, (void)m;
    return false;
}

bool px_replace(struct px_out *out, struct px_str text, const struct px_match *m)
{
    (void)out, (void)text, (void)m;
    return false;
}

/* ---- converters ---- */

#define T NULL, smp
#define ARG(text) ((struct px_str)PX_STR(text))
static const struct px_str none = {NULL, 0};

/* X(the call): each with arguments as configurations have them. */
#define CONVERTERS(X)                                                                              \
    X(protobuf(T, ARG("1"), none))                                                                 \
    X(protobuf(T, ARG("2.1.3"), ARG("sint64")))                                                    \
    X(ungrpc(T, ARG("1.2"), ARG("float")))                                                         \
    X(ungrpc(T, ARG("2"), none))                                                                   \
    X(b64dec(T))                                                                                   \
    X(base64(T))                                                                                   \
    X(ub64dec(T))                                                                                  \
    X(ub64enc(T))                                                                                  \
    X(url_dec(T, 1))                                                                               \
    X(url_enc(T, none))                                                                            \
    X(hex(T))                                                                                      \
    X(hex2i(T))                                                                                    \
    X(base2(T))                                                                                    \
    X(be2dec(T, ARG(":"), 3, 1))                                                                   \
    X(le2dec(T, ARG(","), 8, 0))                                                                   \
    X(be2hex(T, ARG("--"), 5, 0))                                                                  \
    X(json(T, ARG("ascii")))                                                                       \
    X(json(T, ARG("utf8")))                                                                        \
    X(json(T, ARG("utf8ps")))                                                                      \
    X(json_query(T, ARG("$.a[1].b"), none))                                                        \
    X(json_query(T, ARG("$.a"), ARG("int")))                                                       \
    X(jwt_header_query(T, ARG("$.alg"), none))                                                     \
    X(jwt_payload_query(T, ARG("$.a.b"), ARG("int")))                                              \
    X(jwt_payload_query(T, none, none))                                                            \
    X(fix_is_valid(T))                                                                             \
    X(fix_tag_value(T, ARG("35")))                                                                 \
    X(mqtt_is_valid(T))                                                                            \
    X(mqtt_field_value(T, ARG("connect"), ARG("username")))                                        \
    X(mqtt_field_value(T, ARG("connack"), ARG("18")))                                              \
    X(rfc7239_is_valid(T))                                                                         \
    X(rfc7239_field(T, ARG("for")))                                                                \
    X(rfc7239_n2nn(T))                                                                             \
    X(rfc7239_n2np(T))                                                                             \
    X(field(T, -2, ARG(",;"), ARG("2")))                                                           \
    X(word(T, 2, ARG("/"), ARG("0")))                                                              \
    X(bytes(T, 3, ARG("5")))                                                                       \
    X(host_only(T))                                                                                \
    X(port_only(T))                                                                                \
    X(param(T, ARG("a"), ARG("&")))                                                                \
    X(language(T, ARG("de;en;fr"), ARG("en")))

#define ONE(call) +1
enum { NCONVERTERS = 0 CONVERTERS(ONE) };

static bool convert(unsigned which, struct px_sample *smp)
{
    unsigned n = 0;
#define TRY(call)                                                                                  \
    if (which == n++)                                                                              \
        return px_conv_##call;
    CONVERTERS(TRY)
    return false;
}

/* ---- readers ---- */

static volatile unsigned char sink;

static void look_at(struct px_str s)
{
    for (size_t i = 0; i < s.len; i++)
        sink ^= (unsigned char)s.p[i];
}

static void read_handshake(struct px_str in)
{
    struct px_handshake msg;
    struct px_str s = {NULL, 0};
    int64_t version;
    if (px_sslv2_version(in, &version) == PX_FOUND)
        sink ^= (unsigned char)version;
    if (px_handshake_first(in, px_scratch_get(in.len), &msg) != PX_FOUND || !msg.body.p)
        return;
    look_at(msg.body);
    px_hello_version(msg.body, &version);
    if (px_hello_ciphers(msg.body, &s) == PX_FOUND)
        look_at(s);
    if (px_hello_extension(msg.body, PX_EXT_TICKET, &s) == PX_FOUND)
        look_at(s);
    if (px_hello_list(msg.body, PX_EXT_GROUPS, &s) == PX_FOUND)
        look_at(s);
    if (px_hello_protocol(msg.body, &s) == PX_FOUND)
        look_at(s);
    if (px_hello_name(msg.body, &s) == PX_FOUND)
        look_at(s);
    s = (struct px_str){px_scratch_get(msg.body.len), 0};
    if (px_hello_shares(msg.body, &s) == PX_FOUND)
        look_at(s);
}

static void read_cookies(struct px_str in)
{
    struct px_cookie c;
    struct px_str name, value;
    for (int side = PX_COOKIES; side <= PX_SET_COOKIE; side++) {
        for (uint32_t at = 0; px_cookie_next(in, &at, none, (enum px_cookie_side)side, &c);) {
            look_at(c.name);
            look_at(c.value);
        }
        if (px_cookie_begins(in, ARG("a"), (enum px_cookie_side)side, &name, &value))
            look_at(value);
        for (size_t from = 0; from < in.len;) {
            struct px_pair pair = px_cookie_pair(in, from, (enum px_cookie_side)side);
            must(pair.end >= from && pair.end <= in.len);
            look_at(pair.name);
            from = pair.end + 1;
        }
    }
}

static void read_lists(struct px_str in)
{
    struct px_str value;
    const struct px_param param = {ARG("a"), '?', true}, any = {none, '?', false};
    for (uint32_t at = 0; px_list_next(in, &at, &value);)
        look_at(value);
    for (uint32_t at = 0; px_param_next(in, &at, &param, &value);)
        look_at(value);
    for (uint32_t at = 0; px_param_next(in, &at, &any, &value);)
        look_at(value);
    if (px_rdp_cookie(in, none, &value) == PX_FOUND)
        look_at(value);
    if (px_rdp_cookie(in, ARG("msts"), &value) == PX_FOUND)
        look_at(value);
}

static void (*const readers[])(struct px_str in) = {read_handshake, read_cookies, read_lists};

static void run(unsigned which, struct px_str in)
{
    if (which >= NCONVERTERS) {
        readers[which - NCONVERTERS](in);
        return;
    }
    struct px_sample smp = {.type = PX_STRING, .u.s = in};
    if (convert(which, &smp) && (smp.type == PX_STRING || smp.type == PX_BIN))
        look_at(smp.u.s);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (!size)
        return 0;
    char *copy = malloc(size);
    must(copy);
    memcpy(copy + 1, data + 1, size - 1);
    run(data[0] % (NCONVERTERS + PX_COUNT(readers)), (struct px_str){copy + 1, size - 1});
    free(copy);
    forget_pieces();
    return 0;
}
