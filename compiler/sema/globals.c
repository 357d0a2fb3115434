/*
 * Directives of the global section, of user lists and of http-errors sections.
 */
#include "proxy.h"

#include <string.h>

void global_log_parse(struct sema *s, struct line *l)
{
    log_parse_line(s, l, true);
}

void log_send_hostname_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_next(l);
    if (!line_end(s, l))
        return;
    s->model->log_send_hostname = true;
    s->model->log_send_hostname_as = w ? str_cstr(s->arena, w->text) : NULL;
}

void nbproc_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a number");
    int64_t n;
    if (!w || !number_value(s, w, "nbproc", 1, 64, &n) || !line_end(s, l) || n == 1)
        return;
    struct diag *d =
        diag_add(s->diags, E0303, w->span, "several processes no longer exist in HAProxy");
    diag_note(s->diags, d, "use 'nbthread %lld'", (long long)n);
}

void tls_default_parse(struct sema *s, struct line *l)
{
    if (!line_expect(s, l, "a value"))
        return;
    l->at = l->n;
    if (!s->tls_notice)
        s->tls_notice = diag_add(s->diags, W0304, l->span,
                                 "'%s' has no effect: nothing here uses TLS", l->keyword);
    else
        diag_note(s->diags, s->tls_notice, "nor has '%s'", l->keyword);
}

/* What these do to variables of the configuration was done while it was read; the process does the
 * same to its own environment when it starts. */
void env_parse(struct sema *s, struct line *l)
{
    struct directive d = {l->words, l->n, l->span};
    VEC_ADD(s->arena, &s->model->env, d);
}

void stats_socket_parse(struct sema *s, struct line *l)
{
    bind_parse_line(s, l, true);
}

static void init_var(struct sema *s, struct line *l, bool fmt)
{
    const struct word *name = line_expect(s, l, "a variable and a value");
    if (!name)
        return;
    struct m_rule *r = NEW(s->arena, struct m_rule);
    struct str action = fmt ? STR("set-var-fmt") : STR("set-var");
    *r = (struct m_rule){.phase = PX_AT_INIT,
                         .span = l->span,
                         .action = vocab_find(s->vocab, SPACE_ACTION, action)->row};
    r->args[0] = (struct m_arg){
        .kind = ARG_VAR, .given = true, .var = var_intern(s, name->text, name->span)};
    r->args[1] = (struct m_arg){.kind = fmt ? ARG_FMT : ARG_EXPR, .given = true};
    r->args[2] = (struct m_arg){.kind = ARG_CONDS};
    if (!r->args[0].var)
        return;
    if (r->args[0].var->scope != PX_VAR_PROC) {
        diag_add(s->diags, E0444, name->span,
                 "only variables of scope 'proc' can be set in the global section");
        return;
    }
    const struct word *w = fmt ? line_expect(s, l, "a format") : NULL;
    if (w)
        r->args[1].fmt = fmt_check(s, w, PX_AT_INIT);
    else if (!fmt)
        r->args[1].expr = expr_take(s, l, PX_AT_INIT);
    if (r->args[1].fmt)
        r->args[1].fmt->is_raw = true;
    if ((r->args[1].fmt || r->args[1].expr) && line_end(s, l))
        VEC_ADD(s->arena, &s->model->init_rules, r);
}

void global_set_var_parse(struct sema *s, struct line *l)
{
    init_var(s, l, false);
}

void global_set_var_fmt_parse(struct sema *s, struct line *l)
{
    init_var(s, l, true);
}

/* ---- userlist ---- */

static struct m_user *find_user(struct m_userlist *u, struct str name)
{
    for (unsigned i = 0; i < u->users.n; i++)
        if (str_eq(u->users.v[i].name, name))
            return &u->users.v[i];
    return NULL;
}

/* "a,b,c" as separate names, empty ones left out. */
struct names {
    VEC(struct str) v;
};

static struct names split(struct sema *s, struct str list)
{
    struct names out = {0};
    for (size_t from = 0; from <= list.len;) {
        const char *comma = memchr(list.p + from, ',', list.len - from);
        size_t to = comma ? (size_t)(comma - list.p) : list.len;
        if (to > from)
            VEC_ADD(s->arena, &out.v, str_cut(list, from, to));
        from = to + 1;
    }
    return out;
}

