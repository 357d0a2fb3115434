/*
 * What can only be said when all sections have been read: references, modes, limits, and the
 * advice that HAProxy gives about a whole configuration.
 */
#include "proxy.h"
#include "resolvers.h"

#include <string.h>

/*
 * Where a reference stands. What a defaults section says is shared by the proxies that take it
 * over: "the own proxy" is then left to the runtime, which knows whose rules it runs.
 */
struct vantage {
    struct m_proxy *proxy; /* NULL: the global section */
    bool shared;
};

/* ---- references ---- */

struct m_proxy *find_proxy(const struct model *m, struct str name, unsigned cap)
{
    for (unsigned i = 0; i < m->proxies.n; i++)
        if ((m->proxies.v[i]->caps & cap) && str_eq(m->proxies.v[i]->name, name))
            return m->proxies.v[i];
    return NULL;
}

static void no_such_proxy(struct sema *s, struct str name, struct span at, unsigned cap)
{
    if (map_get(&s->lost, name))
        return;
    const char *what = cap == PX_BACKEND ? "backend" : "frontend";
    struct diag *d =
        diag_add(s->diags, E0580, at, "no %s is named '" STR_FMT "'", what, STR_ARG(name));
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < s->model->proxies.n; i++)
        if (s->model->proxies.v[i]->caps & cap)
            VEC_ADD(s->arena, &names, s->model->proxies.v[i]->name);
    diag_suggest(s->diags, d, name, names.v, names.n);
}

struct m_server *find_server(const struct m_proxy *p, struct str name)
{
    for (unsigned i = 0; i < p->servers.n; i++)
        if (str_eq(p->servers.v[i]->name, name))
            return p->servers.v[i];
    return NULL;
}

static void no_such_server(struct sema *s, const struct m_proxy *p, struct str name, struct span at)
{
    struct diag *d =
        diag_add(s->diags, E0581, at, "backend '" STR_FMT "' has no server '" STR_FMT "'",
                 STR_ARG(p->name), STR_ARG(name));
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < p->servers.n; i++)
        VEC_ADD(s->arena, &names, p->servers.v[i]->name);
    diag_suggest(s->diags, d, name, names.v, names.n);
}

static struct m_userlist *find_userlist(const struct model *m, struct str name)
{
    for (unsigned i = 0; i < m->userlists.n; i++)
        if (str_eq(m->userlists.v[i]->name, name))
            return m->userlists.v[i];
    return NULL;
}

static void no_such_userlist(struct sema *s, const struct m_arg *a)
{
    if (map_get(&s->lost, a->text))
        return;
    struct diag *d =
        diag_add(s->diags, E0582, a->span, "no userlist is named '" STR_FMT "'", STR_ARG(a->text));
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < s->model->userlists.n; i++)
        VEC_ADD(s->arena, &names, s->model->userlists.v[i]->name);
    diag_suggest(s->diags, d, a->text, names.v, names.n);
}

/* "backend/server", or a server of the proxy that asks. */
static void resolve_server(struct sema *s, const struct vantage *here, struct m_arg *a)
{
    const char *slash = memchr(a->text.p, '/', a->text.len);
    size_t at = slash ? (size_t)(slash - a->text.p) : 0;
    struct str backend = slash ? str_cut(a->text, 0, at) : STR("");
    struct str name = slash ? str_cut(a->text, at + 1, a->text.len) : a->text;
    const struct m_proxy *p = slash ? find_proxy(s->model, backend, PX_BACKEND) : here->proxy;
    if (!slash && here->shared) {
        diag_add(s->diags, E0581, a->span,
                 "a defaults section has no servers: write BACKEND/" STR_FMT, STR_ARG(name));
        return;
    }
    if (!p) {
        no_such_proxy(s, backend, a->span, PX_BACKEND);
        return;
    }
    a->server = find_server(p, name);
    if (!a->server)
        no_such_server(s, p, name, a->span);
}

static void resolve_cond(struct sema *s, const struct vantage *here, const struct m_cond *c);

