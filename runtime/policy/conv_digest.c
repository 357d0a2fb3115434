/*
 * Digests and what is made with them (HAProxy manual 7.3.1), by OpenSSL.
 *
 * The compiler has checked the names; an OpenSSL that lacks one gives no result.
 */
#include "../txn/scratch.h"
#include "base64.h"
#include "vars.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { NAME_MOST = 32 };

static const EVP_MD *digest_named(struct px_str name)
{
    char zero_ended[NAME_MOST];
    if (name.len >= sizeof zero_ended)
        return NULL;
    memcpy(zero_ended, name.p, name.len);
    zero_ended[name.len] = 0;
    return EVP_get_digestbyname(zero_ended);
}

static bool digest(struct px_sample *smp, const EVP_MD *md)
{
    unsigned len;
    unsigned char *bytes = (unsigned char *)px_scratch_get(EVP_MAX_MD_SIZE);
    const char *data = smp->u.s.p ? smp->u.s.p : "";
    if (!md || !bytes || !EVP_Digest(data, smp->u.s.len, bytes, &len, md, NULL))
        return false;
    px_set_bytes(smp, (struct px_str){(const char *)bytes, len});
    return true;
}

bool px_conv_digest(struct px_txn *t, struct px_sample *smp, struct px_str name)
{
    (void)t;
    return digest(smp, digest_named(name));
}

bool px_conv_sha1(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    return digest(smp, EVP_sha1());
}

bool px_conv_sha2(struct px_txn *t, struct px_sample *smp, int64_t bits)
{
    (void)t;
    switch (bits) {
    case 224:
        return digest(smp, EVP_sha224());
    case 384:
        return digest(smp, EVP_sha384());
    case 512:
        return digest(smp, EVP_sha512());
    default:
        return digest(smp, EVP_sha256());
    }
}

/* The bytes that a secret stands for. */
static bool open_secret(const struct px_txn *t, const struct px_value *secret, struct px_str *bytes)
{
    struct px_str text;
    if (!px_value_text(t, secret, &text))
        return false;
    char *to = px_scratch_get(text.len / 4 * 3 + 1);
    ptrdiff_t len = to ? px_base64_decode(text, to) : -1;
    *bytes = (struct px_str){to, len < 0 ? 0 : (size_t)len};
    return len >= 0;
}

bool px_conv_hmac(struct px_txn *t, struct px_sample *smp, struct px_str name,
                  const struct px_value *secret)
{
    struct px_str key;
    unsigned len;
    const EVP_MD *md = digest_named(name);
    unsigned char *bytes = (unsigned char *)px_scratch_get(EVP_MAX_MD_SIZE);
    if (!md || !bytes || !open_secret(t, secret, &key))
        return false;
    const unsigned char *data = (const unsigned char *)(smp->u.s.p ? smp->u.s.p : "");
    if (!HMAC(md, key.p, (int)key.len, data, smp->u.s.len, bytes, &len))
        return false;
    px_set_bytes(smp, (struct px_str){(const char *)bytes, len});
    return true;
}
