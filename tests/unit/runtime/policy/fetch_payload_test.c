/*
 * Tests of what is read from bytes as they came: TLS hellos (hello.c), parts of a payload
 * (payload.c), and how the fetches wait for them (fetch_payload.c).
 *
 * Bytes are read from blocks of exactly their size, so that an analyser of memory sees a read
 * beyond their end.
 */
#include "message_desk.h"

#include "runtime/policy/hello.h"
#include "runtime/policy/payload.h"

/* ---- building messages ---- */

enum { ROOM = 4096 };

struct bytes {
    uint8_t p[ROOM];
    size_t n;
};

static void add(struct bytes *b, const void *p, size_t n)
{
    ck_assert_uint_le(b->n + n, ROOM);
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static void add_number(struct bytes *b, size_t v, unsigned size)
{
    for (unsigned i = size; i--;)
        add(b, &(uint8_t){(uint8_t)(v >> 8 * i)}, 1);
}

static void add_vector(struct bytes *b, unsigned size, const struct bytes *content)
{
    add_number(b, content->n, size);
    add(b, content->p, content->n);
}

static void add_name(struct bytes *list, unsigned type, const char *name)
{
    add_number(list, type, 1);
    add_number(list, strlen(name), 2);
    add(list, name, strlen(name));
}

static struct bytes names_of(unsigned type, const char *name)
{
    struct bytes list = {.n = 0};
    add_name(&list, type, name);
    return list;
}

/* What can be wrong, or just different, about a ClientHello. */
struct recipe {
    unsigned version;             /* 0: TLS 1.2 */
    unsigned session;             /* bytes of session id */
    unsigned type;                /* of the message, 0: ClientHello */
    size_t wrong_list, wrong_ext; /* added to the length of the name list, of the extensions */
    bool no_extensions;
    const struct bytes *names; /* NULL: no server_name extension */
};

static void add_extensions(struct bytes *body, const struct recipe *r)
{
    struct bytes all = {.n = 0}, data = {.n = 0};
    add_number(&all, 43, 2); /* supported_versions, as an extension to step over */
    add(&all, "\x00\x03\x02\x03\x04", 5);
    if (r->names) {
        add_number(&data, r->names->n + r->wrong_list, 2);
        add(&data, r->names->p, r->names->n);
        add_number(&all, 0, 2);
        add_vector(&all, 2, &data);
    }
    add_number(body, all.n + r->wrong_ext, 2);
    add(body, all.p, all.n);
}

static struct bytes message(const struct recipe *r)
{
    struct bytes body = {.n = 0}, msg = {.n = 0};
    add_number(&body, r->version ? r->version : 0x303, 2);
    for (unsigned i = 0; i < 32; i++)
        add_number(&body, i, 1);
    add_number(&body, r->session, 1);
    for (unsigned i = 0; i < r->session; i++)
        add(&body, "s", 1);
    add(&body, "\x00\x02\x13\x01\x01\x00", 6); /* one cipher suite, no compression */
    if (!r->no_extensions)
        add_extensions(&body, r);
    add_number(&msg, r->type ? r->type : PX_CLIENT_HELLO, 1);
    add_vector(&msg, 3, &body);
    return msg;
}

/* The message in records of at most `most` bytes. */
static struct bytes records(const struct bytes *msg, size_t most)
{
    struct bytes out = {.n = 0};
    for (size_t at = 0; at < msg->n; at += most) {
        size_t n = msg->n - at < most ? msg->n - at : most;
        add(&out, "\x16\x03\x01", 3);
        add_number(&out, n, 2);
        add(&out, msg->p + at, n);
    }
    return out;
}

static struct bytes hello_for(const char *name)
{
    struct bytes names = names_of(0, name);
    struct bytes msg = message(&(struct recipe){.names = &names});
    return records(&msg, ROOM);
}

/* ---- reading them ---- */

struct answer {
    enum px_found found, named;
    unsigned type;
    int64_t version;
    char name[ROOM];
    bool joined;
};

static struct answer read_hello(const uint8_t *p, size_t n)
{
    char *exact = malloc(n ? n : 1), *room = malloc(n ? n : 1);
    struct px_str in = {memcpy(exact, p, n), n}, name = {NULL, 0};
    struct px_handshake msg;
    struct answer a = {.found = px_handshake_first(in, NULL, &msg)};
    if (a.found == PX_FOUND && !msg.body.p) {
        a.joined = true;
        ck_assert_int_eq(px_handshake_first(in, room, &msg), PX_FOUND);
    }
    if (a.found == PX_FOUND) {
        a.type = msg.type;
        px_hello_version(msg.body, &a.version);
        a.named = px_hello_name(msg.body, &name);
        if (a.named == PX_FOUND)
            memcpy(a.name, name.p, name.len);
    }
    free(exact);
    free(room);
    return a;
}

static struct answer read_bytes(const struct bytes *b)
{
    return read_hello(b->p, b->n);
}

static struct answer read_recipe(const struct recipe *r)
{
    struct bytes msg = message(r), wire = records(&msg, ROOM);
    return read_bytes(&wire);
}

START_TEST(a_hello_tells_its_version_and_name)
{
    struct bytes wire = hello_for("www.example.com");
    struct answer a = read_bytes(&wire);
    ck_assert_int_eq(a.found, PX_FOUND);
    ck_assert_uint_eq(a.type, PX_CLIENT_HELLO);
    ck_assert_int_eq(a.version, 0x30003);
    ck_assert_int_eq(a.named, PX_FOUND);
    ck_assert_str_eq(a.name, "www.example.com");
    ck_assert(!a.joined);
}
END_TEST

START_TEST(a_hello_is_complete_at_its_last_byte)
{
    struct bytes wire = hello_for("a.example");
    for (size_t n = 0; n < wire.n; n++)
        ck_assert_msg(read_hello(wire.p, n).found == PX_LATER, "decided after %zu bytes", n);
    add(&wire, "more", 4);
    ck_assert_str_eq(read_bytes(&wire).name, "a.example");
}
END_TEST

START_TEST(records_may_cut_a_hello_anywhere)
{
    struct bytes names = names_of(0, "split.example");
    struct bytes msg = message(&(struct recipe){.names = &names});
    for (size_t most = 1; most < msg.n; most++) {
        struct bytes wire = records(&msg, most);
        for (size_t n = 0; n < wire.n; n++)
            ck_assert_int_eq(read_hello(wire.p, n).found, PX_LATER);
        struct answer a = read_bytes(&wire);
        ck_assert_int_eq(a.found, PX_FOUND);
        ck_assert(a.joined);
        ck_assert_int_eq(a.version, 0x30003);
        ck_assert_str_eq(a.name, "split.example");
    }
}
END_TEST

START_TEST(other_bytes_are_no_hello_at_once)
{
    static const char *const wires[] = {"G", "\x15\x03", "\x17\x03\x03", "\x16\x02", "\x80"};
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
        ck_assert_int_eq(read_hello((const uint8_t *)wires[i], strlen(wires[i])).found, PX_ABSENT);
}
END_TEST

START_TEST(records_are_neither_empty_nor_too_long)
{
    ck_assert_int_eq(read_hello((const uint8_t *)"\x16\x03\x01\x00\x00", 5).found, PX_ABSENT);
    ck_assert_int_eq(read_hello((const uint8_t *)"\x16\x03\x01\x40\x01", 5).found, PX_ABSENT);
    ck_assert_int_eq(read_hello((const uint8_t *)"\x16\x03\x01\x40\x00", 5).found, PX_LATER);
}
END_TEST

START_TEST(a_split_hello_goes_on_with_handshake_records_only)
{
    struct bytes names = names_of(0, "a");
    struct bytes msg = message(&(struct recipe){.names = &names}), wire = records(&msg, 40);
    wire.p[45] = 23;
    ck_assert_int_eq(read_bytes(&wire).found, PX_ABSENT);
}
END_TEST

START_TEST(other_messages_tell_their_type)
{
    struct answer a = read_recipe(&(struct recipe){.type = 2});
    ck_assert_int_eq(a.found, PX_FOUND);
    ck_assert_uint_eq(a.type, 2);
}
END_TEST

START_TEST(a_hello_may_lack_a_name)
{
    struct bytes names = names_of(0, "n.example");
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = NULL}).named, PX_ABSENT);
    ck_assert_int_eq(read_recipe(&(struct recipe){.no_extensions = true}).named, PX_ABSENT);
    struct answer old = read_recipe(&(struct recipe){.version = 0x300, .names = &names});
    ck_assert_int_eq(old.version, 0x30000);
    ck_assert_int_eq(old.named, PX_ABSENT);
}
END_TEST

