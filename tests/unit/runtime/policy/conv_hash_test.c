/*
 * Tests of runtime/policy/conv_hash.c: hashes, which have to be HAProxy's to the bit.
 */
#include "conv_desk.h"

START_TEST(sdbm_values)
{
    TEXT_TO_INT(px_conv_sdbm(t, s, 0), "", 0);
    TEXT_TO_INT(px_conv_sdbm(t, s, 0), "/index.html", 858007926);
    TEXT_TO_INT(px_conv_sdbm(t, s, 1), "/index.html", 4217574924);
    TEXT_TO_INT(px_conv_sdbm(t, s, 0), "\200\377\000", 1074200385);
}
END_TEST

START_TEST(djb2_values)
{
    TEXT_TO_INT(px_conv_djb2(t, s, 0), "", 5381);
    TEXT_TO_INT(px_conv_djb2(t, s, 0), "/index.html", 3776231887);
    TEXT_TO_INT(px_conv_djb2(t, s, 1), "/index.html", 1889807916);
    TEXT_TO_INT(px_conv_djb2(t, s, 0), "\200\377\000", 193524804);
}
END_TEST

START_TEST(wt6_values)
{
    TEXT_TO_INT(px_conv_wt6(t, s, 0), "", 4187620192);
    TEXT_TO_INT(px_conv_wt6(t, s, 0), "/index.html", 822151038);
    TEXT_TO_INT(px_conv_wt6(t, s, 1), "/index.html", 2986733765);
    TEXT_TO_INT(px_conv_wt6(t, s, 0), "\200\377\000", 3915840117);
}
END_TEST

START_TEST(crc32_values)
{
    TEXT_TO_INT(px_conv_crc32(t, s, 0), "", 0);
    TEXT_TO_INT(px_conv_crc32(t, s, 0), "/index.html", 3928116034);
    TEXT_TO_INT(px_conv_crc32(t, s, 1), "/index.html", 571229468);
    TEXT_TO_INT(px_conv_crc32(t, s, 0), "\200\377\000", 2370846688);
}
END_TEST

START_TEST(xxh32_values)
{
    TEXT_TO_INT(px_conv_xxh32(t, s, 0), "", 46947589);
    TEXT_TO_INT(px_conv_xxh32(t, s, 0), "/index.html", 1354608795);
    TEXT_TO_INT(px_conv_xxh32(t, s, 7), "/index.html", 2759199963);
    TEXT_TO_INT(px_conv_xxh32(t, s, 0), "0123456789012345678901234567890123456789", 1609776818);
}
END_TEST

START_TEST(xxh64_values)
{
    TEXT_TO_INT(px_conv_xxh64(t, s, 0), "", -1205034819632174695);
    TEXT_TO_INT(px_conv_xxh64(t, s, 0), "/index.html", -4061540515841707417);
    TEXT_TO_INT(px_conv_xxh64(t, s, 7), "/index.html", 1954659263988679012);
    TEXT_TO_INT(px_conv_xxh64(t, s, 0), "0123456789012345678901234567890123456789",
                -3859646398582380239);
}
END_TEST

UNIT_MAIN("conv_hash", NULL, NULL, sdbm_values, djb2_values, wt6_values, crc32_values, xxh32_values,
          xxh64_values)
