/*
 * Actions that add, change and remove header fields.
 *
 * Three kinds of fields mean something to the proxy itself. Host and the authority of the target
 * stay the same (act_host.h). "close" in Connection ends the connection on that side.
 * Content-Length and Transfer-Encoding say where the message ends, which rules do not decide:
 * removing them from a message with a body does nothing, and setting them to something else is a
 * rewrite that fails.
 */
#include "../http/chars.h"
#include "../txn/scratch.h"
#include "act.h"
#include "act_host.h"
#include "replace.h"

#include <stdatomic.h>
#include <stdlib.h>

/* ---- fields that say where the message ends ---- */

static bool is_framing(uint8_t slot)
{
    return slot == PX_H_CONTENT_LENGTH || slot == PX_H_TRANSFER_ENCODING;
}

/* Content-Length of a response without body describes the one that is not sent (RFC 9110 8.6). */
static bool length_is_free(const struct px_txn *t, enum px_phase at, uint8_t slot)
{
    const struct px_http *h = t->http;
    if (slot != PX_H_CONTENT_LENGTH || px_at_request(at))
        return false;
    return h->head_request || h->res.status == 304;
}

static bool must_stay(struct px_txn *t, enum px_phase at, uint8_t slot)
{
    if (!is_framing(slot) || length_is_free(t, at, slot))
        return false;
    bool own = !px_at_request(at) && (t->flags & PX_T_LOCAL);
    return own || px_act_head(t, at)->body != PX_BODY_NONE;
}

static struct px_str value_at(const struct px_head *head, unsigned at)
{
    const struct px_hdr *h = px_head_at(head, at);
    return (struct px_str){h->value, h->value_len};
}

