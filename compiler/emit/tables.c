/*
 * The tables: proxies, log targets, responses, and what else the runtime walks.
 *
 * Not here: listeners and servers (sockets.c).
 */
#include "tables.h"

#include <string.h>

/* ---- log targets ---- */

static const char *log_format_symbol(unsigned format)
{
    static const char *const symbols[] = {
        [PX_LOG_LOCAL] = "PX_LOG_LOCAL",     [PX_LOG_RFC3164] = "PX_LOG_RFC3164",
        [PX_LOG_RFC5424] = "PX_LOG_RFC5424", [PX_LOG_PRIORITY] = "PX_LOG_PRIORITY",
        [PX_LOG_SHORT] = "PX_LOG_SHORT",     [PX_LOG_TIMED] = "PX_LOG_TIMED",
        [PX_LOG_ISO] = "PX_LOG_ISO",         [PX_LOG_RAW] = "PX_LOG_RAW",
    };
    return symbols[format];
}

/* HAProxy manual, "log-send-hostname": where no format is given, it is one with a host name. */
static unsigned log_format_of(const struct emit *e, const struct m_log *l)
{
    if (l->ring)
        return l->ring->format;
    bool named = !l->has_format && e->plan->model->log_send_hostname;
    return named ? PX_LOG_RFC3164 : l->format;
}

/* The end of a line counts, but there is none in a ring. */
static unsigned log_max_len(const struct m_log *l)
{
    if (!l->ring)
        return l->max_len;
    return (l->ring->max_len < l->max_len ? l->ring->max_len : l->max_len) + 1;
}

static void put_log(struct emit *e, const struct m_log *l, struct str name)
{
    if (l->ranges.n) {
        put(e, "static const struct px_log_range " STR_FMT "__ranges[] = {", STR_ARG(name));
        for (unsigned i = 0; i < l->ranges.n; i++)
            put(e, "%s{%u, %u}", i ? ", " : "", l->ranges.v[i].low, l->ranges.v[i].high);
        put(e, "};\n");
    }
    put(e, "static const struct px_log_target " STR_FMT " = {\n    .to = ", STR_ARG(name));
    put_endpoint(e, &l->to);
    put(e,
        ",\n    .format = %s,\n    .facility = %u,\n    .max_level = %u,\n    .min_level = %u,\n",
        log_format_symbol(log_format_of(e, l)), l->facility, l->max_level, l->min_level);
    put(e, "    .max_len = %u,\n    .number = %u,\n", log_max_len(l), e->plan->nlogs++);
    if (l->ring)
        put(e, "    .ring = &rings[%u],\n", l->ring->number);
    if (l->ranges.n)
        put(e, "    .sample_size = %u,\n    .nranges = %u,\n    .ranges = " STR_FMT "__ranges,\n",
            l->sample_size, l->ranges.n, STR_ARG(name));
    put(e, "};\n");
}

static void put_ring_servers(struct emit *e, const struct m_ring *r)
{
    if (!r->servers.n)
        return;
    put(e, "static const struct px_ring_server ring_%u__servers[] = {\n", r->number);
    for (unsigned i = 0; i < r->servers.n; i++) {
        const struct m_ring_server *s = &r->servers.v[i];
        put(e, "    {.name = " STR_FMT ", .addr = ", STR_ARG(literal(e->arena, s->name)));
        put_endpoint(e, &s->addr);
        put(e, "%s},\n", s->counts ? ", .counts = true" : "");
    }
    put(e, "};\n");
}

void put_rings(struct emit *e)
{
    const struct model *m = e->plan->model;
    enum part was = turn_to(e, PART_NAMES);
    for (unsigned i = 0; i < m->rings.n; i++)
        put_ring_servers(e, m->rings.v[i]);
    for (unsigned i = 0; i < m->rings.n; i++) {
        const struct m_ring *r = m->rings.v[i];
        put(e,
            "%s    {.name = " STR_FMT ",\n     .description = " STR_FMT
            ",\n     .size = %lld,\n     .connect_timeout = %lld,\n     .server_timeout = %lld,\n",
            i ? "" : "static const struct px_ring rings[] = {\n",
            STR_ARG(literal(e->arena, r->name)), STR_ARG(literal(e->arena, r->description)),
            (long long)r->size, (long long)r->timeout_connect, (long long)r->timeout_server);
        if (r->servers.n)
            put(e, "     .servers = ring_%u__servers,\n     .nservers = %u,\n", r->number,
                r->servers.n);
        put(e, "     .number = %u},\n%s", r->number, i + 1 < m->rings.n ? "" : "};\n");
    }
    turn_to(e, was);
}

