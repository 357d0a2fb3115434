/*
 * The vocabulary as a table: "proxyc keywords". See cli.h.
 *
 * Not here: the vocabulary itself. Idea: one record a name, the same fields for every kind; TSV
 * and JSON are two ways to print a record.
 */
#include "cli.h"

#include "../sema/directives.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[NSPACES] = {
    [SPACE_FETCH] = "fetch",     [SPACE_CONV] = "converter",
    [SPACE_ACTION] = "action",   [SPACE_ALIAS] = "alias",
    [SPACE_GLOBAL] = "global",   [SPACE_PROXY] = "proxy",
    [SPACE_BIND] = "bind",       [SPACE_SERVER] = "server",
    [SPACE_SECTION] = "section", [SPACE_USERLIST] = "userlist",
    [SPACE_ERRORS] = "errors",   [SPACE_NAMESPACES] = "namespaces",
    [SPACE_RING] = "ring",       [SPACE_RING_SERVER] = "ring-server",
    [SPACE_MAILERS] = "mailers",
    [SPACE_TABLE] = "table",     [SPACE_STORE] = "store",
    [SPACE_RESOLVERS] = "resolvers",
    [SPACE_OTHER] = "other",
};

static const char shorthand_kind[] = "shorthand";

enum field { F_KIND, F_NAME, F_STATUS, F_TYPE, F_ARGS, F_WHERE, F_EXAMPLE, F_DOC, NFIELDS };
static const char *const field_names[NFIELDS] = {"kind",      "name",  "status",  "type",
                                                 "arguments", "where", "example", "description"};

struct record {
    struct str fields[NFIELDS];
};

#define ARG_NAME(k) [ARG_##k] = #k,
static const char *const arg_names[ARG_KINDS] = {VOCAB_ARG_KINDS(ARG_NAME)};

static struct str args_text(struct arena *a, const enum arg_kind *args, unsigned n)
{
    struct text t = {.arena = a};
    for (unsigned i = 0; i < n; i++) {
        const char *name = arg_names[args[i]];
        bool optional = name[0] == 'O' && strcmp(name, "OPERAND");
        text_printf(&t, "%s", i ? " " : "");
        for (const char *c = name + optional; *c; c++)
            text_printf(&t, "%c", *c | 0x20);
        text_put(&t, "?", optional);
    }
    return (struct str){t.len ? t.p : "", t.len};
}

static struct str phases_text(struct arena *a, unsigned phases)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{AT_CONN, "tcp-request-connection"},
                 {AT_SESS, "tcp-request-session"},
                 {AT_REQ_TCP, "tcp-request-content"},
                 {AT_REQ_HTTP, "http-request"},
                 {AT_RES_TCP, "tcp-response"},
                 {AT_RES_HTTP, "http-response"},
                 {AT_AFTER, "http-after-response"},
                 {AT_LOG, "log"},
                 {AT_INIT, "init"}, {AT_CHECK, "check"}};
    struct text t = {.arena = a};
    for (unsigned i = 0; i < COUNT(names); i++)
        if (phases & names[i].bit)
            text_printf(&t, "%s%s", t.len ? " " : "", names[i].name);
    return (struct str){t.len ? t.p : "", t.len};
}

static struct str where_text(struct arena *a, unsigned where)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{IN_GLOBAL, "global"},   {IN_DEFAULTS, "defaults"}, {IN_FRONTEND, "frontend"},
                 {IN_BACKEND, "backend"}, {IN_BIND, "bind"},         {IN_SERVER, "server"}};
    struct text t = {.arena = a};
    for (unsigned i = 0; i < COUNT(names); i++)
        if (where & names[i].bit)
            text_printf(&t, "%s%s", t.len ? " " : "", names[i].name);
    return (struct str){t.len ? t.p : "", t.len};
}

/* ---- records of the kinds ---- */

static void describe_fetch(struct arena *a, const struct vocab_fetch *f, struct record *r)
{
    r->fields[F_TYPE] = str_of(px_type_name(f->type));
    r->fields[F_ARGS] = args_text(a, f->args, f->nargs);
    r->fields[F_WHERE] = phases_text(a, f->phases);
    r->fields[F_EXAMPLE] = str_of(f->example);
    r->fields[F_DOC] = str_of(f->doc);
}

