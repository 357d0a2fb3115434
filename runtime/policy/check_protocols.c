/*
 * What servers of some protocols say to checks. Nothing they say is trusted: each byte is read
 * through a cursor that knows where the answer ends.
 */
#include "../abi/checks.h"
#include "../abi/tables.h"
#include "../upstream/check.h"

#include <stdio.h>

struct cursor {
    const unsigned char *p;
    size_t left;
    bool short_of; /* more was asked for than there is */
};

static struct cursor cursor_of(struct px_str s)
{
    return (struct cursor){(const unsigned char *)s.p, s.len, false};
}

static unsigned take(struct cursor *c)
{
    if (!c->left) {
        c->short_of = true;
        return 0;
    }
    c->left--;
    return *c->p++;
}

static unsigned take_little(struct cursor *c, unsigned bytes)
{
    unsigned n = 0;
    for (unsigned i = 0; i < bytes; i++)
        n |= take(c) << 8 * i;
    return n;
}

static void is_over(struct px_check_verdict *v, unsigned status, int32_t code)
{
    v->what = PX_ANSWER_IS_OVER;
    v->status = (uint8_t)status;
    v->code = code;
}

/* Half an answer: perhaps the rest comes. */
static void is_short(struct px_check_verdict *v, bool ended)
{
    if (ended)
        is_over(v, PX_STATUS_L7RSP, 0);
}

/* ---- LDAP (RFC 4511 4.2.2), in BER (X.690 8.1) ---- */

/* An element of this kind begins; its length does not matter, but has to be one. */
static bool begins(struct cursor *c, unsigned tag)
{
    if (take(c) != tag)
        return false;
    unsigned length = take(c);
    if (length <= 0x80)
        return length < 0x80;
    if (length > 0x84)
        return false;
    for (unsigned i = length & 0x7f; i; i--)
        take(c);
    return true;
}

/* An integer or enumeration of one byte. */
static bool small(struct cursor *c, unsigned tag, unsigned *value)
{
    if (take(c) != tag || take(c) != 1)
        return false;
    *value = take(c);
    return true;
}

void px_check_ldap(struct px_str answer, bool ended, struct px_check_verdict *v)
{
    enum { SEQUENCE = 0x30, INTEGER = 2, BIND_RESPONSE = 0x61, ENUMERATED = 10 };
    struct cursor c = cursor_of(answer);
    unsigned id = 0, result = 0;
    bool good = begins(&c, SEQUENCE) && small(&c, INTEGER, &id) && (id == 1 || c.short_of) &&
                begins(&c, BIND_RESPONSE) && small(&c, ENUMERATED, &result);
    if (c.short_of) {
        is_short(v, ended);
    } else if (!good) {
        is_over(v, PX_STATUS_L7RSP, 0);
        snprintf(v->info, sizeof v->info, "Not LDAPv3 protocol");
    } else if (result) {
        is_over(v, PX_STATUS_L7STS, (int32_t)result);
        snprintf(v->info, sizeof v->info,
                 "See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9");
    } else {
        v->what = PX_ANSWER_GOES_ON;
        snprintf(v->info, sizeof v->info, "Success");
    }
}

/* ---- MySQL ---- */

enum { MYSQL_ERROR = 0xff };

/* The next packet; false: it has not come as a whole. */
static bool packet(struct cursor *c, struct cursor *content)
{
    unsigned length = take_little(c, 3);
    take(c);
    if (c->short_of || c->left < length)
        return false;
    *content = (struct cursor){c->p, length, false};
    c->p += length;
    c->left -= length;
    return true;
}

/* What is left of the packet, up to a NUL. */
static void tell(struct px_check_verdict *v, const struct cursor *c)
{
    snprintf(v->info, sizeof v->info, "%.*s", (int)c->left, (const char *)c->p);
}

static void mysql_error(struct px_check_verdict *v, struct cursor *c)
{
    unsigned code = take_little(c, 2);
    is_over(v, c->short_of ? PX_STATUS_L7RSP : PX_STATUS_L7STS, c->short_of ? 0 : (int32_t)code);
    tell(v, c);
}

/* false: said in v. */
static bool greeting(struct cursor *c, bool ended, struct px_check_verdict *v)
{
    struct cursor content;
    if (!packet(c, &content)) {
        is_short(v, ended);
        return false;
    }
    unsigned version = take(&content);
    if (version == MYSQL_ERROR) {
        mysql_error(v, &content);
        return false;
    }
    if (version != 9 && version != 10) {
        is_over(v, PX_STATUS_L7RSP, 0);
        return false;
    }
    v->what = PX_ANSWER_GOES_ON;
    tell(v, &content);
    return true;
}

void px_check_mysql_greeting(struct px_str answer, bool ended, struct px_check_verdict *v)
{
    struct cursor c = cursor_of(answer);
    greeting(&c, ended, v);
}

void px_check_mysql_login(struct px_str answer, bool ended, struct px_check_verdict *v)
{
    struct cursor c = cursor_of(answer), content;
    if (!greeting(&c, ended, v))
        return;
    if (!packet(&c, &content)) {
        *v = (struct px_check_verdict){.what = PX_ANSWER_WAITS};
        is_short(v, ended);
    } else if (content.left && *content.p == MYSQL_ERROR) {
        take(&content);
        mysql_error(v, &content);
    }
}