static bool is_same(struct px_str a, struct px_str b)
{
    return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

/* Does it say what is true anyway? */
static bool is_true(struct px_txn *t, enum px_phase at, uint8_t slot, struct px_str value)
{
    const struct px_head *head = px_act_head(t, at);
    unsigned have = px_head_slot(head, slot, 0);
    if (have)
        return is_same(value_at(head, have), value);
    return slot == PX_H_CONTENT_LENGTH && head->body == PX_BODY_NONE && value.len == 1 &&
           value.p[0] == '0';
}

static bool may_say(struct px_txn *t, enum px_phase at, uint8_t slot, struct px_str value)
{
    return !is_framing(slot) || length_is_free(t, at, slot) || is_true(t, at, slot, value);
}

/* ---- what follows from a value ---- */

static void mind_connection(struct px_txn *t, enum px_phase at, struct px_str value)
{
    if (px_list_has(value, "close")) {
        if (px_at_request(at))
            t->http->server_close = true;
        else
            t->flags |= PX_T_CLOSE;
    }
    if (at == PX_AT_AFTER) /* nobody else looks at the field before it is sent */
        px_head_drop_hop(&t->http->res);
}

/* A message asks for an upgrade in two fields together (RFC 9110 7.8). */
static void mind_upgrade(struct px_head *head, uint8_t changed)
{
    if (changed != PX_H_CONNECTION && changed != PX_H_UPGRADE)
        return;
    head->flags &= (uint8_t)~PX_HEAD_UPGRADE;
    if (!px_head_slot(head, PX_H_UPGRADE, 0))
        return;
    for (unsigned i = 0; (i = px_head_slot(head, PX_H_CONNECTION, i));)
        if (px_list_has(value_at(head, i), "upgrade"))
            head->flags |= PX_HEAD_UPGRADE;
}

static bool follow(struct px_txn *t, enum px_phase at, uint8_t slot, struct px_str value)
{
    mind_upgrade(px_act_head(t, at), slot);
    if (slot == PX_H_CONNECTION)
        mind_connection(t, at, value);
    return slot != PX_H_HOST || !px_at_request(at) || px_uri_follows_host(t, value);
}

/* ---- add, set, delete ---- */

static bool add(struct px_txn *t, enum px_phase at, const struct px_name *name, struct px_str value)
{
    return px_head_add(px_act_head(t, at), name, value) && follow(t, at, name->slot, value);
}

enum px_verdict px_act_add_header(struct px_txn *t, enum px_phase at, const struct px_name *name,
                                  const struct px_fmt *fmt)
{
    struct px_str value;
    bool done = px_edit_text(t, fmt, &value) && !is_framing(name->slot) && add(t, at, name, value);
    return px_rewritten(t, at, done);
}

static bool set(struct px_txn *t, enum px_phase at, const struct px_name *name, struct px_str value)
{
    struct px_head *head = px_act_head(t, at);
    if (!may_say(t, at, name->slot, value))
        return false;
    px_head_delete_name(head, name);
    return add(t, at, name, value);
}

enum px_verdict px_act_set_header(struct px_txn *t, enum px_phase at, const struct px_name *name,
                                  const struct px_fmt *fmt)
{
    struct px_str value;
    return px_rewritten(t, at, px_edit_text(t, fmt, &value) && set(t, at, name, value));
}

/* Expressions for names, compiled when first used. Two threads may do so at once; each then finds
 * one or the other. */
struct name_regex {
    const struct px_name *name;
    struct px_regex re;
    struct name_regex *next;
};

static _Atomic(struct name_regex *) name_regexes;

static const struct px_regex *name_regex(const struct px_name *name)
{
    struct name_regex *first = atomic_load(&name_regexes);
    for (struct name_regex *r = first; r; r = r->next)
        if (r->name == name)
            return &r->re;
    struct name_regex *r = malloc(sizeof *r);
    if (!r)
        return NULL;
    *r = (struct name_regex){.name = name, .re = {.pattern = name->text}, .next = first};
    px_regex_prepare(&r->re);
    while (!atomic_compare_exchange_weak(&name_regexes, &r->next, r))
        continue;
    return &r->re;
}

static bool name_matches(struct px_str name, struct px_str pattern, int how)
{
    if (how == PX_WORD_BEG)
        return px_begins(name, pattern, false);
    if (how == PX_WORD_END)
        return px_ends(name, pattern, false);
    return px_contains(name, pattern, false);
}

static bool is_part_of_name(int how)
{
    return how == PX_WORD_BEG || how == PX_WORD_END || how == PX_WORD_SUB;
}

/* The next field behind `at` that is called so; 0: there is none. */
static unsigned next_named(const struct px_head *head, const struct px_name *name,
                           const struct px_regex *re, int how, unsigned at)
{
    if (!re && !is_part_of_name(how))
        return px_head_find(head, name, at);
    for (; at < head->nhdrs; at++) {
        const struct px_hdr *h = &head->hdrs[at];
        struct px_str is = {h->name, h->name_len};
        bool hit = re ? px_regex_match(re, is) : name_matches(is, name->text, how);
        if (hit && !(h->flags & PX_HDR_DELETED))
            return at + 1;
    }
    return 0;
}

enum px_verdict px_act_del_header(struct px_txn *t, enum px_phase at, const struct px_name *name,
                                  int how)
{
    struct px_head *head = px_act_head(t, at);
    const struct px_regex *re = how == PX_WORD_REG ? name_regex(name) : NULL;
    if (how == PX_WORD_REG && !re)
        return px_rewritten(t, at, false);
    for (unsigned i = 0; (i = next_named(head, name, re, how, i));) {
        uint8_t slot = px_head_at(head, i)->slot;
        if (must_stay(t, at, slot))
            continue;
        px_head_delete(head, i);
        mind_upgrade(head, slot);
    }
    return PX_GO;
}

/* ---- by an expression ---- */

static bool change(struct px_txn *t, enum px_phase at, unsigned field, uint8_t slot,
                   struct px_str value)
{
    return may_say(t, at, slot, value) && px_head_change(px_act_head(t, at), field, value) &&
           follow(t, at, slot, value);
}

static bool replace_line(struct px_txn *t, enum px_phase at, unsigned field, uint8_t slot,
                         const struct px_regex *re, struct px_str text)
{
    struct px_str whole;
    if (!px_edit_replace(re, value_at(px_act_head(t, at), field), text, &whole))
        return false;
    if (!whole.p)
        return true;
    bool done = change(t, at, field, slot, whole);
    px_replaced_taken(&whole);
    return done;
}

enum px_verdict px_act_replace_header(struct px_txn *t, enum px_phase at,
                                      const struct px_name *name, const struct px_regex *re,
                                      const struct px_fmt *fmt)
{
    struct px_head *head = px_act_head(t, at);
    struct px_str text;
    bool done = px_edit_text(t, fmt, &text);
    for (unsigned i = 0; done && (i = px_head_find(head, name, i));)
        done = replace_line(t, at, i, name->slot, re, text);
    return px_rewritten(t, at, done);
}

/* Where the value that begins at `from` ends: at a comma that is not quoted (RFC 9110 5.6.1). */
static size_t value_end(struct px_str list, size_t from)
{
    bool quoted = false;
    for (; from < list.len; from++) {
        char c = list.p[from];
        if (c == '"')
            quoted = !quoted;
        else if (c == '\\' && quoted)
            from++;
        else if (c == ',' && !quoted)
            return from;
    }
    return list.len;
}

/* Appends the list with those values replaced that match; blanks around others stay. */
static bool replace_values(struct px_out *out, struct px_str list, const struct px_regex *re,
                           struct px_str text, bool *any)
{
    *any = false;
    for (size_t from = 0; from <= list.len;) {
        size_t to = value_end(list, from);
        struct px_str raw = {list.p + from, to - from}, value = px_trim(raw);
        struct px_match m;
        if (px_regex_find(re, value, false, &m)) {
            *any = true;
            if (!px_replace(out, text, &m))
                return false;
        } else {
            px_put(out, raw.p, raw.len);
        }
        if (to < list.len)
            px_put(out, ",", 1);
        from = to + 1;
    }
    return !out->full;
}

static bool replace_list(struct px_txn *t, enum px_phase at, unsigned field, uint8_t slot,
                         const struct px_regex *re, struct px_str text)
{
    struct px_out out = {.p = px_scratch_get(px_buf_size()), .cap = px_buf_size()};
    if (!out.p)
        return false;
    bool any, done;
    done = replace_values(&out, value_at(px_act_head(t, at), field), re, text, &any);
    if (done && any)
        done = change(t, at, field, slot, (struct px_str){out.p, out.len});
    px_scratch_cut(out.p, 0);
    return done || !any;
}

enum px_verdict px_act_replace_value(struct px_txn *t, enum px_phase at, const struct px_name *name,
                                     const struct px_regex *re, const struct px_fmt *fmt)
{
    struct px_head *head = px_act_head(t, at);
    struct px_str text;
    bool done = px_edit_text(t, fmt, &text);
    for (unsigned i = 0; done && (i = px_head_find(head, name, i));)
        done = replace_list(t, at, i, name->slot, re, text);
    return px_rewritten(t, at, done);
}
