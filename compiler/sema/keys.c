/*
 * Public keys of jwt_verify: read from their files, by OpenSSL, and checked against the algorithm.
 *
 * Idea: a text is a secret or the name of a file, and the algorithm tells which. Where that is only
 * known when a token comes, a text that looks like a file, or is one, is one.
 */
#include "context.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

enum { RSA_BITS_LEAST = 2048 }; /* RFC 7518 3.3 */

static const char *const kind_names[] = {
    [KEY_RSA] = "RSA", [KEY_P256] = "P-256", [KEY_P384] = "P-384", [KEY_P521] = "P-521"};

/* ---- reading ---- */

/* NULL: there is none. */
static EVP_PKEY *pem_key(struct str text)
{
    BIO *in = BIO_new_mem_buf(text.p, (int)text.len);
    EVP_PKEY *key = in ? PEM_read_bio_PUBKEY(in, NULL, NULL, NULL) : NULL;
    if (in && !key && BIO_seek(in, 0) >= 0) {
        X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
        key = cert ? X509_get_pubkey(cert) : NULL;
        X509_free(cert);
    }
    ERR_clear_error();
    BIO_free(in);
    return key;
}

/* false: for something else. */
static bool kind_of(const EVP_PKEY *key, enum key_kind *kind)
{
    static const struct {
        const char *group;
        enum key_kind kind;
    } curves[] = {{"prime256v1", KEY_P256}, {"secp384r1", KEY_P384}, {"secp521r1", KEY_P521}};
    *kind = KEY_RSA;
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
        return EVP_PKEY_get_bits(key) >= RSA_BITS_LEAST;
    char group[32];
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        !EVP_PKEY_get_group_name(key, group, sizeof group, NULL))
        return false;
    for (unsigned i = 0; i < COUNT(curves); i++)
        if (!strcmp(group, curves[i].group)) {
            *kind = curves[i].kind;
            return true;
        }
    return false;
}

static bool key_read(struct sema *s, struct str text, struct m_key *key)
{
    EVP_PKEY *k = pem_key(text);
    unsigned char *der = NULL;
    int len = k && kind_of(k, &key->kind) ? i2d_PUBKEY(k, &der) : 0;
    if (len > 0)
        key->der = str_copy(s->arena, (struct str){(const char *)der, (size_t)len});
    OPENSSL_free(der);
    EVP_PKEY_free(k);
    return len > 0;
}

static void report_unreadable(struct sema *s, const struct m_arg *a, bool chosen)
{
    struct diag *d = diag_add(s->diags, E0531, a->span, "cannot read '" STR_FMT "': %s",
                              STR_ARG(a->text), strerror(errno));
    if (chosen)
        diag_note(s->diags, d,
                  "a text like this names a file, for the algorithm may come to need one; a secret "
                  "can be kept in a variable");
}

/* chosen: not by the configuration. NULL: reported, if required. */
static struct m_key *key_load(struct sema *s, const struct m_arg *a, bool chosen, bool required)
{
    struct m_key *key = map_get(&s->model->keys, a->text);
    if (key)
        return key;
    struct source *src = source_read(s->arena, str_cstr(s->arena, a->text));
    key = NEW(s->arena, struct m_key);
    key->path = a->text;
    if (src && key_read(s, src->text, key)) {
        *map_at(s->arena, &s->model->keys, a->text) = key;
        return key;
    }
    if (src)
        diag_add(s->diags, E0448, a->span, "'" STR_FMT "' holds no public key that can be used",
                 STR_ARG(a->text));
    else if (required)
        report_unreadable(s, a, chosen);
    return NULL;
}

/* ---- which ---- */

static bool key_fits(struct sema *s, const struct m_arg *alg, const struct m_arg *a,
                     enum key_kind kind)
{
    static const struct {
        const char *alg;
        enum key_kind kind;
    } curves[] = {{"ES256", KEY_P256}, {"ES384", KEY_P384}, {"ES512", KEY_P521}};
    enum key_kind want = KEY_RSA;
    for (unsigned i = 0; i < COUNT(curves); i++)
        if (str_is(alg->text, curves[i].alg))
            want = curves[i].kind;
    if (kind != want)
        diag_add(s->diags, E0449, a->span,
                 STR_FMT " needs a key for %s, and '" STR_FMT "' is for %s", STR_ARG(alg->text),
                 kind_names[want], STR_ARG(a->text), kind_names[kind]);
    return kind == want;
}

static bool ends_with(struct str s, const char *end)
{
    size_t len = strlen(end);
    return s.len >= len && str_is(str_cut(s, s.len - len, s.len), end);
}

/* Whoever knows the name of a file could sign with it, were it taken for a secret. */
static bool looks_like_file(struct str s)
{
    static const char *const endings[] = {".pem", ".pub", ".crt", ".cer", ".key"};
    for (unsigned i = 0; i < COUNT(endings); i++)
        if (ends_with(s, endings[i]))
            return true;
    return s.p[0] == '/' || str_begins(s, "./") || str_begins(s, "../");
}

bool jwt_key_take(struct sema *s, const struct m_arg *args)
{
    const struct m_arg *alg = &args[0], *a = &args[1];
    if (a->var)
        return true;
    if (!a->text.len) {
        diag_add(s->diags, E0446, a->span, "there is neither a secret nor a file");
        return false;
    }
    if (!alg->var && (str_begins(alg->text, "HS") || str_is(alg->text, "none")))
        return true;
    bool required = !alg->var || looks_like_file(a->text);
    const struct m_key *key = key_load(s, a, alg->var, required);
    return key ? alg->var || key_fits(s, alg, a, key->kind) : !required;
}