START_TEST(names_of_other_types_are_stepped_over)
{
    struct bytes names = names_of(1, "other");
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = &names}).named, PX_ABSENT);
    add_name(&names, 0, "second.example");
    ck_assert_str_eq(read_recipe(&(struct recipe){.names = &names}).name, "second.example");
}
END_TEST

START_TEST(lengths_that_do_not_fit_give_no_name)
{
    struct bytes names = names_of(0, "n.example"), nobody = names_of(0, "");
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = &names, .wrong_list = 1}).named,
                     PX_ABSENT);
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = &names, .wrong_ext = 1}).named,
                     PX_ABSENT);
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = &names, .session = 33}).named,
                     PX_ABSENT);
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = &names, .session = 32}).named, PX_FOUND);
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = &nobody}).named, PX_ABSENT);
    names.p[1] = 1;
    ck_assert_int_eq(read_recipe(&(struct recipe){.names = &names}).named, PX_ABSENT);
}
END_TEST

START_TEST(no_changed_byte_leads_outside)
{
    struct bytes names = names_of(0, "n.example");
    struct bytes msg = message(&(struct recipe){.names = &names, .session = 5});
    struct bytes whole = records(&msg, ROOM), split = records(&msg, 30);
    for (size_t at = 0; at < split.n; at++)
        for (unsigned v = 0; v < 256; v++) {
            struct bytes b = at < whole.n ? whole : split, c = split;
            b.p[at] = c.p[at] = (uint8_t)v;
            ck_assert_int_le((int)read_bytes(&b).found, PX_LATER);
            ck_assert_int_le((int)read_bytes(&c).found, PX_LATER);
        }
}
END_TEST

