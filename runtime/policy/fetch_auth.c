/*
 * Sample fetches about credentials (RFC 7617, RFC 6750 2.1; HAProxy manual 7.3.6, "http_auth" and
 * its like).
 *
 * Not here: asking for credentials, which is an action. What cannot be read as credentials counts
 * as none.
 */
#include "../http/walk.h"
#include "../txn/scratch.h"
#include "base64.h"
#include "heads.h"
#include "sample.h"

#include <crypt.h>
#include <strings.h>

struct credentials {
    struct px_str scheme;     /* as we spell it */
    struct px_str user, pass; /* p == NULL: the scheme has none */
    struct px_str token;      /* the same */
};

/* ---- reading ---- */

/* user-id ":" password, in base64. */
static bool read_basic(struct px_str text, struct credentials *c)
{
    char *bytes = px_scratch_get(text.len + 1);
    ptrdiff_t len = bytes ? px_base64_decode(text, bytes) : -1;
    const char *colon = len > 0 ? memchr(bytes, ':', (size_t)len) : NULL;
    if (!colon)
        return false;
    c->user = (struct px_str){bytes, (size_t)(colon - bytes)};
    c->pass = (struct px_str){colon + 1, (size_t)(bytes + len - colon - 1)};
    return true;
}

static bool is_scheme(struct px_str s, const char *name)
{
    return s.len == strlen(name) && !strncasecmp(s.p, name, s.len);
}

static bool read_credentials(struct px_str field, struct credentials *c)
{
    uint32_t at = 0;
    struct px_str v;
    if (!px_list_next(field, &at, &v))
        return false;
    const char *space = memchr(v.p, ' ', v.len), *end = v.p + v.len;
    if (!space)
        return false;
    struct px_str scheme = {v.p, (size_t)(space - v.p)};
    while (space < end && *space == ' ')
        space++;
    struct px_str rest = {space, (size_t)(end - space)};
    *c = (struct credentials){0};
    if (is_scheme(scheme, "Basic")) {
        c->scheme = px_text_of("Basic");
        return read_basic(rest, c);
    }
    c->scheme = px_text_of("Bearer");
    c->token = rest;
    return is_scheme(scheme, "Bearer");
}

/* name == NULL: those that are meant for us. */
static enum px_found credentials_in(const struct px_txn *t, const struct px_name *name,
                                    struct credentials *c)
{
    const struct px_head *head;
    enum px_found found = px_request_head(t, &head);
    if (found != PX_FOUND)
        return found;
    uint8_t slot = t->http && t->http->proxied ? PX_H_PROXY_AUTHORIZATION : PX_H_AUTHORIZATION;
    unsigned line = name ? px_head_find(head, name, 0) : px_head_slot(head, slot, 0);
    bool good = line && read_credentials(px_value_of(px_head_at(head, line)), c);
    return good ? PX_FOUND : PX_ABSENT;
}

static enum px_found credentials_of(const struct px_txn *t, struct credentials *c)
{
    return credentials_in(t, NULL, c);
}

enum px_found px_fetch_http_auth_type(struct px_txn *t, struct px_sample *out)
{
    struct credentials c;
    enum px_found found = credentials_of(t, &c);
    return found == PX_FOUND ? px_found_text(out, c.scheme) : found;
}

enum px_found px_fetch_http_auth_user(struct px_txn *t, struct px_sample *out)
{
    struct credentials c;
    enum px_found found = credentials_of(t, &c);
    return found == PX_FOUND ? px_found_text(out, c.user) : found;
}

enum px_found px_fetch_http_auth_pass(struct px_txn *t, struct px_sample *out)
{
    struct credentials c;
    enum px_found found = credentials_of(t, &c);
    return found == PX_FOUND ? px_found_text(out, c.pass) : found;
}

enum px_found px_fetch_http_auth_bearer(struct px_txn *t, struct px_sample *out,
                                        const struct px_name *name)
{
    struct credentials c;
    enum px_found found = credentials_in(t, name, &c);
    return found == PX_FOUND ? px_found_text(out, c.token) : found;
}

/* ---- checking ---- */

static bool is_text(struct px_str s, const char *text)
{
    return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

/* crypt(3) works in a large area, which is given back at once. */
static bool hash_matches(struct px_str pass, const char *hash)
{
    struct crypt_data *data = (struct crypt_data *)(void *)px_scratch_get(sizeof *data);
    if (!data)
        return false;
    memset(data, 0, sizeof *data);
    char *text = px_scratch_get(pass.len + 1);
    bool same = false;
    if (text && !memchr(pass.p, 0, pass.len)) {
        memcpy(text, pass.p, pass.len);
        text[pass.len] = 0;
        const char *result = crypt_r(text, hash, data);
        same = result && !strcmp(result, hash);
    }
    px_scratch_cut((const char *)data, 0);
    return same;
}

static bool may_enter(const struct px_user *user, struct px_str pass)
{
    if (!user->password)
        return false;
    return user->hashed ? hash_matches(pass, user->password) : is_text(pass, user->password);
}

/* The user whose name and password these are; NULL: none. */
static const struct px_user *find_user(const struct px_userlist *list, const struct credentials *c)
{
    for (unsigned i = 0; i < list->n; i++)
        if (is_text(c->user, list->users[i].name))
            return may_enter(&list->users[i], c->pass) ? &list->users[i] : NULL;
    return NULL;
}

/* PX_FOUND: there are credentials, and *user says whose; NULL: they are wrong. */
static enum px_found user_of(const struct px_txn *t, const struct px_userlist *list,
                             const struct px_user **user)
{
    struct credentials c;
    enum px_found found = credentials_of(t, &c);
    if (found != PX_FOUND)
        return found;
    if (!c.user.p)
        return PX_ABSENT;
    *user = find_user(list, &c);
    return PX_FOUND;
}

enum px_found px_fetch_http_auth(struct px_txn *t, struct px_sample *out,
                                 const struct px_userlist *list)
{
    const struct px_user *user;
    enum px_found found = user_of(t, list, &user);
    return found == PX_FOUND ? px_found_bool(out, user) : found;
}

enum px_found px_fetch_http_auth_group(struct px_txn *t, struct px_sample *out,
                                       const struct px_userlist *list)
{
    const struct px_user *user;
    enum px_found found = user_of(t, list, &user);
    if (found != PX_FOUND)
        return found;
    return px_found_text(out, px_text_of(user ? user->name : NULL));
}

/* The password is checked once: line is the user's number + 1, pos the next group. */
enum px_found px_each_http_auth_group(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                      const struct px_userlist *list)
{
    if (!it->line) {
        const struct px_user *user;
        enum px_found found = user_of(t, list, &user);
        if (found != PX_FOUND || !user)
            return found == PX_FOUND ? PX_ABSENT : found;
        it->line = (uint32_t)(user - list->users) + 1;
    }
    const char *const *groups = list->users[it->line - 1].groups;
    if (!groups || !groups[it->pos])
        return PX_ABSENT;
    return px_found_text(out, px_text_of(groups[it->pos++]));
}
