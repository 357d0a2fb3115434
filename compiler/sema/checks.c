/*
 * What server lines and the sections around them say about health checks.
 */
#include "context.h"
#include "listeners.h"
#include "proxy.h"

#include "../../runtime/abi/checks.h"

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
    } ranges[] = {{SERVER_inter, INT32_MAX},       {SERVER_fastinter, INT32_MAX},
                  {SERVER_downinter, INT32_MAX},   {SERVER_rise, INT32_MAX / 2},
                  {SERVER_fall, INT32_MAX / 2},    {SERVER_check_port, 65535},
                  {SERVER_error_limit, INT32_MAX}, {SERVER_agent_port, 65535},
                  {SERVER_agent_inter, INT32_MAX}};
    for (unsigned i = 0; i < COUNT(ranges); i++)
        if (!range_fits(s, &set[ranges[i].setting], vocab_server[ranges[i].setting].words, 1,
                        ranges[i].high))
            return false;
    return true;
}

enum { MOST_WORDS = 4 };

/* The words that the setting may be, in one text with ", " between them. */
static bool words_fit(struct sema *s, const struct m_setting *set, const char *what,
                      const char *words)
{
    struct str names[MOST_WORDS], rest = str_of(words);
    unsigned n = 0;
    if (!set->set)
        return true;
    for (const char *comma; n < MOST_WORDS && rest.len; n++) {
        comma = memchr(rest.p, ',', rest.len);
        names[n] = str_cut(rest, 0, comma ? (size_t)(comma - rest.p) : rest.len);
        if (str_is(names[n], set->text))
            return true;
        rest = comma ? str_cut(rest, names[n].len + 2, rest.len) : STR("");
    }
    struct diag *d = diag_add(s->diags, E0383, set->span, "unexpected '%s'", set->text);
    diag_suggest(s->diags, d, str_of(set->text), names, n);
    diag_note(s->diags, d, "'%s' takes %s%s", what, n > 1 ? "one of " : "", words);
    return false;
}

bool check_options_fit(struct sema *s, const struct m_setting *set)
{
    static const struct {
        enum server_setting setting;
        const char *words;
    } choices[] = {{SERVER_on_marked_down, "shutdown-sessions"},
                   {SERVER_on_marked_up, "shutdown-backup-sessions"},
                   {SERVER_observe, "none, layer4, layer7"},
                   {SERVER_init_state, "fully-up, up, down, fully-down"},
                   {SERVER_on_error, "fastinter, fail-check, sudden-death, mark-down"}};
    for (unsigned i = 0; i < COUNT(choices); i++)
        if (!words_fit(s, &set[choices[i].setting], vocab_server[choices[i].setting].words,
                       choices[i].words))
            return false;
    return numbers_fit(s, set);
}

/* ---- when all is known ---- */

static bool is_on(const struct m_setting *set)
{
    return set->set && set->number;
}

/* ---- scripts ---- */

static struct m_check_rule *implied(struct sema *s, unsigned action, struct span at)
{
    struct m_check_rule *r = NEW(s->arena, struct m_check_rule);
    r->action = action;
    r->implied = true;
    r->span = at;
    return r;
}

/* The rules that do something; comments are said with those behind them. */
static bool is_step(const struct m_check_rule *r)
{
    return !r->is_comment;
}

static bool has_connect(const struct m_check_rules *rules)
{
    for (unsigned i = 0; i < rules->v.n; i++)
        if (is_step(rules->v.v[i]) && rules->v.v[i]->action == PX_STEP_CONNECT)
            return true;
    return false;
}

static void mind_order(struct sema *s, const struct m_check_rules *rules)
{
    const struct m_check_rule *before = NULL;
    bool opens = has_connect(rules);
    for (unsigned i = 0; i < rules->v.n; i++) {
        const struct m_check_rule *r = rules->v.v[i];
        if (!is_step(r) || r->action == PX_STEP_SET)
            continue;
        if (!before && opens && r->action != PX_STEP_CONNECT)
            diag_add(s->diags, E0663, r->span,
                     "the first step has to open the connection, as others do");
        if (before && r->action == PX_STEP_REQUEST && before->action != PX_STEP_CONNECT)
            diag_add(s->diags, E0663, r->span, "this request needs a connection of its own");
        before = r;
    }
}

/* What is not said in the rule is said by the option. */
static struct m_check_rule *merged(struct sema *s, const struct m_check_rule *option,
                                   const struct m_check_rule *rule)
{
    struct m_check_rule *r = NEW(s->arena, struct m_check_rule);
    *r = *option;
    if (!rule)
        return r;
    r->comment = rule->comment;
    r->span = rule->span;
    if (rule->method)
        r->method = rule->method;
    if (rule->version)
        r->version = rule->version;
    if (rule->uri)
        r->uri = rule->uri;
    if (rule->body)
        r->body = rule->body;
    memset(&r->fields, 0, sizeof r->fields);
    for (unsigned i = 0; i < option->fields.n; i++)
        VEC_ADD(s->arena, &r->fields, option->fields.v[i]);
    for (unsigned i = 0; i < rule->fields.n; i++)
        VEC_ADD(s->arena, &r->fields, rule->fields.v[i]);
    return r;
}

