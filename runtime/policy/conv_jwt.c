/*
 * Signatures of JSON Web Tokens (RFC 7515, RFC 7518 3; HAProxy manual 7.3.1, "jwt_verify"), by
 * OpenSSL.
 *
 * Not here: what a token says (conv_query.c). Idea: whoever sends a token may have chosen its
 * algorithm, so the algorithm never makes a secret of what the configuration means as a file, nor a
 * signature of none (RFC 8725 3.1, 3.2).
 */
#include "../txn/scratch.h"
#include "base64.h"
#include "vars.h"

#include "../abi/jwt.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

enum result {
    VERIFIED = 1,
    FAILED = 0,
    UNKNOWN_ALGORITHM = -1,
    INVALID_TOKEN = -3,
    NO_MEMORY = -4,
    UNKNOWN_KEY = -5,
};

enum family { FAMILY_NONE, FAMILY_HS, FAMILY_RS, FAMILY_PS, FAMILY_ES };

/* RFC 7518 3.1. */
static const struct algorithm {
    const char *name;
    enum family family;
    const EVP_MD *(*digest)(void);
    size_t half; /* ES: bytes of each of the two numbers (RFC 7518 3.4) */
    int bits;    /* ES: of the curve */
} algorithms[] = {
    {"HS256", FAMILY_HS, EVP_sha256, 0, 0},    {"HS384", FAMILY_HS, EVP_sha384, 0, 0},
    {"HS512", FAMILY_HS, EVP_sha512, 0, 0},    {"RS256", FAMILY_RS, EVP_sha256, 0, 0},
    {"RS384", FAMILY_RS, EVP_sha384, 0, 0},    {"RS512", FAMILY_RS, EVP_sha512, 0, 0},
    {"ES256", FAMILY_ES, EVP_sha256, 32, 256}, {"ES384", FAMILY_ES, EVP_sha384, 48, 384},
    {"ES512", FAMILY_ES, EVP_sha512, 66, 521}, {"PS256", FAMILY_PS, EVP_sha256, 0, 0},
    {"PS384", FAMILY_PS, EVP_sha384, 0, 0},    {"PS512", FAMILY_PS, EVP_sha512, 0, 0},
    {"none", FAMILY_NONE, NULL, 0, 0},
};

static struct {
    const struct px_jwt_key *list;
    unsigned n;
} keys;

struct token {
    struct px_str said;      /* header and payload, as they were signed */
    struct px_str signature; /* in base64url */
};

/* ---- keys ---- */

void px_jwt_keys_prepare(struct px_jwt_key *list, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const unsigned char *der = (const unsigned char *)list[i].der.p;
        list[i].key = d2i_PUBKEY(NULL, &der, (long)list[i].der.len);
        if (list[i].key)
            continue;
        fprintf(stderr, "public key '%.*s' cannot be used\n", (int)list[i].path.len,
                list[i].path.p);
        exit(1);
    }
    keys.list = list;
    keys.n = n;
}

static EVP_PKEY *key_of(struct px_str path)
{
    for (unsigned i = 0; i < keys.n; i++)
        if (keys.list[i].path.len == path.len && !memcmp(keys.list[i].path.p, path.p, path.len))
            return keys.list[i].key;
    return NULL;
}

/* The compiler lets no other kinds of keys in. */
static bool key_fits(const struct algorithm *alg, const EVP_PKEY *key)
{
    bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    return alg->family == FAMILY_ES ? !rsa && EVP_PKEY_get_bits(key) == alg->bits : rsa;
}

/* ---- tokens ---- */

/* RFC 7515 7.1: header, payload and signature, with dots between them. The payload may be empty. */
static bool split(struct px_str s, struct token *token)
{
    const char *first = s.len ? memchr(s.p, '.', s.len) : NULL;
    if (!first || first == s.p)
        return false;
    const char *end = s.p + s.len;
    const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (!second)
        return false;
    token->said = (struct px_str){s.p, (size_t)(second - s.p)};
    token->signature = (struct px_str){second + 1, (size_t)(end - second - 1)};
    return !token->signature.len || !memchr(second + 1, '.', token->signature.len);
}

/* RFC 7515 2: without padding. */
static enum result decode(struct px_str text, struct px_str *bytes)
{
    char *to = px_scratch_get(text.len + 1);
    if (!to)
        return NO_MEMORY;
    ptrdiff_t len = text.len && !memchr(text.p, '=', text.len) ? px_base64url_decode(text, to) : -1;
    *bytes = (struct px_str){to, len < 0 ? 0 : (size_t)len};
    return len > 0 ? VERIFIED : INVALID_TOKEN;
}

