/*
 * The commands by which administrators change servers and limits (HAProxy Management Guide 9.3).
 *
 * Not here: what a change does; that is upstream's (health.h). Replies are HAProxy's, for scripts
 * read them.
 */
#include "servers.h"

#include "../upstream/health.h"
#include "control.h"
#include "signals.h"
#include "workers.h"

#include <stdlib.h>
#include <string.h>

static const char cause[] = "changed from CLI";

/* ---- which one ---- */

/* "#12": by number. */
static bool is_called(const char *text, size_t len, const char *name, int32_t id)
{
    if (len > 1 && text[0] == '#' && strspn(text + 1, "0123456789") == len - 1)
        return strtol(text + 1, NULL, 10) == id;
    return strlen(name) == len && !strncmp(text, name, len);
}

static const struct px_proxy *proxy_named(const char *text, size_t len, unsigned cap)
{
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        if (p->caps & cap && is_called(text, len, p->name, p->id))
            return p;
    }
    return NULL;
}

const struct px_proxy *px_backend_called(const char *text)
{
    return proxy_named(text, strlen(text), PX_BACKEND);
}

static const struct px_server *server_named(const struct px_command *c, unsigned word,
                                            struct px_text *out)
{
    const char *text = c->n > word ? c->words[word] : "", *slash = strchr(text, '/');
    const struct px_proxy *p = slash ? proxy_named(text, (size_t)(slash - text), PX_BACKEND) : NULL;
    for (unsigned k = 0; p && k < p->nservers; k++)
        if (is_called(slash + 1, strlen(slash + 1), p->servers[k]->name, p->servers[k]->id))
            return p->servers[k];
    px_text_printf(out, "%s\n",
                   !slash ? "Require 'backend/server'."
                   : p    ? "No such server."
                          : "No such backend.");
    return NULL;
}

static const char *word_of(const struct px_command *c, unsigned word)
{
    return c->n > word ? c->words[word] : "";
}

/* ---- state and health ---- */

static void set_state(const struct px_server *srv, const struct px_command *c, struct px_text *out)
{
    const char *state = word_of(c, 4);
    if (!strcmp(state, "ready"))
        px_admin_force(srv, 0);
    else if (!strcmp(state, "drain"))
        px_admin_force(srv, PX_ADMIN_FORCED_DRAIN);
    else if (!strcmp(state, "maint"))
        px_admin_force(srv, PX_ADMIN_FORCED_MAINT);
    else
        px_text_printf(out, "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n");
}

static void set_health(const struct px_server *srv, const struct px_command *c, struct px_text *out)
{
    const char *health = word_of(c, 4);
    if (srv->track)
        px_text_printf(out, "cannot change health on a tracking server.\n");
    else if (!strcmp(health, "up"))
        px_health_force(srv, PX_SERVER_RUNNING, cause);
    else if (!strcmp(health, "stopping"))
        px_health_force(srv, PX_SERVER_STOPPING, cause);
    else if (!strcmp(health, "down"))
        px_health_force(srv, PX_SERVER_STOPPED, cause);
    else
        px_text_printf(out,
                       "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n");
}

/* false: said. */
static bool is_asked(const struct px_server *srv, bool agent, const char *stop, struct px_text *out)
{
    const struct px_server_state *st = px_server_state(srv);
    bool asked = (agent ? &st->agent : &st->check)->state & PX_CHECK_ENABLED;
    if (!asked)
        px_text_printf(out, "%s checks are not enabled on this server%s\n",
                       agent ? "agent" : "health", stop);
    return asked;
}

static void set_agent(const struct px_server *srv, const struct px_command *c, struct px_text *out)
{
    const char *agent = word_of(c, 4);
    if (!is_asked(srv, true, ".", out))
        return;
    if (!strcmp(agent, "up"))
        px_agent_force(srv, PX_SERVER_RUNNING, cause);
    else if (!strcmp(agent, "down"))
        px_agent_force(srv, PX_SERVER_STOPPED, cause);
    else
        px_text_printf(out, "'set server <srv> agent' expects 'up' or 'down'.\n");
}

static void change_weight(const struct px_server *srv, const struct px_command *c, unsigned word,
                          struct px_text *out)
{
    const char *wrong =
        c->n > word ? px_weight_set(srv, c->words[word]) : "Require <weight> or <weight%>.";
    if (wrong)
        px_text_printf(out, "%s\n", wrong);
}

