/*
 * Tests of runtime/policy/conv_encode.c: hexadecimal, base64 and percent escapes.
 */
#include "conv_desk.h"

START_TEST(hex_values)
{
    TEXT_TO_TEXT(px_conv_hex(t, s), "", "");
    TEXT_TO_TEXT(px_conv_hex(t, s), "\000\001\177\200\377", "00017F80FF");
    TEXT_TO_TEXT(px_conv_hex(t, s), "aZ09", "615A3039");
}
END_TEST

START_TEST(hex2i_values)
{
    TEXT_TO_INT(px_conv_hex2i(t, s), "", 0);
    TEXT_TO_INT(px_conv_hex2i(t, s), "ff", 255);
    TEXT_TO_NONE(px_conv_hex2i(t, s), "fF0aZ");
    TEXT_TO_NONE(px_conv_hex2i(t, s), "0x10");
    TEXT_TO_NONE(px_conv_hex2i(t, s), "-1");
    TEXT_TO_INT(px_conv_hex2i(t, s), "7fffffffffffffff", INT64_MAX);
    TEXT_TO_INT(px_conv_hex2i(t, s), "ffffffffffffffff", -1);
    TEXT_TO_INT(px_conv_hex2i(t, s), "10123456789abcdef0", 1311768467463790320);
    TEXT_TO_NONE(px_conv_hex2i(t, s), " 1");
}
END_TEST

START_TEST(base64_values)
{
    TEXT_TO_TEXT(px_conv_base64(t, s), "", "");
    TEXT_TO_TEXT(px_conv_base64(t, s), "f", "Zg==");
    TEXT_TO_TEXT(px_conv_base64(t, s), "fo", "Zm8=");
    TEXT_TO_TEXT(px_conv_base64(t, s), "foo", "Zm9v");
    TEXT_TO_TEXT(px_conv_base64(t, s), "\377\376\373\360", "//778A==");
}
END_TEST

START_TEST(b64dec_values)
{
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "", "");
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "Zm9v", "foo");
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "Zm8=", "fo");
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "Zg==", "f");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "Zg=");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "Zg");
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "Z===", "");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "====");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "Zm9v====");
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "Zg==Zg==", "ff");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "Z=9v");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "Zm9v!");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "Zm 9v");
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "//79", "\377\376\375");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "_-79");
    TEXT_TO_TEXT(px_conv_b64dec(t, s), "Zh==", "f");
    TEXT_TO_NONE(px_conv_b64dec(t, s), "\200\200\200\200");
}
END_TEST

START_TEST(url_dec_values)
{
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "", "");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "a%20b", "a b");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "a+b", "a+b");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "a+b?c+d", "a+b?c d");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 1), "a+b", "a b");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "a?b+c", "a?b c");
    TEXT_TO_NONE(px_conv_url_dec(t, s, 0), "%");
    TEXT_TO_NONE(px_conv_url_dec(t, s, 0), "a%4");
    TEXT_TO_NONE(px_conv_url_dec(t, s, 0), "a%4g");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "%41%6a%6A", "Ajj");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "a%00b", "a\000b");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "%3f+", "?+");
    TEXT_TO_TEXT(px_conv_url_dec(t, s, 0), "%25%34%31", "%41");
    TEXT_TO_NONE(px_conv_url_dec(t, s, 0), "a%b?");
}
END_TEST

START_TEST(url_enc_values)
{
    TEXT_TO_TEXT(px_conv_url_enc(t, s, NONE), "", "");
    TEXT_TO_TEXT(px_conv_url_enc(t, s, NONE), "azAZ09-._~", "azAZ09-._~");
    TEXT_TO_TEXT(px_conv_url_enc(t, s, NONE), " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
                 "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E_%"
                 "60%7B%7C%7D~");
    TEXT_TO_TEXT(px_conv_url_enc(t, s, S("query")), "\001\011\012\015\177\200\376\377",
                 "%01%09%0A%0D%7F%80%FE%FF");
}
END_TEST

/* Every byte there and back. */
START_TEST(there_and_back)
{
    char all[256];
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    for (unsigned len = 0; len <= sizeof all; len++) {
        conv_text_in(all, len);
        ck_assert(px_conv_base64(t, s) && s->type == PX_STRING);
        ck_assert(px_conv_b64dec(t, s) && s->type == PX_BIN);
        conv_text_out(true, "b64dec", "", all, len);
        conv_text_in(all, len);
        ck_assert(px_conv_url_enc(t, s, NONE));
        ck_assert(px_conv_url_dec(t, s, 0));
        conv_text_out(true, "url_dec", "", all, len);
    }
}
END_TEST

START_TEST(integers_in_hexadecimal)
{
    char text[20];
    for (unsigned i = 0; i < 64; i++) {
        uint64_t v = UINT64_C(0x9e3779b97f4a7c15) >> i;
        size_t len = (size_t)snprintf(text, sizeof text, "%llx", (unsigned long long)v);
        conv_text_in(text, len);
        conv_int_out(px_conv_hex2i(t, s), "hex2i", (int64_t)v);
    }
}
END_TEST

START_TEST(base2_values)
{
    TEXT_TO_TEXT(px_conv_base2(t, s), "", "");
    TEXT_TO_TEXT(px_conv_base2(t, s), "\x5a\x80\x01", "010110101000000000000001");
}
END_TEST

START_TEST(le2dec_values)
{
    TEXT_TO_TEXT(px_conv_le2dec(t, s, S("."), 1, 0), "\x01\x02\xff", "1.2.255");
    TEXT_TO_TEXT(px_conv_le2dec(t, s, S(":"), 2, 0), "\x01\x02\xff", "513:255");
    TEXT_TO_TEXT(px_conv_le2dec(t, s, S(":"), 2, 1), "\x01\x02\xff", "513");
    TEXT_TO_TEXT(px_conv_le2dec(t, s, S(""), 8, 0), "\xff\xff\xff\xff\xff\xff\xff\xff",
                 "18446744073709551615");
}
END_TEST

START_TEST(base64url_is_strict)
{
    TEXT_TO_TEXT(px_conv_ub64dec(t, s), "", "");
    TEXT_TO_TEXT(px_conv_ub64dec(t, s), "Zg==", "f");
    TEXT_TO_NONE(px_conv_ub64dec(t, s), "Zg=");
    TEXT_TO_NONE(px_conv_ub64dec(t, s), "Zg===");
    TEXT_TO_NONE(px_conv_ub64dec(t, s), "Z===");
    TEXT_TO_NONE(px_conv_ub64dec(t, s), "Zm9vZ");
    TEXT_TO_NONE(px_conv_ub64dec(t, s), "Zm+v");
    TEXT_TO_NONE(px_conv_ub64dec(t, s), "Zm/v");
    TEXT_TO_NONE(px_conv_ub64dec(t, s), "Zm v");
}
END_TEST

UNIT_MAIN("conv_encode", NULL, NULL, base2_values, le2dec_values, base64url_is_strict, hex_values,
          hex2i_values, base64_values, b64dec_values, url_dec_values, url_enc_values,
          there_and_back, integers_in_hexadecimal)
