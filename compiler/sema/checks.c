/*
 * What server lines and the sections around them say about health checks.
 */
#include "context.h"
#include "listeners.h"
#include "proxy.h"

#include <string.h>

/* ---- options of servers ---- */

static bool range_fits(struct sema *s, const struct m_setting *set, const char *what, int64_t low,
                       int64_t high)
{
    if (!set->set || (set->number >= low && set->number <= high))
        return true;
    diag_add(s->diags, E0371, set->span, "%s: %lld is not between %lld and %lld", what,
             (long long)set->number, (long long)low, (long long)high);
    return false;
}

static bool numbers_fit(struct sema *s, const struct m_setting *set)
{
    static const struct {
        enum server_setting setting;
        int64_t high;
    } ranges[] = {{SERVER_inter, INT32_MAX},     {SERVER_fastinter, INT32_MAX},
                  {SERVER_downinter, INT32_MAX}, {SERVER_rise, INT32_MAX / 2},
                  {SERVER_fall, INT32_MAX / 2},  {SERVER_check_port, 65535}};
    for (unsigned i = 0; i < COUNT(ranges); i++)
        if (!range_fits(s, &set[ranges[i].setting], vocab_server[ranges[i].setting].words, 1,
                        ranges[i].high))
            return false;
    return true;
}

/* The one word that the setting may be. */
static bool word_fits(struct sema *s, const struct m_setting *set, const char *what,
                      const char *word)
{
    struct str only = str_of(word);
    if (!set->set || str_is(only, set->text))
        return true;
    struct diag *d = diag_add(s->diags, E0383, set->span, "unexpected '%s'", set->text);
    diag_suggest(s->diags, d, str_of(set->text), &only, 1);
    diag_note(s->diags, d, "'%s' takes '%s'", what, word);
    return false;
}

bool check_options_fit(struct sema *s, const struct m_setting *set)
{
    return numbers_fit(s, set) &&
           word_fits(s, &set[SERVER_on_marked_down], "on-marked-down", "shutdown-sessions") &&
           word_fits(s, &set[SERVER_on_marked_up], "on-marked-up", "shutdown-backup-sessions");
}

/* ---- when all is known ---- */

static bool is_on(const struct m_setting *set)
{
    return set->set && set->number;
}

/* Is it known which port is checked? */
static bool has_port(const struct m_server *srv)
{
    const struct px_endpoint *addr = srv->set[SERVER_check_addr].endpoint;
    return srv->set[SERVER_check_port].set || (addr && addr->port) ||
           !endpoint_has_ip(&srv->addr) || (srv->addr.has_port && !srv->addr.port_offset);
}

/* Only servers that are checked have them. */
static void settle_defaults(struct m_server *srv)
{
    static const struct {
        enum server_setting setting;
        int64_t number;
    } defaults[] = {{SERVER_inter, 2000}, {SERVER_rise, 2}, {SERVER_fall, 3}};
    for (unsigned i = 0; i < COUNT(defaults); i++)
        if (!srv->set[defaults[i].setting].set)
            srv->set[defaults[i].setting] =
                (struct m_setting){.set = true, .number = defaults[i].number, .span = srv->span};
}

static void settle_server(struct sema *s, struct m_server *srv)
{
    const struct m_setting *check = &srv->set[SERVER_check];
    if (!is_on(check))
        return;
    settle_defaults(srv);
    s->model->checks = true;
    if (has_port(srv))
        return;
    struct diag *d =
        diag_add(s->diags, E0660, check->span,
                 "server '" STR_FMT "' has no port that could be checked", STR_ARG(srv->name));
    diag_help(s->diags, d, "say which one: 'check port 80'");
}

static void settle_global(struct sema *s)
{
    const struct m_setting *spread = &s->model->global[GLOBAL_spread_checks];
    range_fits(s, spread, "spread-checks", 0, 50);
}

void settle_checks(struct sema *s)
{
    settle_global(s);
    for (unsigned i = 0; i < s->model->proxies.n; i++) {
        const struct m_proxy *p = s->model->proxies.v[i];
        for (unsigned k = 0; k < p->servers.n; k++)
            settle_server(s, p->servers.v[k]);
    }
}