/* A frontend or backend, of the rule's own proxy unless it is named. */
static void resolve_side(struct sema *s, const struct vantage *here, struct m_arg *a, unsigned cap)
{
    if (a->given) {
        a->proxy = find_proxy(s->model, a->text, cap);
        if (!a->proxy)
            no_such_proxy(s, a->text, a->span, cap);
        return;
    }
    if (!(here->proxy->caps & cap)) {
        const char *what = cap == PX_BACKEND ? "backend" : "frontend";
        diag_add(s->diags, E0584, a->span, "%s '" STR_FMT "' is no %s: name one in parentheses",
                 here->proxy->what, STR_ARG(here->proxy->name), what);
    }
    a->proxy = here->shared ? NULL : here->proxy;
}

/* Of the rule's own proxy, unless it is named. */
static void resolve_own_table(struct sema *s, const struct vantage *here, struct m_arg *a)
{
    if (a->given)
        a->table = table_find(s, a->text, a->span);
    else if (here->proxy && !here->shared)
        a->table = table_find(s, here->proxy->name, a->span);
    else
        diag_add(s->diags, E0650, a->span, "name the stick table in parentheses");
}

static void resolve_arg(struct sema *s, const struct vantage *here, struct m_arg *a)
{
    if (a->kind == ARG_SERVER) {
        resolve_server(s, here, a);
    } else if (a->kind == ARG_USERLIST) {
        a->userlist = find_userlist(s->model, a->text);
        if (!a->userlist)
            no_such_userlist(s, a);
    } else if (a->kind == ARG_OBACKEND) {
        resolve_side(s, here, a, PX_BACKEND);
    } else if (a->kind == ARG_OFRONTEND) {
        resolve_side(s, here, a, PX_FRONTEND);
    } else if (a->kind == ARG_OTABLE) {
        resolve_own_table(s, here, a);
    } else if (a->named) {
        resolve_cond(s, here, &a->named->cond);
    }
}

static void no_such_list(struct sema *s, const struct m_arg *a)
{
    unsigned n = s->model->lists.entries.n;
    struct str *names = NEW_N(s->arena, struct str, n + 1);
    struct diag *d =
        diag_add(s->diags, E0538, a->span, "no map and no ACL is made of the file '" STR_FMT "'",
                 STR_ARG(a->text));
    for (unsigned i = 0; i < n; i++)
        names[i] = ((const struct m_list *)s->model->lists.entries.v[i].value)->path;
    diag_suggest(s->diags, d, a->text, names, n);
}

/* A value for what has none, or a pattern without one among those that have: neither is of use. */
static void resolve_list(struct sema *s, const struct vocab_action *action, struct m_arg *a)
{
    a->list = map_get(&s->model->lists, a->text);
    if (!a->list) {
        no_such_list(s, a);
        return;
    }
    a->list->by_rules = true;
    if (!strcmp(action->name, "add-acl") && a->list->of_maps)
        diag_add(s->diags, E0539, a->span,
                 "'" STR_FMT "' is a map: its keys need values, as in "
                 "set-map(" STR_FMT ")",
                 STR_ARG(a->text), STR_ARG(a->text));
    else if (!strcmp(action->name, "set-map") && !a->list->of_maps)
        diag_add(s->diags, E0539, a->span, "'" STR_FMT "' is a list of patterns, and no map",
                 STR_ARG(a->text));
}

static void resolve_table(struct sema *s, struct m_conv *c)
{
    struct m_arg *a = &c->args[0];
    a->table = table_find(s, a->text, a->span);
    if (a->table)
        table_takes(s, a->table, c->in, c->span);
}

static void resolve_expr(struct sema *s, const struct vantage *here, struct m_expr *e)
{
    for (unsigned i = 0; e && i < e->fetch->nargs; i++) {
        struct m_arg *a = &e->args[i];
        bool known = a->proxy || a->table;
        resolve_arg(s, here, a);
        if (!known && !a->given && (a->proxy || a->table)) /* another sample in another proxy */
            e->key = str_printf(s->arena, STR_FMT "@" STR_FMT, STR_ARG(e->key),
                                STR_ARG(here->proxy->name));
    }
    for (unsigned i = 0; e && i < e->convs.n; i++)
        if (e->convs.v[i].conv->nargs && e->convs.v[i].args[0].kind == ARG_TABLE)
            resolve_table(s, &e->convs.v[i]);
}

static void resolve_fmt(struct sema *s, const struct vantage *here, struct m_fmt *f)
{
    for (unsigned i = 0; f && i < f->items.n; i++)
        resolve_expr(s, here, f->items.v[i].expr);
}

