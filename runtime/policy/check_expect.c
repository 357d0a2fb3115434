/*
 * Whether an answer is what a step of a check expects. See check_run.h.
 */
#include "check_run.h"

#include "../base/macros.h"
#include "../txn/scratch.h"
#include "number.h"
#include "sample.h"

#include <stdio.h>
#include <string.h>

struct px_str px_check_received(const struct px_check_run *r)
{
    const struct px_buf *in = r->conn->back.sock.in;
    return in ? (struct px_str){in->data + in->start, px_buf_len(in)} : (struct px_str){"", 0};
}

bool px_check_contains(struct px_str text, struct px_str part)
{
    return memmem(text.p, text.len, part.p, part.len);
}

/* ---- what went wrong ---- */

static const char *what_of(const struct px_check_expect *e)
{
    static const char *const words[] = {
        [PX_EXPECT_BINARY] = " (binary)",
        [PX_EXPECT_REGEX] = " (regex)",
        [PX_EXPECT_HEX_REGEX] = " (binary regex)",
        [PX_EXPECT_STRING_FMT] = " (log-format string)",
        [PX_EXPECT_HEX_FMT] = " (log-format binary)",
    };
    return e->match < PX_COUNT(words) && words[e->match] ? words[e->match] : "";
}

static void describe(const struct px_check_run *r, char *to, size_t room, bool matched)
{
    const struct px_check_expect *e = r->step->expect;
    const char *verb = matched ? "TCPCHK matched unwanted content" : "TCPCHK did not match content";
    if (!r->script->tells_steps || r->script->is_protocol)
        *to = 0;
    else if (e->match == PX_EXPECT_STRING)
        snprintf(to, room, "%s '%.*s' at step %u", verb, (int)e->text.len, e->text.p,
                 r->step->place);
    else
        snprintf(to, room, "%s%s at step %u", verb, what_of(e), r->step->place);
}

enum px_check_look px_check_blame(struct px_check_run *r, struct px_check_fault *fault,
                                  const char *info, bool matched)
{
    const struct px_check_expect *e = r->step->expect;
    char text[256];
    if (e->on_error) {
        struct px_str s = px_fmt_text(r->txn, e->on_error);
        snprintf(text, sizeof text, "%.*s", (int)s.len, s.p);
    } else if (info) {
        snprintf(text, sizeof text, "%s", info);
    } else {
        describe(r, text, sizeof text, matched);
    }
    size_t n = strlen(text);
    if (r->step->comment)
        snprintf(text + n, sizeof text - n, " comment: %s", r->step->comment);
    snprintf(fault->info, sizeof fault->info, "%.*s", (int)sizeof fault->info - 1, text);
    if (e->error)
        fault->status = e->error;
    fault->code = px_check_code(r, e, fault->code);
    return PX_LOOK_BAD;
}

/* ---- bytes ---- */

static bool put_as_hex(struct px_out *out, struct px_str s)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char b = (unsigned char)s.p[i];
        px_put(out, (char[]){digits[b >> 4], digits[b & 15]}, 2);
    }
    return !out->full;
}

static bool matches_in_hex(const struct px_check_expect *e, struct px_str s)
{
    struct px_out out = {.p = px_scratch_get(s.len * 2 + 1), .cap = s.len * 2};
    return out.p && put_as_hex(&out, s) &&
           px_regex_match(e->regex, (struct px_str){out.p, out.len});
}

/* Does it contain the bytes that a hexadecimal text stands for? */
static bool contains_hex(struct px_str s, struct px_str hex)
{
    char *bytes = px_scratch_get(hex.len / 2 + 1);
    if (!bytes || hex.len % 2)
        return false;
    for (size_t i = 0; i < hex.len; i += 2) {
        int high = px_hex_value(hex.p[i]), low = px_hex_value(hex.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (char)(high << 4 | low);
    }
    return px_check_contains(s, (struct px_str){bytes, hex.len / 2});
}

static bool matches(const struct px_check_run *r, const struct px_check_expect *e, struct px_str s)
{
    switch ((enum px_check_match)e->match) {
    case PX_EXPECT_STRING:
    case PX_EXPECT_BINARY:
        return px_check_contains(s, e->text);
    case PX_EXPECT_REGEX:
        return px_regex_match(e->regex, s);
    case PX_EXPECT_HEX_REGEX:
        return matches_in_hex(e, s);
    case PX_EXPECT_STRING_FMT:
        return px_check_contains(s, px_fmt_text(r->txn, e->fmt));
    case PX_EXPECT_HEX_FMT:
        return contains_hex(s, px_fmt_text(r->txn, e->fmt));
    default:
        return false;
    }
}

/* Can nothing be said before more has come? */
static bool is_too_short(const struct px_check_expect *e, struct px_str s)
{
    bool exact = e->match == PX_EXPECT_STRING || e->match == PX_EXPECT_BINARY;
    return (exact && s.len < e->text.len) || (e->min_recv > 0 && s.len < (size_t)e->min_recv);
}

static enum px_check_look expect_protocol(struct px_check_run *r, struct px_check_fault *fault)
{
    struct px_check_verdict v = {.what = PX_ANSWER_WAITS};
    r->step->expect->custom(px_check_received(r), r->ended, &v);
    if (v.what == PX_ANSWER_GOES_ON) {
        snprintf(r->said, sizeof r->said, "%s", v.info);
        return PX_LOOK_GOOD;
    }
    if (v.what == PX_ANSWER_WAITS)
        return PX_LOOK_WAIT;
    fault->status = v.status;
    fault->code = v.code;
    snprintf(fault->info, sizeof fault->info, "%s", v.info);
    return PX_LOOK_BAD;
}

static enum px_check_look nothing_came(struct px_check_run *r, struct px_check_fault *fault)
{
    size_t n = 0, room = sizeof fault->info;
    if (r->step->expect->error)
        fault->status = r->step->expect->error;
    if (r->script->tells_steps)
        n = (size_t)snprintf(fault->info, room, "TCPCHK got an empty response at step %u",
                             r->step->place);
    if (r->script->tells_steps && r->step->comment)
        snprintf(fault->info + n, room - n, " comment: '%s'", r->step->comment);
    return PX_LOOK_BAD;
}

enum px_check_look px_check_expect(struct px_check_run *r, struct px_check_fault *fault)
{
    const struct px_check_expect *e = r->step->expect;
    struct px_str s = px_check_received(r);
    if (r->script->is_http)
        return px_check_expect_http(r, fault);
    if (!s.len)
        return r->ended ? nothing_came(r, fault) : PX_LOOK_WAIT;
    if (e->match == PX_EXPECT_PROTOCOL)
        return expect_protocol(r, fault);
    if (!r->ended && is_too_short(e, s))
        return PX_LOOK_WAIT;
    bool matched = matches(r, e, s);
    if (!matched && !r->ended && e->min_recv == -1)
        return PX_LOOK_WAIT;
    return matched != e->inverse ? PX_LOOK_GOOD : px_check_blame(r, fault, NULL, matched);
}
