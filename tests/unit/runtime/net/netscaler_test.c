/*
 * Tests of runtime/net/netscaler.c: the headers of both formats, and what is refused.
 */
#include "runtime/net/netscaler.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC "\x49\x96\x02\xd2"
#define IPV4 "\x45\0\0\x28\0\0\0\0\x40\x06\0\0\x0a\x02\x03\x04\x05\x06\x07\x08"
#define TCP "\x12\x34\0\x50\0\0\0\0\0\0\0\0\x50\x10\xff\xff\0\0\0\0"
#define OLD MAGIC "\0\0\0\x28" IPV4 TCP
#define NEW MAGIC "\0\0\0\x34\0\x01\0\x28" IPV4 TCP

static enum px_pp_result parse(const char *p, size_t n, struct px_pp_header *h)
{
    char *exact = malloc(n ? n : 1);
    enum px_pp_result r = px_cip_parse(h, memcpy(exact, p, n), n, 0x499602d2);
    free(exact);
    return r;
}

static void must_be(const char *p, size_t n, enum px_pp_result want)
{
    struct px_pp_header h;
    ck_assert_int_eq(parse(p, n, &h), want);
    ck_assert(!h.relayed);
}

static void must_relay(const char *p, size_t n)
{
    struct px_pp_header h;
    char longer[200] = "";
    for (size_t k = 0; k < n; k++)
        must_be(p, k, PX_PP_MORE);
    memcpy(longer, p, n);
    ck_assert_int_eq(parse(longer, sizeof longer, &h), PX_PP_DONE);
    ck_assert_uint_eq(h.len, n);
    ck_assert(h.relayed);
    ck_assert_uint_eq(h.src.family, AF_INET);
    ck_assert_mem_eq(h.src.ip, "\x0a\x02\x03\x04", 4);
    ck_assert_mem_eq(h.dst.ip, "\x05\x06\x07\x08", 4);
    ck_assert_uint_eq(h.src.port, 0x1234);
    ck_assert_uint_eq(h.dst.port, 80);
}

START_TEST(both_formats_are_read)
{
    must_relay(OLD, sizeof OLD - 1);
    must_relay(NEW, sizeof NEW - 1);
}
END_TEST

#define REFUSED(bytes, why) must_be(bytes, sizeof bytes - 1, why)

START_TEST(other_things_are_refused)
{
    REFUSED("\x49\x97", PX_PP_ALIEN);
    REFUSED("GET / HTTP/1.1", PX_PP_ALIEN);
    REFUSED(MAGIC "\0\0\0\x34\0\x02\0\x28" IPV4 TCP, PX_PP_BAD); /* another type */
    REFUSED(MAGIC "\0\1\0\0" IPV4 TCP, PX_PP_BAD);               /* too long */
    REFUSED(MAGIC "\0\0\0\x27" IPV4 TCP, PX_PP_BAD);             /* not all of TCP */
    REFUSED(MAGIC "\0\0\0\x28\x44" TCP IPV4, PX_PP_BAD);         /* a short IP header */
    REFUSED(MAGIC "\0\0\0\x28\x65" TCP IPV4, PX_PP_BAD);         /* no room for IPv6 */
    REFUSED(MAGIC "\0\0\0\x28\x75" TCP IPV4, PX_PP_BAD);         /* no version of IP */
    REFUSED(MAGIC "\0\0\0\x34\0\x01\0\0", PX_PP_BAD);            /* nothing */
    REFUSED(MAGIC "\0\0\0\x28\x45\0\0\x28\0\0\0\0\x40\x11\0\0\0\0\0\0\0\0\0\0" TCP,
            PX_PP_UNHANDLED);
}
END_TEST

START_TEST(no_changed_byte_leads_outside)
{
    char bytes[] = NEW;
    struct px_pp_header h;
    for (size_t i = 0; i < 40; i++) {
        char was = bytes[i];
        for (int v = 0; v < 256; v++) {
            bytes[i] = (char)v;
            parse(bytes, sizeof bytes - 1, &h);
        }
        bytes[i] = was;
    }
}
END_TEST

UNIT_MAIN("netscaler", NULL, NULL, both_formats_are_read, other_things_are_refused,
          no_changed_byte_leads_outside)
