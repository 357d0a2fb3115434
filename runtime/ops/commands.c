/*
 * The commands of a proxy's control socket. See control.h.
 */
#include "control.h"

#include "../abi/tables.h"
#include "../abi/version.h"
#include "../net/addr.h"
#include "environment.h"
#include "handover.h"
#include "resolve.h"
#include "ring.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void px_command_operator(const struct px_command *c, struct px_text *out)
{
    (void)out;
    px_control_lower(c->from, PX_LEVEL_OPERATOR);
}

void px_command_user(const struct px_command *c, struct px_text *out)
{
    (void)out;
    px_control_lower(c->from, PX_LEVEL_USER);
}

void px_command_prompt(const struct px_command *c, struct px_text *out)
{
    (void)out;
    px_control_toggle_prompt(c->from);
}

void px_command_quit(const struct px_command *c, struct px_text *out)
{
    (void)out;
    px_control_quit(c->from);
}

void px_command_show_version(const struct px_command *c, struct px_text *out)
{
    (void)c;
    px_text_printf(out, "%s\n", PX_VERSION_TEXT);
}

void px_command_show_level(const struct px_command *c, struct px_text *out)
{
    px_text_printf(out, "%s\n", px_control_level_name(c->level));
}

/* Seconds, unless a unit follows. 0: no time. */
static uint64_t delay_ms(const char *text)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    for (unsigned i = 0; end != text && n < 1000000000 && i < PX_COUNT(units); i++)
        if (!strcmp(end, units[i].unit))
            return n * units[i].ms;
    return 0;
}

static void command_set_timeout(const struct px_command *c, struct px_text *out)
{
    uint64_t ms = c->n > 3 ? delay_ms(c->words[3]) : 0;
    if (ms)
        px_control_set_patience(c->from, ms);
    else
        px_text_printf(out, "Invalid timeout value.\n");
}

static void command_show_backend(const struct px_command *c, struct px_text *out)
{
    (void)c;
    px_text_printf(out, "# name\n");
    for (unsigned i = 0; i < px_program.nproxies; i++)
        if (px_program.proxies[i]->caps & PX_BACKEND)
            px_text_printf(out, "%s\n", px_program.proxies[i]->name);
}

static void command_show_sockets(const struct px_command *c, struct px_text *out)
{
    (void)c;
    px_text_printf(out, "# socket lvl processes\n");
    for (unsigned i = 0; i < px_program.nbinds; i++) {
        const struct px_bind *b = px_program.binds[i];
        char text[PX_SOCKET_TEXT];
        if (b->proxy)
            continue;
        px_socket_text(b, text);
        px_text_printf(out, "%s %s all\n", text, px_control_level_name(px_control_level_of(b)));
    }
}

static void command_show_env(const struct px_command *c, struct px_text *out)
{
    extern char **environ;
    if (c->n > 2) {
        const char *value = getenv(c->words[2]);
        if (value)
            px_text_printf(out, "%s=%s\n", c->words[2], value);
        else
            px_text_printf(out, "Variable not found\n");
        return;
    }
    for (char **e = environ; *e; e++)
        px_text_printf(out, "%s\n", *e);
}

static void command_show_events(const struct px_command *c, struct px_text *out)
{
    if (px_program.ring)
        px_program.ring->show(c, out);
    else
        px_text_printf(out, "There are no rings.\n");
}

static void command_show_table(const struct px_command *c, struct px_text *out)
{
    if (px_program.stick)
        px_program.stick->show(c, out);
    else if (c->n > 2)
        px_text_printf(out, "No such table\n");
}

static void command_set_table(const struct px_command *c, struct px_text *out)
{
    if (px_program.stick)
        px_program.stick->set(c, out);
    else
        px_text_printf(out, "No such table\n");
}

static void command_clear_table(const struct px_command *c, struct px_text *out)
{
    if (px_program.stick)
        px_program.stick->clear(c, out);
    else
        px_text_printf(out, "No such table\n");
}

static void command_show_resolvers(const struct px_command *c, struct px_text *out)
{
    if (px_program.resolve)
        px_program.resolve->show(c, out);
    else if (c->n > 2)
        px_text_printf(out, "Can't find that resolvers section\n");
    else
        px_text_printf(out, "No resolvers found\n");
}

static void command_getsocks(const struct px_command *c, struct px_text *out)
{
    const struct px_bind *b = px_control_bind(c->from);
    if (!b || !b->expose_fd)
        px_text_printf(out, "Permission denied\n");
    else if (px_handover_give(px_control_fd(c->from)))
        px_control_deafen(c->from); /* the receiver acknowledges in numbers */
    else
        px_control_quit(c->from);
}

#define command_operator px_command_operator
#define command_user px_command_user
#define command_prompt px_command_prompt
#define command_quit px_command_quit
#define command_help px_command_help
#define command_show_version px_command_show_version
#define command_show_level px_command_show_level
#define command_show_info px_show_info
#define command_show_stat px_show_stat
#define command_set_server px_command_set_server
#define command_enable_server px_command_enable_server
#define command_disable_server px_command_disable_server
#define command_enable_health px_command_enable_health
#define command_disable_health px_command_disable_health
#define command_enable_agent px_command_enable_agent
#define command_disable_agent px_command_disable_agent
#define command_get_weight px_command_get_weight
#define command_set_weight px_command_set_weight
#define command_set_maxconn_server px_command_set_maxconn_server
#define command_set_maxconn_frontend px_command_set_maxconn_frontend
#define command_set_maxconn_global px_command_set_maxconn_global
#define command_disable_frontend px_command_disable_frontend
#define command_enable_frontend px_command_enable_frontend
#define command_shutdown_frontend px_command_shutdown_frontend
#define command_clear_counters px_command_clear_counters
#define command_show_servers_state px_show_servers_state
#define command_show_servers_conn px_show_servers_conn
#define command_shutdown_sessions_server px_command_shutdown_sessions_server
#define command_add_acl px_command_add_acl
#define command_add_map px_command_add_map
#define command_clear_list px_command_clear_list
#define command_commit_list px_command_commit_list
#define command_del_list px_command_del_list
#define command_get_list px_command_get_list
#define command_prepare_list px_command_prepare_list
#define command_set_map px_command_set_map
#define command_show_list px_command_show_list
#define command_cookie_key px_command_cookie_key
#define command_cookie_on px_command_cookie_on
#define command_cookie_off px_command_cookie_off

static const struct px_command_row rows[] = {
#define PX_COMMAND(words, arguments, least, function, doc)                                         \
    {words, arguments, PX_LEVEL_##least, command_##function, doc},
#include "commands.def"
#undef PX_COMMAND
};

const struct px_command_set px_commands = {.rows = rows, .n = PX_COUNT(rows)};
