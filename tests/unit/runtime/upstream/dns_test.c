/*
 * Tests of runtime/upstream/dns.c: questions, answers, and what is none (RFC 1035, 2782, 6891).
 */
#include "runtime/upstream/dns.h"

#include "tests/unit/unit.h"

#include <string.h>
#include <sys/socket.h>

/* The header of an answer with id 7: flags, code, and numbers of records. */
#define HEAD(flags, code, answers, authorities, more)                                              \
    "\0\7" flags code "\0\1\0" answers "\0" authorities "\0" more
#define GOOD(answers, more) HEAD("\x81", "\x80", answers, "\0", more)
#define NAME "\1a\4test\0"
#define QUESTION_A NAME "\0\1\0\1"
#define QUESTION_AAAA NAME "\0\x1c\0\1"
#define QUESTION_SRV NAME "\0\x21\0\1"
/* A record: the name, its type, IN, a time to live, and the data behind its length. */
#define RECORD(name, type, len) name "\0" type "\0\1\0\0\0\1\0" len
#define SELF "\xc0\x0c"
#define IPV4(name, last) RECORD(name, "\1", "\4") "\x7f\0\0" last

static struct px_dns_answer answer;

/* Exactly so many bytes, so that sanitizers see what is read behind them. */
static enum px_dns_verdict read_exactly(const char *p, size_t len, enum px_dns_type type)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, p, len);
    px_dns_read(copy, len, "A.test", type, &answer);
    free(copy);
    return answer.verdict;
}
#define READ(text, type) read_exactly(text, sizeof text - 1, type)

START_TEST(a_question)
{
    static const uint8_t expected[] = "\x12\x34\1\0\0\1\0\0\0\0\0\1"
                                      "\1a\4test\0\0\x1c\0\1"
                                      "\0\0\x29\x10\0\0\0\0\0\0\0";
    uint8_t q[PX_DNS_QUERY];
    size_t len = px_dns_ask(q, 0x1234, "a.test", PX_DNS_AAAA, 4096);
    ck_assert_uint_eq(len, sizeof expected - 1);
    ck_assert_mem_eq(q, expected, len);
    ck_assert_uint_eq(px_dns_ask(q, 0x1234, "a.test.", PX_DNS_AAAA, 4096), len);
    ck_assert_mem_eq(q, expected, len);
}
END_TEST

START_TEST(the_longest_question)
{
    char name[PX_DNS_NAME];
    uint8_t q[PX_DNS_QUERY];
    memset(name, 'x', sizeof name);
    name[63] = name[127] = name[191] = '.';
    name[253] = 0;
    ck_assert(px_dns_name_fits(name));
    ck_assert_uint_eq(px_dns_ask(q, 1, name, PX_DNS_A, 512), 12 + 255 + 4 + 11);
    name[63] = 'x';
    ck_assert(!px_dns_name_fits(name));
}
END_TEST

START_TEST(names_that_fit)
{
    ck_assert(px_dns_name_fits("_http._tcp.a.test"));
    ck_assert(px_dns_name_fits("localhost."));
    ck_assert(!px_dns_name_fits(""));
    ck_assert(!px_dns_name_fits("."));
    ck_assert(!px_dns_name_fits(".a"));
    ck_assert(!px_dns_name_fits("a..b"));
    ck_assert(!px_dns_name_fits("a.."));
}
END_TEST

START_TEST(ids)
{
    uint16_t id = 0;
    ck_assert(px_dns_id((const uint8_t *)GOOD("\0", "\0"), 12, &id));
    ck_assert_uint_eq(id, 7);
    ck_assert(!px_dns_id((const uint8_t *)GOOD("\0", "\0"), 11, &id));
    ck_assert(!px_dns_id((const uint8_t *)HEAD("\1", "\0", "\0", "\0", "\0"), 12, &id));
}
END_TEST

static const char two[] = GOOD("\2", "\0") QUESTION_A IPV4(SELF, "\1") IPV4(NAME, "\2");

START_TEST(addresses)
{
    ck_assert_int_eq(READ(two, PX_DNS_A), PX_DNS_VALID);
    ck_assert_uint_eq(answer.n, 2);
    ck_assert_uint_eq(answer.records[0].family, AF_INET);
    ck_assert_mem_eq(answer.records[0].ip, "\x7f\0\0\1", 4);
    ck_assert_mem_eq(answer.records[1].ip, "\x7f\0\0\2", 4);
    ck_assert(!answer.aliased);
    ck_assert_int_eq(READ(GOOD("\1", "\0")
                              QUESTION_AAAA RECORD(SELF, "\x1c", "\x10") "0123456789abcdef",
                          PX_DNS_AAAA),
                     PX_DNS_VALID);
    ck_assert_uint_eq(answer.records[0].family, AF_INET6);
    ck_assert_mem_eq(answer.records[0].ip, "0123456789abcdef", 16);
}
END_TEST