/* Whoever is asked for as a member of a group that there is not is no member. */
static void groups_exist(struct sema *s, const struct m_test *t)
{
    const struct m_userlist *u = t->expr->args[0].userlist;
    if (strcmp(t->expr->fetch->name, "http_auth_group") || !u || t->expr->convs.n ||
        t->method != MATCH_STR)
        return;
    for (unsigned i = 0; i < t->patterns.n; i++)
        userlist_group(s, u, t->patterns.v[i].text, t->patterns.v[i].span);
}

static void resolve_acl(struct sema *s, const struct vantage *here, const struct m_acl *acl)
{
    for (unsigned t = 0; t < acl->tests.n; t++) {
        resolve_expr(s, here, acl->tests.v[t]->expr);
        groups_exist(s, acl->tests.v[t]);
    }
}

static void resolve_cond(struct sema *s, const struct vantage *here, const struct m_cond *c)
{
    for (unsigned g = 0; c && g < c->groups.n; g++)
        for (unsigned i = 0; i < c->groups.v[g].terms.n; i++)
            resolve_acl(s, here, c->groups.v[g].terms.v[i].acl);
}

static void resolve_reply(struct sema *s, const struct vantage *here, struct m_reply *r)
{
    if (!r)
        return;
    resolve_fmt(s, here, r->body);
    for (unsigned i = 0; i < r->hdrs.n; i++)
        resolve_fmt(s, here, r->hdrs.v[i].value);
}

static void resolve_rule(struct sema *s, struct m_proxy *p, struct m_rule *r)
{
    const struct vantage from = {p, r->from_defaults}, *here = &from;
    for (unsigned i = 0; i < r->action->nargs; i++) {
        struct m_arg *a = &r->args[i];
        resolve_expr(s, here, a->expr);
        resolve_fmt(s, here, a->fmt);
        resolve_reply(s, here, a->reply);
        if (a->redirect)
            resolve_fmt(s, here, a->redirect->target);
        if (a->kind == ARG_LIST && a->given && !a->list)
            resolve_list(s, r->action, a);
        if (a->kind == ARG_BWLIM)
            resolve_bwlim(s, p, a);
        if (a->kind == ARG_RESOLVERS)
            resolve_resolvers(s, a);
        if (a->kind == ARG_INT && a->given && !strcmp(r->action->name, "capture"))
            capture_exists(s, p, a, r->phase > PX_AT_REQ_HTTP);
    }
    resolve_cond(s, here, r->cond);
}

/* ---- routing ---- */

static void mind_modes(struct sema *s, struct m_proxy *fe, const struct m_proxy *be, struct span at,
                       const char *how)
{
    fe->upgrades |= !fe->in.is_http && be->in.is_http;
    if (!fe->in.is_http || be->in.is_http)
        return;
    struct diag *d = diag_add(s->diags, E0583, at,
                              "HTTP frontend '" STR_FMT "' uses TCP backend '" STR_FMT "' %s",
                              STR_ARG(fe->name), STR_ARG(be->name), how);
    diag_other(s->diags, d, be->span, "this backend is in mode tcp");
}

/* The backend of this name, if p can hand its requests to it. */
static struct m_proxy *route_to(struct sema *s, struct m_proxy *p, struct str name, struct span at,
                                const char *how)
{
    struct m_proxy *to = find_proxy(s->model, name, PX_BACKEND);
    if (!to)
        no_such_proxy(s, name, at, PX_BACKEND);
    else if (to == p)
        diag_add(s->diags, E0586, at, "%s '" STR_FMT "' uses itself as a backend %s", p->what,
                 STR_ARG(p->name), how);
    else
        mind_modes(s, p, to, at, how);
    return to;
}

static bool has_http_backend(const struct model *m)
{
    for (unsigned i = 0; i < m->proxies.n; i++)
        if ((m->proxies.v[i]->caps & PX_BACKEND) && m->proxies.v[i]->in.is_http)
            return true;
    return false;
}

static void count_route(struct sema *s, struct m_proxy *p, struct m_proxy *to)
{
    if (!to || to == p || to == p->default_backend || to->counted_by == p)
        return;
    to->counted_by = p;
    VEC_ADD(s->arena, &p->routes, to);
}

