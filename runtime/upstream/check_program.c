/*
 * Checks that a program makes (HAProxy manual, "option external-check"): it gets the addresses as
 * arguments, more in its environment, and passes if it exits with 0.
 *
 * Idea: a descriptor of the process (pidfd_open(2)) tells the loop when it ends, so nobody waits.
 */
#include "check.h"

#include "../abi/checks.h"
#include "../loop/loop.h"
#include "../net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_RUN = 255, WAS_KILLED = -1, NWORDS = 16, WORD = 256 };

#define NOWHERE "NOT_USED"

struct run {
    struct px_watch watch; /* of the process; fd -1: there is none */
    struct px_checker *checker;
    pid_t pid;
    bool late; /* it has been told to end */
};

/* What the program is told. */
struct told {
    char text[NWORDS][WORD];
    char *env[NWORDS + 1];
    unsigned n;
};

/* Variables are empty where arguments say that there is nothing. */
static const char *or_nothing(const char *word)
{
    return strcmp(word, NOWHERE) ? word : "";
}

static void PX_PRINTF(2, 3) tell(struct told *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(t->text[t->n], WORD, fmt, args);
    va_end(args);
    t->env[t->n] = t->text[t->n];
    t->n++;
}

static void endpoint_words(const union px_sockaddr *sa, int port, char addr[WORD], char text[WORD])
{
    struct px_addr a;
    px_addr_from(&a, sa);
    bool ip = px_addr_is_ip(&a);
    if (ip)
        px_addr_text(&a, addr);
    else
        snprintf(addr, WORD, "%.*s", WORD - 1, sa->un.sun_path);
    if (ip)
        snprintf(text, WORD, "%d", port);
    else
        snprintf(text, WORD, NOWHERE);
}

static void listener_words(const struct px_proxy *be, char addr[WORD], char text[WORD])
{
    union px_sockaddr sa;
    struct px_addr a;
    unsigned i = 0;
    while (i < be->nbinds && !px_listener_address(be->binds[i], &sa))
        i++;
    if (i == be->nbinds)
        return;
    px_addr_from(&a, &sa);
    endpoint_words(&sa, a.port, addr, text);
}

/* addr and port of the first listener, and of the server. */
static void put_addresses(const struct px_server *srv, char words[4][WORD])
{
    const struct px_address *to = px_server_address(srv);
    for (unsigned i = 0; i < 4; i++)
        snprintf(words[i], WORD, NOWHERE);
    listener_words(srv->proxy, words[0], words[1]);
    if (to)
        endpoint_words(&to->sa, px_server_port(srv), words[2], words[3]);
}

static void put_environment(const struct px_server *srv, char words[4][WORD], struct told *t)
{
    const struct px_proxy *be = srv->proxy;
    const struct px_server_state *st = px_server_state(srv);
    tell(t, "PATH=%s", be->external_path ? be->external_path : "");
    tell(t, "HAPROXY_PROXY_NAME=%s", be->name);
    tell(t, "HAPROXY_PROXY_ID=%d", be->id);
    tell(t, "HAPROXY_PROXY_ADDR=%s", or_nothing(words[0]));
    tell(t, "HAPROXY_PROXY_PORT=%s", or_nothing(words[1]));
    tell(t, "HAPROXY_SERVER_NAME=%s", srv->name);
    tell(t, "HAPROXY_SERVER_ID=%d", srv->id);
    tell(t, "HAPROXY_SERVER_ADDR=%s", or_nothing(words[2]));
    tell(t, "HAPROXY_SERVER_PORT=%s", or_nothing(words[3]));
    tell(t, "HAPROXY_SERVER_MAXCONN=%u", (unsigned)st->maxconn);
    tell(t, "HAPROXY_SERVER_CURCONN=%u", (unsigned)st->served.now);
    tell(t, "HAPROXY_SERVER_SSL=0");
    tell(t, "HAPROXY_SERVER_PROTO=%s", be->is_http ? "h1" : "tcp");
}

/* Starts it with nothing on its standard input, and with the signals of a fresh process. 0, or what
 * went wrong. */
static int spawn(const struct px_server *srv, char words[4][WORD], struct told *t, pid_t *pid)
{
    const char *command = srv->proxy->external_command;
    char *args[] = {(char *)command, words[0], words[1], words[2], words[3], NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int err = posix_spawn(pid, command, &files, &attr, args, t->env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return err;
}

static void over(struct run *r, enum px_check_status status, int code, const char *info)
{
    struct px_checker *c = r->checker;
    c->run = NULL;
    if (r->watch.fd >= 0) {
        px_loop_unwatch(&r->watch);
        close(r->watch.fd);
    }
    free(r);
    px_check_over(c, status, code, info);
}

static void ended(struct px_watch *watch, uint32_t events)
{
    struct run *r = PX_OWNER(watch, struct run, watch);
    int status;
    (void)events;
    if (waitpid(r->pid, &status, WNOHANG) != r->pid)
        return;
    if (r->late)
        over(r, PX_STATUS_PROCTOUT, 0, NULL);
    else if (!WIFEXITED(status))
        over(r, PX_STATUS_PROCERR, WAS_KILLED, NULL);
    else
        over(r, WEXITSTATUS(status) ? PX_STATUS_PROCERR : PX_STATUS_PROCOK, WEXITSTATUS(status),
             NULL);
}

static bool watch(struct run *r)
{
    static const struct px_watch_ops ops = {ended};
    r->watch.ops = &ops;
    r->watch.fd = (int)syscall(SYS_pidfd_open, r->pid, 0);
    return r->watch.fd >= 0 && px_loop_watch(&r->watch, EPOLLIN);
}

/* Without a way to learn of its end, it is of no use. */
static void give_up(struct run *r, int err)
{
    kill(r->pid, SIGKILL);
    waitpid(r->pid, NULL, 0);
    over(r, PX_STATUS_SOCKERR, 0, strerror(err));
}

static void begin(struct px_checker *c)
{
    struct run *r = calloc(1, sizeof *r);
    struct told *t = calloc(1, sizeof *t);
    char words[4][WORD];
    if (!r || !t) {
        free(r);
        free(t);
        px_check_over(c, PX_STATUS_SOCKERR, 0, strerror(ENOMEM));
        return;
    }
    *r = (struct run){.watch.fd = -1, .checker = c};
    c->run = r;
    put_addresses(c->srv, words);
    put_environment(c->srv, words, t);
    int err = spawn(c->srv, words, t, &r->pid);
    free(t);
    if (err)
        over(r, PX_STATUS_PROCERR, CANNOT_RUN, strerror(err));
    else if (!watch(r))
        give_up(r, errno);
    else
        px_check_limit(c);
}

/* First it is asked to end, then made to. */
static void expired(struct px_checker *c)
{
    struct run *r = c->run;
    kill(r->pid, r->late ? SIGKILL : SIGTERM);
    r->late = true;
    px_check_limit(c);
}

const struct px_check_kind px_check_program = {begin, expired};
