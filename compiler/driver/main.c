/*
 * The command line of proxyc. See cli.h.
 *
 * Not here: what commands do. Idea: options are rows of cli.def, and whatever reads the command
 * line or describes it is made from those.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum field_kind { SWITCH, TEXT, LIST };

#define KIND_OF(field)                                                                             \
    _Generic(((struct cli *)0)->field, bool : SWITCH, const char * : TEXT, struct words_list : LIST)

static const struct option {
    char letter;
    const char *name;
    enum field_kind kind;
    size_t at;
} options[] = {
#define CLI_OPTION(letter, name, argument, field, doc)                                             \
    {letter, name, KIND_OF(field), offsetof(struct cli, field)},
#include "cli.def"
};

static const struct command {
    const char *name, *arguments;
    int (*run)(struct cli *cli);
} commands[] = {
#define CLI_COMMAND(name, arguments, function, doc) {name, arguments, function},
#include "cli.def"
};

/* ---- options ---- */

struct parser {
    struct cli *cli;
    int argc, at;
    char **argv;
};

static void *field_of(const struct parser *p, const struct option *o)
{
    return (char *)p->cli + o->at;
}

static void set_text(struct parser *p, const struct option *o, const char *value)
{
    if (o->kind == LIST)
        VEC_ADD(p->cli->arena, (struct words_list *)field_of(p, o), value);
    else
        *(const char **)field_of(p, o) = value;
}

/* attached: the argument, when it stands in the same word. */
static bool take(struct parser *p, const struct option *o, const char *attached)
{
    if (o->kind == SWITCH) {
        *(bool *)field_of(p, o) = true;
        return true;
    }
    if (!attached && p->at + 1 >= p->argc) {
        cli_complain("--%s needs an argument", o->name);
        return false;
    }
    set_text(p, o, attached ? attached : p->argv[++p->at]);
    return true;
}

static bool unknown_option(const char *word)
{
    struct str names[COUNT(options)], name = str_of(word + (word[1] == '-' ? 2 : 1));
    for (unsigned i = 0; i < COUNT(options); i++)
        names[i] = str_of(options[i].name);
    struct str near = diag_nearest(name, names, COUNT(names));
    if (near.len)
        cli_complain("'%s' is not an option; did you mean '--" STR_FMT "'?", word, STR_ARG(near));
    else
        cli_complain("'%s' is not an option; try 'proxyc help'", word);
    return false;
}

static bool take_long(struct parser *p, const char *word)
{
    size_t len = strcspn(word + 2, "=");
    for (unsigned i = 0; i < COUNT(options); i++) {
        const struct option *o = &options[i];
        if (strncmp(o->name, word + 2, len) || o->name[len])
            continue;
        const char *attached = word[2 + len] ? word + 3 + len : NULL;
        if (!attached || o->kind != SWITCH)
            return take(p, o, attached);
        cli_complain("--%s takes no argument", o->name);
        return false;
    }
    return unknown_option(word);
}

static const struct option *by_letter(char c)
{
    for (unsigned i = 0; i < COUNT(options); i++)
        if (options[i].letter && options[i].letter == c)
            return &options[i];
    return NULL;
}

/* -q, -qD, -o FILE, -oFILE */
static bool take_short(struct parser *p, const char *word)
{
    for (const char *c = word + 1; *c; c++) {
        const struct option *o = by_letter(*c);
        if (!o)
            return unknown_option(word);
        if (o->kind != SWITCH)
            return take(p, o, c[1] ? c + 1 : NULL);
        take(p, o, NULL);
    }
    return true;
}

static bool read_words(struct parser *p)
{
    for (; p->at < p->argc; p->at++) {
        const char *word = p->argv[p->at];
        if (!strcmp(word, "--")) {
            while (++p->at < p->argc)
                VEC_ADD(p->cli->arena, &p->cli->rest, p->argv[p->at]);
            return true;
        }
        if (word[0] != '-' || !word[1])
            VEC_ADD(p->cli->arena, &p->cli->files, word);
        else if (!(word[1] == '-' ? take_long(p, word) : take_short(p, word)))
            return false;
    }
    return true;
}

/* ---- commands ---- */

static const struct command *find_command(const char *name)
{
    struct str names[COUNT(commands)];
    for (unsigned i = 0; i < COUNT(commands); i++) {
        if (!strcmp(commands[i].name, name))
            return &commands[i];
        names[i] = str_of(commands[i].name);
    }
    struct str near = diag_nearest(str_of(name), names, COUNT(names));
    if (near.len)
        cli_complain("'%s' is not a command; did you mean '" STR_FMT "'?", name, STR_ARG(near));
    else if (!access(name, R_OK))
        cli_complain("'%s' is not a command; to read this file, write 'proxyc check %s'", name,
                     name);
    else
        cli_complain("'%s' is not a command; try 'proxyc help'", name);
    return NULL;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct parser p = {.cli = cli, .argc = argc, .argv = argv, .at = 1};
    const struct command *command = NULL;
    if (argc > 1 && argv[1][0] != '-') {
        command = find_command(argv[1]);
        if (!command)
            return EXIT_USAGE;
        p.at = 2;
    }
    if (!read_words(&p))
        return EXIT_USAGE;
    if (cli->version)
        return command_version(cli);
    if (cli->help || (command && command->run == command_help))
        return command_help(cli);
    if (!command) {
        command_help(cli);
        return EXIT_USAGE;
    }
    if (strstr(command->arguments, "FILE") && !cli->files.n) {
        cli_complain("'%s' needs a file; standard input is '-'", command->name);
        return EXIT_USAGE;
    }
    return command->run(cli);
}

int main(int argc, char **argv)
{
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc ? argv[0] : "";
    if (!strcmp(name, "haproxy"))
        return haproxy_main(argc, argv);
    struct cli cli = {.arena = arena_new()};
    int code = run(&cli, argc, argv);
    arena_free(cli.arena);
    if (fflush(stdout) && code == EXIT_VALID) {
        cli_complain("cannot write to standard output");
        return EXIT_INTERNAL;
    }
    return code;
}