static void resolve_routes(struct sema *s, struct m_proxy *p)
{
    const struct vantage here = {.proxy = p};
    p->upgrades |= p->switches && !p->in.is_http;
    if (p->in.default_backend.len && (p->caps & PX_FRONTEND))
        p->default_backend =
            route_to(s, p, p->in.default_backend, p->in.default_backend_span, "by default");
    for (unsigned i = 0; i < p->use_backend.n; i++) {
        struct m_route *r = &p->use_backend.v[i];
        resolve_cond(s, &here, r->cond);
        resolve_fmt(s, &here, r->name);
        if (r->name) {
            mind_mapped_backends(s, r->name);
            p->upgrades |= !p->in.is_http && has_http_backend(s->model);
        } else {
            r->proxy = route_to(s, p, r->target, r->target_span, "in a rule");
            count_route(s, p, r->proxy);
        }
    }
    for (unsigned i = 0; i < p->use_server.n; i++) {
        struct m_route *r = &p->use_server.v[i];
        resolve_cond(s, &here, r->cond);
        resolve_fmt(s, &here, r->name);
        r->server = r->name ? NULL : find_server(p, r->target);
        if (!r->name && !r->server)
            no_such_server(s, p, r->target, r->target_span);
    }
    for (unsigned i = 0; i < p->persist_rules.n; i++)
        resolve_cond(s, &here, p->persist_rules.v[i].cond);
}

static void resolve_forwarded(struct sema *s, const struct vantage *here, struct m_forwarded *f)
{
    struct m_expr *exprs[] = {f->host_expr, f->by.name_expr, f->by.port_expr, f->client.name_expr,
                              f->client.port_expr};
    for (unsigned i = 0; i < COUNT(exprs); i++)
        resolve_expr(s, here, exprs[i]);
}

/* ---- advice about a proxy ---- */

static void mind_timeouts(struct sema *s, const struct m_proxy *p)
{
    bool serves = (p->caps & PX_BACKEND) && (p->servers.n || p->dispatch);
    const struct {
        enum proxy_setting setting;
        bool needed;
    } timeouts[] = {{PROXY_timeout_client, p->caps & PX_FRONTEND},
                    {PROXY_timeout_connect, serves},
                    {PROXY_timeout_server, serves}};
    struct text missing = {.arena = s->arena};
    for (unsigned i = 0; i < COUNT(timeouts); i++) {
        const struct vocab_setting *row = &vocab_proxy[timeouts[i].setting];
        if (timeouts[i].needed && !setting_number(&p->in.set[timeouts[i].setting], row))
            text_printf(&missing, "%s'%s'", missing.len ? ", " : "", row->words);
    }
    if (!missing.len)
        return;
    struct diag *d = diag_add(s->diags, W0201, p->span, "missing timeouts for %s '" STR_FMT "'",
                              p->what, STR_ARG(p->name));
    diag_note(s->diags, d, "without %.*s, a peer that vanishes holds its connection for ever",
              (int)missing.len, missing.p);
}

static void mind_binds(struct sema *s, const struct m_proxy *p)
{
    if ((p->caps & PX_FRONTEND) && !p->binds.n && !p->in.disabled)
        diag_add(s->diags, W0202, p->span,
                 "%s '" STR_FMT "' has no 'bind' line, so nothing reaches it", p->what,
                 STR_ARG(p->name));
}

/* "log global" says where only if the global section does. */
static bool logs_somewhere(const struct model *m, const struct m_proxy *p)
{
    for (unsigned i = 0; i < p->in.logs.n; i++)
        if (!p->in.logs.v[i].is_global || m->global_logs.n)
            return true;
    return false;
}

static void mind_logs(struct sema *s, const struct m_proxy *p)
{
    if ((p->caps & PX_FRONTEND) && p->in.log_kind != LOG_DEFAULT && !logs_somewhere(s->model, p))
        diag_add(s->diags, W0702, p->in.log_span,
                 "the log format of %s '" STR_FMT "' is of no use: there is no 'log' line", p->what,
                 STR_ARG(p->name));
}

