/*
 * How name servers are asked. See nameserver.h.
 */
#include "nameserver.h"

#include "../base/macros.h"
#include "../net/resolve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ANSWERS_AT_ONCE = 64, DNS_PORT = 53 };

/* ---- UDP ---- */

static void ns_event(struct px_watch *watch, uint32_t events);

static const struct px_watch_ops ns_ops = {ns_event};

static bool ns_open(struct px_nameserver_state *ns)
{
    if (ns->watch.fd >= 0)
        return true;
    int fd = socket(ns->addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    ns->watch.ops = &ns_ops;
    ns->watch.fd = fd;
    if (!connect(fd, &ns->addr.sa, ns->addr_len) && px_loop_watch(&ns->watch, EPOLLIN))
        return true;
    close(fd);
    ns->watch.fd = -1;
    return false;
}

static void ns_close(struct px_nameserver_state *ns)
{
    if (ns->watch.fd < 0)
        return;
    px_loop_unwatch(&ns->watch);
    close(ns->watch.fd);
    ns->watch.fd = -1;
}

/* ---- questions ---- */

static bool send_by_stream(struct px_nameserver_state *ns, const uint8_t *question, size_t len)
{
    if (px_dns_stream_is_stalled(&ns->stream, (uint64_t)ns->section->line->timeout_retry))
        px_dns_stream_close(&ns->stream);
    return px_dns_stream_send(&ns->stream, &ns->addr, ns->addr_len, question, len);
}

bool px_nameserver_send(struct px_nameserver_state *ns, const uint8_t *question, size_t len,
                        bool by_stream)
{
    bool sent = by_stream ? send_by_stream(ns, question, len)
                          : ns_open(ns) && send(ns->watch.fd, question, len, MSG_NOSIGNAL) >= 0;
    if (sent)
        ns->counters.sent++;
    else
        ns->counters.send_error++;
    return sent;
}

void px_nameserver_rest(struct px_nameserver_state *ns)
{
    ns_close(ns);
    px_dns_stream_rest(&ns->stream);
}

/* ---- answers ---- */

/* What is over `most` bytes long does not count. Has somebody waited for it? */
static bool take_message(struct px_nameserver_state *ns, const uint8_t *message, size_t len,
                         size_t most)
{
    ns->counters.too_big += len > most;
    return len <= most && px_resolver_take(ns, message, len);
}

/* The socket may close while an answer is taken. */
static void ns_event(struct px_watch *watch, uint32_t events)
{
    struct px_nameserver_state *ns = PX_OWNER(watch, struct px_nameserver_state, watch);
    uint8_t *buffer = ns->section->buffer;
    size_t payload = ns->section->line->payload;
    (void)events;
    for (unsigned i = 0; i < ANSWERS_AT_ONCE && watch->fd >= 0; i++) {
        ssize_t n = recv(watch->fd, buffer, payload + 1, 0);
        if (n >= 0)
            take_message(ns, buffer, (size_t)n, payload);
        else if (errno == EAGAIN)
            return;
        /* else nobody is there: the question is asked again when its time is over */
    }
}

/* ---- streams ---- */

/* Over UDP, an answer that was cut has said that there is more. */
static void stream_message(struct px_dns_stream *stream, const uint8_t *message, size_t len)
{
    struct px_nameserver_state *ns = PX_OWNER(stream, struct px_nameserver_state, stream);
    ns->helped |=
        take_message(ns, message, len, ns->by_stream ? ns->section->line->payload : UINT16_MAX);
}

/* RFC 7766 6.2.4: a server may close whenever it likes. One that has answered is asked again for
 * the rest at once; one that has not, when the time for an answer is over. */
static void stream_lost(struct px_dns_stream *stream)
{
    struct px_nameserver_state *ns = PX_OWNER(stream, struct px_nameserver_state, stream);
    bool helped = ns->helped;
    ns->helped = false;
    if (helped)
        px_resolver_ask_again(ns);
    else if (!ns->by_stream)
        px_resolver_give_up(ns);
}

static const struct px_dns_stream_ops stream_ops = {stream_message, stream_lost};

/* ---- the start ---- */

static struct px_nameserver_state *ns_new(struct px_section *s, const char *name)
{
    struct px_nameserver_state *ns = &s->servers[s->nservers];
    snprintf(ns->name, sizeof ns->name, "%s", name);
    ns->section = s;
    ns->watch.fd = -1;
    ns->bit = UINT64_C(1) << s->nservers++;
    px_dns_stream_init(&ns->stream, &stream_ops);
    return ns;
}

static void add_of_system(struct px_section *s, const char *line)
{
    char text[64];
    struct px_addr addr;
    if (sscanf(line, " nameserver %63s", text) != 1 || !px_addr_read(text, &addr))
        return;
    struct px_nameserver_state *ns = ns_new(s, text);
    addr.port = DNS_PORT;
    ns->addr_len = px_addr_sockaddr(&addr, &ns->addr);
}

/* resolv.conf(5). false: there is no such file. */
static bool add_all_of_system(struct px_section *s)
{
    char line[256];
    FILE *f = fopen("/etc/resolv.conf", "re");
    while (f && s->nservers < PX_NAMESERVERS_MOST && fgets(line, sizeof line, f))
        add_of_system(s, line);
    if (f)
        fclose(f);
    return f;
}

const char *px_nameserver_add(struct px_section *s, const struct px_nameserver *n)
{
    const char *why = NULL;
    if (!n->name)
        return add_all_of_system(s) ? NULL : "cannot read /etc/resolv.conf";
    if (s->nservers == PX_NAMESERVERS_MOST)
        return "too many name servers";
    struct px_nameserver_state *ns = ns_new(s, n->name);
    ns->by_stream = n->by_stream;
    ns->addr_len = px_resolve(&n->addr, n->addr.port, &ns->addr, &why);
    return ns->addr_len ? NULL : why;
}