START_TEST(aliases)
{
    ck_assert_int_eq(READ(GOOD("\3", "\0") QUESTION_A IPV4("\1c\0", "\3")
                              RECORD("\1b\0", "\5", "\3") "\1c\0" RECORD(SELF, "\5", "\3") "\1b\0",
                          PX_DNS_A),
                     PX_DNS_VALID);
    ck_assert(answer.aliased);
    ck_assert_uint_eq(answer.n, 1);
    ck_assert_mem_eq(answer.records[0].ip, "\x7f\0\0\3", 4);
    ck_assert_int_eq(READ(GOOD("\1", "\0") QUESTION_A RECORD(SELF, "\5", "\3") "\1b\0", PX_DNS_A),
                     PX_DNS_CNAME_ERROR);
    ck_assert_int_eq(READ(GOOD("\1", "\0") QUESTION_A RECORD(SELF, "\5", "\2") SELF, PX_DNS_A),
                     PX_DNS_CNAME_ERROR); /* it stands for itself */
}
END_TEST

START_TEST(services)
{
    ck_assert_int_eq(
        READ(GOOD("\3", "\2")
                 QUESTION_SRV RECORD(SELF, "\x21", "\x9") "\0\1\0\5\x1f\x90\1B\0" RECORD(
                     SELF, "\x21",
                     "\x9") "\0\1\xff\xff\0\x50\1c\0" RECORD(SELF, "\x21",
                                                             "\x7") "\0\1\0\1\0\x50\0" IPV4("\1x\0",
                                                                                            "\1")
                     IPV4("\1b\0", "\4"),
             PX_DNS_SRV),
        PX_DNS_VALID);
    ck_assert_uint_eq(answer.n, 2); /* the third one is at no host */
    ck_assert_str_eq(answer.records[0].target, "b");
    ck_assert_uint_eq(answer.records[0].port, 8080);
    ck_assert_uint_eq(answer.records[0].weight, 5);
    ck_assert_uint_eq(answer.records[0].family, AF_INET);
    ck_assert_mem_eq(answer.records[0].ip, "\x7f\0\0\4", 4);
    ck_assert_str_eq(answer.records[1].target, "c");
    ck_assert_uint_eq(answer.records[1].weight, 65535);
    ck_assert_uint_eq(answer.records[1].family, 0);
}
END_TEST

/* Targets get into logs and state files. */
START_TEST(services_are_at_hosts)
{
#define SERVICE(host) RECORD(SELF, "\x21", "\xb") "\0\1\0\1\0\x50\3" host "\0"
    ck_assert_int_eq(READ(GOOD("\4", "\0") QUESTION_SRV SERVICE("a\nb") SERVICE("a b")
                              SERVICE("B-_") SERVICE("a\xe9\x62"),
                          PX_DNS_SRV),
                     PX_DNS_VALID);
    ck_assert_uint_eq(answer.n, 1);
    ck_assert_str_eq(answer.records[0].target, "b-_");
}
END_TEST

START_TEST(errors)
{
    ck_assert_int_eq(READ(HEAD("\x81", "\x83", "\0", "\0", "\0") QUESTION_A, PX_DNS_A), PX_DNS_NX);
    ck_assert_int_eq(READ(HEAD("\x81", "\x85", "\0", "\0", "\0") QUESTION_A, PX_DNS_A),
                     PX_DNS_REFUSED);
    ck_assert_int_eq(READ(HEAD("\x81", "\x82", "\0", "\0", "\0") QUESTION_A, PX_DNS_A),
                     PX_DNS_OTHER);
    ck_assert_int_eq(READ(HEAD("\x83", "\x80", "\0", "\0", "\0") QUESTION_A, PX_DNS_A),
                     PX_DNS_TRUNCATED);
    ck_assert_int_eq(READ(GOOD("\0", "\0") QUESTION_A, PX_DNS_A), PX_DNS_EMPTY);
    ck_assert_int_eq(READ(GOOD("\1", "\0") QUESTION_A IPV4("\1b\0", "\1"), PX_DNS_A),
                     PX_DNS_OTHER); /* of another name */
    ck_assert_int_eq(
        READ(GOOD("\1", "\0") QUESTION_A RECORD(SELF, "\1", "\3") "\x7f\0\0", PX_DNS_A),
        PX_DNS_OTHER); /* no address is that short */
}
END_TEST

