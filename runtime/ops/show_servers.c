/*
 * "show servers state", in the format of server state files, and "show servers conn".
 */
#include "../upstream/back.h"
#include "../upstream/health.h"
#include "control.h"
#include "servers.h"

#include <string.h>

/* ---- addresses ---- */

static const char *ip_of(const struct px_server *srv, char text[PX_ADDR_TEXT])
{
    const struct px_address *known = px_server_address(srv);
    struct px_addr addr = {0};
    if (known)
        px_addr_from(&addr, &known->sa);
    if (!px_addr_is_ip(&addr))
        return "-";
    px_addr_text(&addr, text);
    return text;
}

/* Where its checks or its agent are, if that is not where it is itself. */
static const char *checked_ip(const struct px_server *srv, const struct px_address *chosen,
                              char text[PX_ADDR_TEXT])
{
    union px_sockaddr sa;
    struct px_addr addr;
    if (chosen)
        sa = chosen->sa;
    else if (!srv->check_addr || !px_endpoint_sockaddr(srv->check_addr, 0, &sa))
        return "-";
    px_addr_from(&addr, &sa);
    px_addr_text(&addr, text);
    return text;
}

/* ---- lines ---- */

static void put_state(const struct px_server *srv, struct px_text *out)
{
    const struct px_server_state *st = px_server_state(srv);
    const struct px_proxy *be = srv->proxy;
    char ip[PX_ADDR_TEXT], check_ip[PX_ADDR_TEXT], agent_ip[PX_ADDR_TEXT];
    uint64_t now = (uint64_t)(px_self->date_us / 1000000), changed = st->changed;
    px_health_lock();
    const char *host = px_server_host(srv);
    px_text_printf(out, "%d %s %d %s %s %u %u %u %d %llu %u %u %d %u %u %d %d %s %d %s 0 %d %s %s %u\n",
                   (int)be->id, be->name, (int)srv->id, srv->name, ip_of(srv, ip), st->operation,
                   st->admin, st->weight, (int)srv->weight,
                   (unsigned long long)(now > changed ? now - changed : 0), st->check.status,
                   st->check.result, (int)st->check.health, st->check.state, st->agent.state,
                   be->id_given, srv->id_given, host ? host : "-", px_server_port(srv),
                   px_names_service(&srv->addr) ? srv->addr.path : "-", st->check_port,
                   checked_ip(srv, st->check_address, check_ip),
                   checked_ip(srv, st->agent_address, agent_ip), st->agent_port);
    px_health_unlock();
}

static void put_conn(const struct px_server *srv, struct px_text *out)
{
    const struct px_server_state *st = px_server_state(srv);
    char ip[PX_ADDR_TEXT];
    unsigned idle = st->idle, safe = st->idle_safe, used = st->used.now;
    used = used > idle ? used - idle : 0;
    px_text_printf(out, "%s/%s %d/%d %s %d - %d %u %u %u %u %u %d %u", srv->proxy->name, srv->name,
                   (int)srv->proxy->id, (int)srv->id, ip_of(srv, ip), px_server_port(srv),
                   (int)srv->pool_purge_delay, used, st->used.max, used,
                   idle > safe ? idle - safe : 0, safe, (int)srv->pool_max_conn, idle);
    for (unsigned i = 0; i < px_nthreads; i++)
        px_text_printf(out, " %u", px_back_idle(srv, i));
    px_text_printf(out, "\n");
}

static void put_servers(const struct px_proxy *be, struct px_text *out,
                        void (*put)(const struct px_server *srv, struct px_text *out))
{
    for (unsigned i = 0; be->caps & PX_BACKEND && i < be->nservers; i++)
        put(be->servers[i], out);
}

/* Of the backend that is named, or of all. false: there is none, and this is said. */
static bool find_backend(const struct px_command *c, const struct px_proxy **be,
                         struct px_text *out)
{
    *be = c->n > 3 ? px_backend_called(c->words[3]) : NULL;
    if (c->n <= 3 || *be)
        return true;
    px_text_printf(out, "Can't find backend.\n");
    return false;
}

static void put_all(const struct px_proxy *be, struct px_text *out,
                    void (*put)(const struct px_server *srv, struct px_text *out))
{
    if (be)
        put_servers(be, out, put);
    for (unsigned i = 0; !be && i < px_program.nproxies; i++)
        if (!px_program.proxies[i]->disabled)
            put_servers(px_program.proxies[i], out, put);
}

void px_show_servers_state(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *be;
    if (!find_backend(c, &be, out))
        return;
    px_text_printf(out, "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state "
                        "srv_uweight srv_iweight srv_time_since_last_change srv_check_status "
                        "srv_check_result srv_check_health srv_check_state srv_agent_state "
                        "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl "
                        "srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n");
    put_all(be, out, put_state);
}

void px_show_servers_conn(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *be;
    if (!find_backend(c, &be, out))
        return;
    px_text_printf(out, "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max "
                        "need_est unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[%u]\n",
                   px_nthreads);
    put_all(be, out, put_conn);
}
