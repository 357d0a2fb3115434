/*
 * Fields that are for one connection only (RFC 9110 7.6.1): taken out before a message goes on.
 *
 * Not here: what the proxy itself says about its connections (txn/http_common.c and
 * http_request.c). What rules have added is meant for the next hop, whatever a client names in its
 * Connection field.
 */
#include "head.h"

#include "../base/macros.h"
#include "chars.h"

#include <string.h>
#include <strings.h>

static bool is_word(struct px_str item, const char *word)
{
    return item.len == strlen(word) && !strncasecmp(item.p, word, item.len);
}

/* The next item of a comma-separated list at *at; false: there is none. */
static bool next_item(const char **at, const char *end, struct px_str *item)
{
    const char *p = *at;
    while (p < end && (px_is_blank(*p) || *p == ','))
        p++;
    item->p = p;
    while (p < end && *p != ',')
        p++;
    *at = p;
    while (p > item->p && px_is_blank(p[-1]))
        p--;
    item->len = (size_t)(p - item->p);
    return item->len;
}

/* How much shorter a Connection field is without the words about the connection itself. */
static uint64_t size_of_words(const struct px_hdr *h)
{
    uint64_t rest = 0, whole = h->name_len + h->value_len;
    bool has_words = false;
    const char *at = h->value, *end = h->value + h->value_len;
    for (struct px_str item; next_item(&at, end, &item);) {
        if (is_word(item, "close") || is_word(item, "keep-alive"))
            has_words = true;
        else
            rest += item.len + (rest ? 2 : 0);
    }
    rest += rest ? h->name_len : 0;
    return has_words && rest < whole ? whole - rest : 0;
}

uint64_t px_head_hop_size(const struct px_head *head)
{
    uint64_t size = 0;
    for (unsigned at = 0; (at = px_head_slot(head, PX_H_CONNECTION, at));)
        size += size_of_words(px_head_at(head, at));
    return size;
}

/* Without these a message would end elsewhere, or go elsewhere; nobody may have them removed. */
static bool is_vital(uint8_t slot)
{
    return slot == PX_H_HOST || slot == PX_H_CONTENT_LENGTH || slot == PX_H_TRANSFER_ENCODING ||
           slot == PX_H_CONNECTION;
}

static void delete_named(struct px_head *head, struct px_str name)
{
    for (unsigned i = 0; i < head->nhdrs; i++) {
        struct px_hdr *h = &head->hdrs[i];
        if (h->name_len == name.len && !(h->flags & (PX_HDR_ADDED | PX_HDR_DELETED)) &&
            !is_vital(h->slot) && !strncasecmp(h->name, name.p, name.len))
            px_head_delete(head, i + 1);
    }
}

/* Of what was received, only "upgrade" and "te" go on, if there is what they stand for. */
static void reduce_received(struct px_head *head, struct px_hdr *h)
{
    static const struct px_str reduced[] = {PX_STR(""), PX_STR("upgrade"), PX_STR("te"),
                                            PX_STR("te, upgrade")};
    const char *at = h->value, *end = h->value + h->value_len;
    unsigned kept = 0;
    bool dropped = false;
    for (struct px_str item; next_item(&at, end, &item);) {
        if ((head->flags & PX_HEAD_UPGRADE) && is_word(item, "upgrade")) {
            kept |= 1;
        } else if (is_word(item, "te") && px_head_slot(head, PX_H_TE, 0)) {
            kept |= 2;
        } else {
            dropped = true;
            delete_named(head, item);
        }
    }
    if (!kept) {
        px_head_delete(head, (unsigned)(h - head->hdrs) + 1);
    } else if (dropped) {
        h->value = reduced[kept].p;
        h->value_len = (uint32_t)reduced[kept].len;
        h->flags |= PX_HDR_LOOSE;
        head->flags |= PX_HEAD_EDITED;
    }
}

/* Of what rules have set, everything but what the proxy decides itself goes on. */
static void reduce_added(struct px_head *head, struct px_hdr *h)
{
    char *to = (char *)h->value; /* a copy that px_head_add or px_head_change has made */
    const char *at = to, *end = h->value + h->value_len;
    for (struct px_str item; next_item(&at, end, &item);) {
        if (is_word(item, "close") || is_word(item, "keep-alive"))
            continue;
        if (to > h->value)
            *to++ = ',';
        memmove(to, item.p, item.len);
        to += item.len;
    }
    h->value_len = (uint32_t)(to - h->value);
    h->flags |= PX_HDR_LOOSE;
    if (!h->value_len)
        px_head_delete(head, (unsigned)(h - head->hdrs) + 1);
}

static void delete_received(struct px_head *head, uint8_t slot)
{
    for (unsigned at = 0; (at = px_head_slot(head, slot, at));)
        if (!(px_head_at(head, at)->flags & PX_HDR_ADDED))
            px_head_delete(head, at);
}

void px_head_drop_hop(struct px_head *head)
{
    const uint16_t *first = head->first;
    if (PX_LIKELY(!(first[PX_H_CONNECTION] | first[PX_H_KEEP_ALIVE] |
                    first[PX_H_PROXY_CONNECTION] | first[PX_H_UPGRADE])))
        return;
    for (unsigned at = 0; (at = px_head_slot(head, PX_H_CONNECTION, at));) {
        struct px_hdr *h = &head->hdrs[at - 1];
        if (h->flags & PX_HDR_ADDED)
            reduce_added(head, h);
        else
            reduce_received(head, h);
    }
    delete_received(head, PX_H_KEEP_ALIVE);
    delete_received(head, PX_H_PROXY_CONNECTION);
    if (!(head->flags & PX_HEAD_UPGRADE))
        delete_received(head, PX_H_UPGRADE);
}
