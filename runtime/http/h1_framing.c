/*
 * What the fields of a head say about the body and the connection (RFC 9112 6 and 9, RFC 9110 7).
 *
 * Strict where two readers could disagree about where a message ends: such a message is refused.
 */
#include "h1.h"

#include "../base/macros.h"
#include "chars.h"

#include <string.h>
#include <strings.h>

enum px_meth px_meth_of(struct px_str m)
{
    static const struct px_str names[] = {
        [PX_M_OPTIONS] = PX_STR("OPTIONS"), [PX_M_GET] = PX_STR("GET"),
        [PX_M_HEAD] = PX_STR("HEAD"),       [PX_M_POST] = PX_STR("POST"),
        [PX_M_PUT] = PX_STR("PUT"),         [PX_M_DELETE] = PX_STR("DELETE"),
        [PX_M_TRACE] = PX_STR("TRACE"),     [PX_M_CONNECT] = PX_STR("CONNECT"),
        [PX_M_PATCH] = PX_STR("PATCH"),
    };
    if (PX_LIKELY(m.len == 3 && !memcmp(m.p, "GET", 3)))
        return PX_M_GET;
    for (unsigned i = 1; i < PX_COUNT(names); i++)
        if (names[i].len == m.len && !memcmp(names[i].p, m.p, m.len))
            return (enum px_meth)i;
    return PX_M_OTHER;
}

static struct px_str value_at(const struct px_head *head, unsigned at)
{
    const struct px_hdr *h = px_head_at(head, at);
    return (struct px_str){h->value, h->value_len};
}

/* One length, or a list of the same length (RFC 9110 8.6). Lengths of 2^63 and more are refused:
 * who counts with signs would see another one. *comma: the last one of a list; else NULL. */
static bool parse_length(struct px_str v, uint64_t *length, const char **comma)
{
    const char *p = v.p, *end = v.p + v.len;
    bool first = true;
    *comma = NULL;
    do {
        while (p < end && px_is_blank(*p))
            p++;
        uint64_t n = 0;
        const char *digits = p;
        for (; p < end && px_is_digit(*p); p++) {
            unsigned digit = (unsigned)(*p - '0');
            if (PX_UNLIKELY(n >= INT64_MAX / 10) && n > ((uint64_t)INT64_MAX - digit) / 10)
                return false;
            n = n * 10 + digit;
        }
        if (p == digits || (!first && n != *length))
            return false;
        *length = n;
        first = false;
        while (p < end && px_is_blank(*p))
            p++;
        if (p == end)
            return true;
        *comma = p;
    } while (*p++ == ',');
    return false;
}

/* Of a list, only its first item. */
static void keep_first(struct px_head *head, struct px_hdr *h)
{
    const char *comma = memchr(h->value, ',', h->value_len);
    while (px_is_blank(comma[-1]))
        comma--;
    h->value_len = (uint32_t)(comma - h->value);
    h->flags |= PX_HDR_LOOSE;
    head->flags |= PX_HEAD_EDITED;
}

/* All Content-Length fields must say the same; one of them goes on. */
static bool content_length(struct px_head *head, uint64_t *length)
{
    unsigned first = head->first[PX_H_CONTENT_LENGTH];
    const char *comma;
    if (!parse_length(value_at(head, first), length, &comma))
        return false;
    if (PX_UNLIKELY(comma))
        keep_first(head, &head->hdrs[first - 1]);
    for (unsigned at = first; (at = px_head_slot(head, PX_H_CONTENT_LENGTH, at));) {
        uint64_t again;
        if (!parse_length(value_at(head, at), &again, &comma) || again != *length)
            return false;
        px_head_delete(head, at);
    }
    return true;
}

struct codings {
    unsigned chunked, other;
    bool last_is_chunked;
};

static void count_codings(struct px_str v, struct codings *c)
{
    const char *p = v.p, *end = v.p + v.len;
    do {
        while (p < end && px_is_blank(*p))
            p++;
        const char *item = p, *last;
        while (p < end && *p != ',')
            p++;
        for (last = p; last > item && px_is_blank(last[-1]);)
            last--;
        c->last_is_chunked = last - item == 7 && !strncasecmp(item, "chunked", 7);
        c->chunked += c->last_is_chunked;
        c->other += !c->last_is_chunked;
    } while (p < end && *p++ == ',');
}

/* RFC 9112 6.1: "chunked" once, and last. Other codings in front of it are not understood. */
static enum px_h1_result transfer_encoding(const struct px_head *head)
{
    struct codings c = {0};
    for (unsigned at = 0; (at = px_head_slot(head, PX_H_TRANSFER_ENCODING, at));)
        count_codings(value_at(head, at), &c);
    if (c.chunked != 1 || !c.last_is_chunked)
        return PX_H1_BAD;
    return c.other ? PX_H1_CODING : PX_H1_DONE;
}

