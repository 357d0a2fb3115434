/*
 * Prints what one pass of the compiler made of a configuration: dump syntax|model|plan|c FILE
 *
 * For the golden files. Not a part of proxyc: users see these things as messages and as C.
 */
#include "compiler/emit/emit.h"
#include "compiler/sema/sema.h"

#include <stdio.h>
#include <string.h>

static void dump_word(const struct word *w)
{
    struct place at = source_place(w->span.source, w->span.start);
    printf("      %u:%-3u '" STR_FMT "'%s%s\n", at.line, at.column, STR_ARG(w->text),
           w->quoted ? " quoted" : "", w->expanded ? " expanded" : "");
}

static void dump_syntax(const struct config *c)
{
    for (unsigned i = 0; i < c->sections.n; i++) {
        const struct section *s = c->sections.v[i];
        printf("section\n");
        for (unsigned w = 0; w < s->nwords; w++)
            dump_word(&s->words[w]);
        for (unsigned d = 0; d < s->directives.n; d++) {
            printf("    directive\n");
            for (unsigned w = 0; w < s->directives.v[d].nwords; w++)
                dump_word(&s->directives.v[d].words[w]);
        }
    }
}

static void dump_settings(const char *indent, const struct m_setting *set,
                          const struct vocab_setting *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (set[i].set && (rows[i].kind == SETTING_TEXT || rows[i].kind == SETTING_LINE))
            printf("%s%s = '%s'\n", indent, rows[i].words, set[i].text);
        else if (set[i].set)
            printf("%s%s = %lld\n", indent, rows[i].words, (long long)set[i].number);
}

static void dump_fmt(const struct m_fmt *f)
{
    for (unsigned i = 0; i < f->items.n; i++) {
        const struct m_fmt_item *item = &f->items.v[i];
        if (item->kind == FMT_ALIAS)
            printf(" %%%s", item->alias->name);
        else if (item->kind == FMT_EXPR)
            printf(" [" STR_FMT "]", STR_ARG(item->expr->key));
        else
            printf(" '" STR_FMT "'", STR_ARG(item->text));
    }
}

static void dump_tests(const struct m_acl *acl)
{
    for (unsigned t = 0; t < acl->tests.n; t++)
        printf("{" STR_FMT " -m %s, %u pattern(s)}", STR_ARG(acl->tests.v[t]->expr->key),
               match_method_name(acl->tests.v[t]->method), acl->tests.v[t]->patterns.n);
}

static void dump_cond(const struct m_cond *c)
{
    if (!c)
        return;
    printf(" %s", c->unless ? "unless" : "if");
    for (unsigned g = 0; g < c->groups.n; g++) {
        printf("%s", g ? " or" : "");
        for (unsigned t = 0; t < c->groups.v[g].terms.n; t++) {
            const struct m_acl *acl = c->groups.v[g].terms.v[t].acl;
            printf(" %s" STR_FMT, c->groups.v[g].terms.v[t].negated ? "!" : "", STR_ARG(acl->name));
            if (acl->anonymous)
                dump_tests(acl);
        }
    }
}

static void dump_arg(const struct m_arg *a)
{
    if (a->expr)
        printf(" [" STR_FMT "]", STR_ARG(a->expr->key));
    else if (a->fmt)
        dump_fmt(a->fmt);
    else if (a->name)
        printf(" header:" STR_FMT, STR_ARG(a->name->text));
    else if (a->var)
        printf(" var:" STR_FMT, STR_ARG(a->var->name));
    else if (a->regex)
        printf(" /" STR_FMT "/", STR_ARG(a->regex->pattern));
    else if (a->reply)
        printf(" status:%u", a->reply->status);
    else if (a->redirect)
        printf(" code:%u", a->redirect->code);
    else if (a->text.p)
        printf(" '" STR_FMT "'", STR_ARG(a->text));
    else
        printf(" %lld", (long long)a->number);
}