/* ---- SSL 2 ---- */

static struct bytes sslv2(unsigned version, unsigned ciphers, unsigned challenge)
{
    struct bytes b = {.n = 0};
    add_number(&b, 0x8000 | (9 + ciphers + challenge), 2);
    add_number(&b, 1, 1);
    add_number(&b, version, 2);
    add_number(&b, ciphers, 2);
    add_number(&b, 0, 2);
    add_number(&b, challenge, 2);
    for (unsigned i = 0; i < ciphers + challenge; i++)
        add(&b, "c", 1);
    return b;
}

static enum px_found read_sslv2(const uint8_t *p, size_t n, int64_t *version)
{
    char *exact = malloc(n ? n : 1);
    enum px_found found = px_sslv2_version((struct px_str){memcpy(exact, p, n), n}, version);
    free(exact);
    return found;
}

START_TEST(hellos_of_ssl_2_tell_a_version)
{
    int64_t version = 0;
    struct bytes b = sslv2(0x301, 21, 16);
    for (size_t n = 0; n < b.n; n++)
        ck_assert_int_eq(read_sslv2(b.p, n, &version), PX_LATER);
    ck_assert_int_eq(read_sslv2(b.p, b.n, &version), PX_FOUND);
    ck_assert_int_eq(version, 0x30001);
    b = sslv2(0x0002, 3, 32);
    ck_assert_int_eq(read_sslv2(b.p, b.n, &version), PX_FOUND);
    ck_assert_int_eq(version, 2);
}
END_TEST