static void describe_conv(struct arena *a, const struct vocab_conv *c, struct record *r)
{
    r->fields[F_TYPE] = str_printf(a, "%s to %s", px_type_name(c->in), px_type_name(c->out));
    r->fields[F_ARGS] = args_text(a, c->args, c->nargs);
    r->fields[F_EXAMPLE] = str_of(c->example);
    r->fields[F_DOC] = str_of(c->doc);
}

static void describe_action(struct arena *a, const struct vocab_action *x, struct record *r)
{
    r->fields[F_TYPE] = x->final ? STR("final") : STR("");
    r->fields[F_ARGS] = args_text(a, x->args, x->nargs);
    r->fields[F_WHERE] = phases_text(a, x->phases);
    r->fields[F_EXAMPLE] = str_of(x->example);
    r->fields[F_DOC] = str_of(x->doc);
}

static const struct vocab_fetch *fetch_of(const struct vocab *v, const char *name)
{
    return vocab_find(v, SPACE_FETCH, str_of(name))->row;
}

static void describe_shorthand(struct arena *a, const struct vocab *v,
                               const struct vocab_shorthand *h, struct record *r)
{
    const struct vocab_fetch *f = fetch_of(v, h->fetch);
    bool matches = h->method >= 0;
    const char *how = matches ? match_method_name((enum match_method)h->method) : "";
    const char *args = f->example + strcspn(f->example, "( ");
    struct text doc = {.arena = a};
    describe_fetch(a, f, r);
    r->fields[F_EXAMPLE] = str_printf(a, "%s%.*s", h->name, (int)strcspn(args, " "), args);
    text_printf(&doc, "'%s%s%s'", h->fetch, matches ? " -m " : "", how);
    if (h->response_fetch) {
        unsigned phases = f->phases | fetch_of(v, h->response_fetch)->phases;
        r->fields[F_WHERE] = phases_text(a, phases);
        text_printf(&doc, ", or of responses '%s%s%s'", h->response_fetch, matches ? " -m " : "",
                    how);
    }
    r->fields[F_DOC] = (struct str){doc.p, doc.len};
}

static struct str kind_text(enum setting_kind kind)
{
    static const char *const names[] = {
        [SETTING_FLAG] = "flag",     [SETTING_UINT] = "integer",    [SETTING_INT] = "integer",
        [SETTING_TIME] = "time, ms", [SETTING_TIME_S] = "time, s",  [SETTING_SIZE] = "size",
        [SETTING_TEXT] = "text",     [SETTING_LINE] = "text",       [SETTING_ONOFF] = "on|off",
        [SETTING_MODE] = "mode",     [SETTING_U32] = "number",      [SETTING_VECTORS] = "format",
        [SETTING_SOURCE] = "source", [SETTING_THREADS] = "threads", [SETTING_SHARDS] = "shards",
        [SETTING_REDIRECT] = "prefix", [SETTING_ENDPOINT] = "address",
        [SETTING_HOST] = "host"};
    return str_of(names[kind]);
}

static void describe_setting(struct arena *a, const struct vocab_setting *s, struct record *r)
{
    r->fields[F_TYPE] = kind_text(s->kind);
    r->fields[F_WHERE] = where_text(a, s->where);
    r->fields[F_DOC] = str_of(s->doc);
}

static void describe_directive(struct arena *a, const struct directive_row *d, struct record *r)
{
    if (d->setting) {
        describe_setting(a, d->setting, r);
        return;
    }
    r->fields[F_WHERE] = where_text(a, d->where);
    r->fields[F_DOC] = str_of(d->doc);
}

static void describe(struct arena *a, enum vocab_space space, const void *row, struct record *r)
{
    switch (space) {
    case SPACE_FETCH:
        describe_fetch(a, row, r);
        break;
    case SPACE_CONV:
        describe_conv(a, row, r);
        break;
    case SPACE_ACTION:
        describe_action(a, row, r);
        break;
    case SPACE_ALIAS:
        r->fields[F_DOC] = str_of(((const struct vocab_alias *)row)->doc);
        break;
    case SPACE_BIND:
    case SPACE_SERVER:
        describe_setting(a, row, r);
        break;
    case SPACE_SECTION:
        break;
    default:
        describe_directive(a, row, r);
    }
}

/* ---- printing ---- */

