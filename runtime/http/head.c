/*
 * Heads of HTTP messages: the field table and its edits. See head.h.
 *
 * Not here: reading heads (h1_parse.c) and writing them (h1_write.c).
 */
#include "head.h"

#include "../base/macros.h"

#include <string.h>
#include <strings.h>

void px_head_start(struct px_head *head, struct px_arena *arena)
{
    head->base = NULL;
    head->len = head->line_len = 0;
    head->flags = 0;
    head->body = PX_BODY_NONE;
    head->version = PX_HTTP_11;
    head->meth = PX_M_OTHER;
    head->method = head->uri = head->reason = (struct px_str){"", 0};
    head->status = 0;
    head->nhdrs = 0;
    head->cap = PX_HDRS_INLINE;
    head->length = 0;
    head->hdrs = head->inline_hdrs;
    head->arena = arena;
    memset(head->first, 0, px_program.names->count * sizeof head->first[0]);
}

static bool head_grow(struct px_head *head)
{
    unsigned most = (unsigned)px_program.global->maxhdr;
    unsigned cap = head->cap * 2u < most ? head->cap * 2u : most;
    if (cap <= head->nhdrs)
        return false;
    struct px_hdr *hdrs = px_arena_get(head->arena, cap * sizeof *hdrs);
    if (!hdrs)
        return false;
    memcpy(hdrs, head->hdrs, head->nhdrs * sizeof *hdrs);
    head->hdrs = hdrs;
    head->cap = (uint16_t)cap;
    return true;
}

bool px_head_file(struct px_head *head, const struct px_hdr *field)
{
    if (PX_UNLIKELY(head->nhdrs == head->cap) && !head_grow(head))
        return false;
    struct px_hdr *h = &head->hdrs[head->nhdrs++];
    *h = *field;
    h->next = 0;
    if (!h->slot)
        return true;
    uint16_t *end = &head->first[h->slot];
    while (*end)
        end = &head->hdrs[*end - 1].next;
    *end = head->nhdrs;
    return true;
}

static unsigned skip_deleted(const struct px_head *head, unsigned at)
{
    while (at && (head->hdrs[at - 1].flags & PX_HDR_DELETED))
        at = head->hdrs[at - 1].next;
    return at;
}

unsigned px_head_slot(const struct px_head *head, uint8_t slot, unsigned at)
{
    return skip_deleted(head, at ? head->hdrs[at - 1].next : head->first[slot]);
}

unsigned px_head_find(const struct px_head *head, const struct px_name *name, unsigned at)
{
    if (PX_LIKELY(name->slot))
        return px_head_slot(head, name->slot, at);
    for (; at < head->nhdrs; at++) {
        const struct px_hdr *h = &head->hdrs[at];
        if (h->name_len == name->text.len && !(h->flags & PX_HDR_DELETED) &&
            !memcmp(h->name, name->text.p, h->name_len))
            return at + 1;
    }
    return 0;
}

bool px_head_add(struct px_head *head, const struct px_name *name, struct px_str value)
{
    char *copy = px_arena_copy(head->arena, value.p, value.len);
    if (!copy)
        return false;
    struct px_hdr h = {.name = name->text.p,
                       .name_len = (uint16_t)name->text.len,
                       .value = copy,
                       .value_len = (uint32_t)value.len,
                       .slot = name->slot,
                       .flags = PX_HDR_ADDED};
    if (!px_head_file(head, &h))
        return false;
    head->flags |= PX_HEAD_EDITED;
    return true;
}

bool px_head_change(struct px_head *head, unsigned at, struct px_str value)
{
    struct px_hdr *h = &head->hdrs[at - 1];
    char *copy = px_arena_copy(head->arena, value.p, value.len);
    if (!copy)
        return false;
    h->value = copy;
    h->value_len = (uint32_t)value.len;
    h->flags |= PX_HDR_ADDED;
    head->flags |= PX_HEAD_EDITED;
    return true;
}

void px_head_delete(struct px_head *head, unsigned at)
{
    head->hdrs[at - 1].flags |= PX_HDR_DELETED;
    head->flags |= PX_HEAD_EDITED;
}

void px_head_delete_name(struct px_head *head, const struct px_name *name)
{
    unsigned at = 0;
    while ((at = px_head_find(head, name, at)))
        px_head_delete(head, at);
}

bool px_list_has(struct px_str list, const char *token)
{
    size_t len = strlen(token);
    const char *p = list.p, *end = list.p + list.len;
    while (p < end) {
        while (p < end && (*p == ' ' || *p == '\t' || *p == ','))
            p++;
        const char *item = p;
        while (p < end && *p != ',')
            p++;
        const char *last = p;
        while (last > item && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        if ((size_t)(last - item) == len && !strncasecmp(item, token, len))
            return true;
    }
    return false;
}
