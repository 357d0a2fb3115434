/*
 * What arguments of fetches and converters have to be beyond their kinds: addresses, one of a few
 * words, numbers within bounds.
 *
 * Not here: kinds and their number (expressions.c), and what only all sections together tell
 * (resolve.c). Idea: a row for each argument that can be wrong; whatever a function of the runtime
 * would have to refuse while it runs is refused here.
 */
#include "pattern.h"
#include "proxy.h"

#include <string.h>

typedef bool (*fit_fn)(struct sema *s, struct m_arg *a);

/* ---- constants ---- */

static bool fit_bool(struct sema *s, struct m_arg *a)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"true", true}, {"false", false}, {"1", true}, {"0", false}};
    for (unsigned i = 0; i < COUNT(words); i++)
        if (str_is_nocase(a->text, words[i].text)) {
            a->number = words[i].value;
            return true;
        }
    diag_add(s->diags, E0445, a->span, "'" STR_FMT "' is neither true nor false", STR_ARG(a->text));
    return false;
}

static bool fit_bin(struct sema *s, struct m_arg *a)
{
    struct str bytes;
    bool good = a->text.len && hex_bytes(s->arena, a->text, &bytes);
    if (good)
        a->text = bytes;
    else
        diag_add(s->diags, E0524, a->span,
                 "'" STR_FMT "' is not an even number of hexadecimal digits", STR_ARG(a->text));
    return good;
}

static bool fit_ipv4(struct sema *s, struct m_arg *a)
{
    uint8_t ip[4];
    if (value_ipv4_full(a->text, ip))
        return true;
    diag_add(s->diags, E0523, a->span, "'" STR_FMT "' is not an IPv4 address", STR_ARG(a->text));
    return false;
}

static bool fit_ipv6(struct sema *s, struct m_arg *a)
{
    uint8_t ip[16];
    if (value_ipv6(a->text, ip))
        return true;
    diag_add(s->diags, E0523, a->span, "'" STR_FMT "' is not an IPv6 address", STR_ARG(a->text));
    return false;
}

/* ---- words ---- */

static bool one_of(struct sema *s, const struct m_arg *a, const struct str *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (str_eq(a->text, words[i]))
            return true;
    struct text list = {.arena = s->arena};
    for (unsigned i = 0; i < n; i++)
        text_printf(&list, "%s" STR_FMT, !i ? "" : i + 1 < n ? ", " : " or ", STR_ARG(words[i]));
    struct diag *d = diag_add(s->diags, E0446, a->span, "expected %.*s, not '" STR_FMT "'",
                              (int)list.len, list.p, STR_ARG(a->text));
    diag_suggest(s->diags, d, a->text, words, n);
    return false;
}

static bool fit_unit(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"s", 1}, {"ms", 2}, {"us", 2}};
    return one_of(s, a, words, COUNT(words));
}

/* "The PROXY protocol" 2.2.1 and after. */
bool vector_type(struct sema *s, struct str word, struct span at, int64_t *type)
{
    static const struct {
        const char *name;
        int type;
    } names[] = {{"PP2_TYPE_ALPN", 1},    {"PP2_TYPE_AUTHORITY", 2}, {"PP2_TYPE_CRC32C", 3},
                 {"PP2_TYPE_NOOP", 4},    {"PP2_TYPE_UNIQUE_ID", 5}, {"PP2_TYPE_SSL", 0x20},
                 {"PP2_TYPE_NETNS", 0x30}};
    for (unsigned i = 0; i < COUNT(names); i++)
        if (str_is(word, names[i].name)) {
            *type = names[i].type;
            return true;
        }
    uint64_t n;
    bool good = mark_value(word, &n) && n <= UINT8_MAX;
    *type = (int64_t)n;
    if (!good)
        diag_add(s->diags, E0618, at, "'" STR_FMT "' is not a type from 0 to 255", STR_ARG(word));
    return good;
}

static bool fit_vector(struct sema *s, struct m_arg *a)
{
    if (!vector_type(s, a->text, a->span, &a->number))
        return false;
    a->text = str_printf(s->arena, "%lld", (long long)a->number);
    return true;
}

static bool fit_forwarded_part(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"proto", 5}, {"host", 4}, {"by", 2}, {"for", 3}};
    return one_of(s, a, words, COUNT(words));
}