void put_mailers(struct emit *e)
{
    const struct model *m = e->plan->model;
    enum part was = turn_to(e, PART_NAMES);
    for (unsigned i = 0; i < m->mailers.n; i++) {
        const struct m_mailers *ms = m->mailers.v[i];
        if (!ms->mailers.n)
            continue;
        put(e, "static const struct px_mailer mailers_%u__list[] = {\n", ms->number);
        for (unsigned k = 0; k < ms->mailers.n; k++) {
            put(e, "    {.name = " STR_FMT ", .addr = ",
                STR_ARG(literal(e->arena, ms->mailers.v[k].name)));
            put_endpoint(e, &ms->mailers.v[k].addr);
            put(e, "},\n");
        }
        put(e, "};\n");
    }
    for (unsigned i = 0; i < m->mailers.n; i++) {
        const struct m_mailers *ms = m->mailers.v[i];
        put(e, "%s    {.name = " STR_FMT ",\n     .timeout_mail = %lld,\n",
            i ? "" : "static const struct px_mailers mailers[] = {\n",
            STR_ARG(literal(e->arena, ms->name)), (long long)ms->timeout);
        if (ms->mailers.n)
            put(e, "     .mailers = mailers_%u__list,\n", ms->number);
        put(e, "     .n = %u},\n%s", ms->mailers.n, i + 1 < m->mailers.n ? "" : "};\n");
    }
    turn_to(e, was);
}

void put_stick_tables(struct emit *e)
{
    static const char *const types[] = {[PX_SINT] = "PX_SINT",
                                        [PX_STRING] = "PX_STRING",
                                        [PX_BIN] = "PX_BIN",
                                        [PX_IPV4] = "PX_IPV4",
                                        [PX_IPV6] = "PX_IPV6"};
    const struct model *m = e->plan->model;
    enum part was = turn_to(e, PART_NAMES);
    for (unsigned i = 0; i < m->tables.n; i++)
        put(e, "%s" STR_FMT "%s", i ? ", " : "enum { ", STR_ARG(table_symbol(e, m->tables.v[i])),
            i + 1 < m->tables.n ? "" : " };\n");
    for (unsigned i = 0; i < m->tables.n; i++) {
        const struct m_table *t = m->tables.v[i];
        put(e, "%s    [" STR_FMT "] = {.name = " STR_FMT ",\n     .type = %s,\n",
            i ? "" : "static const struct px_stick_table tables[] = {\n",
            STR_ARG(table_symbol(e, t)), STR_ARG(literal(e->arena, t->proxy->name)),
            types[t->type]);
        put(e, "     .data = %u,\n     .key_size = %u,\n     .size = %lld,\n", t->data, t->key_size,
            (long long)t->size);
        if (t->expire)
            put(e, "     .expire = %lld,\n", (long long)t->expire);
        put(e, "%s%s     .number = %u},\n%s", t->by_addr ? "     .by_addr = true,\n" : "",
            t->nopurge ? "     .nopurge = true,\n" : "", t->number,
            i + 1 < m->tables.n ? "" : "};\n");
    }
    turn_to(e, was);
}

/* The list of targets of one proxy, or of the process; "log global" stands for all of those. */
struct log_list {
    VEC(struct str) names;
};

static struct str log_name(struct emit *e, const struct m_log *l)
{
    struct str key = str_printf(e->arena, "log%p", (const void *)l->span.source);
    key = str_printf(e->arena, STR_FMT ":%u:%u", STR_ARG(key), l->span.start, l->span.end);
    void **at = map_at(e->arena, &e->names, key);
    if (!*at) {
        struct str *name = NEW(e->arena, struct str);
        unsigned line = l->span.source ? source_place(l->span.source, l->span.start).line : 0;
        *name = plan_identifier(e->plan, "log_line_%u", line);
        put_log(e, l, *name);
        *at = name;
    }
    return *(struct str *)*at;
}

