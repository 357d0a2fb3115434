/*
 * Tests of runtime/policy/conv_jwt.c: what a table of expressions cannot ask HAProxy 2.6, which
 * knows no PS algorithms and lets tokens choose how they are verified.
 */
#include "conv_desk.h"
#include "runtime/abi/jwt.h"
#include "runtime/policy/base64.h"
#include "runtime/policy/vars.h"

static const char rsa_text[] =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuY6rXFY4H7BsTd/v/JOV3P5eGoL6OXXFJrl31/JMmYZiTg"
    "ha6RxLW60xKuZuo5SX2UQFbaAxTRPA1p61GEfcEBU0yjYQbZlCiMhvyEY604hoBt1kit5nqTZTWkXv+rtvPUB56WUV"
    "zSXBBVpqwfzOZrceF7IbOWqXriX/i96F501DcvRlgLBLgE8536w3+m21WAu8/f+iyhUyYPOxs4NkgoSJXSkfUcmLxf"
    "FMyZIRajuuRyHpkvu2sd5wjoylXNoWtBIQKkHAhWQI+XHYu2KLOgo4ihtV9/NYB/oJ7uc83t0UW2ZxU9zm2qndz8LG"
    "6UruDsZdIWWfljSLnf22ciDWDwIDAQAB";
