/*
 * Outcomes of rows. See outcome.h, and README.md for how they are written.
 */
#include "outcome.h"

#include "../diff/message.h"
#include "../diff/scrub.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_page(const struct message *m)
{
    return m->response && text_find(m->p + m->head, m->n - m->head, "<html><body><h1>");
}

/* Fields of that name in a message's head, as they came. */
static void put_fields(struct text *to, const struct message *m, const char *name)
{
    size_t len = strlen(name);
    const char *end = m->p + m->head;
    for (const char *at = m->p; (at = memchr(at, '\n', (size_t)(end - at)));) {
        at++;
        if ((size_t)(end - at) <= len || strncasecmp(at, name, len) || at[len] != ':')
            continue;
        const char *value = at + len + 1, *nl = memchr(value, '\n', (size_t)(end - value));
        value += *value == ' ';
        text_format(to, " %s=[", name);
        text_escape(to, value, (size_t)(nl - value) - (nl > value && nl[-1] == '\r'));
        text_put(to, "]");
    }
}

/* The data of chunks, and "+" with what follows the last one, if that is more than an empty line.
 */
static void put_chunks(struct text *to, const char *at, const char *end)
{
    text_put(to, " chunked ");
    for (const char *nl; (nl = memchr(at, '\n', (size_t)(end - at)));) {
        char *behind;
        unsigned long size = strtoul(at, &behind, 16);
        at = nl + 1;
        if (!size) {
            if (end - at != 2)
                text_put(to, " + ");
            text_escape(to, at, end - at != 2 ? (size_t)(end - at) : 0);
            return;
        }
        size_t here = size < (size_t)(end - at) ? size : (size_t)(end - at);
        text_escape(to, at, here);
        at += end - at >= (long)here + 2 ? here + 2 : here;
    }
}

static void put_body(struct text *to, const struct message *m, enum message_state state, bool raw)
{
    const char *body = m->p + m->head;
    const char *end = m->p + (m->size && m->size < m->n ? m->size : m->n);
    if (is_page(m) || (m->response && text_find(body, (size_t)(end - body), "from srv")))
        return;
    if (raw && end > body) {
        text_put(to, " raw ");
        text_escape(to, body, (size_t)(end - body));
    } else if (m->chunked) {
        put_chunks(to, body, end);
    } else if (end > body) {
        text_put(to, " ");
        text_escape(to, body, (size_t)(end - body));
    }
    if (state == MESSAGE_PARTIAL)
        text_put(to, " (cut off)");
    if (state == MESSAGE_TO_CLOSE)
        text_put(to, " (to the end)");
}

static void put_first_line(struct text *to, const struct message *m)
{
    const char *end = m->p + strcspn(m->p, "\r\n");
    if (m->response) {
        text_add(to, m->p + 9, 3);
        return;
    }
    if (end - m->p > 9 && !memcmp(end - 9, " HTTP/1.1", 9))
        end -= 9;
    text_escape(to, m->p, (size_t)(end - m->p));
}

static void put_message(struct text *to, const struct exchange *x, const struct message *m,
                        enum message_state state)
{
    if (!m->head) {
        text_put(to, m->response ? "junk " : "head ");
        text_escape(to, m->p, m->n);
        return;
    }
    bool matters = m->response == (x->nscripts > 0);
    put_first_line(to, m);
    for (unsigned i = 0; i < x->row.nshown && matters && !is_page(m); i++)
        put_fields(to, m, x->row.shown[i]);
    put_body(to, m, state, x->row.raw);
}

/* All messages of one connection; returns how many. */
static unsigned put_stream(struct text *to, const struct exchange *x, const struct text *bytes,
                           const struct client *client)
{
    unsigned n = 0, final = 0;
    for (size_t at = 0; at < bytes->n; n++) {
        struct message m = {.p = bytes->p + at,
                            .n = bytes->n - at,
                            .response = client,
                            .to_head = client && client->to_head[final % 64]};
        enum message_state state = message_measure(&m);
        text_put(to, n ? " + " : "");
        put_message(to, x, &m, state);
        final += !m.interim;
        at += m.size;
        if (state == MESSAGE_TUNNEL && m.n > m.size) {
            text_put(to, " then ");
            text_escape(to, m.p + m.size, m.n - m.size);
        }
        if (state != MESSAGE_COMPLETE)
            break;
    }
    return n;
}

/* Lines without what syslog puts in front, and without what is behind a "#": HAProxy does not wait
 * for the end of an exchange before it logs unless the line needs that. */
static void put_logs(struct text *to, const struct group *g, struct result *r)
{
    unsigned n = 0;
    text_put(&r->logs, "");
    scrub(&r->logs, g, r->known, r->nknown, NULL);
    char *next;
    for (char *line = strtok_r(r->logs.p, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
        char *message = strstr(line, "]: ");
        line[strcspn(line, "#")] = '\0';
        text_format(to, "%s%s", n++ ? ", " : "", message ? message + 3 : line);
    }
    if (!n)
        text_put(to, "none");
}

void outcome_write(struct text *to, const struct exchange *x, const struct group *g,
                   struct result *r)
{
    const struct client *c = &r->first;
    if (!c->in.n)
        text_put(to, "nothing");
    put_stream(to, x, &c->in, c);
    text_format(to, " %s | ",
                c->ended         ? "ended"
                : c->peer_reset  ? "reset"
                : c->peer_closed ? "closed"
                : c->gave_up     ? "stuck"
                                 : "open");
    put_logs(to, g, r);
    for (unsigned i = 0, n = 0; i < r->nserved; i++) {
        if (!r->served[i].n)
            continue;
        text_put(to, n++ ? " + " : " | ");
        put_stream(to, x, &r->served[i], NULL);
    }
}