static void put_log_list(struct emit *e, const struct log_list *list, struct str name)
{
    put(e, "static const struct px_log_target *const " STR_FMT "[] = {", STR_ARG(name));
    for (unsigned i = 0; i < list->names.n; i++)
        put(e, "%s&" STR_FMT, i ? ", " : "", STR_ARG(list->names.v[i]));
    put(e, "};\n");
}

static struct log_list global_logs(struct emit *e)
{
    struct log_list list = {0};
    const struct model *m = e->plan->model;
    for (unsigned i = 0; i < m->global_logs.n; i++)
        VEC_ADD(e->arena, &list.names, log_name(e, &m->global_logs.v[i]));
    return list;
}

static struct log_list proxy_logs(struct emit *e, const struct m_proxy *p)
{
    struct log_list list = {0};
    for (unsigned i = 0; i < p->in.logs.n; i++) {
        const struct m_log *l = &p->in.logs.v[i];
        if (!l->is_global) {
            VEC_ADD(e->arena, &list.names, log_name(e, l));
            continue;
        }
        struct log_list global = global_logs(e);
        for (unsigned k = 0; k < global.names.n; k++)
            VEC_ADD(e->arena, &list.names, global.names.v[k]);
    }
    return list;
}

/* ---- responses ---- */

static void put_reply(struct emit *e, const struct m_reply *r)
{
    static const char *const layouts[] = {[PX_REPLY_RULE] = "PX_REPLY_RULE",
                                          [PX_REPLY_PAGE] = "PX_REPLY_PAGE",
                                          [PX_REPLY_FILE] = "PX_REPLY_FILE"};
    struct text hdrs = {.arena = e->arena};
    for (unsigned i = 0; i < r->hdrs.n; i++)
        text_printf(&hdrs, "    {&" STR_FMT ", &" STR_FMT "},\n",
                    STR_ARG(name_symbol(e, r->hdrs.v[i].name)),
                    STR_ARG(fmt_symbol(e, r->hdrs.v[i].value)));
    if (hdrs.len)
        put(e, "static const struct px_reply_hdr reply_%u_hdrs[] = {\n%.*s};\n", r->number,
            (int)hdrs.len, hdrs.p);
    struct str type = r->type ? fmt_symbol(e, r->type) : STR("");
    struct str body = r->body ? fmt_symbol(e, r->body) : STR("");
    put(e, "static const struct px_reply reply_%u = {\n    .status = %u,\n    .layout = %s,\n",
        r->number, r->status, layouts[r->layout]);
    if (r->silent)
        put(e, "    .silent = true,\n");
    if (r->http_10)
        put(e, "    .http_10 = true,\n");
    if (r->close)
        put(e, "    .close = true,\n");
    if (r->says_close)
        put(e, "    .says_close = true,\n");
    if (r->builtin)
        put(e, "    .page = true,\n");
    if (r->reason.p)
        put(e, "    .reason = " STR_FMT ",\n", STR_ARG(literal(e->arena, r->reason)));
    if (r->type)
        put(e, "    .type = &" STR_FMT ",\n", STR_ARG(type));
    if (r->body)
        put(e, "    .body = &" STR_FMT ",\n", STR_ARG(body));
    if (r->hdrs.n)
        put(e, "    .hdrs = reply_%u_hdrs,\n    .nhdrs = %u,\n", r->number, r->hdrs.n);
    put(e, "};\n");
}

void need_reply(struct emit *e, const struct m_reply *r)
{
    void **at = map_at(e->arena, &e->names, str_printf(e->arena, "reply%u", r->number));
    if (*at)
        return;
    *at = (void *)r;
    enum part was = turn_to(e, PART_REPLIES);
    put_reply(e, r);
    turn_to(e, was);
}

