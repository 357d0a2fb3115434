/*
 * mailers sections, and "email-alert": who is told by mail of servers whose state changes
 * (HAProxy manual 3.6).
 */
#include "context.h"
#include "listeners.h"
#include "proxy.h"

enum { TIMEOUT_MS = 10000, LEVEL_ALERT = 1 };

struct m_mailers *mailers_new(struct sema *s, struct str name, struct span at)
{
    struct m_mailers *m = NEW(s->arena, struct m_mailers);
    *m = (struct m_mailers){.name = name, .span = at, .timeout = TIMEOUT_MS};
    for (unsigned i = 0; i < s->model->mailers.n; i++) {
        const struct m_mailers *other = s->model->mailers.v[i];
        if (!name.len || !str_eq(other->name, name))
            continue;
        struct diag *d =
            diag_add(s->diags, E0214, at, "the name '" STR_FMT "' is taken", STR_ARG(name));
        diag_other(s->diags, d, other->span, "by these mailers");
        break;
    }
    m->number = s->model->mailers.n;
    VEC_ADD(s->arena, &s->model->mailers, m);
    return m;
}

void mailers_timeout_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a time");
    int64_t ms;
    if (w && time_value(s, w, l->keyword, &ms) && line_end(s, l))
        s->mailers->timeout = ms;
}

void mailers_mailer_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "a name and an address"), *w;
    struct address *list;
    if (!name)
        return;
    object_name_is_good(s, name, "mailer");
    w = line_expect(s, l, "an address");
    if (!w || !address_parse(s->arena, s->diags, s->config->env, w,
                             ADDRESS_NAMES | ADDRESS_PORT_MANDATORY, &list) ||
        !line_end(s, l))
        return;
    struct m_mailer one = {.name = name->text, .addr = list->endpoint};
    VEC_ADD(s->arena, &s->mailers->mailers, one);
}

/* ---- proxies ---- */

void email_mailers_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "the name of a mailers section");
    if (w && line_end(s, l))
        s->in->email_mailers = w;
}

void email_level_parse(struct sema *s, struct line *l)
{
    static const char *const levels[] = {"emerg",   "alert",  "crit", "err",
                                         "warning", "notice", "info", "debug"};
    const struct word *w = line_peek(l);
    int i = choice_take(s, l, levels, COUNT(levels));
    if (i < 0)
        return;
    s->in->email_level = w;
    s->in->email_most = (unsigned)i;
}

/* It becomes part of commands and of a header. */
static void mind_address(struct sema *s, const struct m_setting *set)
{
    for (const char *p = set->text; p && *p; p++) {
        if (*p > ' ' && *p < 127 && *p != '<' && *p != '>')
            continue;
        diag_add(s->diags, E0713, set->span, "'%s' is not part of an address of mail",
                 *p == ' ' ? " " : *p == '<' ? "<" : *p == '>' ? ">" : "a control character");
        return;
    }
}

static const struct m_mailers *mailers_find(struct sema *s, const struct word *w)
{
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < s->model->mailers.n; i++) {
        if (str_eq(s->model->mailers.v[i]->name, w->text))
            return s->model->mailers.v[i];
        VEC_ADD(s->arena, &names, s->model->mailers.v[i]->name);
    }
    struct diag *d = diag_add(s->diags, E0714, w->span, "no mailers section is named '" STR_FMT "'",
                              STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names.v, names.n);
    return NULL;
}

static void settle_mail_of(struct sema *s, struct m_proxy *p)
{
    const struct m_setting *from = &p->in.set[PROXY_email_from], *to = &p->in.set[PROXY_email_to];
    const struct m_setting *host = &p->in.set[PROXY_email_myhostname];
    const struct word *mailers = p->in.email_mailers, *level = p->in.email_level;
    if (!(p->caps & PX_BACKEND))
        return;
    mind_address(s, from);
    mind_address(s, to);
    mind_address(s, host);
    if (from->text && to->text && mailers) {
        p->mailers = mailers_find(s, mailers);
        p->email_level = level ? p->in.email_most : LEVEL_ALERT;
    } else if (from->text || to->text || host->text || mailers || level) {
        struct span at = mailers      ? mailers->span
                         : from->text ? from->span
                         : to->text   ? to->span
                         : level      ? level->span
                                      : host->span;
        diag_add(s->diags, W0301, at,
                 "'email-alert' does nothing without all of 'from', 'to' and 'mailers'");
    }
}

void settle_mail(struct sema *s)
{
    for (unsigned i = 0; i < s->model->proxies.n; i++)
        settle_mail_of(s, s->model->proxies.v[i]);
}
