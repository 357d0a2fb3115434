/*
 * Help, the manual page and shell completion, all made from cli.def. See cli.h.
 */
#include "cli.h"

#include "../../runtime/abi/version.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name, *arguments, *doc;
} commands[] = {
#define CLI_COMMAND(name, arguments, function, doc) {name, arguments, doc},
#include "cli.def"
};

static const struct option {
    char letter;
    const char *name, *argument, *doc;
} options[] = {
#define CLI_OPTION(letter, name, argument, field, doc) {letter, name, argument, doc},
#include "cli.def"
};

/* "-o, --output BINARY" */
static const char *option_text(const struct option *o, char *text, size_t size)
{
    const char *space = *o->argument ? " " : "";
    if (o->letter)
        snprintf(text, size, "-%c, --%s%s%s", o->letter, o->name, space, o->argument);
    else
        snprintf(text, size, "    --%s%s%s", o->name, space, o->argument);
    return text;
}

/* ---- text ---- */

static int print_text(void)
{
    char text[80];
    printf("proxyc %s - makes proxies from HAProxy-style configurations\n\nUsage:\n", PX_VERSION);
    for (unsigned i = 0; i < COUNT(commands); i++) {
        snprintf(text, sizeof text, "proxyc %s %s", commands[i].name, commands[i].arguments);
        printf("  %-35s %s\n", text, commands[i].doc);
    }
    printf("\nOptions:\n");
    for (unsigned i = 0; i < COUNT(options); i++)
        printf("  %-24s %s\n", option_text(&options[i], text, sizeof text), options[i].doc);
    printf(
        "\nUnder the name 'haproxy' (a link) it takes HAProxy's own options instead: it compiles\n"
        "the configuration, and replaces itself with the proxy.\n");
    return EXIT_VALID;
}

/* ---- manual page ---- */

/* A dash is a hyphen for groff unless it is escaped, and a dot begins a request. */
static void put_roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else
            putchar(*text);
    }
}

static void put_entry(const char *head, const char *text)
{
    printf(".TP\n.B ");
    put_roff(head);
    printf("\n");
    put_roff(text);
    printf("\n");
}

static int print_man(void)
{
    char text[80];
    printf(
        ".TH PROXYC 1 \"%s\" \"proxyc %s\"\n.SH NAME\nproxyc \\- makes proxies from HAProxy-style "
        "configurations\n.SH SYNOPSIS\n",
        PX_RELEASE_DATE, PX_VERSION);
    for (unsigned i = 0; i < COUNT(commands); i++) {
        printf(".B proxyc %s\n", commands[i].name);
        if (*commands[i].arguments) {
            put_roff(commands[i].arguments);
            printf("\n");
        }
        printf(".br\n");
    }
    printf(
        ".SH DESCRIPTION\nA configuration is read and checked, lowered to C, and linked with a "
        "fixed "
        "runtime into one binary: the proxy for exactly this configuration.\n.PP\nUnder the name\n"
        ".B haproxy\nit takes the options of HAProxy, compiles the configuration and replaces "
        "itself "
        "with the proxy.\n.SH COMMANDS\n");
    for (unsigned i = 0; i < COUNT(commands); i++) {
        snprintf(text, sizeof text, "%s %s", commands[i].name, commands[i].arguments);
        put_entry(text, commands[i].doc);
    }
    printf(".SH OPTIONS\n");
    for (unsigned i = 0; i < COUNT(options); i++) {
        const char *head = option_text(&options[i], text, sizeof text);
        put_entry(head + strspn(head, " "), options[i].doc);
    }
    printf(".SH OPTIONS OF PROXIES\nEvery proxy takes these when it is started.\n");
#define PX_OPTION(text, argument, field, value, doc) put_entry("-" text, doc);
#include "../../runtime/abi/options.def"
#undef PX_OPTION
    printf(".SH EXIT STATUS\n0: valid; 1: the configuration has errors; 2: wrong usage; 70: the "
           "binary cannot be made, for reasons outside the configuration.\n.SH ENVIRONMENT\n");
    put_entry("CC", "the C compiler, with arguments if need be");
    put_entry("TMPDIR", "where the C compiler works");
    put_entry("XDG_CACHE_HOME", "where binaries are kept that were made before (proxyc/ in it)");
    put_entry("NO_COLOR", "if set, messages have no colour");
    return EXIT_VALID;
}

/* ---- completion ---- */

static int print_bash(void)
{
    printf("_proxyc()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]}\n"
           "    if [ \"$COMP_CWORD\" = 1 ]; then\n        COMPREPLY=($(compgen -W '");
    for (unsigned i = 0; i < COUNT(commands); i++)
        printf("%s%s", i ? " " : "", commands[i].name);
    printf("' -- \"$cur\"))\n    elif [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W '");
    for (unsigned i = 0; i < COUNT(options); i++)
        printf("%s--%s", i ? " " : "", options[i].name);
    printf("' -- \"$cur\"))\n    else\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n    fi\n}\n"
           "complete -o filenames -F _proxyc proxyc\n");
    return EXIT_VALID;
}

/* Quotes for a word in single quotes; zsh and fish agree on how. */
static void put_quoted(const char *text, const char *also)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr(also, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static int print_zsh(void)
{
    printf("#compdef proxyc\nlocal -a commands=(\n");
    for (unsigned i = 0; i < COUNT(commands); i++) {
        printf("    '%s:", commands[i].name);
        put_quoted(commands[i].doc, ":");
        printf("'\n");
    }
    printf(")\n_arguments \\\n");
    for (unsigned i = 0; i < COUNT(options); i++) {
        printf("    '--%s[", options[i].name);
        put_quoted(options[i].doc, "[]:");
        printf("]%s' \\\n", *options[i].argument ? ":argument:_files" : "");
    }
    printf("    '1:command:{_describe command commands}' '*:file:_files'\n");
    return EXIT_VALID;
}

static int print_fish(void)
{
    for (unsigned i = 0; i < COUNT(commands); i++) {
        printf("complete -c proxyc -n __fish_use_subcommand -a %s -d '", commands[i].name);
        put_quoted(commands[i].doc, "");
        printf("'\n");
    }
    for (unsigned i = 0; i < COUNT(options); i++) {
        printf("complete -c proxyc -l %s", options[i].name);
        if (options[i].letter)
            printf(" -s %c", options[i].letter);
        printf("%s -d '", *options[i].argument ? " -r" : "");
        put_quoted(options[i].doc, "");
        printf("'\n");
    }
    return EXIT_VALID;
}

static const struct {
    const char *name;
    int (*print)(void);
} forms[] = {{"man", print_man}, {"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

int command_help(struct cli *cli)
{
    if (!cli->files.n)
        return print_text();
    for (unsigned i = 0; i < COUNT(forms); i++)
        if (!strcmp(cli->files.v[0], forms[i].name))
            return forms[i].print();
    for (unsigned i = 0; i < COUNT(commands); i++)
        if (!strcmp(cli->files.v[0], commands[i].name))
            return printf("proxyc %s %s\n    %s\n", commands[i].name, commands[i].arguments,
                          commands[i].doc) < 0;
    cli_complain("'help' knows the commands, and the forms man, bash, zsh and fish");
    return EXIT_USAGE;
}