void need_redirect(struct emit *e, const struct m_redirect *r)
{
    static const char *const kinds[] = {[PX_REDIR_LOCATION] = "PX_REDIR_LOCATION",
                                        [PX_REDIR_PREFIX] = "PX_REDIR_PREFIX",
                                        [PX_REDIR_SCHEME] = "PX_REDIR_SCHEME"};
    void **at = map_at(e->arena, &e->names, str_printf(e->arena, "redirect%u", r->number));
    if (*at)
        return;
    *at = (void *)r;
    struct str target = fmt_symbol(e, r->target);
    enum part was = turn_to(e, PART_REPLIES);
    put(e, "static const struct px_redirect redirect_%u = {\n    .kind = %s,\n    .code = %u,\n",
        r->number, kinds[r->kind], r->code);
    if (r->drop_query)
        put(e, "    .drop_query = true,\n");
    if (r->append_slash)
        put(e, "    .append_slash = true,\n");
    if (r->ignore_empty)
        put(e, "    .ignore_empty = true,\n");
    if (r->keep_query)
        put(e, "    .keep_query = true,\n");
    put(e, "    .target = &" STR_FMT ",\n", STR_ARG(target));
    if (r->cookie.len)
        put(e, "    .cookie = " STR_FMT ",\n", STR_ARG(literal(e->arena, r->cookie)));
    put(e, "};\n");
    turn_to(e, was);
}

/* ---- proxies ---- */

static const char *const rule_members[PHASES] = {
    [PX_AT_CONN] = "tcp_connection",       [PX_AT_SESS] = "tcp_session",
    [PX_AT_REQ_TCP] = "tcp_request",       [PX_AT_REQ_HTTP] = "http_request",
    [PX_AT_RES_TCP] = "tcp_response",      [PX_AT_RES_HTTP] = "http_response",
    [PX_AT_AFTER] = "http_after_response",
};

static const char *function_member(const struct p_function *f)
{
    switch (f->kind) {
    case FN_ROUTE:
        return "use_backend";
    case FN_SERVER:
        return "use_server";
    case FN_PERSIST:
        return "persist";
    case FN_MONITOR:
        return "monitor_fail";
    case FN_STICK:
        return f->phase == PX_AT_RES_HTTP || f->phase == PX_AT_RES_TCP ? "stick_response"
                                                                       : "stick_request";
    default:
        return rule_members[f->phase];
    }
}

static void put_rule_table(struct emit *e, const struct p_proxy *px)
{
    if (!px->functions.n)
        return;
    put(e, "static const struct px_rules rules_of__" STR_FMT " = {\n", STR_ARG(px->name));
    for (unsigned i = 0; i < px->functions.n; i++)
        put(e, "    .%s = " STR_FMT ",\n", function_member(px->functions.v[i]),
            STR_ARG(px->functions.v[i]->name));
    put(e, "};\n");
}

static void put_captures(struct emit *e, const struct m_proxy *p)
{
    if (!p->captures_req.n && !p->captures_res.n)
        return;
    struct text t = {.arena = e->arena};
    for (unsigned i = 0; i < p->captures_req.n + p->captures_res.n; i++) {
        const struct m_capture *c = i < p->captures_req.n
                                        ? &p->captures_req.v[i]
                                        : &p->captures_res.v[i - p->captures_req.n];
        if (c->header)
            text_printf(&t, "    {&" STR_FMT ", %u},\n", STR_ARG(name_symbol(e, c->header)),
                        c->len);
        else
            text_printf(&t, "    {NULL, %u},\n", c->len);
    }
    put(e, "static const struct px_capture captures_of__" STR_FMT "[] = {\n%.*s};\n",
        STR_ARG(proxy_symbol(e, p)), (int)t.len, t.p);
}

static void put_forwardfor(struct emit *e, const struct m_proxy *p, const struct m_forwardfor *f,
                           const char *what)
{
    if (!f || !proxy_minds_http(p))
        return;
    struct str name = name_symbol(e, f->name);
    put(e, "static const struct px_forwardfor %s_of__" STR_FMT " = {\n    .name = &" STR_FMT ",\n",
        what, STR_ARG(proxy_symbol(e, p)), STR_ARG(name));
    if (f->if_none)
        put(e, "    .if_none = true,\n");
    if (f->except_family) {
        put(e, "    .except_family = %s,\n    .except_len = %u,\n    .except = {",
            f->except_family == PX_AF_INET6 ? "PX_AF_INET6" : "PX_AF_INET", f->except_len);
        for (unsigned i = 0; i < 16; i++)
            put(e, "%s%u", i ? ", " : "", f->except[i]);
        put(e, "},\n");
    }
    put(e, "};\n");
}