/* A name that HAProxy knows, in any case, or a number. */
static bool fit_fix_tag(struct sema *s, struct m_arg *a)
{
    enum { MOST = 999999999 };
    static const struct {
        const char *name;
        int64_t tag;
    } tags[] = {{"BeginString", 8}, {"BodyLength", 9},    {"CheckSum", 10},
                {"MsgType", 35},    {"SenderCompID", 49}, {"TargetCompID", 56}};
    bool found = value_int(a->text, &a->number) == VALUE_OK && a->number >= 1 && a->number <= MOST;
    for (unsigned i = 0; i < COUNT(tags) && !found; i++)
        if (str_is_nocase(a->text, tags[i].name)) {
            a->number = tags[i].tag;
            found = true;
        }
    if (!found)
        diag_add(s->diags, E0446, a->span, "'" STR_FMT "' is no tag of the FIX protocol",
                 STR_ARG(a->text));
    a->text = str_printf(s->arena, "%lld", (long long)a->number);
    return found;
}

/* ---- Protocol Buffers ---- */

static bool is_field_path(struct str path)
{
    enum { MOST = 536870911 };
    int64_t number;
    for (size_t from = 0, i = 0; i <= path.len; i++) {
        if (i < path.len && path.p[i] != '.')
            continue;
        if (value_int(str_cut(path, from, i), &number) != VALUE_OK || number < 1 || number > MOST)
            return false;
        from = i + 1;
    }
    return true;
}

static bool fit_field_path(struct sema *s, struct m_arg *a)
{
    if (is_field_path(a->text))
        return true;
    diag_add(s->diags, E0446, a->span,
             "'" STR_FMT "' is not a field's number from 1 to 536870911, nor a path like 48.59.1",
             STR_ARG(a->text));
    return false;
}

static bool fit_field_type(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {
#define PX_PROTOBUF(name, wire, of) {#name, sizeof #name - 1},
#include "../../runtime/abi/protobuf.def"
#undef PX_PROTOBUF
    };
    return one_of(s, a, words, COUNT(words));
}

/* ---- MQTT ---- */

static const struct mqtt_packet {
    const char *name;
    int64_t type;
    const char *fields[10];
    uint8_t properties[16];
} mqtt_packets[] = {
    {"connect",
     1,
     {"flags", "protocol_name", "protocol_version", "client_identifier", "will_topic",
      "will_payload", "username", "password", "keepalive"},
     {17, 33, 39, 34, 25, 23, 21, 22, 24, 1, 2, 3, 8, 9}},
    {"connack",
     2,
     {"flags", "protocol_version", "reason_code"},
     {17, 33, 36, 37, 39, 18, 34, 31, 40, 41, 42, 19, 26, 28, 21, 22}},
};

/* By name, in any case, or by number. */
static const struct mqtt_packet *mqtt_packet_of(struct str text)
{
    int64_t type;
    for (unsigned i = 0; i < COUNT(mqtt_packets); i++)
        if (str_is_nocase(text, mqtt_packets[i].name) ||
            (value_int(text, &type) == VALUE_OK && type == mqtt_packets[i].type))
            return &mqtt_packets[i];
    return NULL;
}

/* The name in lower case, or the number. p == NULL: there is no such field. */
static struct str mqtt_field_of(struct sema *s, const struct mqtt_packet *packet, struct str text)
{
    int64_t number;
    for (unsigned i = 0; packet->fields[i]; i++)
        if (str_is_nocase(text, packet->fields[i]))
            return str_of(packet->fields[i]);
    for (unsigned i = 0; value_int(text, &number) == VALUE_OK && i < COUNT(packet->properties); i++)
        if (number && number == packet->properties[i])
            return str_printf(s->arena, "%lld", (long long)number);
    return (struct str){NULL, 0};
}

static bool mqtt_args_fit(struct sema *s, struct m_arg *args)
{
    const struct mqtt_packet *packet = mqtt_packet_of(args[0].text);
    if (!packet) {
        diag_add(s->diags, E0446, args[0].span,
                 "only connect and connack packets can be read, not '" STR_FMT "'",
                 STR_ARG(args[0].text));
        return false;
    }
    struct str field = mqtt_field_of(s, packet, args[1].text);
    if (!field.p) {
        diag_add(s->diags, E0446, args[1].span,
                 "'" STR_FMT "' is neither a field of a %s packet nor the number of a property",
                 STR_ARG(args[1].text), packet->name);
        return false;
    }
    args[0].text = str_printf(s->arena, "%lld", (long long)packet->type);
    args[1].text = field;
    return true;
}

