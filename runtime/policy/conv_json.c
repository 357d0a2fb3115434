/*
 * The json converter: text made safe for a JSON string (HAProxy manual 7.3.1, RFC 8259 7).
 */
#include "../txn/scratch.h"
#include "sample.h"

/* What is done about bytes that are no valid UTF-8. */
enum {
    UTF8 = 1,    /* the input is UTF-8, not single bytes */
    LENIENT = 2, /* an encoding that is longer than needed is accepted */
    SILENT = 4,  /* what is not accepted is left out, instead of failing */
};

static unsigned mode_of(struct px_str code)
{
    static const struct {
        struct px_str name;
        unsigned mode;
    } codes[] = {{PX_STR("utf8"), UTF8},
                 {PX_STR("utf8s"), UTF8 | SILENT},
                 {PX_STR("utf8p"), UTF8 | LENIENT},
                 {PX_STR("utf8ps"), UTF8 | LENIENT | SILENT}};
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (code.len == codes[i].name.len && !memcmp(code.p, codes[i].name.p, code.len))
            return codes[i].mode;
    return 0;
}

/* Bytes that the first one announces; 0: it begins no character. Old encodings of 5 and 6 bytes
 * are known, so that they can be passed over whole. */
static unsigned announced(unsigned char c)
{
    if (c < 0x80)
        return 1;
    for (unsigned n = 2; n <= 6; n++)
        if ((c & (0xff00 >> (n + 1)) & 0xff) == ((0xff00 >> n) & 0xff))
            return n;
    return 0;
}

struct character {
    uint32_t code;
    unsigned bytes;
    bool broken, overlong, forbidden;
};

static struct character decode(const unsigned char *p, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
    struct character c = {.bytes = 1};
    unsigned n = announced(p[0]);
    if (n <= 1) {
        c.code = p[0];
        c.broken = !n;
        return c;
    }
    c.code = p[0] & (0x7fu >> n);
    while (c.bytes < n && c.bytes < left && (p[c.bytes] & 0xc0) == 0x80)
        c.code = c.code << 6 | (p[c.bytes++] & 0x3f);
    c.broken = c.bytes < n;
    c.overlong = !c.broken && c.code < least[n];
    c.forbidden = (c.code >= 0xd800 && c.code <= 0xdfff) || c.code == 0xfffe || c.code == 0xffff;
    return c;
}

static char *put_escape(char *p, uint32_t code)
{
    static const char digits[] = "0123456789abcdef";
    *p++ = '\\';
    *p++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *p++ = digits[code >> shift & 15];
    return p;
}

/* RFC 8259 7: the short escapes. 0: there is none. */
static char short_escape(uint32_t code)
{
    static const char from[] = "\"\\/\b\f\n\r\t", to[] = "\"\\/bfnrt";
    const char *at = code && code < 0x80 ? strchr(from, (int)code) : NULL;
    return at ? to[at - from] : 0;
}

static char *put_character(char *p, uint32_t code)
{
    char escape = short_escape(code);
    if (escape) {
        *p++ = '\\';
        *p++ = escape;
    } else if (code >= 0x20 && code < 0x7f) {
        *p++ = (char)code;
    } else {
        p = put_escape(p, code);
    }
    return p;
}

enum { MOST = 6 }; /* characters that one byte can become */

bool px_conv_json(struct px_txn *t, struct px_sample *smp, struct px_str code)
{
    (void)t;
    unsigned mode = mode_of(code);
    const unsigned char *in = (const unsigned char *)smp->u.s.p;
    char *text = px_scratch_get(MOST * smp->u.s.len + 1), *p = text;
    if (!text)
        return false;
    for (size_t i = 0; i < smp->u.s.len;) {
        struct character c = {.code = in[i], .bytes = 1};
        if (mode)
            c = decode(in + i, smp->u.s.len - i);
        i += c.bytes;
        if (!c.broken && !c.forbidden && c.code <= 0xffff && (!c.overlong || mode & LENIENT))
            p = put_character(p, c.code);
        else if (!(mode & SILENT))
            return false;
    }
    px_scratch_cut(text, (size_t)(p - text));
    px_set_text(smp, (struct px_str){text, (size_t)(p - text)});
    return true;
}