static void put_end(struct emit *e, const char *what, const struct m_end *x)
{
    const struct {
        const char *name;
        const struct m_expr *expr;
    } exprs[] = {{"name_expr", x->name_expr}, {"port_expr", x->port_expr}};
    if (x->name)
        put(e, "    .%s.name = true,\n", what);
    if (x->port)
        put(e, "    .%s.port = true,\n", what);
    for (unsigned i = 0; i < COUNT(exprs); i++)
        if (exprs[i].expr)
            put(e, "    .%s.%s = " STR_FMT ",\n", what, exprs[i].name,
                STR_ARG(expr_function(e, exprs[i].expr)));
}

static void put_forwarded(struct emit *e, const struct m_proxy *p)
{
    const struct m_forwarded *f = p->in.forwarded;
    if (!f || !p->in.is_http || !(p->caps & PX_BACKEND))
        return;
    put(e,
        "static const struct px_forwarded forwarded_of__" STR_FMT
        " = {\n    .put = px_put_forwarded,\n    .name = &" STR_FMT ",\n",
        STR_ARG(proxy_symbol(e, p)), STR_ARG(name_symbol(e, f->name)));
    if (f->proto)
        put(e, "    .proto = true,\n");
    if (f->host)
        put(e, "    .host = true,\n");
    if (f->host_expr)
        put(e, "    .host_expr = " STR_FMT ",\n", STR_ARG(expr_function(e, f->host_expr)));
    put_end(e, "by", &f->by);
    put_end(e, "client", &f->client);
    put(e, "};\n");
}

static void put_errors(struct emit *e, const struct m_proxy *p)
{
    static const unsigned statuses[] = {
#define STATUS(n) n,
        PX_ERROR_STATUSES(STATUS)
#undef STATUS
    };
    for (unsigned k = 0; k < COUNT(statuses); k++) {
        for (unsigned i = p->in.errors.n; i-- > 0;) {
            const struct m_error *x = &p->in.errors.v[i];
            if (x->status != statuses[k])
                continue;
            if (!x->reply->builtin) /* else it was taken back */
                put(e, "    .errors[PX_ERR_%u] = &reply_%u,\n", x->status, x->reply->number);
            break;
        }
    }
}

static void put_proxy_modes(struct emit *e, const struct m_proxy *p)
{
    static const char *const modes[] = {[PX_KEEP_ALIVE] = "PX_KEEP_ALIVE",
                                        [PX_BLIND] = "PX_BLIND",
                                        [PX_BLIND_CLOSE] = "PX_BLIND_CLOSE",
                                        [PX_SERVER_CLOSE] = "PX_SERVER_CLOSE",
                                        [PX_CLOSE] = "PX_CLOSE"};
    static const char *const reuses[] = {[PX_REUSE_SAFE] = "PX_REUSE_SAFE",
                                         [PX_REUSE_NEVER] = "PX_REUSE_NEVER",
                                         [PX_REUSE_AGGRESSIVE] = "PX_REUSE_AGGRESSIVE",
                                         [PX_REUSE_ALWAYS] = "PX_REUSE_ALWAYS"};
    if (p->in.is_http)
        put(e, "    .is_http = true,\n");
    if (p->upgrades)
        put(e, "    .upgrade = &px_mode_http,\n");
    if (proxy_minds_http(p))
        put(e, "    .http_mode = %s,\n    .reuse = %s,\n", modes[p->in.http_mode],
            reuses[p->in.reuse]);
    if (proxy_minds_http(p) && p->in.restrict_names)
        put(e, "    .restrict_names = %s,\n",
            p->in.restrict_names == PX_NAMES_DELETE ? "PX_NAMES_DELETE" : "PX_NAMES_REJECT");
    if (p->in.disabled)
        put(e, "    .disabled = true,\n");
    if (p->in.redispatch)
        put(e, "    .redispatch = %d,\n", p->in.redispatch);
    if (p->in.splice_up || p->in.splice_down)
        put(e, "    .splice_up = %u,\n    .splice_down = %u,\n", (unsigned)p->in.splice_up,
            (unsigned)p->in.splice_down);
    if (p->in.is_http && p->in.retry_on)
        put(e, "    .retry_on = %u,\n", (unsigned)p->in.retry_on);
    if (!(p->caps & PX_BACKEND))
        return;
    if (p->mailers)
        put(e, "    .mailers = &mailers[%u],\n    .email_level = %u,\n", p->mailers->number,
            p->email_level);
    if (p->state_file.len)
        put(e, "    .state_file = " STR_FMT ",\n    .state_file_is_global = %s,\n",
            STR_ARG(literal(e->arena, p->state_file)),
            p->in.states == STATES_GLOBAL ? "true" : "false");
    const struct m_algorithm *a = p->in.algorithm;
    put(e, "    .lb = &px_lb_%s,\n    .lb_arg = %d,\n",
        a->sym                     ? a->sym
        : p->in.hashing.consistent ? "consistent"
                                   : "map_based",
        p->in.lb_arg);
    if (a->sym)
        return;
    put(e, "    .balance = &balance_" STR_FMT ",\n", STR_ARG(proxy_symbol(e, p)));
    if (p->in.hashing.affinity)
        put(e, "    .affinity = %s,\n",
            p->in.hashing.affinity == PX_AFFINITY_MAXCONN ? "PX_AFFINITY_MAXCONN"
                                                          : "PX_AFFINITY_MAXQUEUE");
}