/* HAProxy manual, "http-check expect": without one, 2xx and 3xx are fine. */
static struct m_check_rule *fine(struct sema *s, struct span at)
{
    struct m_check_rule *r = implied(s, PX_STEP_EXPECT, at);
    r->match = PX_EXPECT_STATUS;
    r->min_recv = -1;
    VEC_ADD(s->arena, &r->ranges, ((struct m_check_range){200, 399}));
    return r;
}

static void steps_begin(struct sema *s, struct m_check_rules *steps,
                        const struct m_check_rules *rules, struct span at)
{
    mind_order(s, rules);
    if (has_connect(rules))
        return;
    struct m_check_rule *connect = implied(s, PX_STEP_CONNECT, at);
    connect->inherits = true;
    VEC_ADD(s->arena, &steps->v, connect);
}

static void steps_of_tcp(struct sema *s, struct m_check_rules *steps,
                         const struct m_check_rules *rules, struct span at)
{
    steps_begin(s, steps, rules, at);
    for (unsigned i = 0; i < rules->v.n; i++)
        VEC_ADD(s->arena, &steps->v, rules->v.v[i]);
}

static bool has_request(const struct m_check_rules *rules)
{
    for (unsigned i = 0; i < rules->v.n; i++)
        if (is_step(rules->v.v[i]) && rules->v.v[i]->action == PX_STEP_REQUEST)
            return true;
    return false;
}

static void steps_of_http(struct sema *s, struct m_check_rules *steps, const struct m_checking *c)
{
    const struct m_check_rules *rules = &c->http;
    bool asked = has_request(rules), opened = !has_connect(rules), expected = false, first = true;
    steps_begin(s, steps, rules, c->span);
    if (opened && !asked)
        VEC_ADD(s->arena, &steps->v, merged(s, c->request, NULL));
    for (unsigned i = 0; i < rules->v.n; i++) {
        struct m_check_rule *r = rules->v.v[i];
        bool step = is_step(r);
        if (step && r->action == PX_STEP_REQUEST && first) {
            r = merged(s, c->request, r);
            first = false;
        }
        if (step && r->action != PX_STEP_SET)
            expected = r->action == PX_STEP_EXPECT;
        VEC_ADD(s->arena, &steps->v, r);
        if (step && r->action == PX_STEP_CONNECT && !opened && !asked)
            VEC_ADD(s->arena, &steps->v, merged(s, c->request, NULL));
        opened = opened || (step && r->action == PX_STEP_CONNECT);
    }
    if (!expected)
        VEC_ADD(s->arena, &steps->v, fine(s, c->span));
}

static void mind_unused(struct sema *s, const struct m_proxy *p, const struct m_check_rules *rules,
                        enum check_type type, const char *option)
{
    if (rules->v.n && rules->section == p->section && p->in.checking.type != type)
        diag_add(s->diags, W0301, rules->v.v[0]->span, "this does nothing without '%s'", option);
}

/* Programs are started only where that is wanted, and said. */
static void mind_program(struct sema *s, const struct m_proxy *p)
{
    struct span at = p->in.checking.span;
    struct diag *d = NULL;
    if (!is_on(&s->model->global[GLOBAL_external_check]))
        d = diag_add(s->diags, E0675, at,
                     "'option external-check' needs 'external-check' in global");
    else if (!is_on(&s->model->global[GLOBAL_insecure_fork]))
        d = diag_add(s->diags, W0331, at, "the global section does not say 'insecure-fork-wanted'");
    if (d)
        diag_note(s->diags, d, "checks by programs start a process for each check");
    if (!p->in.set[PROXY_external_command].set)
        diag_add(s->diags, E0675, at, "'option external-check' needs 'external-check command'");
}

static void settle_steps(struct sema *s, struct m_proxy *p)
{
    const struct m_checking *c = &p->in.checking;
    mind_unused(s, p, &c->http, CHECK_HTTP, "option httpchk");
    mind_unused(s, p, &c->tcp, CHECK_TCP, "option tcp-check");
    if (c->type == CHECK_TCP)
        steps_of_tcp(s, &p->steps, &c->tcp, c->span);
    else if (c->type == CHECK_PROTOCOL)
        steps_of_tcp(s, &p->steps, &c->protocol, c->span);
    else if (c->type == CHECK_HTTP)
        steps_of_http(s, &p->steps, c);
    else if (c->type == CHECK_PROGRAM && (p->caps & PX_BACKEND))
        mind_program(s, p);
}

/* Does each connection say where it goes to? */
static bool steps_have_ports(const struct m_check_rules *steps)
{
    bool any = false;
    for (unsigned i = 0; i < steps->v.n; i++) {
        const struct m_check_rule *r = steps->v.v[i];
        if (!is_step(r) || r->action != PX_STEP_CONNECT)
            continue;
        if (!r->port && !r->port_expr && !r->addr.port)
            return false;
        any = true;
    }
    return any;
}