START_TEST(what_only_looks_like_ssl_2_is_refused)
{
    int64_t version;
    const struct bytes wrong[] = {sslv2(0x301, 0, 16), sslv2(0x301, 4, 16), sslv2(0x301, 3, 15)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(read_sslv2(wrong[i].p, wrong[i].n, &version), PX_ABSENT);
    struct bytes b = sslv2(0x301, 3, 16);
    b.p[1]++;
    ck_assert_int_eq(read_sslv2(b.p, b.n, &version), PX_ABSENT);
    ck_assert_int_eq(read_sslv2((const uint8_t *)"\x80\x2e\x02", 3, &version), PX_ABSENT);
    ck_assert_int_eq(read_sslv2((const uint8_t *)"GET", 3, &version), PX_ABSENT);
}
END_TEST

/* ---- parts of a payload ---- */

/* The part of text from `at`, "-" when it is absent, "+" when more is needed. */
static const char *part_text(enum px_found found, struct px_str part)
{
    static char text[64];
    if (found != PX_FOUND)
        return found == PX_LATER ? "+" : "-";
    snprintf(text, sizeof text, "%.*s", (int)part.len, part.p);
    return text;
}

static const char *part(const char *text, int64_t at, int64_t len)
{
    const struct px_payload in = {px_text_of(text), 16};
    struct px_str s = {NULL, 0};
    return part_text(px_payload_part(&in, at, len, &s), s);
}

START_TEST(parts_are_cut_from_what_has_come)
{
    ck_assert_str_eq(part("abcdef", 0, 3), "abc");
    ck_assert_str_eq(part("abcdef", 4, 2), "ef");
    ck_assert_str_eq(part("abcdef", 2, 0), "cdef");
    ck_assert_str_eq(part("abcdef", 4, 3), "+");
    ck_assert_str_eq(part("abcdef", 6, 0), "+");
    ck_assert_str_eq(part("", 0, 0), "+");
    ck_assert_str_eq(part("abcdef", 15, 1), "+");
}
END_TEST

START_TEST(parts_that_never_fit_are_absent)
{
    ck_assert_str_eq(part("abcdef", 15, 2), "-");
    ck_assert_str_eq(part("abcdef", 16, 0), "-");
    ck_assert_str_eq(part("abcdef", 0, 17), "-");
    ck_assert_str_eq(part("abcdef", -1, 2), "-");
    ck_assert_str_eq(part("abcdef", 1, -2), "-");
    ck_assert_str_eq(part("abcdef", INT64_MAX, INT64_MAX), "-");
    ck_assert_str_eq(part("abcdef", INT64_MAX, 0), "-");
}
END_TEST

static const char *counted(const char *p, size_t n, int64_t at, int64_t size, const char *place)
{
    const struct px_payload in = {{p, n}, 300};
    struct px_str s = {NULL, 0};
    return part_text(px_payload_counted(&in, at, size, px_text_of(place), &s), s);
}

START_TEST(counted_parts_begin_behind_their_number_or_elsewhere)
{
    static const char b[] = "\x00\x02\x03"
                            "abcdefgh";
    size_t n = sizeof b - 1;
    ck_assert_str_eq(counted(b, n, 2, 1, NULL), "abc");
    ck_assert_str_eq(counted(b, n, 0, 2, "5"), "cd");
    ck_assert_str_eq(counted(b, n, 2, 1, "+2"), "cde");
    ck_assert_str_eq(counted(b, n, 1, 1, "+0"), "\x03"
                                                "a");
    ck_assert_str_eq(counted(b, n, 2, 1, "-1"), "\x03"
                                                "ab");
    ck_assert_str_eq(counted(b, n, 2, 1, "8"), "fgh");
    ck_assert_str_eq(counted(b, n, 2, 1, "9"), "+");
    ck_assert_str_eq(counted(b, 4, 2, 1, NULL), "+");
    ck_assert_str_eq(counted(b, 2, 2, 1, NULL), "+");
}
END_TEST

START_TEST(counted_parts_may_be_impossible)
{
    static const char b[] = "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    size_t n = sizeof b - 1;
    ck_assert_str_eq(counted(b, n, 0, 1, NULL), "-");
    ck_assert_str_eq(counted(b, n, 1, 2, NULL), "-");
    ck_assert_str_eq(counted(b, n, 0, 10, NULL), "-");
    ck_assert_str_eq(counted(b, n, 0, 0, NULL), "-");
    ck_assert_str_eq(counted(b, n, -1, 1, NULL), "-");
    ck_assert_str_eq(counted(b, n, 1, 1, "-3"), "-");
    ck_assert_str_eq(counted(b, n, 1, 1, "+9223372036854775807"), "-");
    ck_assert_str_eq(counted(b, n, 299, 2, NULL), "-");
}
END_TEST

/* ---- the fetches ---- */

/* A TCP session whose client has sent these bytes; content rules look at it. */
static void session(const void *p, size_t n)
{
    struct px_buf *buf = desk_clear("");
    memcpy(buf->data, p, n);
    buf->end = (uint32_t)n;
    desk.http = NULL;
    desk.kind = &px_kind_tcp;
    desk.stage = PX_STAGE_CONTENT;
    desk_client.sock.in = n ? buf : NULL;
}

static void session_of(const char *text)
{
    session(text, strlen(text));
}

START_TEST(wait_end_waits_in_content_rules_only)
{
    session_of("x");
    EXPECT(px_fetch_wait_end(&desk, &desk_sample), "(later)");
    desk.flags |= PX_T_FINAL;
    EXPECT(px_fetch_wait_end(&desk, &desk_sample), "1");
    session_of("x");
    desk.stage = PX_STAGE_ROUTE;
    EXPECT(px_fetch_wait_end(&desk, &desk_sample), "1");
}
END_TEST

START_TEST(bytes_are_counted_while_more_may_come)
{
    session_of("");
    EXPECT(px_fetch_req_len(&desk, &desk_sample), "0");
    ck_assert(desk_sample.open);
    desk.flags |= PX_T_FINAL;
    EXPECT(px_fetch_req_len(&desk, &desk_sample), "0");
    ck_assert(!desk_sample.open);
    session_of("four");
    EXPECT(px_fetch_req_len(&desk, &desk_sample), "4");
    ck_assert(desk_sample.open);
}
END_TEST

START_TEST(payload_is_waited_for_until_the_end)
{
    session_of("abc");
    EXPECT(px_fetch_req_payload(&desk, &desk_sample, 1, 2), "bc");
    EXPECT(px_fetch_req_payload(&desk, &desk_sample, 1, 3), "(later)");
    EXPECT(px_fetch_req_payload_lv(&desk, &desk_sample, 3, 1, (struct px_str){NULL, 0}), "(later)");
    desk.flags |= PX_T_FINAL;
    EXPECT(px_fetch_req_payload(&desk, &desk_sample, 1, 3), "(none)");
    EXPECT(px_fetch_req_payload_lv(&desk, &desk_sample, 3, 1, (struct px_str){NULL, 0}), "(none)");
}
END_TEST

START_TEST(http_is_recognised_and_left_as_it_is)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: A\r\n\r\n";
    session(request, sizeof request - 3);
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "(later)");
    desk.flags |= PX_T_FINAL;
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "0");
    session_of(request);
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "1");
    ck_assert_mem_eq(desk_client.sock.in->data, request, sizeof request - 1);
    session_of("GET / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "1");
    session_of("\r\nget / HTTP/2.0\r\nHost: h\r\n\r\n");
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "1");
    session_of("GET / HTTP/1.1\r\nA : b\r\n\r\n");
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "0");
    session_of("SSH-2.0-x\r\n");
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "0");
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT(px_fetch_req_proto_http(&desk, &desk_sample), "1");
}
END_TEST

