%% banner
/*
 * {{config}}: a proxy made by proxyc.
 *
 * Generated; change the configuration instead. Rules are mapped to their lines, so that debuggers
 * and compiler messages speak of those.
 */
#include "abi.h"

%% heading

/* ---- {{title}} ---- */
%% expr

static enum px_found {{name}}(struct px_txn *t, struct px_sample *s)
{
{{body}}    return PX_FOUND;
}
%% expr_only

static enum px_found {{name}}(struct px_txn *t, struct px_sample *s)
{
    return {{call}};
}
%% each

static enum px_found {{name}}(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    enum px_found found = {{call}};
    if (found == PX_FOUND && !({{convert}}))
        return PX_ABSENT;
    return found;
}
%% each_only

static enum px_found {{name}}(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    return {{call}};
}
%% memo_open

/* What {{who}} has read so far. */
struct {{name}} {
%% memo_close
};
%% memo_shared

static struct {{name}} *{{name}}__shared(const struct px_txn *t)
{
    static _Thread_local struct px_kept whose;
    static _Thread_local struct {{name}} memo;
    if (!px_is_shared(&whose, t))
        memo = (struct {{name}}){0};
    return &memo;
}
%% kept

static _Thread_local struct px_kept {{place}};
static enum px_found {{name}}(struct px_txn *t, struct px_sample *s)
{
    if ({{test}}(&{{place}}, t))
        return px_kept_again(&{{place}}, s);
    s->open = false;
    return px_keep(&{{place}}, t, s, {{compute}}(t, s));
}
%% kept_each

static _Thread_local struct px_kept_list {{place}};
static enum px_found {{name}}(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    if (!{{test}}(&{{place}}.end, t))
        px_keep_all(&{{place}}, t, {{compute}});
    return px_kept_next(&{{place}}, s, it);
}
%% forget

static void {{name}}(void)
{
{{lines}}}
%% set_one

static const uint16_t *{{name}}(struct px_txn *t, struct {{scope}} *m)
{
    struct px_sample s{{init}};
    enum px_found found;
{{known}}    found = {{expr}};
{{later}}    m->{{field}} = px_no_hits;
    if (found == PX_FOUND{{cast}})
        m->{{field}} = {{match}};
{{open}}    return m->{{field}};
}
%% set_each

static const uint16_t *{{name}}(struct px_txn *t, struct {{scope}} *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
{{known}}    m->{{field}} = px_no_hits;
    while (!it.last && (found = {{expr}}(t, &s, &it)) == PX_FOUND) {
{{cast}}        m->{{field}} = px_hits_join(m->{{field}}, {{match}});
    }
{{open}}    return m->{{field}};
}
%% test_one

static {{result}} {{name}}(struct px_txn *t, struct {{scope}} *m)
{
    struct px_sample s{{init}};
    enum px_found found = {{expr}};
    (void)m;
{{later}}    return {{check}};
}
%% test_each

static {{result}} {{name}}(struct px_txn *t, struct {{scope}} *m)
{
    struct px_iter it = {0};
    struct px_sample s;
    enum px_found found;
    (void)m;
    while (!it.last && (found = {{expr}}(t, &s, &it)) == PX_FOUND) {
        if ({{check}})
            return {{yes}};
    }
{{later}}    return {{no}};
}
%% acl

static {{result}} {{name}}(struct px_txn *t, struct {{scope}} *m)
{
{{body}}}
%% named

static enum px_tri {{name}}(struct px_txn *t)
{
{{memo}}    return {{holds}};
}
%% known

static enum px_tri {{name}}(struct px_txn *t)
{
    (void)t;
    return {{holds}};
}
%% rules_open

static enum px_verdict {{name}}(struct px_txn *t)
{
{{memo}}    enum px_verdict v;
    (void)m;
%% rules_close
    return PX_GO;
}
%% piece_open

static enum px_verdict {{name}}(struct px_txn *t, struct {{scope}} *m)
{
    enum px_verdict v;
    (void)m;
%% cases_open

static enum px_verdict {{name}}(struct px_txn *t, struct {{scope}} *m, unsigned rule)
{
    enum px_verdict v;
    (void)m;
    switch (rule) {
%% cases_close
    }
    return PX_GO;
}
%% route_open

static const struct {{type}} *{{name}}(struct px_txn *t)
{
{{memo}}    (void)m;
%% route_close
    return NULL;
}
%% indexed
    {
        struct px_candidates c = {.n = 0};
{{candidates}}        for (unsigned i = 0; i < c.n; i++) {
            if (!{{name}}[c.v[i]].holds || {{name}}[c.v[i]].holds(t, m))
                return {{name}}[c.v[i]].target;
        }
    }
%% indexed_sure
    {
        struct px_candidates c = {.n = 0};
{{candidates}}        if (c.n)
            return {{name}}[c.v[0]];
    }
%% switch_open
    {
        struct px_candidates c = {.n = 0};
{{candidates}}        for (unsigned i = 0; i < c.n; i++) switch ({{which}}) {
%% switch_close
        }
    }
%% persistence_open

static enum px_persist_rule {{name}}(struct px_txn *t)
{
{{memo}}    (void)m;
%% persistence_close
    return PX_PERSIST_USUAL;
}
%% monitor_open

static enum px_tri {{name}}(struct px_txn *t)
{
{{memo}}    (void)m;
%% monitor_close
    return PX_FALSE;
}
%% stick_open

static void {{name}}(struct px_txn *t)
{
{{memo}}    (void)m;
%% fmt_open

static void {{name}}(struct px_txn *t, struct px_out *out)
{
%% fmt_close
}
%% program

const struct px_program px_program = {
    .abi = PX_ABI_VERSION,
    .config = {{config}},
    .global = &global,
    .proxies = proxies,
    .nproxies = {{nproxies}},
{{backend_names}}    .binds = binds,
    .nbinds = {{nbinds}},
    .nservers = {{nservers}},
    .nlog_targets = {{nlogs}},
{{reach}}    .names = &names,
    .vars = {{vars}},
    .nvars = {{nvars}},
    .prepare = {{prepare}},
    .log = {{log}},
    .environment = {{environment}},
};
