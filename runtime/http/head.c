/*
 * Heads of HTTP messages: the field table and its edits. See head.h.
 *
 * Not here: reading heads (h1_parse.c) and writing them (h1_write.c).
 */
#include "head.h"

#include "../base/macros.h"
#include "chars.h"
#include "h1.h"

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
    head->added = 0;
    head->cap = PX_HDRS_INLINE;
    head->length = 0;
    head->hdrs = head->inline_hdrs;
    head->arena = arena;
    memset(head->first, 0, px_program.names->count * sizeof head->first[0]);
}

/* tune.http.maxhdr is about what is received; fields that rules add are bounded by their bytes, and
 * by this, far away. */
enum { MORE_BY_RULES = 1024 };

bool px_head_grow(struct px_head *head)
{
    unsigned most = (unsigned)px_program.global->maxhdr + MORE_BY_RULES;
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

/* ---- edits ---- */

static size_t exact_size(const struct px_head *head)
{
    size_t size =
        head->method.len + head->uri.len + head->reason.len + sizeof "HTTP/1.1 200 \r\n\r\n";
    for (unsigned i = 0; i < head->nhdrs; i++)
        if (!(head->hdrs[i].flags & PX_HDR_DELETED))
            size += head->hdrs[i].name_len + head->hdrs[i].value_len + 4u;
    return size;
}

/* What was parsed has left tune.maxrewrite bytes of a buffer free. What edits took away is only
 * looked for once the sum is too large. */
static bool has_room(const struct px_head *head, size_t len)
{
    size_t most = px_buf_size();
    return head->len + head->added + len <= most || exact_size(head) + len <= most;
}

/* What a value, or a target, must not hold. */
enum safety { SAFE_VALUE, SAFE_TARGET };

static bool is_unsafe(char c, enum safety safety)
{
    return px_is_control(c) || (safety == SAFE_TARGET && px_is_blank(c));
}

static size_t count_unsafe(struct px_str v, enum safety safety)
{
    size_t n = 0;
    if (PX_LIKELY(!px_has_below(v, safety == SAFE_TARGET ? '!' : ' ')))
        return 0;
    for (size_t i = 0; i < v.len; i++)
        n += is_unsafe(v.p[i], safety);
    return n;
}

static char *escape(char *to, struct px_str v, enum safety safety)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < v.len; i++) {
        if (is_unsafe(v.p[i], safety)) {
            *to++ = '%';
            *to++ = hex[(unsigned char)v.p[i] >> 4];
            *to++ = hex[v.p[i] & 15];
        } else {
            *to++ = v.p[i];
        }
    }
    return to;
}

/* Memory for text that makes the head `more` longer; NULL: it would not fit. */
static char *room_for(struct px_head *head, size_t len, size_t more)
{
    char *room = has_room(head, more) ? px_arena_get(head->arena, len ? len : 1) : NULL;
    if (room)
        head->added += (uint32_t)more;
    return room;
}

/* `len` bytes: those of v, the unsafe ones as escapes. */
static void copy_safe(char *to, struct px_str v, size_t len, enum safety safety)
{
    if (len != v.len)
        escape(to, v, safety);
    else if (len)
        memcpy(to, v.p, len);
}

/* *v becomes a copy that is safe in a line. */
static bool take_in(struct px_head *head, struct px_str *v, enum safety safety)
{
    size_t len = v->len + 2 * count_unsafe(*v, safety);
    char *copy = room_for(head, len, len);
    if (!copy)
        return false;
    copy_safe(copy, *v, len, safety);
    *v = (struct px_str){copy, len};
    return true;
}

/* A whole line of that name and value, to be sent as it is; *name and *value are in it then. */
static bool line_in(struct px_head *head, struct px_str *name, struct px_str *value, bool is_new)
{
    size_t len = value->len + 2 * count_unsafe(*value, SAFE_VALUE), whole = name->len + 2 + len + 2;
    char *line = room_for(head, whole, is_new ? whole : len);
    if (!line)
        return false;
    char *v = line + name->len + 2;
    memcpy(line, name->p, name->len);
    memcpy(v - 2, ": ", 2);
    copy_safe(v, *value, len, SAFE_VALUE);
    memcpy(v + len, "\r\n", 2);
    name->p = line;
    *value = (struct px_str){v, len};
    return true;
}

enum { LOOKED_UP_MOST = 64 };

/* A name that the runtime brings may be one that the configuration asks for. */
static uint8_t look_up(struct px_str name)
{
    char padded[LOOKED_UP_MOST + PX_NAME_SLACK] = "";
    if (!name.len || name.len > LOOKED_UP_MOST)
        return 0;
    memcpy(padded, name.p, name.len);
    return px_name_slot(px_program.names, padded, name.len);
}

bool px_head_add(struct px_head *head, const struct px_name *name, struct px_str value)
{
    struct px_str text = name->text;
    if (!line_in(head, &text, &value, true))
        return false;
    struct px_hdr *h = px_head_room(head);
    if (!h)
        return false;
    *h = (struct px_hdr){.name = text.p,
                         .name_len = (uint16_t)text.len,
                         .value = value.p,
                         .value_len = (uint32_t)value.len,
                         .slot = name->slot ? name->slot : look_up(name->text),
                         .flags = PX_HDR_ADDED | PX_HDR_LINE};
    px_head_file(head);
    head->flags |= PX_HEAD_EDITED;
    return true;
}

bool px_head_change(struct px_head *head, unsigned at, struct px_str value)
{
    struct px_hdr *h = &head->hdrs[at - 1];
    struct px_str name = {h->name, h->name_len};
    if (!line_in(head, &name, &value, false))
        return false;
    h->name = name.p;
    h->value = value.p;
    h->value_len = (uint32_t)value.len;
    h->flags = (uint8_t)((h->flags & ~PX_HDR_LOOSE) | PX_HDR_ADDED | PX_HDR_LINE);
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

static bool line_edited(struct px_head *head)
{
    head->flags |= PX_HEAD_EDITED | PX_HEAD_LINE;
    return true;
}

bool px_head_set_method(struct px_head *head, struct px_str method)
{
    for (size_t i = 0; i < method.len; i++)
        if (!px_lower_token[(unsigned char)method.p[i]])
            return false;
    if (!method.len || !take_in(head, &method, SAFE_VALUE))
        return false;
    head->method = method;
    head->meth = (uint8_t)px_meth_of(method);
    return line_edited(head);
}

bool px_head_set_uri(struct px_head *head, struct px_str uri)
{
    if (!uri.len || !take_in(head, &uri, SAFE_TARGET))
        return false;
    head->uri = uri;
    return line_edited(head);
}

bool px_head_set_status(struct px_head *head, unsigned status, struct px_str reason)
{
    if (!take_in(head, &reason, SAFE_VALUE))
        return false;
    head->status = (uint16_t)status;
    head->reason = reason;
    return line_edited(head);
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