static void mind_http_rules(struct sema *s, const struct m_proxy *p)
{
    static const struct {
        enum px_phase phase;
        const char *name;
    } families[] = {{PX_AT_REQ_HTTP, "http-request"},
                    {PX_AT_RES_HTTP, "http-response"},
                    {PX_AT_AFTER, "http-after-response"}};
    if (proxy_minds_http(p))
        return;
    for (unsigned i = 0; i < COUNT(families); i++)
        if (p->rules[families[i].phase].n)
            diag_add(s->diags, W0302, p->rules[families[i].phase].v[0]->span,
                     "'%s' rules are ignored: %s '" STR_FMT "' is not in mode http",
                     families[i].name, p->what, STR_ARG(p->name));
    for (unsigned i = 0; i < p->servers.n; i++)
        if (p->servers.v[i]->set[SERVER_redirect].redirect)
            diag_add(s->diags, W0301, p->servers.v[i]->set[SERVER_redirect].span,
                     "'redir' is ignored in mode tcp");
    if (p->redirects.n)
        diag_add(s->diags, W0302, p->redirects.v[0]->span,
                 "'redirect' rules are ignored: %s '" STR_FMT "' is not in mode http", p->what,
                 STR_ARG(p->name));
    const char *told[] = {p->in.forwardfor ? "option forwardfor" : NULL,
                          p->in.originalto ? "option originalto" : NULL,
                          p->in.forwarded ? "option forwarded" : NULL,
                          p->in.send_name ? "http-send-name-header" : NULL};
    for (unsigned i = 0; i < COUNT(told); i++)
        if (told[i])
            diag_add(s->diags, W0302, p->span,
                     "'%s' is ignored: %s '" STR_FMT "' is not in mode http", told[i], p->what,
                     STR_ARG(p->name));
}

/* A rule that always ends the rule set makes those behind it useless. */
static void mind_final(struct sema *s, const struct m_proxy *p)
{
    for (unsigned phase = 0; phase < PHASES; phase++) {
        if (phase != PX_AT_REQ_HTTP && phase != PX_AT_RES_HTTP && phase != PX_AT_AFTER)
            continue;
        for (unsigned i = 0; i + 1 < p->rules[phase].n; i++) {
            const struct m_rule *r = p->rules[phase].v[i];
            if (!r->action->final || r->cond || r->from_defaults)
                continue;
            struct diag *d = diag_add(s->diags, W0505, p->rules[phase].v[i + 1]->span,
                                      "this rule is never reached");
            diag_other(s->diags, d, r->span, "'%s' without a condition ends the rule set",
                       r->action->name);
            break;
        }
    }
}

/* ---- defaults sections ---- */

/* HAProxy forbids rules that one request could meet twice. */
static void mind_shared_rules(struct sema *s, struct m_defaults *d)
{
    struct m_proxy *p = s->proxy;
    struct diag *x;
    if (p->caps == (PX_FRONTEND | PX_BACKEND)) {
        x = diag_add(s->diags, E0215, p->span,
                     "a listen section cannot take over a defaults section that has rules");
        diag_other(s->diags, x, d->rules.v[0]->span, "the first rule");
    } else if (d->user && d->user->caps != p->caps) {
        x = diag_add(s->diags, E0217, p->span,
                     "%s '" STR_FMT "' takes over rules that %s '" STR_FMT "' has taken over",
                     p->what, STR_ARG(p->name), d->user->what, STR_ARG(d->user->name));
        diag_other(s->diags, x, d->rules.v[0]->span, "the first rule");
    } else {
        d->user = p;
    }
}

void inherit_rules(struct sema *s)
{
    struct m_defaults *d = s->proxy->defaults;
    for (unsigned i = 0; d && i < d->rules.n; i++) {
        struct m_rule *r = NEW(s->arena, struct m_rule); /* each proxy resolves its own */
        *r = *d->rules.v[i];
        VEC_ADD(s->arena, &s->proxy->rules[r->phase], r);
    }
    if (d && d->rules.n)
        mind_shared_rules(s, d);
}

