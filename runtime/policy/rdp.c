/*
 * RDP connection requests. See rdp.h.
 *
 * A TPKT header (RFC 1006 6) with the length of all, an X.224 connection request, and behind it a
 * line "Cookie: name=value".
 */
#include "rdp.h"

#include "../base/bytes.h"

#include <string.h>
#include <strings.h>

enum { HEAD = 11, VERSION = 3, CONNECTION_REQUEST = 0xe0 };

/* As far as it has come. */
static bool is_request(struct px_str in)
{
    return (in.len < 1 || px_u8_at(in.p) == VERSION) && (in.len < 2 || !px_u8_at(in.p + 1)) &&
           (in.len < 6 || px_u8_at(in.p + 5) == CONNECTION_REQUEST);
}

static bool begins_cookie(struct px_str s)
{
    static const char start[] = "Cookie:";
    size_t n = sizeof start - 1;
    return s.len >= n && !strncasecmp(s.p, start, n);
}

/* "Cookie: name=value" without its line end. */
static enum px_found read_line(struct px_str line, struct px_str name, struct px_str *value)
{
    if (!begins_cookie(line))
        return PX_ABSENT;
    const char *p = line.p + 7, *end = line.p + line.len;
    while (p < end && *p == ' ')
        p++;
    const char *equals = memchr(p, '=', (size_t)(end - p));
    if (!equals)
        return PX_ABSENT;
    size_t len = (size_t)(equals - p);
    if (name.p && name.len && (name.len != len || strncasecmp(name.p, p, len)))
        return PX_ABSENT;
    *value = (struct px_str){equals + 1, (size_t)(end - equals - 1)};
    return PX_FOUND;
}

enum px_found px_rdp_cookie(struct px_str in, struct px_str name, struct px_str *value)
{
    if (!is_request(in))
        return PX_ABSENT;
    if (in.len < HEAD)
        return PX_LATER;
    size_t len = px_u16_at(in.p + 2);
    if (len < HEAD)
        return PX_ABSENT;
    if (in.len < len)
        return PX_LATER;
    struct px_str line = {in.p + HEAD, len - HEAD};
    const char *cr = memchr(line.p, '\r', line.len);
    size_t left = cr ? (size_t)(line.p + line.len - cr) : 0;
    if (left < 2 || cr[1] != '\n')
        return PX_ABSENT;
    line.len = (size_t)(cr - line.p);
    return read_line(line, name, value);
}