static bool user_password(struct sema *s, struct line *l, struct m_user *u, bool hashed)
{
    const struct word *w = line_expect(s, l, "a password");
    if (!w)
        return false;
    u->password = w->text;
    u->has_password = true;
    u->hashed = hashed;
    return true;
}

static bool user_groups(struct sema *s, struct line *l, struct m_user *u)
{
    const struct word *w = line_expect(s, l, "groups");
    if (!w)
        return false;
    struct names names = split(s, w->text);
    for (unsigned i = 0; i < names.v.n; i++)
        VEC_ADD(s->arena, &u->groups, names.v.v[i]);
    u->groups_span = w->span;
    return true;
}

void user_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "a name");
    if (!name)
        return;
    const struct m_user *first = find_user(s->userlist, name->text);
    if (first) {
        struct diag *d = diag_add(s->diags, W0504, name->span,
                                  "a second user '" STR_FMT "' is ignored", STR_ARG(name->text));
        diag_other(s->diags, d, first->span, "the first one is here");
        return;
    }
    struct m_user u = {.name = name->text, .span = name->span};
    while (line_peek(l)) {
        bool good = line_take(l, "password")            ? user_password(s, l, &u, true)
                    : line_take(l, "insecure-password") ? user_password(s, l, &u, false)
                    : line_take(l, "groups")            ? user_groups(s, l, &u)
                                                        : line_end(s, l);
        if (!good)
            return;
    }
    VEC_ADD(s->arena, &s->userlist->users, u);
}

void group_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "a name");
    if (!name)
        return;
    VEC_ADD(s->arena, &s->userlist->groups, name->text);
    if (!line_take(l, "users")) {
        line_end(s, l);
        return;
    }
    const struct word *w = line_expect(s, l, "users");
    if (!w || !line_end(s, l))
        return;
    struct names names = split(s, w->text);
    for (unsigned i = 0; i < names.v.n; i++) {
        struct str user = names.v.v[i];
        size_t at = (size_t)(user.p - w->text.p);
        struct m_member m = {name->text, user, word_span(w, at, at + user.len)};
        VEC_ADD(s->arena, &s->userlist->members, m);
    }
}

static void no_such_user(struct sema *s, const struct m_userlist *u, const struct m_member *m)
{
    struct diag *d = diag_add(s->diags, E0570, m->span,
                              "no user of this list is named '" STR_FMT "'", STR_ARG(m->user));
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < u->users.n; i++)
        VEC_ADD(s->arena, &names, u->users.v[i].name);
    diag_suggest(s->diags, d, m->user, names.v, names.n);
}

void userlist_group(struct sema *s, const struct m_userlist *u, struct str group, struct span at)
{
    for (unsigned g = 0; g < u->groups.n; g++)
        if (str_eq(u->groups.v[g], group))
            return;
    struct diag *d =
        diag_add(s->diags, E0571, at, "no group of userlist '" STR_FMT "' is named '" STR_FMT "'",
                 STR_ARG(u->name), STR_ARG(group));
    diag_suggest(s->diags, d, group, u->groups.v, u->groups.n);
}

/* Groups may name users that come later, and the other way round. */
void userlist_check(struct sema *s, struct m_userlist *u)
{
    for (unsigned i = 0; i < u->members.n; i++) {
        const struct m_member *m = &u->members.v[i];
        struct m_user *user = find_user(u, m->user);
        if (user)
            VEC_ADD(s->arena, &user->groups, m->group);
        else
            no_such_user(s, u, m);
    }
    for (unsigned i = 0; i < u->users.n; i++)
        for (unsigned k = 0; k < u->users.v[i].groups.n; k++)
            userlist_group(s, u, u->users.v[i].groups.v[k], u->users.v[i].groups_span);
}

/* ---- http-errors ---- */

void http_errors_file_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a status and a file");
    const struct word *file = w ? line_expect(s, l, "a file") : NULL;
    uint64_t status;
    if (!file || !line_end(s, l))
        return;
    if (value_uint(w->text, 999, &status) != VALUE_OK || !status_has_page((unsigned)status)) {
        diag_add(s->diags, E0562, w->span, "there is no error page for '" STR_FMT "'",
                 STR_ARG(w->text));
        return;
    }
    struct m_reply *r = errorfile_load(s, (unsigned)status, file);
    VEC_ADD(s->arena, &s->errors->pages, ((struct m_error){(unsigned)status, r, l->span}));
}