/* Used by name and as the latest one: the reader cannot tell which was meant. */
static void mind_defaults(struct sema *s, const struct m_defaults *d)
{
    for (unsigned i = 0; d->name.len && d->named_uses && i < s->model->proxies.n; i++) {
        const struct m_proxy *p = s->model->proxies.v[i];
        if (p->defaults != d || p->section->nwords > 2)
            continue;
        struct diag *x = diag_add(s->diags, W0203, p->span,
                                  "this takes over defaults section '" STR_FMT
                                  "' by its position, and other proxies by name",
                                  STR_ARG(d->name));
        diag_other(s->diags, x, d->span, "which is here");
    }
    for (unsigned i = 0; d->named_uses && i < s->model->defaults.n; i++) {
        const struct m_defaults *other = s->model->defaults.v[i];
        if (other == d || !str_eq(other->name, d->name) || other->span.start > d->span.start)
            continue;
        struct diag *x =
            diag_add(s->diags, E0216, d->span, "two defaults sections are named '" STR_FMT "'",
                     STR_ARG(d->name));
        diag_other(s->diags, x, other->span, "the other one is here");
    }
}

/* ---- everything ---- */

/* The text that the proxy's log option stands for; NULL: its log-format says it. */
static const char *log_option_text(struct sema *s, const struct m_proxy *p)
{
    enum log_kind kind = p->in.log_kind;
    bool http = kind == LOG_HTTP || kind == LOG_HTTPS || kind == LOG_CLF;
    if (http && !p->in.is_http) {
        if (s->advise)
            diag_add(s->diags, W0703, p->in.log_span,
                     "'option %s' is not usable in mode tcp: 'option tcplog' is used",
                     kind == LOG_HTTPS ? "httpslog" : "httplog");
        return log_kind_text(LOG_TCP);
    }
    if (p->in.log_kind == LOG_DEFAULT)
        return p->in.is_http ? "Connect from %ci:%cp to %fi:%fp (%f/HTTP)"
                             : "Connect from %ci:%cp to %fi:%fp (%f/TCP)";
    return log_kind_text(p->in.log_kind);
}

/* Without a target they are of no use, and have to be right all the same. */
static void make_log_formats(struct sema *s, struct m_proxy *p)
{
    if (!(p->caps & PX_FRONTEND))
        return;
    const char *text = log_option_text(s, p);
    struct word w = {.span = p->in.log_span};
    if (text) {
        struct source *src = source_from(s->arena, "log format", str_of(text));
        w = (struct word){.text = src->text, .span = {src, 0, (uint32_t)src->text.len}};
    }
    struct m_fmt *f = NULL, *sd = NULL, *error = NULL;
    if (!text || p->in.logs.n)
        f = log_fmt_check(s, text ? &w : p->in.log_format, p->in.is_http);
    if (p->in.log_sd)
        sd = log_fmt_check(s, p->in.log_sd, p->in.is_http);
    if (p->in.log_error)
        error = log_fmt_check(s, p->in.log_error, p->in.is_http);
    resolve_fmt(s, &(struct vantage){.proxy = p}, f);
    resolve_fmt(s, &(struct vantage){.proxy = p}, sd);
    resolve_fmt(s, &(struct vantage){.proxy = p}, error);
    p->log_fmt = p->in.logs.n ? f : NULL;
    p->log_sd_fmt = p->in.logs.n ? sd : NULL;
    p->log_error_fmt = p->in.logs.n ? error : NULL;
}

static void make_unique_id(struct sema *s, struct m_proxy *p)
{
    if (!(p->caps & PX_FRONTEND))
        return;
    if (p->in.unique_id) {
        p->unique_id_fmt = id_fmt_check(s, p->in.unique_id, p->in.is_http);
        resolve_fmt(s, &(struct vantage){.proxy = p}, p->unique_id_fmt);
    } else if (p->in.unique_id_header && s->advise) {
        diag_add(s->diags, W0704, p->in.unique_id_header_span,
                 "%s '" STR_FMT "' has a header for identifiers, but no 'unique-id-format'",
                 p->what, STR_ARG(p->name));
    }
}

/* HAProxy manual, "tune.http.cookielen". */
static void limit_cookie(struct sema *s, struct m_capture_cookie *c)
{
    const struct vocab_setting *row = &vocab_global[GLOBAL_cookielen];
    int64_t most = setting_number(&s->model->global[GLOBAL_cookielen], row);
    if (!c->begin.len || c->len <= most)
        return;
    struct diag *d = diag_add(s->diags, W0507, c->span, "the captured cookie is cut at %lld bytes",
                              (long long)most);
    diag_note(s->diags, d, "'%s' allows no more", row->words);
    c->len = (unsigned)most;
}

