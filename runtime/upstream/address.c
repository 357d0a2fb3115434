/*
 * Where servers are. See health.h.
 *
 * Who dials finds a whole address behind one pointer, however often it changes. Connections know
 * which of a server's addresses they lead to, so that idle ones to a former address are not used
 * again.
 */
#include "health.h"
#include "lb.h"

#include "../base/macros.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

_Atomic uint32_t px_moves;

static void address_free(struct px_retired *r)
{
    free(PX_OWNER(r, struct px_address, retired));
}

/* Keys may meet other servers now. */
static void tell_algorithm(const struct px_proxy *be)
{
    px_health_lock();
    if (be->lb && be->lb->changed)
        be->lb->changed(be);
    px_health_unlock();
}

static bool replace(_Atomic(struct px_address *) *place, const union px_sockaddr *addr,
                    socklen_t len)
{
    struct px_address *fresh = NULL;
    if (len) {
        fresh = malloc(sizeof *fresh);
        if (!fresh)
            return false;
        fresh->sa = *addr;
        fresh->len = len;
    }
    struct px_address *former = atomic_exchange(place, fresh);
    if (former)
        px_retire(&former->retired, address_free);
    return true;
}

bool px_address_set(const struct px_server *srv, const union px_sockaddr *addr, socklen_t len)
{
    struct px_server_state *st = px_server_state(srv);
    if (!replace(&st->address, addr, len))
        return false;
    atomic_fetch_add_explicit(&st->moves, 1, memory_order_release);
    atomic_fetch_add_explicit(&px_moves, 1, memory_order_release);
    if (srv->hash_key)
        tell_algorithm(srv->proxy);
    return true;
}

bool px_check_address_set(const struct px_server *srv, const union px_sockaddr *addr,
                          socklen_t len)
{
    return replace(&px_server_state(srv)->check_address, addr, len);
}

bool px_agent_address_set(const struct px_server *srv, const union px_sockaddr *addr,
                          socklen_t len)
{
    return replace(&px_server_state(srv)->agent_address, addr, len);
}

static void question_free(struct px_retired *r)
{
    free(PX_OWNER(r, struct px_question, retired));
}

bool px_question_set(const struct px_server *srv, const char *text)
{
    size_t size = strlen(text) + 1;
    struct px_question *fresh = malloc(sizeof *fresh + size);
    if (!fresh)
        return false;
    memcpy(fresh->text, text, size);
    struct px_question *former = atomic_exchange(&px_server_state(srv)->question, fresh);
    if (former)
        px_retire(&former->retired, question_free);
    return true;
}

int px_server_port(const struct px_server *s)
{
    const struct px_address *known = px_server_address(s);
    if (s->addr.port_offset)
        return s->addr.port;
    if (known)
        return px_address_port(known);
    int kept = px_server_state(s)->port;
    return kept ? kept : s->addr.port;
}

int px_address_port(const struct px_address *address)
{
    switch (address ? address->sa.sa.sa_family : AF_UNSPEC) {
    case AF_INET:
        return ntohs(address->sa.in.sin_port);
    case AF_INET6:
        return ntohs(address->sa.in6.sin6_port);
    default:
        return 0;
    }
}

bool px_names_service(const struct px_endpoint *ep)
{
    return ep->family == PX_AF_NAME && ep->path[0] == '_';
}

const char *px_server_host(const struct px_server *srv)
{
    const char *host = px_server_state(srv)->host;
    if (host)
        return host;
    return srv->addr.family == PX_AF_NAME && !px_names_service(&srv->addr) ? srv->addr.path : NULL;
}

bool px_host_set(const struct px_server *srv, const char *host)
{
    struct px_server_state *st = px_server_state(srv);
    char *copy = host ? strdup(host) : NULL;
    if (host && !copy)
        return false;
    px_health_lock();
    char *former = st->host;
    st->host = copy;
    st->admin |= PX_ADMIN_NAMED;
    px_health_unlock();
    free(former);
    return true;
}
