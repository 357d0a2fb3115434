/*
 * "set server B/S addr" and "fqdn": where a server is, changed by administrators.
 */
#include "../net/resolve.h"
#include "../upstream/health.h"
#include "control.h"
#include "resolve.h"
#include "servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char source[] = "by 'stats socket command'";

/* What becomes of the port. NULL: *to is it. */
static const char *read_port(const struct px_server *srv, const char *text, uint16_t *to)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (end == text || *end || n > UINT16_MAX)
        return "problem converting port";
    if (text[0] == '+' || text[0] == '-')
        return "can't change <port> to port map because it is incompatible with current health "
               "check port configuration (use 'port' statement from the 'server' directive.";
    if (srv->addr.port_offset || !srv->addr.has_port)
        return "can't change <port>, which follows that of the client";
    *to = (uint16_t)n;
    return NULL;
}

static void say_port(const char *wrong, const char *text, const struct px_addr *before,
                     const struct px_addr *after, struct px_text *out)
{
    if (wrong && !strcmp(wrong, "problem converting port"))
        px_text_printf(out, ", %s '%s' to an int", wrong, text);
    else if (wrong)
        px_text_printf(out, ", %s", wrong);
    else if (before->port == after->port)
        px_text_printf(out, ", no need to change the port");
    else
        px_text_printf(out, ", port changed from '%u' to '%u'", before->port, after->port);
}

static void say_ip(const struct px_addr *before, const struct px_addr *after, struct px_text *out)
{
    char from[PX_ADDR_TEXT], to[PX_ADDR_TEXT];
    px_addr_text(before, from);
    px_addr_text(after, to);
    if (strcmp(from, to))
        px_text_printf(out, "IP changed from '%s' to '%s'", from, to);
    else
        px_text_printf(out, "no need to change the addr");
}

static void move(const struct px_server *srv, const struct px_addr *to, struct px_text *out)
{
    union px_sockaddr sa;
    socklen_t len = px_addr_sockaddr(to, &sa);
    if (px_address_set(srv, &sa, len))
        px_admin_remove(srv, PX_ADMIN_UNRESOLVED_MAINT);
    else
        px_text_printf(out, "Out of memory: nothing was changed.\n");
}

void px_server_move(const struct px_server *srv, const char *ip, const char *port,
                    struct px_text *out)
{
    const struct px_address *known = px_server_address(srv);
    const char *wrong = NULL;
    struct px_addr before = {.port = (uint16_t)srv->addr.port}, after;
    if (known)
        px_addr_from(&before, &known->sa);
    if (!px_addr_read(ip, &after)) {
        px_text_printf(out, "Invalid addr '%s' %s\n", ip, source);
        return;
    }
    if (known && !px_addr_is_ip(&before)) {
        px_text_printf(out,
                       "Update for the current server address family is only supported through "
                       "configuration file %s\n",
                       source);
        return;
    }
    after.port = before.port;
    if (port)
        wrong = read_port(srv, port, &after.port);
    say_ip(&before, &after, out);
    if (port)
        say_port(wrong, port, &before, &after, out);
    px_text_printf(out, " %s\n", source);
    if (memcmp(&before, &after, sizeof after))
        move(srv, &after, out);
}

/* ---- names ---- */

/* Bytes that HAProxy takes, too. */
bool px_is_domain_text(const char *text)
{
    enum { MOST = 255 };
    size_t len = strlen(text);
    return len <= MOST &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == len;
}

bool px_server_may_be(const struct px_server *srv, const char *name)
{
    return srv->resolving && !px_names_service(&srv->addr) && px_is_domain_text(name) &&
           px_program.resolve->is_name(name);
}

static void rename_to(const struct px_server *srv, const char *name, struct px_text *out)
{
    char before[256];
    px_health_lock();
    const char *host = px_server_host(srv);
    snprintf(before, sizeof before, "%s", host ? host : "(null)");
    px_health_unlock();
    if (host && !strcmp(before, name))
        px_text_printf(out, "no need to change the FDQN");
    else if (!px_is_domain_text(name))
        px_text_printf(out, "invalid fqdn '%s'", name);
    else if (!px_server_may_be(srv, name) || !px_program.resolve->rename(srv, name))
        px_text_printf(out, "could not update %s/%s FQDN", srv->proxy->name, srv->name);
    else
        px_text_printf(out, "%s/%s changed its FQDN from %s to %s", srv->proxy->name, srv->name,
                       before, name);
    px_text_printf(out, " %s\n", source);
}

void px_server_rename(const struct px_server *srv, const char *name, struct px_text *out)
{
    if (!srv->resolving)
        px_text_printf(out,
                       "set server <b>/<s> fqdn failed because no resolution is configured.\n");
    else if (px_names_service(&srv->addr))
        px_text_printf(out,
                       "set server <b>/<s> fqdn failed because SRV resolution is configured.\n");
    else
        rename_to(srv, name, out);
}

/* ---- checks and agents ---- */

static bool port_is_good(const char *text, struct px_text *out)
{
    size_t len = strlen(text);
    bool digits = len && strspn(text, "0123456789") == len;
    bool good = digits && len < 6 && strtol(text, NULL, 10) <= UINT16_MAX;
    if (!good)
        px_text_printf(out, digits ? "provided port is invalid\n"
                                   : "provided port is not an integer\n");
    return good;
}

/* An address, or a name that the system's name service knows. */
static bool find_host(const char *host, bool may_be_name, union px_sockaddr *sa, socklen_t *len)
{
    struct px_endpoint ep = {.family = PX_AF_NAME, .path = host};
    struct px_addr addr;
    const char *why;
    if (px_addr_read(host, &addr))
        *len = px_addr_sockaddr(&addr, sa);
    else
        *len = may_be_name && px_is_domain_text(host) ? px_resolve(&ep, 0, sa, &why) : 0;
    return *len;
}

void px_server_check_at(const struct px_server *srv, bool agent, const char *host, const char *port,
                        struct px_text *out)
{
    struct px_server_state *st = px_server_state(srv);
    union px_sockaddr sa;
    socklen_t len = 0;
    if (host && !find_host(host, agent, &sa, &len)) {
        px_text_printf(out, "invalid addr '%s'\n", host);
        return;
    }
    if (port && !port_is_good(port, out))
        return;
    if (host && !(agent ? px_agent_address_set : px_check_address_set)(srv, &sa, len))
        px_text_printf(out, "Out of memory: nothing was changed.\n");
    else if (port)
        *(agent ? &st->agent_port : &st->check_port) = (uint16_t)strtol(port, NULL, 10);
}