/* Is it known which port is checked? */
static bool has_port(const struct m_server *srv)
{
    if (steps_have_ports(&srv->proxy->steps))
        return true;
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

/* ---- tracking ---- */

/* "server" of the same backend, or "backend/server". */
static struct m_server *server_named(struct sema *s, const struct m_server *srv, struct str name)
{
    const char *slash = memchr(name.p, '/', name.len);
    size_t len = slash ? (size_t)(slash - name.p) : 0;
    struct m_proxy *p =
        slash ? find_proxy(s->model, str_cut(name, 0, len), PX_BACKEND) : srv->proxy;
    return p ? find_server(p, slash ? str_cut(name, len + 1, name.len) : name) : NULL;
}

static void settle_track(struct sema *s, struct m_server *srv)
{
    const struct m_setting *set = &srv->set[SERVER_leader];
    if (!set->set)
        return;
    srv->track = server_named(s, srv, str_of(set->text));
    if (!srv->track)
        diag_add(s->diags, E0667, set->span, "there is no server '%s'", set->text);
    else if (is_on(&srv->set[SERVER_check]))
        diag_add(s->diags, E0667, set->span, "a server that is checked does not track another one");
}

/* Once it is known who tracks whom. A circle may begin behind the server. */
static void mind_track(struct sema *s, struct m_server *srv)
{
    const struct m_setting *set = &srv->set[SERVER_leader];
    const struct m_server *last = srv->track;
    for (unsigned n = 0; last && last->track; n++, last = last->track) {
        if (last != srv && n < UINT16_MAX)
            continue;
        diag_add(s->diags, E0668, set->span, "nobody is checked among those whom '%s' follows",
                 set->text);
        return;
    }
    if (!last || is_on(&srv->set[SERVER_check]))
        return;
    if (!is_on(&last->set[SERVER_check]) && !is_on(&last->set[SERVER_agent_check]))
        diag_add(s->diags, E0667, set->span, "'%s' is not checked", set->text);
    else if (is_on(&last->proxy->in.set[PROXY_disable_on_404]) !=
             is_on(&srv->proxy->in.set[PROXY_disable_on_404]))
        diag_add(s->diags, E0667, set->span, "one side says 'http-check disable-on-404'");
}

static void each_server(struct sema *s, void (*f)(struct sema *s, struct m_server *srv))
{
    for (unsigned i = 0; i < s->model->proxies.n; i++)
        for (unsigned k = 0; k < s->model->proxies.v[i]->servers.n; k++)
            f(s, s->model->proxies.v[i]->servers.v[k]);
}

/* What its own line says, and not a default-server, of something that it does not have. */
static void mind_idle_words(struct sema *s, const struct m_server *srv,
                            const enum server_setting *words, unsigned n, const char *without)
{
    for (unsigned i = 0; i < n; i++) {
        const struct m_setting *set = &srv->set[words[i]];
        const struct m_setting *inherited = &srv->proxy->in.default_server[words[i]];
        bool own = !inherited->set || inherited->span.source != set->span.source ||
                   inherited->span.start != set->span.start;
        if (set->set && own)
            diag_add(s->diags, W0301, set->span, "'%s' does nothing without '%s'",
                     vocab_server[words[i]].words, without);
    }
}

/* There are no responses to look at in mode tcp. */
static void mind_layer(struct sema *s, const struct m_server *srv)
{
    const struct m_setting *set = &srv->set[SERVER_observe];
    if (set->set && str_is(STR("layer7"), set->text) && !srv->proxy->in.is_http)
        diag_add(s->diags, E0676, set->span, "'observe layer7' needs 'mode http'");
}

static void settle_agent(struct sema *s, struct m_server *srv)
{
    const struct m_setting *agent = &srv->set[SERVER_agent_check];
    if (!is_on(agent)) {
        static const enum server_setting words[] = {SERVER_agent_port, SERVER_agent_addr,
                                                    SERVER_agent_inter, SERVER_agent_send};
        mind_idle_words(s, srv, words, COUNT(words), "agent-check");
        return;
    }
    s->model->checks = true;
    if (!srv->set[SERVER_agent_inter].set)
        srv->set[SERVER_agent_inter] =
            (struct m_setting){.set = true, .number = 2000, .span = srv->span};
    if (srv->set[SERVER_agent_port].set)
        return;
    struct diag *d =
        diag_add(s->diags, E0660, agent->span,
                 "the port of the agent of server '" STR_FMT "' is not known", STR_ARG(srv->name));
    diag_help(s->diags, d, "say which one: 'agent-check agent-port 8080'");
}

static void settle_server(struct sema *s, struct m_server *srv)
{
    const struct m_setting *check = &srv->set[SERVER_check];
    mind_layer(s, srv);
    settle_agent(s, srv);
    if (!is_on(check)) {
        static const enum server_setting words[] = {SERVER_observe, SERVER_init_state};
        mind_idle_words(s, srv, words, COUNT(words), "check");
        return;
    }
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
    for (unsigned i = 0; i < s->model->proxies.n; i++)
        settle_steps(s, s->model->proxies.v[i]);
    each_server(s, settle_server);
    each_server(s, settle_track);
    each_server(s, mind_track);
}
