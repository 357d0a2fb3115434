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

enum { ANSWERS_AT_ONCE = 64, DNS_PORT = 53, PORT_MS = 2000 };

/* ---- UDP ---- */

static void port_event(struct px_watch *watch, uint32_t events);

static const struct px_watch_ops port_ops = {port_event};

static bool port_open(struct px_dns_port *port)
{
    const struct px_nameserver_state *ns = port->ns;
    int fd = socket(ns->addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    port->watch.ops = &port_ops;
    port->watch.fd = fd;
    if (!connect(fd, &ns->addr.sa, ns->addr_len) && px_loop_watch(&port->watch, EPOLLIN))
        return true;
    close(fd);
    port->watch.fd = -1;
    return false;
}

static void port_close(struct px_dns_port *port)
{
    if (port->watch.fd < 0)
        return;
    px_loop_unwatch(&port->watch);
    close(port->watch.fd);
    port->watch.fd = -1;
}

/* -1: none can be opened. */
static int port_now(struct px_nameserver_state *ns)
{
    int fd = ns->ports[ns->port].watch.fd;
    struct px_dns_port *next = &ns->ports[!ns->port];
    if (fd >= 0 && px_self->now < ns->port_until)
        return fd;
    port_close(next);
    if (!port_open(next))
        return fd;
    ns->port = !ns->port;
    ns->port_until = px_self->now + PORT_MS;
    return next->watch.fd;
}

/* ---- questions ---- */

bool px_nameserver_end_stalled(struct px_nameserver_state *ns)
{
    int32_t ms = ns->section->line->timeout_retry;
    if (!px_dns_stream_is_stalled(&ns->stream, ms ? (uint64_t)ms : 1))
        return false;
    px_dns_stream_close(&ns->stream);
    ns->helped = false;
    return true;
}

static bool send_datagram(struct px_nameserver_state *ns, const uint8_t *question, size_t len)
{
    int fd = port_now(ns);
    return fd >= 0 && send(fd, question, len, MSG_NOSIGNAL) >= 0;
}

bool px_nameserver_send(struct px_nameserver_state *ns, const uint8_t *question, size_t len,
                        bool by_stream)
{
    bool sent = by_stream ? px_dns_stream_send(&ns->stream, &ns->addr, ns->addr_len, question, len)
                          : send_datagram(ns, question, len);
    if (sent)
        ns->counters.sent++;
    else
        ns->counters.send_error++;
    return sent;
}

void px_nameserver_rest(struct px_nameserver_state *ns)
{
    port_close(&ns->ports[0]);
    port_close(&ns->ports[1]);
    px_dns_stream_rest(&ns->stream);
}

/* ---- answers ---- */

/* The port may close while an answer is taken. */
static void port_event(struct px_watch *watch, uint32_t events)
{
    struct px_nameserver_state *ns = PX_OWNER(watch, struct px_dns_port, watch)->ns;
    uint8_t *buffer = ns->section->buffer;
    size_t payload = ns->section->line->payload;
    (void)events;
    for (unsigned i = 0; i < ANSWERS_AT_ONCE && watch->fd >= 0; i++) {
        ssize_t n = recv(watch->fd, buffer, payload + 1, 0);
        if (n > (ssize_t)payload)
            ns->counters.too_big++;
        else if (n >= 0)
            px_resolver_take(ns, buffer, (size_t)n, false);
        else if (errno == EAGAIN)
            return;
        /* else nobody is there: the question is asked again when its time is over */
    }
}

/* ---- streams ---- */

/* What was cut over UDP has said that there is more. */
static void stream_message(struct px_dns_stream *stream, const uint8_t *message, size_t len)
{
    struct px_nameserver_state *ns = PX_OWNER(stream, struct px_nameserver_state, stream);
    if (ns->by_stream && len > ns->section->line->payload)
        ns->counters.too_big++;
    else
        ns->helped |= px_resolver_take(ns, message, len, true);
}

/* RFC 7766 6.2.4: a server may close whenever it likes. One that has answered is asked again for
 * the rest at once; one that has not may have stumbled over a question, but not over many. */
static void stream_lost(struct px_dns_stream *stream)
{
    struct px_nameserver_state *ns = PX_OWNER(stream, struct px_nameserver_state, stream);
    bool helped = ns->helped, patient = !stream->connected || px_self->now < ns->patient_until;
    ns->helped = false;
    if (helped || !patient)
        px_resolver_ask_again(ns, helped);
    if (helped)
        return;
    if (!patient)
        ns->patient_until = px_self->now + (uint64_t)ns->section->line->timeout_retry;
    if (!ns->by_stream)
        px_resolver_give_up(ns, patient);
}

static const struct px_dns_stream_ops stream_ops = {stream_message, stream_lost};

/* ---- the start ---- */

static struct px_nameserver_state *ns_new(struct px_section *s, const char *name)
{
    struct px_nameserver_state *ns = &s->servers[s->nservers];
    snprintf(ns->name, sizeof ns->name, "%s", name);
    ns->section = s;
    for (unsigned i = 0; i < PX_COUNT(ns->ports); i++)
        ns->ports[i] = (struct px_dns_port){.watch.fd = -1, .ns = ns};
    ns->bit = UINT64_C(1) << s->nservers++;
    px_dns_stream_init(&ns->stream, &stream_ops);
    return ns;
}

static void add_of_system(struct px_section *s, const char *line)
{
    char text[64];
    struct px_addr addr;
    if (sscanf(line, "nameserver%*[ \t]%63s", text) != 1 || !px_addr_read(text, &addr))
        return;
    struct px_nameserver_state *ns = ns_new(s, text);
    addr.port = DNS_PORT;
    ns->addr_len = px_addr_sockaddr(&addr, &ns->addr);
}

/* resolv.conf(5): a keyword begins its line. false: there is no such file. */
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