static const char ec_text[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEnl+W/EEn9cG9SNEH/pEvZboTmyyC1eomq/7l7kq+zXqyYCY4v2MXc"
    "SeCwqLQ0mBHrrfy3amsrrlXXF8MWJ1Pw==";

#define HS256 "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiJtZSJ9.-li0xO94w9w7Sh3meurHQ6wcvaM61mDlhVC4dm_q7OE"
static const char hs256[] = HS256;
static const char rs256[] =
    "eyJhbGciOiAiUlMyNTYifQ.eyJpc3MiOiJtZSJ9.De-Juv90mdRtrRhrf3QcgHnWj0_4P3UWWtSkvAFvJ-BS1myqdy"
    "Me8oCdaYEPTEFTrOtw64xHABL2aJ2GG6K09Qiu8mzktXBYpHl1mQNGz533-"
    "_CCV2Nn22ymsYK9JATmno1qeqEYp1Rw6hS8Qppkq9Xv8DftiMhfYn_dCfqOrJpASnkUZmcYZm_Sd5-"
    "bbaswYkGenogZVYLUX2cT2i-TaLUnZkgOjETcwJ49EQkXclnrSyZj4ihM9BAUww0-"
    "xatAMuxpNvZQC9VdS08Di5h3rSONeH6sk-B5NT6LWU9h4FIPDCFCCfihPn3eX2PoRFyin3ApBnnnwdOEbgcoOrqfeg";
static const char es256[] =
    "eyJhbGciOiAiRVMyNTYifQ.eyJpc3MiOiJtZSJ9.kgl6yddER4Za6WNrjsM7qvlWqu2n_pqfcwucK_9PpZwjpHIckw"
    "o8-eg9l0cbbMmHU1eQdZArSw5rTh3MBUc8AQ";
static const char ps256[] =
    "eyJhbGciOiAiUFMyNTYifQ.eyJpc3MiOiJtZSJ9.mlajWKpiuB1ERqaqPVIOKd47oQCs9ppyh5P6H-"
    "vyzK8a17jB_30N2WwJcLz7no9t9gi-NBhvqZJ5riFRLWTV8Zz-qBH4WT5guHDd2NbwlSIpTa8f-"
    "a98rWDQmm1eB5ki76VCCE0mRilDdbwlNPNYIAiNfgbN1YRpu63K4jMp-S7T9YsxJq02rsBTd59sx-zu_-"
    "HFG6q0fwPstqU1-0zFZLwc5Adpd7ZBKOsoKkubdWjzLMoNN8ycRAAXLlTsWI3Vjoqv-"
    "hcUCcQqAyH9jDphpaTTYqdF9QPelwjYVXj6uKJchh-RJl0eGpgoE2Cs9_tdilcRrVS5B-chhQZKypZeBg";
static const char ps384[] =
    "eyJhbGciOiAiUFMzODQifQ.eyJpc3MiOiJtZSJ9.tvHxMlrCGEnRor93vLPko2OIVGO315_BVWLVGIdT80m8c0MRE9"
    "DFgt_hxXZU2ZKdXCi9DkRdp_hF-8kZsnGIcUsvu7n6WEPU1pS8msA1T5t3KQ7bS7KxewLkTiU-pse8RBAC4TT9OwDU"
    "Auo17T1C2_Z3dCoLi4TPWEtZJMiBy0RKdRHUDbbjQMh0-"
    "hoWDsxHT9TFLeNWdo1ZzIERfojDnpPpv6kjYcr44yYHAUsDDkJ-VFExkqg_cowCatDO6FiBZuNRtDKTZenlOIh-"
    "gf28wNNKEb5dddEWbXL9WGHEMblX1M3SfK3dJs6ZC6E3-3Z_qPTex2UBHJlxlmT1H4Fhnw";
static const char ps512[] =
    "eyJhbGciOiAiUFM1MTIifQ.eyJpc3MiOiJtZSJ9.SJukLBXoU3uqlS8deaGadSvldKTisA2YccX1_QydnHCfXp2HVm"
    "Dk17G_1Cwy6MOekCl7gNimRnRZTvJSBWs9IXwkAmL7jzfep6_sgT07VlDGwYLBIvqAQF8PQof2IFcUT39Pr0i7R3nz"
    "zYpOd_s8OK4K9x2oK9ZH4voa9PJ_q_dSlL_nRb3uE3-"
    "E0NIQq887uFXI7nG7UHzskD4_kzUkQFGlW7pHBQDyvPjUtvoHPBMY58BocnnwxGKn1zT4A5W6jzlvQ97W2Ta9nnQcp"
    "osUBVKRWqox8O9_0XlK5QAcE8ZygDXY3mfZw2XoCFjg864ARwIQZfP0ZKFVdilQW4xfWQ";
static const char ps256_short_salt[] =
    "eyJhbGciOiAiUFMyNTYifQ.eyJpc3MiOiJtZSJ9.dyRJNCOELxevN_g7Vv8tHkOmQqo8wVSwcUt3404MOHixutmJpE"
    "sfk_MDL1qPsaVrlyn9nCbZ6Sua3uIlnUHNRWcR1WhJ0_WimQkcJgv2JlR0tmu6ikhE-lhbycrf7ma5Gr-"
    "QXErxMcy_IFCtnOacNCKJGP2MVp0lharbf7-hoxFICUT3y6mlzskX3pn-QNnqGpP-te0u-"
    "ZpYUXlCTa2rszDaQDC3myn-"
    "q7hxjZI66Nc7X8zLovmTKTNIaCskcdeq_euteM0sBhQ4KgZ3hFIscmg6WMByAkbNPBnt2VPW8hX0fycMIn6rzqq1nL"
    "11i4i04nD2thhPpihULO3qtnrHWw";
static const char signed_with_path[] =
    "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiJtZSJ9.JuIfc_UsjAp5oYkRnvhM-iDBE_95-3MlJ5rRbi6Yiqg";
static const char signed_with_nothing[] =
    "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiJtZSJ9.cpMu722vR5p5zSYtWS54wJ4JuxX04kDKHf4Gpot4d8U";
static const char not_signed[] = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJtZSJ9.";

static struct px_jwt_key keys[] = {{PX_STR("rsa.pub"), {NULL, 0}, NULL},
                                   {PX_STR("ec.pub"), {NULL, 0}, NULL}};
static char ders[2][512];

static void open_key(unsigned i, const char *text)
{
    ptrdiff_t len = px_base64_decode(px_text_of(text), ders[i]);
    ck_assert_int_gt(len, 0);
    keys[i].der = (struct px_str){ders[i], (size_t)len};
}

static void begin(void)
{
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    open_key(0, rsa_text);
    open_key(1, ec_text);
    px_jwt_keys_prepare(keys, 2);
}

/* The algorithm is written in the configuration. */
static int64_t verify(const char *token, const char *alg, const char *key)
{
    struct px_value how = {px_text_of(alg), -1}, with = {px_text_of(key), -1};
    conv_text_in(token, strlen(token));
    ck_assert(px_conv_jwt_verify(t, s, &how, &with));
    ck_assert_int_eq(s->type, PX_SINT);
    return s->u.i;
}

/* It comes with the token. */
static int64_t verify_chosen(const char *token, const char *alg, const char *key)
{
    struct px_value how = {{NULL, 0}, DESK_TXN}, with = {px_text_of(key), -1};
    struct px_sample v;
    px_set_text(&v, px_text_of(alg));
    ck_assert(px_var_set(&desk, DESK_TXN, &v));
    conv_text_in(token, strlen(token));
    ck_assert(px_conv_jwt_verify(t, s, &how, &with));
    return s->u.i;
}

START_TEST(good_signatures)
{
    ck_assert_int_eq(verify(hs256, "HS256", "secret"), 1);
    ck_assert_int_eq(verify(rs256, "RS256", "rsa.pub"), 1);
    ck_assert_int_eq(verify(es256, "ES256", "ec.pub"), 1);
    ck_assert_int_eq(verify(ps256, "PS256", "rsa.pub"), 1);
    ck_assert_int_eq(verify(ps384, "PS384", "rsa.pub"), 1);
    ck_assert_int_eq(verify(ps512, "PS512", "rsa.pub"), 1);
    ck_assert_int_eq(verify_chosen(ps512, "PS512", "rsa.pub"), 1);
}
END_TEST

START_TEST(other_algorithms_and_keys)
{
    ck_assert_int_eq(verify(ps256, "RS256", "rsa.pub"), 0);
    ck_assert_int_eq(verify(rs256, "PS256", "rsa.pub"), 0);
    ck_assert_int_eq(verify(ps256, "PS384", "rsa.pub"), 0);
    ck_assert_int_eq(verify(ps256_short_salt, "PS256", "rsa.pub"), 0);
    ck_assert_int_eq(verify(rs256, "RS256", "ec.pub"), 0);
    ck_assert_int_eq(verify(es256, "ES256", "rsa.pub"), 0);
    ck_assert_int_eq(verify(es256, "ES384", "ec.pub"), 0);
    ck_assert_int_eq(verify(rs256, "RS256", "other.pub"), -5);
    ck_assert_int_eq(verify(rs256, "RS257", "rsa.pub"), -1);
    ck_assert_int_eq(verify(hs256, "hs256", "secret"), -1);
}
END_TEST

/* Anybody may know the name of a file, and the key in it. */
START_TEST(a_token_does_not_choose_a_file_for_secret)
{
    ck_assert_int_eq(verify(signed_with_path, "HS256", "rsa.pub"), 1);
    ck_assert_int_eq(verify_chosen(signed_with_path, "HS256", "rsa.pub"), 0);
    ck_assert_int_eq(verify_chosen(hs256, "HS256", "secret"), 1);
}
END_TEST

START_TEST(a_token_does_not_choose_to_be_unsigned)
{
    ck_assert_int_eq(verify(not_signed, "none", "x"), 1);
    ck_assert_int_eq(verify(hs256, "none", "x"), 0);
    ck_assert_int_eq(verify_chosen(not_signed, "none", "x"), 0);
    ck_assert_int_eq(verify_chosen(not_signed, "HS256", "secret"), -3);
}
END_TEST

START_TEST(nothing_is_no_secret)
{
    ck_assert_int_eq(verify(signed_with_nothing, "HS256", ""), 0);
}
END_TEST

/* RFC 7515 2: base64url has no padding here. */
START_TEST(padding)
{
    ck_assert_int_eq(verify(HS256 "=", "HS256", "secret"), -3);
    ck_assert_int_eq(verify(HS256 ".", "HS256", "secret"), -3);
    ck_assert_int_eq(verify(HS256 "+", "HS256", "secret"), -3);
}
END_TEST

START_TEST(a_variable_that_is_not_set)
{
    struct px_value how = {px_text_of("HS256"), -1}, with = {{NULL, 0}, DESK_REQ};
    conv_text_in(hs256, strlen(hs256));
    ck_assert(!px_conv_jwt_verify(t, s, &how, &with));
}
END_TEST

UNIT_MAIN("conv_jwt", begin, NULL, good_signatures, other_algorithms_and_keys,
          a_token_does_not_choose_a_file_for_secret, a_token_does_not_choose_to_be_unsigned,
          nothing_is_no_secret, padding, a_variable_that_is_not_set)
