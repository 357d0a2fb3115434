/*
 * Fuzz target: what is inside of words: expressions, actions, formats, conditions of rules and of
 * ".if", values and addresses.
 *
 * The first line of the input is cut into words, and each word goes through every parser. They
 * answer NULL if and only if they reported something.
 */
#include "compiler/syntax/expr.h"
#include "compiler/syntax/config.h"
#include "compiler/syntax/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *environment[] = {"A=alpha", "LIST=one two  three", "EMPTY=", NULL};

static const struct config_options options = {
    .version = "2.6.12", .features = "+OPENSSL -LUA", .ssllib = "OpenSSL 3.0.17 1 Jul 2025"};

struct bench {
    struct syntax sx;
    struct env *env;
    const struct word *words;
    unsigned n;
    bool printing; /* messages are printed before they are forgotten */
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_span(struct span s)
{
    must(s.source && s.start <= s.end && s.end <= s.source->text.len);
}

static void check_call(const struct call *c)
{
    must(c->name.len);
    check_span(c->span);
    check_span(c->name_span);
    for (unsigned i = 0; i < c->nargs; i++) {
        must(!c->args[i].text.p[c->args[i].text.len]);
        check_span(c->args[i].span);
    }
}

static void check_expr(const struct expr *x)
{
    if (!x)
        return;
    check_span(x->span);
    check_call(&x->fetch);
    for (unsigned i = 0; i < x->converters.n; i++)
        check_call(&x->converters.v[i]);
}

static void check_fmt(const struct fmt *f)
{
    for (unsigned i = 0; f && i < f->items.n; i++) {
        check_span(f->items.v[i].span);
        must((f->items.v[i].kind == FMT_EXPR) == (f->items.v[i].expr != NULL));
        check_expr(f->items.v[i].expr);
    }
}

static void check_cond(const struct cond *c)
{
    if (!c)
        return;
    must(c->groups.n);
    for (unsigned i = 0; i < c->groups.n; i++) {
        must(c->groups.v[i].terms.n);
        for (unsigned k = 0; k < c->groups.v[i].terms.n; k++) {
            check_span(c->groups.v[i].terms.v[k].span);
            must(c->groups.v[i].terms.v[k].name.len || c->groups.v[i].terms.v[k].nwords);
        }
    }
}

/* Errors so far; what a parser answers has to agree with whether it added some. */
static unsigned errors(const struct bench *b)
{
    return b->sx.diags->errors;
}

static void forget(struct bench *b)
{
    *b->sx.diags = (struct diags){.arena = b->sx.arena};
}

static void print(struct bench *b)
{
    static FILE *sink;
    if (!sink)
        sink = fopen("/dev/null", "w");
    if (sink && b->printing)
        diag_print_all(b->sx.diags, sink, DIAG_PRETTY, false);
    forget(b);
}

static void run_expr(struct bench *b, const struct word *w)
{
    struct expr *x = expr_parse(&b->sx, w, 0, w->text.len);
    must(!x == (errors(b) > 0));
    check_expr(x);
    print(b);
    struct call c;
    bool good = call_parse(&b->sx, w, &c);
    must(good == !errors(b));
    if (good)
        check_call(&c);
    print(b);
}

static void run_fmt(struct bench *b, const struct word *w)
{
    for (unsigned separators = 0; separators < 2; separators++) {
        struct fmt *f = fmt_parse(&b->sx, w, separators);
        must(!f == (errors(b) > 0));
        check_fmt(f);
        print(b);
    }
}

static void run_values(struct bench *b, const struct word *w)
{
    struct address *list = NULL;
    uint64_t u;
    int64_t i;
    uint8_t ip[16];
    must(value_time(w->text, 1, &u) != VALUE_OK || u <= INT32_MAX);
    value_size(w->text, &u);
    value_int(w->text, &i);
    must(value_uint(w->text, 65535, &u) != VALUE_OK || u <= 65535);
    value_ipv4(w->text, ip);
    value_ipv6(w->text, ip);
    int mask = value_mask(w->text, 32);
    must(mask >= -1 && mask <= 32);
    for (unsigned flags = 0; flags < 128; flags += 21) {
        unsigned n = address_parse(b->sx.arena, b->sx.diags, b->env, w, flags, &list);
        must(!n == (errors(b) > 0));
        print(b);
    }
}

static void run_conditions(struct bench *b)
{
    struct cond *c = cond_parse(&b->sx, b->words, b->n);
    must(!c == (errors(b) > 0));
    check_cond(c);
    print(b);
    struct word joined = words_join(b->sx.arena, b->words, b->n);
    int truth = condition_eval(b->sx.arena, b->sx.diags, b->env, &options, &joined);
    must(truth >= -1 && truth <= 1 && (truth < 0) == (errors(b) > 0));
    print(b);
    for (unsigned at = 0; at < b->n;) {
        unsigned before = at;
        check_expr(expr_parse_words(&b->sx, b->words, b->n, &at));
        must(at > before && at <= b->n);
    }
    print(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct diags diags = {.arena = a};
    struct env *env = env_new(a, environment);
    struct word_context ctx = {.arena = a, .diags = &diags, .env = env, .section = {"", 0}};
    struct source *s = source_from(a, "fuzz.cfg", (struct str){(const char *)data, size});
    struct words words;
    words_cut(&ctx, s, 0, &words);
    struct bench b = {{a, &diags}, env, words.v, words.n, size % 4 == 0};
    print(&b);
    for (unsigned i = 0; i < words.n; i++) {
        run_expr(&b, &words.v[i]);
        run_fmt(&b, &words.v[i]);
        run_values(&b, &words.v[i]);
    }
    if (words.n)
        run_conditions(&b);
    arena_free(a);
    return 0;
}