static bool fit_fraction(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"ms", 2}, {"us", 2}};
    return one_of(s, a, words, COUNT(words));
}

static bool fit_case(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"i", 1}};
    return one_of(s, a, words, COUNT(words));
}

static bool fit_query(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"with_qm", 7}};
    return one_of(s, a, words, COUNT(words));
}

/* HAProxy takes an empty word for the default. */
static bool fit_json(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {
        {"ascii", 5}, {"utf8", 4}, {"utf8s", 5}, {"utf8p", 5}, {"utf8ps", 6}};
    return !a->text.len || one_of(s, a, words, COUNT(words));
}

static bool fit_url_enc(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"query", 5}};
    return !a->text.len || one_of(s, a, words, COUNT(words));
}

static bool fit_regsub(struct sema *s, struct m_arg *a)
{
    for (size_t i = 0; i < a->text.len; i++) {
        if (a->text.p[i] == 'i' || a->text.p[i] == 'g')
            continue;
        diag_add(s->diags, E0446, a->span, "'%c' is not a flag: there are only i and g",
                 a->text.p[i]);
        return false;
    }
    return true;
}

static bool fit_separators(struct sema *s, struct m_arg *a)
{
    if (!a->text.len)
        diag_add(s->diags, E0446, a->span, "there is no separator to cut at");
    return a->text.len;
}

/* ---- numbers ---- */

static bool in_bounds(struct sema *s, const struct m_arg *a, int64_t low, const char *what)
{
    if (a->number >= low)
        return true;
    diag_add(s->diags, E0371, a->span, "%s is %lld at least, not %lld", what, (long long)low,
             (long long)a->number);
    return false;
}

static bool fit_occurrence(struct sema *s, struct m_arg *a)
{
    return in_bounds(s, a, -10, "the position of a value");
}

static bool fit_offset(struct sema *s, struct m_arg *a)
{
    return in_bounds(s, a, 0, "an offset");
}

static bool fit_size(struct sema *s, struct m_arg *a)
{
    return in_bounds(s, a, 1, "a length");
}

static bool fit_index(struct sema *s, struct m_arg *a)
{
    if (!a->number)
        diag_add(s->diags, E0371, a->span,
                 "parts are counted from 1, or from -1 at the end: there is no part 0");
    return a->number;
}

static bool fit_uuid(struct sema *s, struct m_arg *a)
{
    if (a->number != 4)
        diag_add(s->diags, E0371, a->span, "only UUIDs of version 4 can be made, not of %lld",
                 (long long)a->number);
    return a->number == 4;
}

/* Some numbers have the kind of a text, because a sign, or that they are given, means something. */
static bool fit_int(struct sema *s, struct m_arg *a)
{
    if (!a->text.len || value_int(a->text, &a->number) == VALUE_OK)
        return true;
    diag_add(s->diags, E0370, a->span, "'" STR_FMT "' is not an integer", STR_ARG(a->text));
    return false;
}

static bool fit_chunk(struct sema *s, struct m_arg *a)
{
    if (a->number >= 1 && a->number <= 8)
        return true;
    diag_add(s->diags, E0371, a->span, "a number takes 1 to 8 bytes, not %lld",
             (long long)a->number);
    return false;
}

static bool fit_count(struct sema *s, struct m_arg *a)
{
    return in_bounds(s, a, 0, "a number of bytes");
}

static bool fit_languages(struct sema *s, struct m_arg *a)
{
    if (!a->text.len)
        diag_add(s->diags, E0446, a->span, "there is no language to choose");
    return a->text.len;
}

