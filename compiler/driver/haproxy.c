/*
 * The tool under HAProxy's name: HAProxy's options, messages and exit codes. See cli.h.
 *
 * Not here: what the proxy does with these options once it runs; it is started with the same ones.
 * Idea: the process stays the same one from here to the proxy, so whoever started it sees one
 * process with one number, and what it inherited is still open.
 */
#include "build.h"
#include "cli.h"

#include "../../runtime/abi/options.h"
#include "../../runtime/abi/version.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int show_version(int how)
{
    printf("HAProxy version %s %s - https://haproxy.org/\n", PX_VERSION_TEXT, PX_RELEASE_DATE);
    printf("Status: proxyc %s, compiles configurations of HAProxy %s.\n", PX_VERSION,
           PX_HAPROXY_VERSION);
    if (how < 2)
        return 0;
    printf("Build options :\n  TARGET  = linux-glibc\n\n");
    printf("Feature list : %s\n\n", compile_features);
    printf("Default settings :\n  bufsize = 16384, maxrewrite = 1024, maxpollevents = 200\n\n");
    printf("Built with multi-threading support (MAX_THREADS=64, default=1 for each processor).\n");
    printf("Built with PCRE2 version : linked into each proxy that uses it\n\n");
    printf("Available polling systems :\n      epoll : pref=300,  test result OK\n"
           "Total: 1 (1 usable), will use epoll.\n\n");
    printf("Available multiplexer protocols :\n         h1 : mode=HTTP  side=FE|BE  mux=H1\n"
           "       none : mode=TCP  side=FE|BE  mux=PASS\n\nAvailable services : none\n\n"
           "Available filters : none\n\n");
    return 0;
}

static int usage(const char *wrong)
{
    if (wrong)
        fprintf(stderr, "haproxy: '%s' is not an option, or lacks its argument\n", wrong);
    fprintf(stderr, "Usage : haproxy [-f <cfgfile|cfgdir>]* [options] [-- <cfgfile>*]\n");
#define PX_OPTION(text, argument, field, value, doc) fprintf(stderr, "  -%-4s %s\n", text, doc);
#include "../../runtime/abi/options.def"
#undef PX_OPTION
    return 1;
}

/* ---- -cc ---- */

static int evaluate(struct arena *a, const char *text)
{
    struct config_options options = {.version = PX_HAPROXY_VERSION, .features = compile_features};
    struct diags diags = {.arena = a};
    extern char **environ;
    struct env *env = env_new(a, environ);
    struct source *s = source_from(a, "-cc", str_of(text));
    struct word_context ctx = {.arena = a, .diags = &diags, .env = env};
    struct words words;
    words_cut(&ctx, s, 0, &words);
    int truth = 0;
    if (words.n) {
        struct word w = words_join(a, words.v, words.n);
        truth = condition_eval(a, &diags, env, &options, &w);
    }
    diag_print_all(&diags, stderr, DIAG_HAPROXY, false);
    return truth == 1 ? 0 : 1;
}

/* ---- configurations ---- */

static int fatal(const char *what)
{
    fprintf(stderr, "[ALERT]    (%d) : %s\n", (int)getpid(), what);
    return 1;
}

static bool front_half(struct compilation *c, const struct px_options *options)
{
    struct compile_options o = {.files = options->files.v,
                                .nfiles = options->files.n,
                                .format = DIAG_HAPROXY,
                                .werror = options->strict,
                                .diag_messages = options->diagnostics,
                                .silent = options->quiet};
    if (compile(c, &o))
        return true;
    if (options->quiet)
        return false;
    if (c->diags.errors)
        fatal("config : Fatal errors found in configuration.");
    else
        fatal("config : Some warnings were found and 'zero-warning' is set. Aborting.");
    return false;
}

/* Files are named as seen from there; the proxy goes there again by itself. */
static bool front_half_in(struct compilation *c, const struct px_options *options)
{
    if (!options->directory)
        return front_half(c, options);
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (here < 0 || chdir(options->directory)) {
        fprintf(stderr, "[ALERT]    (%d) : Could not change to directory %s : %s\n", (int)getpid(),
                options->directory, strerror(errno));
        return false;
    }
    bool valid = front_half(c, options);
    if (fchdir(here))
        valid = false;
    close(here);
    return valid;
}

/* A process that supervises has to find the way back here for a reload. */
static void leave_the_way_back(struct arena *a)
{
    struct home home;
    if (home_find(a, &home))
        setenv("PROXYC_TOOL", home.tool, 1);
}

static int start(struct compilation *c, const struct px_options *options, char **argv)
{
    struct build_options o = {0};
    const char *path;
    if (!build(c->arena, c->plan, &o, &path))
        return 1;
    if (options->master_worker)
        leave_the_way_back(c->arena);
    fflush(stdout);
    execv(path, argv);
    fprintf(stderr, "[ALERT]    (%d) : cannot start %s: %s\n", (int)getpid(), path,
            strerror(errno));
    return 1;
}

static int check_only(const struct compilation *c, const struct px_options *options)
{
    if (options->quiet)
        return 0;
    if (c->diags.warnings)
        puts("Warnings were found.");
    puts("Configuration file is valid");
    return 0;
}

int haproxy_main(int argc, char **argv)
{
    struct px_options options = {0};
    struct compilation c;
    const char *wrong = px_options_parse(&options, argc, argv);
    if (options.version && !wrong)
        return show_version(options.version);
    if (!wrong && options.condition)
        return evaluate(arena_new(), options.condition);
    if (wrong || !options.files.n)
        return usage(wrong);
    if (!front_half_in(&c, &options))
        return 1;
    return options.check ? check_only(&c, &options) : start(&c, &options, argv);
}
