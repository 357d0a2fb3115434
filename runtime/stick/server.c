/*
 * Servers in stick tables. See server.h.
 */
#include "server.h"

#include "../base/macros.h"
#include "../base/mem.h"
#include "../upstream/state.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/* ---- addresses ---- */

enum { ADDRESS_TEXT = sizeof((struct sockaddr_un *)0)->sun_path + 16 };

/* false: its name has no address. */
static bool address_text(const struct px_server *srv, char text[ADDRESS_TEXT])
{
    const struct px_address *known = px_server_address(srv);
    const struct px_endpoint *ep = &srv->addr;
    struct px_addr addr = {0};
    char ip[PX_ADDR_TEXT];
    if (known)
        px_addr_from(&addr, &known->sa);
    if (px_addr_is_ip(&addr)) {
        px_addr_text(&addr, ip);
        bool v6 = addr.family == AF_INET6;
        snprintf(text, ADDRESS_TEXT, ep->port_offset ? "%s%s%s:%+d" : "%s%s%s:%d", v6 ? "[" : "",
                 ip, v6 ? "]" : "", ep->port_offset ? (int)ep->port : px_address_port(known));
        return true;
    }
    if (!known || !ep->path)
        return false;
    snprintf(text, ADDRESS_TEXT, "unix@%s", ep->path);
    return true;
}

/* Texts of which there is one each, for ever. */
struct kept {
    struct kept *next;
    char text[];
};
static _Atomic(struct kept *) kept;
static pthread_mutex_t keeping = PTHREAD_MUTEX_INITIALIZER;

static const char *kept_as(const char *text)
{
    for (struct kept *k = atomic_load_explicit(&kept, memory_order_acquire); k; k = k->next)
        if (!strcmp(k->text, text))
            return k->text;
    return NULL;
}

static const char *keep(const char *text)
{
    const char *found = kept_as(text);
    if (found)
        return found;
    pthread_mutex_lock(&keeping);
    found = kept_as(text);
    size_t size = strlen(text) + 1;
    struct kept *k = found ? NULL : px_alloc(sizeof *k + size);
    if (k) {
        memcpy(k->text, text, size);
        k->next = atomic_load_explicit(&kept, memory_order_relaxed);
        atomic_store_explicit(&kept, k, memory_order_release);
        found = k->text;
    }
    pthread_mutex_unlock(&keeping);
    return found;
}

const char *px_stick_server_key(const struct px_stick_table *table, const struct px_server *srv)
{
    char text[ADDRESS_TEXT];
    if (!table->by_addr)
        return srv->name;
    return address_text(srv, text) ? keep(text) : NULL;
}

/* ---- looking ---- */

static bool has_key(const struct px_stick_table *t, const struct px_server *srv, const char *key)
{
    char text[ADDRESS_TEXT];
    if (!t->by_addr)
        return srv->name == key || !strcmp(srv->name, key);
    return address_text(srv, text) && !strcmp(text, key);
}

/* Numbers are mostly those of the places. */
static const struct px_server *by_id(const struct px_proxy *be, uint32_t id)
{
    if (id - 1 < be->nservers && be->servers[id - 1]->id == (int32_t)id)
        return be->servers[id - 1];
    for (unsigned i = 0; i < be->nservers; i++)
        if (be->servers[i]->id == (int32_t)id)
            return be->servers[i];
    return NULL;
}

const struct px_server *px_stick_server(const struct px_stick_table *table,
                                        const struct px_stick_entry *entry,
                                        const struct px_proxy *be)
{
    uint32_t id = px_stick_int(table, entry, PX_STICK_SERVER_ID);
    const char *key = px_stick_text(table, entry, PX_STICK_SERVER_KEY);
    const struct px_server *srv = id ? by_id(be, id) : NULL;
    if (!key || (PX_LIKELY(srv != NULL) && has_key(table, srv, key)))
        return srv;
    for (unsigned i = 0; i < be->nservers; i++)
        if (has_key(table, be->servers[i], key))
            return be->servers[i];
    return srv;
}

/* ---- learning ---- */

void px_stick_set_server(const struct px_stick_table *table, struct px_str key,
                         const struct px_server *srv)
{
    if (srv->non_stick || !srv->name)
        return;
    struct px_stick_entry *e = px_stick_obtain(table, key);
    if (!e)
        return;
    const char *known = px_stick_text(table, e, PX_STICK_SERVER_KEY);
    px_stick_set_int(table, e, PX_STICK_SERVER_ID, (uint32_t)srv->id);
    if (!known || !has_key(table, srv, known))
        px_stick_set_text(table, e, PX_STICK_SERVER_KEY, px_stick_server_key(table, srv));
    px_stick_release(e);
}
