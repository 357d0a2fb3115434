/*
 * The commands of proxyc that read configurations, and the small ones. See cli.h.
 *
 * Not here: the vocabulary as a table (keywords.c), help in its forms (help.c).
 */
#include "build.h"
#include "cli.h"

#include "../../runtime/abi/version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool message_format(const struct cli *cli, struct compile_options *o)
{
    const char *format = cli->format ? cli->format : "pretty";
    static const char *const names[] = {
        [DIAG_PRETTY] = "pretty", [DIAG_GNU] = "gnu", [DIAG_HAPROXY] = "haproxy"};
    for (unsigned i = 0; i < COUNT(names); i++)
        if (!strcmp(format, names[i])) {
            o->format = (enum diag_format)i;
            return true;
        }
    cli_complain("--format is pretty, gnu or haproxy, not '%s'", format);
    return false;
}

static bool colour_wanted(const struct cli *cli, bool *colour)
{
    const char *when = cli->color ? cli->color : "auto";
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    if (!strcmp(when, "auto"))
        *colour = isatty(STDERR_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
    else if (!strcmp(when, "always") || !strcmp(when, "never"))
        *colour = *when == 'a';
    else {
        cli_complain("--color is auto, always or never, not '%s'", when);
        return false;
    }
    return true;
}

static int compile_files(struct cli *cli, struct compilation *c)
{
    struct compile_options o = {.files = cli->files.v,
                                .nfiles = cli->files.n,
                                .werror = cli->werror,
                                .diag_messages = cli->diag,
                                .resolve = cli->resolve};
    if (!message_format(cli, &o) || !colour_wanted(cli, &o.colour))
        return EXIT_USAGE;
    return compile(cli->arena, c, &o) ? EXIT_VALID : EXIT_INVALID;
}

static void print_explanation(const struct compilation *c)
{
    struct text out = {.arena = c->arena};
    plan_explain(c->plan, &out);
    printf("%.*s", (int)out.len, out.len ? out.p : "");
}

int command_check(struct cli *cli)
{
    struct compilation c;
    int code = compile_files(cli, &c);
    if (code != EXIT_VALID)
        return code;
    if (cli->explain)
        print_explanation(&c);
    if (!cli->quiet)
        puts("Configuration file is valid");
    return code;
}

int command_emit(struct cli *cli)
{
    struct compilation c;
    struct emitted out;
    int code = compile_files(cli, &c);
    if (code != EXIT_VALID)
        return code;
    emit_program(c.plan, &out);
    fwrite(out.program.p, 1, out.program.len, stdout);
    return code;
}

static int make_binary(struct cli *cli, struct compilation *c, const char *output,
                       const char **path)
{
    int code = compile_files(cli, c);
    if (code != EXIT_VALID)
        return code;
    struct build_options o = {.cc = cli->cc, .output = output, .debug = cli->debug};
    return build(c->arena, c->plan, &o, path) ? EXIT_VALID : EXIT_INTERNAL;
}

int command_build(struct cli *cli)
{
    struct compilation c;
    const char *path;
    struct stat st;
    if (!cli->output) {
        cli_complain("'build' needs the name of the binary: -o BINARY");
        return EXIT_USAGE;
    }
    int code = make_binary(cli, &c, cli->output, &path);
    if (code != EXIT_VALID)
        return code;
    if (cli->explain)
        print_explanation(&c);
    if (!cli->quiet && !stat(path, &st))
        printf("%s: %lld bytes, made from " STR_FMT "\n", path, (long long)st.st_size,
               STR_ARG(c.plan->config_name));
    return code;
}

/* What a proxy is called that has no file of its own: as its configuration. */
static char *name_of(const struct compilation *c)
{
    struct str name = c->plan->config_name;
    if (name.len > 4 && !memcmp(name.p + name.len - 4, ".cfg", 4))
        name.len -= 4;
    return str_cstr(c->arena, name);
}

int command_run(struct cli *cli)
{
    struct compilation c;
    const char *path;
    int code = make_binary(cli, &c, cli->output, &path);
    if (code != EXIT_VALID)
        return code;
    char **argv = NEW_N(c.arena, char *, cli->rest.n + 2);
    argv[0] = cli->output ? (char *)path : name_of(&c);
    for (unsigned i = 0; i < cli->rest.n; i++)
        argv[i + 1] = (char *)cli->rest.v[i];
    fflush(stdout);
    execv(path, argv);
    cli_complain("cannot start %s: %s", path, strerror(errno));
    return EXIT_INTERNAL;
}

/* ---- explain ---- */

/* Lines of 80 bytes at most; lines that begin with spaces are examples and stay as they are. */
static void print_wrapped(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n"), cut = len;
        bool example = *text == ' ';
        if (len > 80 && !example) {
            cut = 80;
            while (cut && text[cut] != ' ')
                cut--;
            cut = cut ? cut : len;
        }
        printf("%.*s\n", (int)cut, text);
        text += cut;
        if (*text)
            text++;
    }
}

int command_explain(struct cli *cli)
{
    int code = EXIT_VALID;
    if (!cli->files.n) {
        cli_complain("'explain' needs the number of a message, such as E0300");
        return EXIT_USAGE;
    }
    for (unsigned i = 0; i < cli->files.n; i++) {
        enum diag_id id = diag_by_name(cli->files.v[i]);
        if (id == DIAG_COUNT) {
            cli_complain(
                "there is no message '%s'; numbers are a letter and four digits, such as E0300",
                cli->files.v[i]);
            code = EXIT_USAGE;
            continue;
        }
        printf("%s%s: %s\n\n", i ? "\n" : "", diag_name(id), diag_title(id));
        print_wrapped(diag_explanation(id));
    }
    return code;
}

int command_version(struct cli *cli)
{
    (void)cli;
    printf("proxyc %s, compatible with HAProxy %s\n", PX_VERSION, PX_HAPROXY_VERSION);
    return EXIT_VALID;
}