START_TEST(other_questions)
{
    ck_assert_int_eq(READ(GOOD("\1", "\0") QUESTION_AAAA IPV4(SELF, "\1"), PX_DNS_A),
                     PX_DNS_INVALID);
    ck_assert_int_eq(READ(GOOD("\1", "\0") "\1b\4test\0\0\1\0\1" IPV4(SELF, "\1"), PX_DNS_A),
                     PX_DNS_INVALID);
    ck_assert_int_eq(READ(GOOD("\1", "\0") NAME "\0\1\0\3" IPV4(SELF, "\1"), PX_DNS_A),
                     PX_DNS_INVALID);
    ck_assert_int_eq(READ("\0\7\x81\x80\0\0\0\1\0\0\0\0" IPV4(NAME, "\1"), PX_DNS_A),
                     PX_DNS_INVALID);
    ck_assert_int_eq(READ(HEAD("\1", "\0", "\1", "\0", "\0") QUESTION_A IPV4(SELF, "\1"), PX_DNS_A),
                     PX_DNS_INVALID);
}
END_TEST

START_TEST(a_message_that_is_cut_says_nothing)
{
    for (size_t len = 0; len < sizeof two - 1; len++)
        ck_assert_int_eq(read_exactly(two, len, PX_DNS_A), PX_DNS_INVALID);
}
END_TEST

START_TEST(malformed_names)
{
    static const struct {
        const char *p;
        size_t len;
    } names[] = {
#define BAD(text) {text, sizeof text - 1}
        BAD("\xc0\x18"), /* points at itself */
        BAD("\xc0\xff"), /* behind the message */
        BAD("\xc0\x19"), /* forward */
        BAD("\x40"
            "a\0"), /* a kind of label that does not exist */
        BAD("\x80"
            "a\0"),
        BAD("\3a.b\4test\0"),  /* would look like two labels */
        BAD("\3a\0b\4test\0"), /* would look shorter */
        BAD("\x3f"
            "a"), /* longer than the message */
#undef BAD
    };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        char m[128] = GOOD("\1", "\0") QUESTION_A;
        size_t len = sizeof(GOOD("\1", "\0") QUESTION_A) - 1;
        memcpy(m + len, names[i].p, names[i].len);
        len += names[i].len;
        memcpy(m + len, "\0\1\0\1\0\0\0\1\0\4\x7f\0\0\1", 14);
        ck_assert_int_eq(read_exactly(m, len + 14, PX_DNS_A), PX_DNS_INVALID);
    }
}
END_TEST

/* Of a name as long as names may be, and one that grows beyond by what it points at. */
START_TEST(long_names)
{
    char m[1024] = GOOD("\1", "\0") QUESTION_A;
    size_t begin = sizeof(GOOD("\1", "\0") QUESTION_A) - 1, at = begin;
    for (unsigned i = 0; i < 4; i++) {
        m[at] = 63;
        memset(m + at + 1, 'x', 63);
        at += 64;
    }
    memcpy(m + at, "\0\0\1\0\1\0\0\0\1\0\4\x7f\0\0\1", 15);
    ck_assert_int_eq(read_exactly(m, at + 15, PX_DNS_A), PX_DNS_INVALID);
    m[at - 64] = 61; /* 63 + 1 and 61 + 1 bytes: 254 in all */
    memmove(m + at - 2, m + at, 15);
    ck_assert_int_eq(read_exactly(m, at + 13, PX_DNS_A), PX_DNS_OTHER);
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
    static char m[12 + 12 + 16 * 300];
    memcpy(m, HEAD("\x81", "\x80", "\0", "\0", "\0") QUESTION_A, 24);
    m[6] = 1;
    m[7] = 300 - 256;
    for (unsigned i = 0; i < 300; i++) {
        memcpy(m + 24 + 16 * i, IPV4(SELF, "\1"), 16);
        m[24 + 16 * i + 14] = (char)i;
    }
    ck_assert_int_eq(read_exactly(m, sizeof m, PX_DNS_A), PX_DNS_VALID);
    ck_assert_uint_eq(answer.n, PX_DNS_RECORDS);
}
END_TEST

UNIT_MAIN("dns", NULL, NULL, a_question, the_longest_question, names_that_fit, ids, addresses,
          aliases, services, services_are_at_hosts, errors, other_questions,
          a_message_that_is_cut_says_nothing,
          malformed_names, long_names, no_more_than_there_is_room_for)
