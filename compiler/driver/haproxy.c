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
#include <sys/socket.h>
#include <unistd.h>

enum { CONDITION_WRONG = 2 };

static int show_version(int how)
{
    printf("HAProxy version %s %s - https://haproxy.org/\n", PX_VERSION_TEXT, PX_RELEASE_DATE);
    printf("Status: proxyc %s, compiles configurations of HAProxy %s.\n", PX_VERSION,
           PX_HAPROXY_VERSION);
    if (how < 2)
        return 0;
    printf("Build options :\n  TARGET  = linux-glibc\n  CPU     = generic\n\n");
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
    return truth < 0 || diags.errors ? CONDITION_WRONG : !truth;
}

/* ---- configurations ---- */

static int fatal(const char *what)
{
    fprintf(stderr, "[ALERT]    (%d) : %s\n", (int)getpid(), what);
    return 1;
}

static bool front_half(struct arena *a, struct compilation *c, const struct px_options *options)
{
    struct compile_options o = {.files = options->files.v,
                                .nfiles = options->files.n,
                                .format = DIAG_HAPROXY,
                                .werror = options->strict,
                                .diag_messages = options->diagnostics,
                                .resolve = options->check && !options->lax_resolution,
                                .silent = options->quiet};
    if (compile(a, c, &o))
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
static bool front_half_in(struct arena *a, struct compilation *c, const struct px_options *options)
{
    if (!options->directory)
        return front_half(a, c, options);
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (here < 0 || chdir(options->directory)) {
        fprintf(stderr, "[ALERT]    (%d) : Could not change to directory %s : %s\n", (int)getpid(),
                options->directory, strerror(errno));
        return false;
    }
    bool valid = front_half(a, c, options);
    if (fchdir(here))
        valid = false;
    close(here);
    return valid;
}

/* ---- the environment ---- */

static bool is_supervised(const struct compilation *c, const struct px_options *options)
{
    return options->master_worker || setting_number(&c->model->global[GLOBAL_master_worker],
                                                    &vocab_global[GLOBAL_master_worker]);
}

/* What the configuration may use. */
static void tell_before(const struct px_options *options)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    setenv("HAPROXY_LOCALPEER", options->local_peer ? options->local_peer : host, 1);
    setenv("HAPROXY_STARTUP_VERSION", PX_VERSION_TEXT, 1);
    if (options->master_worker)
        setenv("HAPROXY_MWORKER", "1", 1);
}

/* What only the configuration knows. */
static void tell_after(struct compilation *c, const struct px_options *options)
{
    const struct m_setting *peer = &c->model->global[GLOBAL_localpeer];
    struct text files = {.arena = c->arena};
    for (unsigned i = 0; i < c->config->sources.n; i++)
        text_printf(&files, "%s" STR_FMT, i ? ";" : "", STR_ARG(c->config->sources.v[i]->name));
    setenv("HAPROXY_CFGFILES", str_cstr(c->arena, (struct str){files.p, files.len}), 1);
    if (peer->set && !options->local_peer)
        setenv("HAPROXY_LOCALPEER", peer->text, 1);
    if (is_supervised(c, options))
        setenv("HAPROXY_MWORKER", "1", 1);
}

/* A process that supervises has to find the way back here for a reload. */
static void leave_the_way_back(struct arena *a)
{
    struct home home;
    if (home_find(a, &home))
        setenv("PROXYC_TOOL", home.tool, 1);
}

/* ---- the binary ---- */

/* To a master that reloads: what it is to become. */
static int answer(int line, const char *path)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct iovec v = {(char[]){'B'}, 1};
    struct msghdr m = {
        .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(h), &fd, sizeof fd);
    return fd >= 0 && sendmsg(line, &m, MSG_NOSIGNAL) == 1 ? 0 : fatal("cannot answer the master");
}

static int start(struct compilation *c, const struct px_options *options, char **argv)
{
    struct build_options o = {0};
    const char *path, *line = getenv("PROXYC_RELOAD");
    if (!build(c->arena, c->plan, &o, &path))
        return 1;
    if (line)
        return answer(atoi(line), path);
    if (is_supervised(c, options))
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

/* "-dKfetch,converter": the kinds of "proxyc keywords"; "-dKall": all of them. */
static int show_keywords(const char *kinds)
{
    struct cli cli = {.arena = arena_new()};
    char *rest = str_cstr(cli.arena, str_of(kinds));
    if (strcmp(kinds, "all"))
        for (char *kind = strtok_r(rest, ",", &rest); kind; kind = strtok_r(NULL, ",", &rest))
            VEC_ADD(cli.arena, &cli.files, (const char *)kind);
    if (strcmp(kinds, "all") && !cli.files.n)
        VEC_ADD(cli.arena, &cli.files, "help");
    return command_keywords(&cli) == EXIT_VALID ? 0 : 1;
}

static int run(struct arena *a, const struct px_options *options, char **argv)
{
    struct compilation c;
    if (options->condition)
        return evaluate(a, options->condition);
    tell_before(options);
    if (!front_half_in(a, &c, options))
        return 1;
    tell_after(&c, options);
    if (options->keywords && show_keywords(options->keywords))
        return 1;
    return options->check && !options->libraries ? check_only(&c, options)
                                                 : start(&c, options, argv);
}

int haproxy_main(int argc, char **argv)
{
    struct px_options options = {0};
    const char *wrong = px_options_parse(&options, argc, argv);
    if (options.version && !wrong)
        return show_version(options.version);
    if (wrong || (!options.files.n && !options.condition))
        return usage(wrong);
    struct arena *a = arena_new();
    int code = run(a, &options, argv);
    arena_free(a);
    return code;
}