START_TEST(tls_is_read_through)
{
    struct bytes names = names_of(0, "s.example");
    struct bytes msg = message(&(struct recipe){.names = &names}), wire = records(&msg, 25);
    session(wire.p, wire.n);
    EXPECT(px_fetch_req_ssl_hello_type(&desk, &desk_sample), "1");
    EXPECT(px_fetch_req_ssl_ver(&desk, &desk_sample), "196611");
    EXPECT(px_fetch_req_ssl_sni(&desk, &desk_sample), "s.example");
    session(wire.p, wire.n - 1);
    EXPECT(px_fetch_req_ssl_hello_type(&desk, &desk_sample), "(later)");
    EXPECT(px_fetch_req_ssl_sni(&desk, &desk_sample), "(later)");
    desk.flags |= PX_T_FINAL;
    EXPECT(px_fetch_req_ssl_sni(&desk, &desk_sample), "(none)");
    EXPECT(px_fetch_req_ssl_ver(&desk, &desk_sample), "(none)");
    struct bytes old = sslv2(0x301, 3, 16);
    session(old.p, old.n);
    EXPECT(px_fetch_req_ssl_ver(&desk, &desk_sample), "196609");
    EXPECT(px_fetch_req_ssl_sni(&desk, &desk_sample), "(none)");
}
END_TEST

START_TEST(messages_that_were_parsed_have_no_raw_bytes)
{
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT(px_fetch_req_payload(&desk, &desk_sample, 0, 3), "(none)");
    EXPECT(px_fetch_req_ssl_ver(&desk, &desk_sample), "(none)");
}
END_TEST

UNIT_MAIN("fetch_payload", NULL, NULL, a_hello_tells_its_version_and_name,
          a_hello_is_complete_at_its_last_byte, records_may_cut_a_hello_anywhere,
          other_bytes_are_no_hello_at_once, records_are_neither_empty_nor_too_long,
          a_split_hello_goes_on_with_handshake_records_only, other_messages_tell_their_type,
          a_hello_may_lack_a_name, names_of_other_types_are_stepped_over,
          lengths_that_do_not_fit_give_no_name, no_changed_byte_leads_outside,
          hellos_of_ssl_2_tell_a_version, what_only_looks_like_ssl_2_is_refused,
          parts_are_cut_from_what_has_come, parts_that_never_fit_are_absent,
          counted_parts_begin_behind_their_number_or_elsewhere, counted_parts_may_be_impossible,
          wait_end_waits_in_content_rules_only, bytes_are_counted_while_more_may_come,
          payload_is_waited_for_until_the_end, http_is_recognised_and_left_as_it_is,
          tls_is_read_through, messages_that_were_parsed_have_no_raw_bytes)
