/*
 * Ends of HTTP/1 messages, and how they are shown. See message.h.
 */
#include "message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 400 };

static size_t head_size(const struct message *m)
{
    const char *end = m->p + m->n;
    for (const char *at = m->p; at < end; at++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (!at)
            return 0;
        if (end - at >= 2 && at[1] == '\n')
            return (size_t)(at + 2 - m->p);
        if (end - at >= 3 && at[1] == '\r' && at[2] == '\n')
            return (size_t)(at + 3 - m->p);
    }
    return 0;
}

const char *message_field(const struct message *m, const char *name, size_t *n)
{
    size_t len = strlen(name);
    const char *end = m->p + m->head;
    for (const char *at = m->p; (at = memchr(at, '\n', (size_t)(end - at)));) {
        at++;
        if ((size_t)(end - at) <= len || strncasecmp(at, name, len) || at[len] != ':')
            continue;
        at += len + 1;
        at += strspn(at, " \t");
        *n = strcspn(at, "\r\n");
        return at;
    }
    return NULL;
}

static bool field_has(const struct message *m, const char *name, const char *word)
{
    size_t n;
    const char *value = message_field(m, name, &n);
    char copy[256] = "";
    if (value)
        memcpy(copy, value, n < sizeof copy ? n : sizeof copy - 1);
    return strcasestr(copy, word);
}

/* A chunked body at `at`, decoded into *to unless that is NULL. Returns what is behind the last
 * chunk line, that is the trailer; NULL: not complete. */
static const char *walk_chunks(const char *at, const char *end, struct text *to)
{
    for (;;) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        if (!nl)
            return NULL;
        unsigned long size = strtoul(at, NULL, 16);
        if (!size)
            return nl + 1;
        if (size > (size_t)(end - nl - 1) || (size_t)(end - nl - 1) - size < 2)
            return NULL;
        if (to)
            text_add(to, nl + 1, size);
        at = nl + 1 + size;
        at += *at == '\r' ? 2 : 1;
    }
}

static const char *end_of_trailer(const char *at, const char *end)
{
    for (const char *nl; (nl = memchr(at, '\n', (size_t)(end - at))); at = nl + 1)
        if (nl == at || (nl == at + 1 && *at == '\r'))
            return nl + 1;
    return NULL;
}

static enum message_state measure_chunked(struct message *m)
{
    const char *end = m->p + m->n;
    const char *trailer = walk_chunks(m->p + m->head, end, NULL);
    const char *behind = trailer ? end_of_trailer(trailer, end) : NULL;
    m->chunked = true;
    if (!behind)
        return MESSAGE_PARTIAL;
    m->size = (size_t)(behind - m->p);
    return MESSAGE_COMPLETE;
}

static enum message_state measure_body(struct message *m, long status)
{
    size_t n;
    const char *length = message_field(m, "content-length", &n);
    m->size = m->head;
    if (m->response && (m->to_head || m->interim || status == 204 || status == 304))
        return MESSAGE_COMPLETE;
    if (field_has(m, "transfer-encoding", "chunked"))
        return measure_chunked(m);
    if (!length && m->response)
        m->size = m->n;
    if (!length)
        return m->response ? MESSAGE_TO_CLOSE : MESSAGE_COMPLETE;
    m->size += strtoul(length, NULL, 10);
    return m->n >= m->size ? MESSAGE_COMPLETE : MESSAGE_PARTIAL;
}

enum message_state message_measure(struct message *m)
{
    static const char magic[] = "HTTP/1.";
    size_t known = m->n < 7 ? m->n : 7;
    m->head = m->size = 0;
    m->chunked = m->interim = false;
    if (m->response && memcmp(m->p, magic, known))
        return MESSAGE_JUNK;
    m->head = head_size(m);
    if (!m->head)
        return MESSAGE_PARTIAL;
    long status = m->response && m->head > 12 ? strtol(m->p + 8, NULL, 10) : 0;
    m->interim = m->response && status >= 100 && status < 200;
    if (status == 101) {
        m->size = m->head;
        return MESSAGE_TUNNEL;
    }
    return measure_body(m, status);
}

void message_show_bytes(struct text *to, const char *prefix, const char *p, size_t n)
{
    uint32_t sum = 2166136261u;
    text_format(to, "%s| ", prefix);
    text_escape(to, p, n < SHOWN ? n : SHOWN);
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ (unsigned char)p[i]) * 16777619u;
    if (n >= SHOWN)
        text_format(to, "... %zu bytes, hash %08x", n, (unsigned)sum);
    text_put(to, "\n");
}

static void show_lines(struct text *to, const char *prefix, const char *p, const char *end)
{
    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *stop = nl ? nl : end;
        size_t n = (size_t)(stop - p);
        bool crlf = nl && n && p[n - 1] == '\r';
        text_format(to, "%s", prefix);
        text_escape(to, p, n - crlf);
        text_put(to, nl && !crlf ? "\\n\n" : "\n");
        p = nl ? nl + 1 : end;
    }
}

void message_show(struct text *to, const struct message *m, const char *prefix)
{
    const char *body = m->p + m->head, *end = m->p + (m->size && m->size < m->n ? m->size : m->n);
    struct text decoded = {0};
    if (!m->head) {
        message_show_bytes(to, prefix, m->p, m->n);
        return;
    }
    show_lines(to, prefix, m->p, body);
    if (m->chunked) {
        const char *trailer = walk_chunks(body, end, &decoded);
        message_show_bytes(to, prefix, decoded.p, decoded.n);
        show_lines(to, prefix, trailer ? trailer : end, end);
        text_format(to, "%s(chunks: %s)\n", prefix,
                    trailer && end_of_trailer(trailer, end) ? "complete" : "cut off");
    } else if (end > body) {
        message_show_bytes(to, prefix, body, (size_t)(end - body));
    }
    text_free(&decoded);
}