/* Those of OpenSSL's default provider that have one length. */
static bool fit_digest(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {
        {"md5", 3},         {"sha1", 4},        {"sha224", 6},      {"sha256", 6},
        {"sha384", 6},      {"sha512", 6},      {"sha512-224", 10}, {"sha512-256", 10},
        {"sha3-224", 8},    {"sha3-256", 8},    {"sha3-384", 8},    {"sha3-512", 8},
        {"blake2b512", 10}, {"blake2s256", 10}, {"ripemd160", 9},   {"sm3", 3}};
    char *low = str_cstr(s->arena, a->text);
    for (char *p = low; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p |= 0x20;
    a->text.p = low;
    return one_of(s, a, words, COUNT(words));
}

static bool fit_sha2(struct sema *s, struct m_arg *a)
{
    if (a->number == 224 || a->number == 256 || a->number == 384 || a->number == 512)
        return true;
    diag_add(s->diags, E0371, a->span, "SHA-2 has 224, 256, 384 or 512 bits, not %lld",
             (long long)a->number);
    return false;
}

/* $ and then .key and [number]; a backslash in front of a dot or bracket makes it part of a key. */
static bool fit_json_path(struct sema *s, struct m_arg *a)
{
    struct str t = a->text;
    bool good = t.len && t.p[0] == '$' && (t.len < 2 || t.p[1] == '.' || t.p[1] == '[');
    for (size_t i = 1; good && i < t.len; i++) {
        bool last = i + 1 == t.len;
        if (t.p[i] == '\\')
            good = ++i < t.len;
        else if (t.p[i] == '.')
            good = !last && t.p[i + 1] != '.' && t.p[i + 1] != '[';
        else if (t.p[i] == '[')
            good =
                !last && t.p[i + 1] >= '0' && t.p[i + 1] <= '9' && memchr(t.p + i, ']', t.len - i);
    }
    if (!good)
        diag_add(s->diags, E0446, a->span,
                 "'" STR_FMT "' is not a path like $.key, $.list[0] or $.key.key", STR_ARG(t));
    return good;
}

static bool fit_json_type(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"int", 3}};
    return one_of(s, a, words, COUNT(words));
}

/* RFC 7518 3.1. */
static bool fit_jwt_algorithm(struct sema *s, struct m_arg *a)
{
    static const struct str words[] = {{"HS256", 5}, {"HS384", 5}, {"HS512", 5}, {"RS256", 5},
                                       {"RS384", 5}, {"RS512", 5}, {"ES256", 5}, {"ES384", 5},
                                       {"ES512", 5}, {"PS256", 5}, {"PS384", 5}, {"PS512", 5},
                                       {"none", 4}};
    return a->var || one_of(s, a, words, COUNT(words));
}

static bool fit_one_char(struct sema *s, struct m_arg *a)
{
    if (a->text.len <= 1)
        return true;
    diag_add(s->diags, E0446, a->span, "a delimiter is one character, not '" STR_FMT "'",
             STR_ARG(a->text));
    return false;
}

static bool fit_slot(struct sema *s, struct m_arg *a)
{
    return in_bounds(s, a, 0, "the number of a capture");
}

/* ---- the table ---- */

static const struct arg_row {
    const char *name;
    unsigned at; /* which argument */
    fit_fn fits;
} fetch_rows[] =
    {
        {"bool", 0, fit_bool},
        {"bin", 0, fit_bin},
        {"ipv4", 0, fit_ipv4},
        {"ipv6", 0, fit_ipv6},
        {"date", 1, fit_unit},
        {"accept_date", 0, fit_unit},
        {"request_date", 0, fit_unit},
        {"fc_pp_tlv", 0, fit_vector},
        {"fc_rtt", 0, fit_fraction},
        {"fc_rttvar", 0, fit_fraction},
        {"bc_rtt", 0, fit_fraction},
        {"bc_rttvar", 0, fit_fraction},
        {"req.body_param", 1, fit_case},
        {"query", 0, fit_query},
        {"url_param", 2, fit_case},
        {"urlp_val", 2, fit_case},
        {"uuid", 0, fit_uuid},
        {"req.payload", 0, fit_offset},
        {"req.payload", 1, fit_offset},
        {"req.payload_lv", 0, fit_offset},
        {"req.payload_lv", 1, fit_size},
        {"req.payload_lv", 2, fit_int},
        {"res.payload", 0, fit_offset},
        {"res.payload", 1, fit_offset},
        {"res.payload_lv", 0, fit_offset},
        {"res.payload_lv", 1, fit_size},
        {"res.payload_lv", 2, fit_int},
        {"req.hdr", 1, fit_occurrence},
        {"req.fhdr", 1, fit_occurrence},
        {"req.hdr_ip", 1, fit_occurrence},
        {"req.hdr_val", 1, fit_occurrence},
        {"res.hdr", 1, fit_occurrence},
        {"res.fhdr", 1, fit_occurrence},
        {"res.hdr_ip", 1, fit_occurrence},
        {"res.hdr_val", 1, fit_occurrence},
},
  conv_rows[] = {
      {"digest", 0, fit_digest},
      {"fix_tag_value", 0, fit_fix_tag},
      {"hmac", 0, fit_digest},
      {"json_query", 0, fit_json_path},
      {"jwt_verify", 0, fit_jwt_algorithm},
      {"protobuf", 0, fit_field_path},
      {"protobuf", 1, fit_field_type},
      {"ungrpc", 0, fit_field_path},
      {"ungrpc", 1, fit_field_type},
      {"rfc7239_field", 0, fit_forwarded_part},
      {"json_query", 1, fit_json_type},
      {"jwt_header_query", 0, fit_json_path},
      {"jwt_header_query", 1, fit_json_type},
      {"jwt_payload_query", 0, fit_json_path},
      {"jwt_payload_query", 1, fit_json_type},
      {"sha2", 0, fit_sha2},
      {"be2dec", 1, fit_chunk},
      {"be2hex", 1, fit_count},
      {"language", 0, fit_languages},
      {"le2dec", 1, fit_chunk},
      {"param", 1, fit_one_char},
      {"capture-req", 0, fit_slot},
      {"capture-res", 0, fit_slot},
      {"bytes", 1, fit_int},
      {"field", 0, fit_index},
      {"field", 1, fit_separators},
      {"field", 2, fit_int},
      {"word", 0, fit_index},
      {"word", 1, fit_separators},
      {"word", 2, fit_int},
      {"http_date", 1, fit_unit},
      {"json", 0, fit_json},
      {"regsub", 2, fit_regsub},
      {"url_enc", 0, fit_url_enc},
};