/* ---- families ---- */

/* The texts are compared, for several stand for the same bytes. */
static enum result verify_secret(const struct algorithm *alg, const struct token *token,
                                 struct px_str secret)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    char text[EVP_MAX_MD_SIZE * 2];
    unsigned len;
    if (!secret.len)
        return FAILED;
    if (!HMAC(alg->digest(), secret.p, (int)secret.len, (const unsigned char *)token->said.p,
              token->said.len, mac, &len))
        return NO_MEMORY;
    size_t want = px_base64url_encode((struct px_str){(const char *)mac, len}, text);
    bool same = token->signature.len == want && !CRYPTO_memcmp(token->signature.p, text, want);
    return same ? VERIFIED : FAILED;
}

static int start_verifying(EVP_MD_CTX *ctx, const struct algorithm *alg, EVP_PKEY *key)
{
    EVP_PKEY_CTX *how;
    if (EVP_DigestVerifyInit(ctx, &how, alg->digest(), NULL, key) != 1)
        return false;
    if (alg->family != FAMILY_PS) /* RFC 7518 3.5: the salt is as long as the digest */
        return true;
    return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0;
}

static enum result verify_key(const struct algorithm *alg, const struct token *token,
                              struct px_str signature, EVP_PKEY *key)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx)
        return NO_MEMORY;
    bool good = start_verifying(ctx, alg, key) &&
                EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.len,
                                 (const unsigned char *)token->said.p, token->said.len) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good ? VERIFIED : FAILED;
}

/* OpenSSL wants the two numbers in DER. */
static enum result verify_numbers(const struct algorithm *alg, const struct token *token,
                                  struct px_str signature, EVP_PKEY *key)
{
    const unsigned char *p = (const unsigned char *)signature.p;
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(p, (int)alg->half, NULL);
    BIGNUM *s = BN_bin2bn(p + alg->half, (int)alg->half, NULL);
    enum result result = NO_MEMORY;
    if (!numbers || !r || !s || !ECDSA_SIG_set0(numbers, r, s)) {
        BN_free(r);
        BN_free(s);
    } else {
        unsigned char *der = NULL;
        int len = i2d_ECDSA_SIG(numbers, &der);
        if (len > 0)
            result = verify_key(alg, token, (struct px_str){(const char *)der, (size_t)len}, key);
        OPENSSL_free(der);
    }
    ECDSA_SIG_free(numbers);
    return result;
}

static enum result verify_with_file(const struct algorithm *alg, const struct token *token,
                                    struct px_str signature, struct px_str path)
{
    EVP_PKEY *key = key_of(path);
    if (!key)
        return UNKNOWN_KEY;
    if (alg->family == FAMILY_ES && signature.len % 2)
        return INVALID_TOKEN;
    if (!key_fits(alg, key))
        return FAILED;
    if (alg->family != FAMILY_ES)
        return verify_key(alg, token, signature, key);
    return signature.len == 2 * alg->half ? verify_numbers(alg, token, signature, key) : FAILED;
}

/* ---- the converter ---- */

static const struct algorithm *algorithm_of(struct px_str name)
{
    for (unsigned i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (px_text_is(name, algorithms[i].name))
            return &algorithms[i];
    return NULL;
}

/* chosen: not by the configuration. */
static enum result verify(struct px_str text, struct px_str name, bool chosen, struct px_str key)
{
    const struct algorithm *alg = algorithm_of(name);
    struct token token;
    if (!alg)
        return UNKNOWN_ALGORITHM;
    if (!split(text, &token))
        return INVALID_TOKEN;
    if (alg->family == FAMILY_NONE)
        return !chosen && !token.signature.len ? VERIFIED : FAILED;
    struct px_str signature;
    enum result result = decode(token.signature, &signature);
    if (result != VERIFIED)
        return result;
    if (alg->family == FAMILY_HS)
        return chosen && key_of(key) ? FAILED : verify_secret(alg, &token, key);
    return verify_with_file(alg, &token, signature, key);
}

bool px_conv_jwt_verify(struct px_txn *t, struct px_sample *smp, const struct px_value *alg,
                        const struct px_value *key)
{
    struct px_str name, secret;
    if (!px_value_text(t, alg, &name) || !px_value_text(t, key, &secret))
        return false;
    px_set_int(smp, verify(smp->u.s, name, alg->var >= 0, secret));
    return true;
}