/* HAProxy manual, "option tcp-smart-accept": in mode http unless it is said otherwise. */
static void settle_accept(struct m_proxy *p)
{
    struct m_setting *smart = &p->in.set[PROXY_tcp_smart_accept];
    if (p->in.is_http && (p->caps & PX_FRONTEND) && !smart->set)
        *smart = (struct m_setting){.set = true, .number = 1};
}

static void resolve_vectors(struct sema *s, const struct vantage *here, const struct m_server *srv)
{
    const struct m_vectors *vectors = srv->set[SERVER_vectors].vectors;
    for (unsigned i = 0; vectors && i < vectors->v.n; i++)
        resolve_fmt(s, here, vectors->v.v[i].value);
}

static void resolve_sticks(struct sema *s, const struct vantage *here, struct m_proxy *p)
{
    for (unsigned i = 0; i < p->sticks.n; i++) {
        resolve_expr(s, here, p->sticks.v[i].key);
        resolve_cond(s, here, p->sticks.v[i].cond);
    }
    settle_sticks(s, p);
}

static void resolve_proxy(struct sema *s, struct m_proxy *p)
{
    const struct vantage here = {.proxy = p};
    for (unsigned i = 0; i < p->servers.n; i++)
        resolve_vectors(s, &here, p->servers.v[i]);
    for (unsigned phase = 0; phase < PHASES; phase++)
        for (unsigned i = 0; i < p->rules[phase].n; i++)
            resolve_rule(s, p, p->rules[phase].v[i]);
    for (unsigned i = 0; i < p->redirects.n; i++)
        resolve_rule(s, p, p->redirects.v[i]);
    for (unsigned i = 0; i < p->monitor_fail.n; i++)
        resolve_cond(s, &here, p->monitor_fail.v[i]);
    for (unsigned i = 0; i < p->acls.entries.n; i++)
        resolve_acl(s, &here, p->acls.entries.v[i].value);
    resolve_sticks(s, &here, p);
    const struct vantage shared = {p, true}; /* those of defaults belong to several proxies */
    for (unsigned i = 0; i < p->in.errors.n; i++)
        resolve_reply(s, &shared, p->in.errors.v[i].reply);
    if (p->in.forwarded)
        resolve_forwarded(s, &shared, p->in.forwarded);
    resolve_routes(s, p);
    make_log_formats(s, p);
    make_unique_id(s, p);
    settle_balance(s, p);
    settle_persistence(s, p);
    if (p->balance_key)
        resolve_expr(s, &here, p->balance_key);
    limit_cookie(s, &p->cookie);
    settle_accept(p);
    if (!s->advise)
        return;
    mind_timeouts(s, p);
    mind_binds(s, p);
    mind_logs(s, p);
    mind_http_rules(s, p);
    mind_final(s, p);
}

/* What the process could not run with. */
static void mind_ranges(struct sema *s)
{
    static const struct {
        enum global_setting setting;
        int64_t low, high;
    } ranges[] = {{GLOBAL_nbthread, 1, 64},
                  {GLOBAL_bufsize, 1024, INT32_MAX / 2},
                  {GLOBAL_maxhdr, 1, 32767},
                  {GLOBAL_logurilen, 1, INT32_MAX},
                  {GLOBAL_stats_maxconn, 1, INT32_MAX}};
    for (unsigned i = 0; i < COUNT(ranges); i++) {
        const struct m_setting *set = &s->model->global[ranges[i].setting];
        if (set->set && (set->number < ranges[i].low || set->number > ranges[i].high))
            diag_add(s->diags, E0371, set->span, "%s: %lld is not between %lld and %lld",
                     vocab_global[ranges[i].setting].words, (long long)set->number,
                     (long long)ranges[i].low, (long long)ranges[i].high);
    }
}

/* Half of a buffer is always there for what arrives (HAProxy manual, "tune.maxrewrite"). */
static void settle_buffers(struct model *m)
{
    struct m_setting *rewrite = &m->global[GLOBAL_maxrewrite];
    int64_t half = setting_number(&m->global[GLOBAL_bufsize], &vocab_global[GLOBAL_bufsize]) / 2;
    int64_t bytes = setting_number(rewrite, &vocab_global[GLOBAL_maxrewrite]);
    rewrite->number = bytes < half ? bytes : half;
    rewrite->set = true;
}