static void print_tsv(const struct record *r)
{
    for (unsigned i = 0; i < NFIELDS; i++)
        printf("%s" STR_FMT, i ? "\t" : "", STR_ARG(r->fields[i]));
    putchar('\n');
}

static void print_json_string(struct str s)
{
    putchar('"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            putchar('\\');
        putchar(s.p[i]);
    }
    putchar('"');
}

static void print_json(const struct record *r, bool first)
{
    printf("%s  {", first ? "" : ",\n");
    for (unsigned i = 0, n = 0; i < NFIELDS; i++) {
        if (!r->fields[i].len)
            continue;
        printf("%s\"%s\": ", n++ ? ", " : "", field_names[i]);
        print_json_string(r->fields[i]);
    }
    putchar('}');
}

static void print_record(const struct record *r, bool json, bool *first)
{
    if (json)
        print_json(r, *first);
    else
        print_tsv(r);
    *first = false;
}

static void print_space(struct cli *cli, const struct vocab *v, enum vocab_space space, bool json,
                        bool *first)
{
    static const char *const statuses[] = {[VOCAB_ON] = "supported",
                                           [VOCAB_LATER] = "not yet",
                                           [VOCAB_NEVER] = "out of scope",
                                           [VOCAB_REMOVED] = "removed"};
    struct str *names;
    unsigned n = vocab_names(v, space, &names);
    for (unsigned i = 0; i < n; i++) {
        const struct vocab_entry *e = vocab_find(v, space, names[i]);
        struct record r = {.fields = {[F_KIND] = str_of(kinds[space]),
                                      [F_NAME] = names[i],
                                      [F_STATUS] = str_of(statuses[e->status])}};
        if (e->status == VOCAB_ON)
            describe(cli->arena, space, e->row, &r);
        else if (e->hint)
            r.fields[F_DOC] = str_of(e->hint);
        print_record(&r, json, first);
    }
}

static void print_shorthands(struct cli *cli, const struct vocab *v, bool json, bool *first)
{
    unsigned n;
    const struct vocab_shorthand *all = vocab_shorthands(&n);
    for (unsigned i = 0; i < n; i++) {
        struct record r = {.fields = {[F_KIND] = str_of(shorthand_kind),
                                      [F_NAME] = str_of(all[i].name),
                                      [F_STATUS] = STR("supported")}};
        describe_shorthand(cli->arena, v, &all[i], &r);
        print_record(&r, json, first);
    }
}

static bool is_kind(const char *word)
{
    for (unsigned i = 0; i < NSPACES; i++)
        if (!strcmp(word, kinds[i]))
            return true;
    if (!strcmp(word, shorthand_kind))
        return true;
    cli_complain("there is no kind '%s'; kinds are:", word);
    for (unsigned i = 0; i < NSPACES; i++)
        fprintf(stderr, "%s%s", i ? ", " : "    ", kinds[i]);
    fprintf(stderr, ", %s\n", shorthand_kind);
    return false;
}

static bool is_wanted(const struct cli *cli, const char *kind)
{
    for (unsigned i = 0; i < cli->files.n; i++)
        if (!strcmp(cli->files.v[i], kind))
            return true;
    return !cli->files.n;
}

int command_keywords(struct cli *cli)
{
    bool json = cli->format && !strcmp(cli->format, "json"), first = true;
    if (cli->format && !json && strcmp(cli->format, "tsv")) {
        cli_complain("--format of keywords is tsv or json, not '%s'", cli->format);
        return EXIT_USAGE;
    }
    for (unsigned i = 0; i < cli->files.n; i++)
        if (!is_kind(cli->files.v[i]))
            return EXIT_USAGE;
    const struct vocab *v = sema_vocab(cli->arena);
    if (json)
        printf("[\n");
    else
        for (unsigned i = 0; i < NFIELDS; i++)
            printf("%s%s", i ? "\t" : "", field_names[i]);
    if (!json)
        putchar('\n');
    for (unsigned i = 0; i < NSPACES; i++)
        if (is_wanted(cli, kinds[i]))
            print_space(cli, v, (enum vocab_space)i, json, &first);
    if (is_wanted(cli, shorthand_kind))
        print_shorthands(cli, v, json, &first);
    if (json)
        printf("\n]\n");
    return EXIT_VALID;
}