static void dump_acls(const struct map *acls)
{
    for (unsigned i = 0; i < acls->entries.n; i++) {
        const struct m_acl *acl = acls->entries.v[i].value;
        if (acl->predefined)
            continue;
        printf("    acl " STR_FMT " ", STR_ARG(acl->name));
        dump_tests(acl);
        printf("\n");
    }
}

static void dump_rules(const struct m_proxy *p)
{
    for (unsigned phase = 0; phase < PHASES; phase++)
        for (unsigned i = 0; i < p->rules[phase].n; i++) {
            const struct m_rule *r = p->rules[phase].v[i];
            printf("    phase %u: %s", phase, r->action->name);
            for (unsigned a = 0; a < r->action->nargs; a++)
                dump_arg(&r->args[a]);
            dump_cond(r->cond);
            printf("\n");
        }
    for (unsigned i = 0; i < p->use_backend.n; i++) {
        printf("    use_backend " STR_FMT, STR_ARG(p->use_backend.v[i].target));
        dump_cond(p->use_backend.v[i].cond);
        printf("\n");
    }
}

static void dump_proxy(const struct m_proxy *p)
{
    printf("%s " STR_FMT " (%u), %s\n", p->what, STR_ARG(p->name), p->id,
           p->in.is_http ? "http" : "tcp");
    dump_settings("    ", p->in.set, vocab_proxy, NPROXY_SETTINGS);
    for (unsigned i = 0; i < p->binds.n; i++) {
        printf("    bind family %u port %d\n", p->binds.v[i]->addr.family, p->binds.v[i]->addr.port);
        dump_settings("        ", p->binds.v[i]->set, vocab_bind, NBIND_SETTINGS);
    }
    for (unsigned i = 0; i < p->servers.n; i++) {
        printf("    server " STR_FMT " (%u) port %d\n", STR_ARG(p->servers.v[i]->name),
               p->servers.v[i]->id, p->servers.v[i]->addr.port);
        dump_settings("        ", p->servers.v[i]->set, vocab_server, NSERVER_SETTINGS);
    }
    if (p->default_backend)
        printf("    default_backend " STR_FMT "\n", STR_ARG(p->default_backend->name));
    dump_acls(&p->acls);
    dump_rules(p);
}

static void dump_model(const struct model *m)
{
    printf("global\n");
    dump_settings("    ", m->global, vocab_global, NGLOBAL_SETTINGS);
    for (unsigned i = 0; i < m->proxies.n; i++)
        dump_proxy(m->proxies.v[i]);
}

static int dump(const char *pass, struct arena *a, struct diags *diags, const struct config *c)
{
    if (!strcmp(pass, "syntax")) {
        dump_syntax(c);
        return diags->errors != 0;
    }
    struct model *m = sema_check(a, diags, sema_vocab(a), c);
    if (diags->errors)
        return 1;
    if (!strcmp(pass, "model")) {
        dump_model(m);
        return 0;
    }
    struct plan *p = plan_make(a, diags, m, STR("golden.cfg"));
    struct text explained = {.arena = a};
    struct emitted out;
    plan_explain(p, &explained);
    if (!strcmp(pass, "plan")) {
        printf("%.*s", (int)explained.len, explained.p);
    } else {
        emit_program(p, &out);
        printf(STR_FMT, STR_ARG(out.program));
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    static char *environment[] = {"GREETING=hello world", NULL};
    struct arena *a = arena_new();
    struct diags diags = {.arena = a};
    struct config_options options = {
        .version = "2.6.12", .features = "+EPOLL -OPENSSL", .env = env_new(a, environment)};
    const char *path = argv[2];
    struct config *c = config_read(a, &diags, &path, 1, &options);
    int status = dump(argv[1], a, &diags, c);
    diag_print_all(&diags, stderr, DIAG_PRETTY, false);
    arena_free(a);
    return status;
}