/* HAProxy manual, "dispatch": an address for those that balancing does not serve; so it is one or
 * the other. */
static void drop_dispatch(struct sema *s, struct m_proxy *p)
{
    struct diag *d = diag_add(s->diags, W0301, p->dispatch->span,
                              "'dispatch' is ignored: %s '" STR_FMT "' balances its servers",
                              p->what, STR_ARG(p->name));
    diag_other(s->diags, d, p->in.balance_span, "by this line");
    p->dispatch = NULL;
}

static void settle_transparent(struct sema *s, struct m_proxy *p, bool balances)
{
    const struct m_setting *set = &p->in.set[PROXY_transparent];
    if (balances) {
        struct diag *d = diag_add(s->diags, E0388, set->span,
                                  "%s '" STR_FMT "' cannot be transparent and balance its servers",
                                  p->what, STR_ARG(p->name));
        diag_other(s->diags, d, p->in.balance_span, "balancing is asked for here");
    }
    if (p->dispatch)
        return;
    p->dispatch = nameless_server(s, p, set->span);
    p->dispatch->addr.family = PX_AF_INET; /* any */
    p->dispatch->follows = true;
}

static void settle_dispatch(struct sema *s, struct m_proxy *p)
{
    const struct m_setting *set = &p->in.set[PROXY_transparent];
    bool balances = p->in.balance_span.source;
    if (p->dispatch && balances)
        drop_dispatch(s, p);
    if ((p->caps & PX_BACKEND) && set->set && set->number)
        settle_transparent(s, p, balances);
}

static bool id_is_taken(const struct model *m, unsigned id)
{
    for (unsigned i = 0; i < m->ref_ids.n; i++)
        if (m->ref_ids.v[i] == id)
            return true;
    return false;
}

/* As in HAProxy: those without an id get the ones that are left, in the order of the file. */
static void number_lists(struct model *m)
{
    unsigned id = 0, ref = 0;
    for (unsigned i = 0; i < m->lists.entries.n; i++) {
        struct m_list *l = m->lists.entries.v[i].value;
        for (; ref <= l->id; ref++) {
            while (id_is_taken(m, id))
                id++;
            id++;
        }
        l->id = id - 1;
    }
}

static void mind_admins(struct model *m)
{
    for (unsigned i = 0; i < m->stats_sockets.n; i++) {
        const struct m_setting *level = &m->stats_sockets.v[i]->set[BIND_level];
        m->admin |= level->set && !strcmp(level->text, "admin");
    }
}

/* What its tcp-request content rules do to the mode of p. */
static void settle_mode(struct sema *s, struct m_proxy *p)
{
    for (unsigned i = 0; i < p->rules[PX_AT_REQ_TCP].n; i++) {
        const struct m_rule *r = p->rules[PX_AT_REQ_TCP].v[i];
        if (strcmp(r->action->name, "switch-mode"))
            continue;
        p->switches = true;
        if (!(p->caps & PX_FRONTEND))
            diag_add(s->diags, E0558, r->span, "%s '" STR_FMT "' has no clients of its own",
                     p->what, STR_ARG(p->name));
    }
}

void resolve_model(struct sema *s)
{
    struct model *m = s->model;
    number_lists(m);
    mind_admins(m);
    mind_ranges(s);
    s->advise = !s->diags->errors; /* first things first, as in HAProxy */
    settle_buffers(m);
    settle_rings(s);
    settle_resolvers(s);
    settle_cases(s);
    settle_binds(s);
    for (unsigned i = 0; i < m->proxies.n; i++)
        settle_dispatch(s, m->proxies.v[i]);
    for (unsigned i = 0; i < m->proxies.n; i++)
        settle_mode(s, m->proxies.v[i]);
    settle_sources(s);
    settle_checks(s);
    settle_states(s);
    settle_mail(s);
    number_model(s);
    for (unsigned i = 0; i < m->proxies.n; i++) {
        s->proxy = m->proxies.v[i];
        resolve_proxy(s, m->proxies.v[i]);
    }
    s->proxy = NULL;
    for (unsigned i = 0; i < m->defaults.n; i++)
        mind_defaults(s, m->defaults.v[i]);
    for (unsigned i = 0; i < m->init_rules.n; i++)
        resolve_rule(s, NULL, m->init_rules.v[i]);
    settle_named(s);
}
