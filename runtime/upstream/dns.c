/*
 * DNS messages. See dns.h.
 *
 * Idea: nothing is copied out of a message before it is known to count. Records are looked at where
 * they stand, and names are compared there.
 */
#include "dns.h"

#include "../base/words.h"

#include <string.h>
#include <sys/socket.h>

/* RFC 1035 4.1.1, RFC 6891 6.1.2 */
enum { HEADER = 12, CLASS_IN = 1, OPT = 41, LABEL = 63, POINTERS = 16, ALIASES = 8 };
enum { FLAG_ANSWER = 0x8000, FLAG_TRUNCATED = 0x0200, FLAG_RECURSE = 0x0100, CODE = 0x000f };
enum { NO_ERROR = 0, NX_DOMAIN = 3, CODE_REFUSED = 5 };

/* ---- questions ---- */

bool px_dns_name_fits(const char *name)
{
    size_t len = strlen(name), label = 0;
    if (len && name[len - 1] == '.')
        len--;
    if (!len || len >= PX_DNS_NAME || name[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++) {
        label = name[i] == '.' ? 0 : label + 1;
        if (label > LABEL || (name[i] == '.' && (i == 0 || name[i - 1] == '.')))
            return false;
    }
    return true;
}

static uint8_t *put16(uint8_t *p, unsigned v)
{
    *p++ = (uint8_t)(v >> 8);
    *p++ = (uint8_t)v;
    return p;
}

static uint8_t *put_name(uint8_t *p, const char *name)
{
    while (*name) {
        size_t n = strcspn(name, ".");
        *p++ = (uint8_t)n;
        memcpy(p, name, n);
        p += n;
        name += n + (name[n] == '.');
    }
    *p++ = 0;
    return p;
}

size_t px_dns_ask(uint8_t *to, uint16_t id, const char *name, enum px_dns_type type,
                  unsigned payload)
{
    uint8_t *p = put16(to, id);
    p = put16(p, FLAG_RECURSE);
    p = put16(p, 1);
    p = put16(p, 0);
    p = put16(p, 0);
    p = put16(p, 1);
    p = put16(put16(put_name(p, name), type), CLASS_IN);
    *p++ = 0; /* RFC 6891 6.1.2: OPT belongs to the root; its class is the size that is welcome */
    p = put16(put16(p, OPT), payload);
    p = put16(put16(put16(p, 0), 0), 0);
    return (size_t)(p - to);
}

/* ---- messages ---- */

struct message {
    const uint8_t *p;
    size_t len;
};

static unsigned get16(const struct message *m, size_t at)
{
    return (unsigned)(m->p[at] << 8 | m->p[at + 1]);
}

bool px_dns_id(const uint8_t *message, size_t len, uint16_t *id)
{
    const struct message m = {message, len};
    if (len < HEADER || !(get16(&m, 2) & FLAG_ANSWER))
        return false;
    *id = (uint16_t)get16(&m, 0);
    return true;
}

/* The text of the name at `at`, in lower case. Answers where it ends there; 0: it is none. A label
 * with a dot or a NUL in it would be taken for another name, so there is none. */
static size_t get_name(const struct message *m, size_t at, char text[PX_DNS_NAME])
{
    size_t end = 0, len = 0;
    unsigned pointers = 0;
    while (at < m->len && m->p[at]) {
        size_t n = m->p[at];
        if (n >= 0xc0) { /* RFC 1035 4.1.4: it goes on before this place */
            if (at + 2 > m->len || ++pointers > POINTERS)
                return 0;
            end = end ? end : at + 2;
            size_t to = get16(m, at) & 0x3fff;
            if (to >= at)
                return 0;
            at = to;
            continue;
        }
        if (n > LABEL || at + 1 + n > m->len || len + n + 1 > PX_DNS_NAME)
            return 0;
        if (memchr(m->p + at + 1, '.', n) || memchr(m->p + at + 1, 0, n))
            return 0;
        for (size_t i = 0; i < n; i++)
            text[len++] = px_low((char)m->p[at + 1 + i]);
        text[len++] = '.';
        at += n + 1;
    }
    if (at >= m->len)
        return 0;
    text[len ? len - 1 : 0] = 0;
    return end ? end : at + 1;
}

/* Does the text, of a configuration or a message, mean the same name? */
static bool is_same(const char *a, const char *b)
{
    while (*a && px_low(*a) == px_low(*b)) {
        a++;
        b++;
    }
    return (!*a || (*a == '.' && !a[1])) && (!*b || (*b == '.' && !b[1]));
}

/* One record, where it stands. */
struct place {
    char name[PX_DNS_NAME];
    unsigned type, class;
    size_t data, len;
};

/* The record at *at, which moves behind it. false: it is none. */
static bool record_at(const struct message *m, size_t *at, struct place *r)
{
    size_t end = get_name(m, *at, r->name);
    if (!end || end + 10 > m->len)
        return false;
    r->type = get16(m, end);
    r->class = get16(m, end + 2);
    r->len = get16(m, end + 8);
    r->data = end + 10;
    *at = r->data + r->len;
    return *at <= m->len;
}

/* ---- answers ---- */

/* What a message is about, and where its sections begin. */
struct reading {
    struct message m;
    size_t answers, more;
    unsigned nanswers, nmore;
    char name[PX_DNS_NAME]; /* that the records have to have: the last alias */
    bool whole;             /* all records are */
};

/* false: it is no answer to this question. */
static bool is_about(struct reading *r, const char *name, unsigned type)
{
    const struct message *m = &r->m;
    if (m->len < HEADER || !(get16(m, 2) & FLAG_ANSWER) || get16(m, 4) != 1)
        return false;
    size_t at = get_name(m, HEADER, r->name);
    if (!at || at + 4 > m->len || !is_same(r->name, name))
        return false;
    r->answers = at + 4;
    r->nanswers = get16(m, 6);
    return get16(m, at) == type && get16(m, at + 2) == CLASS_IN;
}

/* Finds where the additional records begin, behind those of authorities. */
static void measure(struct reading *r)
{
    struct place record;
    unsigned n = r->nanswers + get16(&r->m, 8);
    size_t at = r->answers;
    for (unsigned i = 0; i < n; i++)
        if (!record_at(&r->m, &at, &record))
            return;
    r->more = at;
    r->nmore = get16(&r->m, 10);
    for (unsigned i = 0; i < r->nmore; i++)
        if (!record_at(&r->m, &at, &record))
            return;
    r->whole = true;
}

/* Follows one alias, if there is one. */
static bool follow_alias(struct reading *r)
{
    struct place record;
    char target[PX_DNS_NAME];
    size_t at = r->answers;
    for (unsigned i = 0; i < r->nanswers; i++) {
        record_at(&r->m, &at, &record);
        if (record.type != PX_DNS_CNAME || record.class != CLASS_IN ||
            !is_same(record.name, r->name) || !get_name(&r->m, record.data, target))
            continue;
        memcpy(r->name, target, sizeof target);
        return true;
    }
    return false;
}

static bool take_ip(const struct message *m, const struct place *record, struct px_dns_record *to)
{
    size_t len = record->type == PX_DNS_A ? 4 : 16;
    if (record->len != len)
        return false;
    to->family = record->type == PX_DNS_A ? AF_INET : AF_INET6;
    memcpy(to->ip, m->p + record->data, len);
    return true;
}

/* RFC 952, 1123 2.1; and "_", which some have. Nothing that could end a word or a line where it is
 * shown. */
static bool names_host(const char *name)
{
    return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")];
}

/* RFC 2782: a target that is the root says that there is no such service. */
static bool take_service(const struct message *m, const struct place *record,
                         struct px_dns_record *to)
{
    if (record->len < 7 || !get_name(m, record->data + 6, to->target) || !names_host(to->target))
        return false;
    to->priority = (uint16_t)get16(m, record->data);
    to->weight = (uint16_t)get16(m, record->data + 2);
    to->port = (uint16_t)get16(m, record->data + 4);
    return true;
}

static void collect(const struct reading *r, unsigned type, struct px_dns_answer *out)
{
    struct place record;
    size_t at = r->answers;
    for (unsigned i = 0; i < r->nanswers && out->n < PX_DNS_RECORDS; i++) {
        struct px_dns_record *to = &out->records[out->n];
        record_at(&r->m, &at, &record);
        if (record.type != type || record.class != CLASS_IN || !is_same(record.name, r->name))
            continue;
        *to = (struct px_dns_record){.type = (uint16_t)type};
        out->n +=
            type == PX_DNS_SRV ? take_service(&r->m, &record, to) : take_ip(&r->m, &record, to);
    }
}

/* Targets of services whose addresses the server has added. */
static void add_addresses(const struct reading *r, struct px_dns_answer *out)
{
    struct place record;
    size_t at = r->more;
    for (unsigned i = 0; i < r->nmore; i++) {
        record_at(&r->m, &at, &record);
        if ((record.type != PX_DNS_A && record.type != PX_DNS_AAAA) || record.class != CLASS_IN)
            continue;
        for (unsigned k = 0; k < out->n; k++)
            if (!out->records[k].family && is_same(out->records[k].target, record.name))
                take_ip(&r->m, &record, &out->records[k]);
    }
}

static enum px_dns_verdict error_of(unsigned flags)
{
    switch (flags & CODE) {
    case NO_ERROR:
        return flags & FLAG_TRUNCATED ? PX_DNS_TRUNCATED : PX_DNS_VALID;
    case NX_DOMAIN:
        return PX_DNS_NX;
    case CODE_REFUSED:
        return PX_DNS_REFUSED;
    default:
        return PX_DNS_OTHER;
    }
}

void px_dns_read(const uint8_t *message, size_t len, const char *name, enum px_dns_type type,
                 struct px_dns_answer *out)
{
    struct reading r = {.m = {message, len}};
    out->aliased = false;
    out->n = 0;
    out->verdict = PX_DNS_INVALID;
    if (!is_about(&r, name, type))
        return;
    out->verdict = error_of(get16(&r.m, 2));
    if (out->verdict != PX_DNS_VALID)
        return;
    measure(&r);
    if (!r.whole) {
        out->verdict = PX_DNS_INVALID;
        return;
    }
    for (unsigned i = 0; i < ALIASES && follow_alias(&r); i++)
        out->aliased = true;
    collect(&r, type, out);
    if (type == PX_DNS_SRV)
        add_addresses(&r, out);
    if (!out->n)
        out->verdict = out->aliased  ? PX_DNS_CNAME_ERROR
                       : !r.nanswers ? PX_DNS_EMPTY
                                     : PX_DNS_OTHER;
}