/* How the key of an algorithm that hashes is found. */
static void put_balance(struct emit *e, const struct m_proxy *p)
{
    static const char *const functions[] = {"PX_HASH_SDBM", "PX_HASH_DJB2", "PX_HASH_WT6",
                                            "PX_HASH_CRC32", "PX_HASH_NONE"};
    const struct m_algorithm *a = p->in.algorithm;
    const struct m_hashing *h = &p->in.hashing;
    if (!(p->caps & PX_BACKEND) || a->sym)
        return;
    struct str key = p->balance_key ? expr_function(e, p->balance_key) : STR("NULL");
    put(e, "\nstatic const struct px_balance balance_" STR_FMT " = {\n    .name = \"%s\",\n",
        STR_ARG(proxy_symbol(e, p)), a->name);
    put(e, "    .hash = px_balance_%s,\n    .key = " STR_FMT ",\n    .function = %s,\n",
        h->param.len ? "param" : a->hash,
        STR_ARG(key), functions[h->function]);
    const struct {
        const char *name;
        bool set;
    } flags[] = {{"avalanche", h->avalanche},
                 {"domain_only", h->domain_only},
                 {"whole", h->whole},
                 {"path_only", h->path_only}};
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].set)
            put(e, "    .%s = true,\n", flags[i].name);
    if (h->param.len)
        put(e, "    .param = PX_STR(" STR_FMT "),\n", STR_ARG(literal(e->arena, h->param)));
    put(e, "    .len = %lld,\n    .depth = %lld,\n};\n", (long long)h->len,
        (long long)h->depth);
}

static void put_member(struct emit *e, const char *name, struct str value)
{
    put(e, "    .%s = " STR_FMT ",\n", name, STR_ARG(value));
}

static void put_proxy_logs(struct emit *e, const struct m_proxy *p, unsigned nlogs)
{
    struct str name = proxy_symbol(e, p);
    if (nlogs)
        put(e, "    .logs = logs_of__" STR_FMT ",\n    .nlogs = %u,\n", STR_ARG(name), nlogs);
    if (p->log_error_fmt)
        put_member(e, "log_error", fmt_function(e, p->log_error_fmt));
    if (!p->log_fmt)
        return;
    if (p->in.log_kind == LOG_DEFAULT) {
        put(e, "    .log_at_accept = true,\n");
        return;
    }
    if (p->log_fmt->is_constant)
        put(e, "    .log_text = &" STR_FMT ",\n", STR_ARG(fmt_symbol(e, p->log_fmt)));
    else
        put_member(e, "log_line", fmt_function(e, p->log_fmt));
    if (p->log_sd_fmt)
        put_member(e, "log_sd", fmt_function(e, p->log_sd_fmt));
}

static void put_unique_id(struct emit *e, const struct m_proxy *p)
{
    if (!p->unique_id_fmt)
        return;
    put(e, "    .unique_id = &" STR_FMT ",\n", STR_ARG(fmt_symbol(e, p->unique_id_fmt)));
    if (p->in.unique_id_header && proxy_minds_http(p))
        put(e, "    .unique_id_header = &" STR_FMT ",\n",
            STR_ARG(name_symbol(e, p->in.unique_id_header)));
}