static enum px_h1_result body_framing(struct px_head *head)
{
    if (PX_UNLIKELY(head->first[PX_H_TRANSFER_ENCODING])) {
        if (head->version == PX_HTTP_10)
            return PX_H1_BAD; /* RFC 9112 6.1: faulty framing */
        enum px_h1_result r = transfer_encoding(head);
        if (r != PX_H1_DONE)
            return r;
        head->body = PX_BODY_CHUNKED;
        if (head->first[PX_H_CONTENT_LENGTH]) {
            uint64_t unused;
            if (!content_length(head, &unused))
                return PX_H1_BAD;
            for (unsigned at = 0; (at = px_head_slot(head, PX_H_CONTENT_LENGTH, at));)
                px_head_delete(head, at);
            if (!px_program.global->keep_insecure)
                head->flags |= PX_HEAD_BOTH;
        }
    } else if (head->first[PX_H_CONTENT_LENGTH]) {
        if (!content_length(head, &head->length))
            return PX_H1_BAD;
        head->body = head->length ? PX_BODY_LENGTH : PX_BODY_NONE;
    }
    return PX_H1_DONE;
}

static void options_in(struct px_head *head, struct px_str v)
{
    if (px_list_has(v, "close"))
        head->flags |= PX_HEAD_CLOSE;
    if (px_list_has(v, "keep-alive"))
        head->flags |= PX_HEAD_KEEP;
    if (px_list_has(v, "upgrade") && head->first[PX_H_UPGRADE])
        head->flags |= PX_HEAD_UPGRADE;
}

static void connection_flags(struct px_head *head)
{
    for (unsigned at = 0; (at = px_head_slot(head, PX_H_CONNECTION, at));) {
        struct px_str v = value_at(head, at);
        if (v.len == 5 && !strncasecmp(v.p, "close", 5)) /* most often it is all */
            head->flags |= PX_HEAD_CLOSE;
        else
            options_in(head, v);
    }
}

void px_head_heed_proxy_connection(struct px_head *head)
{
    head->flags &= (uint8_t)~PX_HEAD_KEEP;
    for (unsigned at = 0; (at = px_head_slot(head, PX_H_PROXY_CONNECTION, at));) {
        struct px_str v = value_at(head, at);
        if (px_list_has(v, "close"))
            head->flags |= PX_HEAD_CLOSE;
        if (px_list_has(v, "keep-alive"))
            head->flags |= PX_HEAD_KEEP;
    }
}

static bool body_is_odd(const struct px_head *head)
{
    return head->version == PX_HTTP_10 && head->body != PX_BODY_NONE &&
           !px_program.global->accept_payload &&
           (head->meth == PX_M_GET || head->meth == PX_M_HEAD || head->meth == PX_M_DELETE);
}

enum { WEBSOCKET_KEY = 24 }; /* base64 of 16 bytes */

/* RFC 6455 4.2.1: without its key, a handshake may be something that a page made a browser send. */
static bool has_websocket_key(const struct px_head *head)
{
    static const struct px_name key = {PX_STR("sec-websocket-key"), 0};
    for (unsigned at = 0; (at = px_head_find(head, &key, at));)
        if (px_head_at(head, at)->value_len == WEBSOCKET_KEY)
            return true;
    return false;
}

static bool upgrade_is_good(const struct px_head *head)
{
    unsigned at = px_head_slot(head, PX_H_UPGRADE, 0);
    return !(head->flags & PX_HEAD_UPGRADE) || !px_list_has(value_at(head, at), "websocket") ||
           has_websocket_key(head);
}

enum px_h1_result px_h1_request_framing(struct px_head *head)
{
    if (!px_h1_target(head))
        return PX_H1_BAD;
    enum px_h1_result r = body_framing(head);
    if (r != PX_H1_DONE)
        return r;
    if (body_is_odd(head))
        return PX_H1_PAYLOAD;
    if (head->first[PX_H_CONNECTION])
        connection_flags(head);
    if (!upgrade_is_good(head))
        return PX_H1_BAD;
    if (head->first[PX_H_EXPECT] && head->version == PX_HTTP_11 &&
        px_list_has(value_at(head, head->first[PX_H_EXPECT]), "100-continue"))
        head->flags |= PX_HEAD_CONTINUE;
    return PX_H1_DONE;
}

enum px_h1_result px_h1_response_framing(struct px_head *head, enum px_meth request)
{
    enum px_h1_result r = body_framing(head);
    if (r != PX_H1_DONE)
        return r;
    if (head->first[PX_H_CONNECTION])
        connection_flags(head);
    /* RFC 9112 6.3: these never have a body, whatever the fields say. */
    if (head->status < 200 || head->status == 204 || head->status == 304 || request == PX_M_HEAD)
        head->body = PX_BODY_NONE;
    else if (head->body == PX_BODY_NONE && !head->first[PX_H_CONTENT_LENGTH])
        head->body = PX_BODY_CLOSE;
    return PX_H1_DONE;
}