static void set_weight(const struct px_server *srv, const struct px_command *c, struct px_text *out)
{
    change_weight(srv, c, 4, out);
}

static void set_addr(const struct px_server *srv, const struct px_command *c, struct px_text *out)
{
    bool has_port = !strcmp(word_of(c, 5), "port");
    if (c->n > 4)
        px_server_move(srv, c->words[4], has_port ? word_of(c, 6) : NULL, out);
    else
        px_text_printf(out,
                       "set server <b>/<s> addr requires an address and optionally a port.\n");
}

static void set_place(const struct px_server *srv, bool agent, const struct px_command *c,
                      struct px_text *out)
{
    bool has_port = !strcmp(word_of(c, 5), "port");
    if (!is_asked(srv, agent, "", out))
        return;
    if (c->n > 4)
        px_server_check_at(srv, agent, c->words[4], has_port ? word_of(c, 6) : NULL, out);
    else
        px_text_printf(out,
                       "set server <b>/<s> %s-addr requires an address and optionally a port.\n",
                       agent ? "agent" : "check");
}

static void set_port(const struct px_server *srv, bool agent, const struct px_command *c,
                     struct px_text *out)
{
    if (!is_asked(srv, agent, "", out))
        return;
    if (c->n > 4)
        px_server_check_at(srv, agent, NULL, c->words[4], out);
    else
        px_text_printf(out, "set server <b>/<s> %s-port requires a port.\n",
                       agent ? "agent" : "check");
}

static void set_check_addr(const struct px_server *srv, const struct px_command *c,
                           struct px_text *out)
{
    set_place(srv, false, c, out);
}

static void set_check_port(const struct px_server *srv, const struct px_command *c,
                           struct px_text *out)
{
    set_port(srv, false, c, out);
}

static void set_agent_addr(const struct px_server *srv, const struct px_command *c,
                           struct px_text *out)
{
    set_place(srv, true, c, out);
}

static void set_agent_port(const struct px_server *srv, const struct px_command *c,
                           struct px_text *out)
{
    set_port(srv, true, c, out);
}

static void set_fqdn(const struct px_server *srv, const struct px_command *c, struct px_text *out)
{
    if (c->n > 4)
        px_server_rename(srv, c->words[4], out);
    else
        px_text_printf(out, "set server <b>/<s> fqdn requires a FQDN.\n");
}

static void set_agent_send(const struct px_server *srv, const struct px_command *c,
                           struct px_text *out)
{
    if (is_asked(srv, true, ".", out) && !px_question_set(srv, word_of(c, 4)))
        px_text_printf(out, "Out of memory: nothing was changed.\n");
}

static const struct {
    const char *word;
    void (*set)(const struct px_server *srv, const struct px_command *c, struct px_text *out);
} settings[] = {
    {"addr", set_addr},
    {"agent", set_agent},
    {"agent-addr", set_agent_addr},
    {"agent-port", set_agent_port},
    {"agent-send", set_agent_send},
    {"check-addr", set_check_addr},
    {"check-port", set_check_port},
    {"fqdn", set_fqdn},
    {"health", set_health},
    {"state", set_state},
    {"weight", set_weight},
};

void px_command_set_server(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    if (!srv)
        return;
    for (unsigned i = 0; i < PX_COUNT(settings); i++) {
        if (!strcmp(word_of(c, 3), settings[i].word)) {
            settings[i].set(srv, c, out);
            return;
        }
    }
    px_text_printf(out, "usage: set server <backend>/<server> ");
    for (unsigned i = 0; i < PX_COUNT(settings); i++)
        px_text_printf(out, "%s%s", i ? " | " : "", settings[i].word);
    px_text_printf(out, "\n");
}

/* ---- the older commands ---- */

void px_command_enable_server(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    if (srv)
        px_admin_force(srv, 0);
}

void px_command_disable_server(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    if (srv)
        px_admin_force(srv, PX_ADMIN_FORCED_MAINT);
}

void px_command_enable_health(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    struct px_checking *check = srv ? &px_server_state(srv)->check : NULL;
    if (check && check->state & PX_CHECK_CONFIGURED)
        px_checking_enable(check, true);
    else if (check)
        px_text_printf(out,
                       "Health check was not configured on this server, cannot enable.\n");
}

void px_command_disable_health(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    if (srv)
        px_checking_enable(&px_server_state(srv)->check, false);
}