static void put_log_needs(struct emit *e, const struct m_proxy *p)
{
    unsigned needs = p->caps & PX_FRONTEND ? e->plan->model->log_needs : 0;
    if (p->log_fmt)
        needs |= p->log_fmt->needs;
    if (p->log_sd_fmt)
        needs |= p->log_sd_fmt->needs;
    if (p->log_error_fmt)
        needs |= p->log_error_fmt->needs;
    if (p->unique_id_fmt)
        needs |= p->unique_id_fmt->needs;
    if (needs)
        put(e, "    .log_needs = %u,\n", needs);
}

/* What servers are told about clients, and about themselves. */
static void put_tellings(struct emit *e, const struct m_proxy *p, struct str name)
{
    if (!proxy_minds_http(p))
        return;
    if (p->in.forwardfor)
        put(e, "    .forwardfor = &forwardfor_of__" STR_FMT ",\n", STR_ARG(name));
    if (p->in.originalto)
        put(e, "    .originalto = &originalto_of__" STR_FMT ",\n", STR_ARG(name));
    if (p->in.forwarded && p->in.is_http && (p->caps & PX_BACKEND))
        put(e, "    .forwarded = &forwarded_of__" STR_FMT ",\n", STR_ARG(name));
    if (p->in.send_name && (p->caps & PX_BACKEND))
        put(e, "    .send_name = &" STR_FMT ",\n", STR_ARG(name_symbol(e, p->in.send_name)));
}

/* Who asks how many frontends lead to a backend? */
static bool is_counted(const struct emit *e, const struct m_proxy *be)
{
    for (unsigned i = 0; i < be->servers.n; i++)
        if (be->servers.v[i]->set[SERVER_minconn].number)
            return true;
    return e->plan->model->stats_sockets.n;
}

static unsigned count_routes(const struct emit *e, const struct m_proxy *p)
{
    unsigned n = 0;
    for (unsigned i = 0; i < p->routes.n; i++)
        n += is_counted(e, p->routes.v[i]);
    return n;
}

static void put_routes(struct emit *e, const struct m_proxy *p, struct str name)
{
    if (!count_routes(e, p))
        return;
    put(e, "static const struct px_proxy *const routes_of__" STR_FMT "[] = {\n", STR_ARG(name));
    for (unsigned i = 0; i < p->routes.n; i++)
        if (is_counted(e, p->routes.v[i]))
            put(e, "    &" STR_FMT ",\n", STR_ARG(proxy_symbol(e, p->routes.v[i])));
    put(e, "};\n");
}

static void put_proxy_lists(struct emit *e, const struct m_proxy *p, struct str name)
{
    if (p->binds.n)
        put(e, "    .binds = binds_of__" STR_FMT ",\n    .nbinds = %u,\n", STR_ARG(name),
            p->binds.n);
    if (p->servers.n)
        put(e, "    .servers = servers_of__" STR_FMT ",\n    .nservers = %u,\n", STR_ARG(name),
            p->servers.n);
    if (p->dispatch)
        put(e, "    .dispatch = &" STR_FMT ",\n", STR_ARG(server_symbol(e, p->dispatch)));
    if (p->default_backend)
        put(e, "    .default_backend = &" STR_FMT ",\n",
            STR_ARG(proxy_symbol(e, p->default_backend)));
    unsigned nroutes = count_routes(e, p);
    if (nroutes)
        put(e, "    .routes = routes_of__" STR_FMT ",\n    .nroutes = %u,\n", STR_ARG(name),
            nroutes);
    put_persistence_members(e, p);
    put_tellings(e, p, name);
    if (p->captures_req.n || p->captures_res.n)
        put(e,
            "    .ncaptures_req = %u,\n    .ncaptures_res = %u,\n    .captures = "
            "captures_of__" STR_FMT ",\n",
            p->captures_req.n, p->captures_res.n, STR_ARG(name));
    if (p->cookie.begin.len)
        put(e, "    .capture_cookie = {" STR_FMT ", %zu},\n    .capture_cookie_len = %u,\n",
            STR_ARG(literal(e->arena, p->cookie.begin)), p->cookie.begin.len, p->cookie.len);
}

