/*
 * Tests of runtime/policy/conv_addr.c: networks of addresses.
 */
#include "conv_desk.h"

#include <arpa/inet.h>

static struct px_mask6 mask6(unsigned bits)
{
    struct px_mask6 m = {{0}};
    for (unsigned i = 0; i < bits; i++)
        m.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
    return m;
}

static void address_in(const char *text)
{
    bool v6 = strchr(text, ':');
    px_scratch_reset();
    *s = (struct px_sample){.type = v6 ? PX_IPV6 : PX_IPV4};
    ck_assert_int_eq(inet_pton(v6 ? AF_INET6 : AF_INET, text, &s->u), 1);
}

static const char *masked(const char *text, unsigned bits4, int bits6)
{
    struct px_mask6 m = mask6(bits6 < 0 ? 0 : (unsigned)bits6);
    uint32_t mask4 = bits4 ? UINT32_MAX << (32 - bits4) : 0;
    address_in(text);
    return desk_text(px_conv_ipmask(t, s, mask4, bits6 < 0 ? NULL : &m) ? PX_FOUND : PX_ABSENT);
}

START_TEST(ipmask_values)
{
    ck_assert_str_eq(masked("192.0.2.255", 24, -1), "192.0.2.0");
    ck_assert_str_eq(masked("192.0.2.255", 32, -1), "192.0.2.255");
    ck_assert_str_eq(masked("192.0.2.255", 0, -1), "0.0.0.0");
    ck_assert_str_eq(masked("192.0.2.255", 25, 64), "192.0.2.128");
    ck_assert_str_eq(masked("2001:db8::ffff", 24, -1), "(none)");
    ck_assert_str_eq(masked("2001:db8:1:2:3:4:5:6", 24, 64), "2001:db8:1:2::");
    ck_assert_str_eq(masked("2001:db8:1:2:3:4:5:6", 24, 0), "::");
    ck_assert_str_eq(masked("2001:db8:1:2:3:4:5:6", 24, 128), "2001:db8:1:2:3:4:5:6");
    /* What is IPv4 inside is IPv4 from then on. */
    ck_assert_str_eq(masked("::ffff:192.0.2.255", 24, 128), "192.0.2.0");
}
END_TEST

UNIT_MAIN("conv_addr", NULL, NULL, ipmask_values)