static bool fit(struct sema *s, const struct arg_row *rows, unsigned n, const char *name,
                struct m_arg *args)
{
    bool good = true;
    for (unsigned i = 0; i < n; i++)
        if (!strcmp(name, rows[i].name) && args[rows[i].at].given)
            good = rows[i].fits(s, &args[rows[i].at]) && good;
    return good;
}

/* From the end of the length field the block begins at most as far back as the message does. */
static bool lv_block_fits(struct sema *s, const struct m_arg *args)
{
    const struct m_arg *a = &args[2];
    bool relative = a->text.len && (*a->text.p == '+' || *a->text.p == '-');
    int64_t back = -(args[0].number + args[1].number);
    if (!a->given || !a->text.len || a->number >= (relative ? back : 0))
        return true;
    diag_add(s->diags, E0371, a->span, "the offset '" STR_FMT "' leads before the message",
             STR_ARG(a->text));
    return false;
}

bool fetch_args_fit(struct sema *s, struct m_expr *e)
{
    if (!fit(s, fetch_rows, COUNT(fetch_rows), e->fetch->name, e->args))
        return false;
    bool block =
        !strcmp(e->fetch->name, "req.payload_lv") || !strcmp(e->fetch->name, "res.payload_lv");
    return !block || lv_block_fits(s, e->args);
}

/* Whether case counts is said behind the expression. */
static void make_regex(struct sema *s, struct m_arg *re, const struct m_arg *flags)
{
    bool fold = flags->text.len && memchr(flags->text.p, 'i', flags->text.len);
    re->regex = regex_intern(s, re->text, fold, re->span);
    re->regex->needed = "what it matches is replaced";
}

/* A separator stands between pieces, and those have a size. */
static bool pieces_fit(struct sema *s, const struct m_arg *args)
{
    if (!args[0].text.len || args[1].number)
        return true;
    diag_add(s->diags, E0371, args[0].span,
             "a separator needs a number of bytes behind it, at least 1");
    return false;
}

bool conv_args_fit(struct sema *s, struct m_conv *c)
{
    if (!fit(s, conv_rows, COUNT(conv_rows), c->conv->name, c->args))
        return false;
    if (!strcmp(c->conv->name, "be2hex") && !pieces_fit(s, c->args))
        return false;
    if (!strcmp(c->conv->name, "add_item") && !c->args[1].given && !c->args[2].text.len) {
        diag_add(s->diags, E0431, c->span, "'add_item' needs a variable or a text to add");
        return false;
    }
    if (!strcmp(c->conv->name, "mqtt_field_value"))
        return mqtt_args_fit(s, c->args);
    if (!strcmp(c->conv->name, "jwt_verify"))
        return jwt_key_take(s, c->args);
    if (!strcmp(c->conv->name, "regsub"))
        make_regex(s, &c->args[0], &c->args[2]);
    return true;
}