static void put_proxy(struct emit *e, const struct p_proxy *px)
{
    const struct m_proxy *p = px->proxy;
    static const char *const caps[] = {"0", "PX_FRONTEND", "PX_BACKEND",
                                       "PX_FRONTEND | PX_BACKEND"};
    struct log_list logs = proxy_logs(e, p);
    for (unsigned i = 0; i < p->in.errors.n; i++)
        need_reply(e, p->in.errors.v[i].reply);
    put(e, "\n");
    need_source(e, &p->in.set[PROXY_source]);
    put_binds(e, p);
    put_servers(e, p);
    put_routes(e, p, px->name);
    put_rule_table(e, px);
    put_balance(e, p);
    put_persistence(e, p);
    bool asks = put_check(e, p);
    put_captures(e, p);
    put_forwardfor(e, p, p->in.forwardfor, "forwardfor");
    put_forwardfor(e, p, p->in.originalto, "originalto");
    put_forwarded(e, p);
    if (logs.names.n)
        put_log_list(e, &logs, str_printf(e->arena, "logs_of__" STR_FMT, STR_ARG(px->name)));
    put(e, "static const struct px_proxy " STR_FMT " = {\n    .name = " STR_FMT ",\n",
        STR_ARG(px->name), STR_ARG(literal(e->arena, p->name)));
    put(e, "    .file = " STR_FMT ",\n    .line = %u,\n",
        STR_ARG(literal(e->arena, source_label(e->arena, p->span.source))),
        source_place(p->span.source, p->span.start).line);
    put(e, "    .number = %u,\n    .id = %u,\n    .caps = %s,\n", p->number, p->id, caps[p->caps]);
    if (p->id_given)
        put(e, "    .id_given = true,\n");
    put_proxy_modes(e, p);
    put_proxy_lists(e, p, px->name);
    if (px->functions.n)
        put(e, "    .rules = &rules_of__" STR_FMT ",\n", STR_ARG(px->name));
    put_proxy_logs(e, p, logs.names.n);
    put_unique_id(e, p);
    if (asks)
        put(e, "    .check = &check_of__" STR_FMT ",\n", STR_ARG(px->name));
    put_log_needs(e, p);
    put_errors(e, p);
    put_settings(e, vocab_proxy, NPROXY_SETTINGS, p->in.set);
    put(e, "};\n");
}

void put_proxies(struct emit *e)
{
    enum part was = turn_to(e, PART_TABLES);
    for (unsigned i = 0; i < e->plan->proxies.n; i++)
        put_proxy(e, e->plan->proxies.v[i]);
    turn_to(e, was);
}

/* ---- global ---- */

void put_global(struct emit *e)
{
    const struct model *m = e->plan->model;
    enum part was = turn_to(e, PART_TABLES);
    struct log_list logs = global_logs(e);
    put(e, "\n");
    if (logs.names.n)
        put_log_list(e, &logs, STR("global_logs"));
    for (unsigned i = 0; i < m->stats_sockets.n; i++)
        put_bind(e, m->stats_sockets.v[i], bind_symbol(e, m->stats_sockets.v[i]), STR(""),
                 "px_mode_control");
    for (unsigned i = 0; i < m->cases.n; i++)
        put(e, "%s    {{" STR_FMT ", %zu}, " STR_FMT "},\n%s",
            i ? "" : "static const struct px_case h1_cases[] = {\n",
            STR_ARG(literal(e->arena, m->cases.v[i].from)), m->cases.v[i].from.len,
            STR_ARG(literal(e->arena, m->cases.v[i].to)), i + 1 < m->cases.n ? "" : "};\n");
    put(e, "static const struct px_global global = {\n");
    if (m->cases.n)
        put(e, "    .h1_cases = h1_cases,\n    .nh1_cases = %u,\n", m->cases.n);
    if (logs.names.n)
        put(e, "    .logs = global_logs,\n    .nlogs = %u,\n", logs.names.n);
    if (m->log_send_hostname)
        put(e, "    .log_send_hostname = true,\n");
    if (m->log_send_hostname_as)
        put(e, "    .log_send_hostname_as = " STR_FMT ",\n",
            STR_ARG(cstring(e->arena, m->log_send_hostname_as)));
    put_settings(e, vocab_global, NGLOBAL_SETTINGS, m->global);
    put(e, "};\n");
    turn_to(e, was);
}
