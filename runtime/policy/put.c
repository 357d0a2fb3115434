/*
 * Appending samples to formats and log lines. Declared in abi/policy.h and logtext.h.
 */
#include "../abi/policy.h"
#include "../http/chars.h"
#include "../net/addr.h"
#include "logtext.h"
#include "sample.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void put_address(struct px_out *out, const struct px_sample *smp)
{
    struct px_addr addr = {.family = smp->type == PX_IPV6 ? AF_INET6 : AF_INET};
    char text[PX_ADDR_TEXT];
    memcpy(addr.ip, &smp->u, smp->type == PX_IPV6 ? 16 : 4);
    px_put(out, text, px_addr_text(&addr, text));
}

static void put_hex(struct px_out *out, struct px_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char hex[3];
        snprintf(hex, sizeof hex, "%02X", (unsigned char)s.p[i]);
        px_put(out, hex, 2);
    }
}

static void put_safe(struct px_out *out, struct px_str s)
{
    const char *p = s.p, *end = s.p + s.len;
    if (!px_has_below(s, ' ')) {
        px_put(out, s.p, s.len);
        return;
    }
    while (p < end) {
        const char *from = p;
        while (p < end && !px_is_control(*p))
            p++;
        px_put(out, from, (size_t)(p - from));
        if (p < end) {
            px_put(out, "%", 1);
            put_hex(out, (struct px_str){p++, 1});
        }
    }
}

void px_put_sample(struct px_out *out, const struct px_sample *smp)
{
    if (px_is_bytes(smp))
        put_safe(out, smp->u.s);
    else
        px_put_plain(out, smp);
}

void px_put_plain(struct px_out *out, const struct px_sample *smp)
{
    switch (smp->type) {
    case PX_BOOL:
    case PX_SINT:
        px_put_sint(out, smp->u.i);
        break;
    case PX_IPV4:
    case PX_IPV6:
        put_address(out, smp);
        break;
    default:
        px_put(out, smp->u.s.p, smp->u.s.len);
    }
}

static bool wants_backslash(char c)
{
    return c == '"' || c == '\\' || c == ']';
}

/* Appends what `put` appends of each piece, with a backslash before the bytes that want one. */
static void put_backslashed(struct px_out *out, struct px_str s,
                            void (*put)(struct px_out *, struct px_str))
{
    const char *p = s.p, *end = s.p + s.len;
    while (p < end) {
        const char *from = p;
        while (p < end && !wants_backslash(*p))
            p++;
        put(out, (struct px_str){from, (size_t)(p - from)});
        if (p < end) {
            px_put(out, "\\", 1);
            px_put(out, p++, 1);
        }
    }
}

static void put_text(struct px_out *out, struct px_str s)
{
    px_put(out, s.p, s.len);
}

void px_put_flagged(struct px_out *out, const struct px_sample *smp, unsigned flags)
{
    if ((flags & PX_LOG_ESCAPE) && px_is_bytes(smp))
        put_backslashed(out, smp->u.s, put_safe);
    else
        px_put_sample(out, smp);
}

void px_put_plain_flagged(struct px_out *out, const struct px_sample *smp, bool found,
                          unsigned flags)
{
    px_put(out, "\"", flags & PX_LOG_QUOTE ? 1 : 0);
    if (found && (flags & PX_LOG_ESCAPE) && px_is_bytes(smp))
        put_backslashed(out, smp->u.s, put_text);
    else if (found)
        px_put_plain(out, smp);
    px_put(out, "\"", flags & PX_LOG_QUOTE ? 1 : 0);
}

/* HAProxy manual 8.6: what is not printable is written as # and two hexadecimal digits. */
void px_log_escaped(struct px_out *out, struct px_str s, const char *also, unsigned flags)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char code[4];
        if (c < 32 || c > 126 || strchr(also, c)) {
            snprintf(code, sizeof code, "#%02X", c);
            px_put(out, code, 3);
        } else {
            if ((flags & PX_LOG_ESCAPE) && wants_backslash((char)c))
                px_put(out, "\\", 1);
            px_put(out, s.p + i, 1);
        }
    }
}

void px_log_unsafe(struct px_out *out, struct px_str s, const char *also, unsigned flags)
{
    if (flags & PX_LOG_QUOTE)
        px_put(out, "\"", 1);
    else if (!s.p && !(flags & PX_LOG_BARE))
        px_put(out, "-", 1);
    if (s.p)
        px_log_escaped(out, s, also, flags);
    if (flags & PX_LOG_QUOTE)
        px_put(out, "\"", 1);
}

void px_log_text(struct px_out *out, struct px_str s, unsigned flags)
{
    px_log_unsafe(out, s, "\"#", flags);
}

void px_log_sample(struct px_out *out, const struct px_sample *smp, bool found, unsigned flags)
{
    if (!found || (px_is_bytes(smp) && !smp->u.s.len)) { /* a field of a line is never empty */
        px_log_text(out, (struct px_str){NULL, 0}, flags);
    } else if (px_is_bytes(smp)) {
        px_log_unsafe(out, smp->u.s, "", flags);
    } else {
        if (flags & PX_LOG_QUOTE)
            px_put(out, "\"", 1);
        px_put_sample(out, smp);
        if (flags & PX_LOG_QUOTE)
            px_put(out, "\"", 1);
    }
}