void px_command_enable_agent(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    struct px_checking *agent = srv ? &px_server_state(srv)->agent : NULL;
    if (agent && agent->state & PX_CHECK_CONFIGURED)
        px_checking_enable(agent, true);
    else if (agent)
        px_text_printf(out, "Agent was not configured on this server, cannot enable.\n");
}

void px_command_disable_agent(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    if (srv)
        px_checking_enable(&px_server_state(srv)->agent, false);
}

void px_command_get_weight(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    if (srv)
        px_text_printf(out, "%u (initial %d)\n", px_server_state(srv)->weight, (int)srv->weight);
}

void px_command_set_weight(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 2, out);
    if (srv)
        change_weight(srv, c, 3, out);
}

void px_command_shutdown_sessions_server(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 3, out);
    if (srv)
        px_workers_cut_server(srv, 'K');
}

/* ---- frontends ---- */

/* NULL: said. */
static const struct px_proxy *frontend_named(const struct px_command *c, const char *gone,
                                             struct px_text *out)
{
    const char *name = word_of(c, 2);
    const struct px_proxy *fe = proxy_named(name, strlen(name), PX_FRONTEND);
    const char *wrong = !*name                                      ? "A frontend name is expected."
                        : !fe                                       ? "No such frontend."
                        : px_proxy_state(fe)->stopped || fe->disabled ? gone
                                                                      : NULL;
    if (wrong)
        px_text_printf(out, "%s\n", wrong);
    return wrong ? NULL : fe;
}

void px_command_disable_frontend(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *fe =
        frontend_named(c, "Frontend was previously shut down, cannot disable.", out);
    if (fe && !px_frontend_pause(fe, true))
        px_text_printf(out, "All sockets are already disabled.\n");
}

void px_command_enable_frontend(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *fe =
        frontend_named(c, "Frontend was previously shut down, cannot enable.", out);
    if (fe && !px_frontend_pause(fe, false))
        px_text_printf(out, "All sockets are already enabled.\n");
}

void px_command_shutdown_frontend(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *fe = frontend_named(c, "Frontend was already shut down.", out);
    if (fe)
        px_frontend_stop(fe);
}

/* ---- counters ---- */

void px_command_clear_counters(const struct px_command *c, struct px_text *out)
{
    bool all = !strcmp(word_of(c, 2), "all");
    if (all && c->level < PX_LEVEL_ADMIN)
        px_text_printf(out, "Permission denied\n");
    else
        px_counters_clear(all);
}

/* ---- limits ---- */

/* false: *wrong is the reply. */
static bool limit_of(const char *text, uint32_t *n, const char **wrong)
{
    const char *why = px_limit_read(text, n);
    *wrong = why ? why : *wrong;
    return !why;
}

void px_command_set_maxconn_server(const struct px_command *c, struct px_text *out)
{
    const struct px_server *srv = server_named(c, 3, out);
    const char *wrong = "Require <maxconn>.";
    uint32_t n;
    if (!srv)
        return;
    if (c->n > 4 && limit_of(c->words[4], &n, &wrong))
        px_maxconn_set(srv, n);
    else
        px_text_printf(out, "%s\n", wrong);
}

void px_command_set_maxconn_frontend(const struct px_command *c, struct px_text *out)
{
    const char *name = word_of(c, 3), *wrong = "Integer value expected.";
    const struct px_proxy *fe = proxy_named(name, strlen(name), PX_FRONTEND);
    uint32_t n;
    if (c->n < 4)
        px_text_printf(out, "A frontend name is expected.\n");
    else if (!fe)
        px_text_printf(out, "No such frontend.\n");
    else if (c->n > 4 && limit_of(c->words[4], &n, &wrong))
        px_proxy_state(fe)->maxconn = n; /* listeners look again soon */
    else
        px_text_printf(out, "%s\n", wrong);
}

/* The limit that the process began with: descriptors were reserved for so many. */
void px_command_set_maxconn_global(const struct px_command *c, struct px_text *out)
{
    static _Atomic uint32_t initial;
    const char *wrong = "Expects an integer value.";
    uint32_t n;
    if (!initial)
        initial = px_maxconn;
    if (c->n < 4 || !limit_of(c->words[3], &n, &wrong))
        px_text_printf(out, "%s\n", wrong);
    else if (n > initial)
        px_text_printf(out, "Value out of range.\n");
    else
        px_maxconn = n ? n : initial;
}
