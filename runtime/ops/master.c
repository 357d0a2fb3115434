/*
 * The master process. See master.h.
 *
 * Not here: what commands its control socket takes (master_control.c), how the next program is made
 * (reload.c), what is left to it (estate.c).
 */
#include "master.h"

#include "../abi/tables.h"
#include "../abi/version.h"
#include "../base/mem.h"
#include "../loop/loop.h"
#include "../net/inherited.h"
#include "channel.h"
#include "daemon.h"
#include "master_control.h"
#include "message.h"
#include "notify.h"
#include "process.h"
#include "reload.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIGNAL_EXIT = 128 };

static struct px_estate estate;
static struct px_loop loop;
static struct px_watch signals, ready;
static bool successor, leaving, reload_again;
static int exit_code;
static pid_t current; /* the worker of this program; 0: none that serves or is about to */
static pid_t compiling;

bool px_master_init(char **argv)
{
    successor = px_estate_read(&estate);
    if (!px_reload_remember(argv))
        return false;
    if (!successor) {
        estate.since = time(NULL);
        estate.directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    return true;
}

bool px_master_is_successor(void)
{
    return successor;
}

const struct px_estate *px_master_estate(void)
{
    return &estate;
}

bool px_master_is_reloading(void)
{
    return compiling;
}

static void tell(const char *text)
{
    if (px_options.master_worker == 2)
        px_notify(text);
}

/* ---- children ---- */

static void signal_children(int sig)
{
    for (unsigned i = 0; i < estate.nchildren; i++)
        kill(estate.children[i].pid, sig);
}

/* Those who have survived too many reloads are not waited for any longer. */
static void signal_old(void)
{
    int most = px_program.global->mworker_max_reloads;
    for (unsigned i = 0; i < estate.nchildren; i++) {
        const struct px_child *c = &estate.children[i];
        if (c->pid != current)
            kill(c->pid, most >= 0 && c->reloads > most ? SIGTERM : SIGUSR1);
    }
}

static void leave_when_alone(void)
{
    if (estate.nchildren || compiling)
        return;
    px_warning("All workers exited. Exiting... (%d)", exit_code);
    exit(exit_code);
}

static int code_of(int status)
{
    return WIFSIGNALED(status) ? SIGNAL_EXIT + WTERMSIG(status) : WEXITSTATUS(status);
}

static const char *name_of(int code)
{
    return code > SIGNAL_EXIT ? strsignal(code - SIGNAL_EXIT) : code ? "Failure" : "Exit";
}

/* Being asked to end is no failure; who asks from the keyboard wants to see it in the status. */
static bool is_failure(int code)
{
    return code && code != SIGNAL_EXIT + SIGTERM;
}

static void loading_failed(void)
{
    estate.failed++;
    px_warning("Loading failure!");
    tell("READY=1\nSTATUS=Reload failed!\n");
    px_master_control_reloaded(&estate);
}

/* A new worker that never served leaves things as they were, if there are any. */
static void current_ended(int code, bool was_ready)
{
    px_alert("Current worker (%d) exited with code %d (%s)", (int)current, code, name_of(code));
    current = 0;
    if (!was_ready && estate.nchildren > 1 && !leaving) {
        loading_failed();
        return;
    }
    if (!was_ready && !leaving)
        exit_code = code ? code : 1;
    else if (is_failure(code))
        exit_code = code;
    if (!is_failure(code) || leaving)
        return;
    leaving = true;
    px_alert("exit-on-failure: killing every processes with SIGTERM");
    signal_children(SIGTERM);
}

static void worker_ended(struct px_child *c, int status)
{
    int code = code_of(status);
    if (c->pid == current) {
        px_loop_unwatch(&ready);
        current_ended(code, c->ready);
    } else {
        px_warning("Former worker (%d) exited with code %d (%s)", (int)c->pid, code, name_of(code));
        if (!current && is_failure(code))
            exit_code = code; /* it was still the one that served */
    }
    close(c->channel);
    px_estate_remove(&estate, c);
    leave_when_alone();
}

/* ---- reloading ---- */

static void count_reload(void)
{
    for (unsigned i = 0; i < estate.nchildren; i++)
        estate.children[i].reloads++;
    estate.reloads++;
}

static void reload_failed(void)
{
    count_reload();
    loading_failed();
}

static void become_next(void)
{
    count_reload();
    px_master_control_keep(&estate);
    px_reload_become(&estate);
    estate.nasked = 0;
    loading_failed();
}

void px_master_reload(void)
{
    if (leaving)
        return;
    if (compiling) {
        reload_again = true;
        return;
    }
    px_notice("Reloading HAProxy");
    tell("RELOADING=1\nSTATUS=Reloading Configuration.\n");
    pid_t child = px_reload_prepare(estate.directory);
    if (child > 0)
        compiling = child;
    else if (!child)
        become_next();
    else
        reload_failed();
}

static void compiler_ended(int status)
{
    bool again = reload_again, answered = px_reload_answered() && !code_of(status);
    compiling = 0;
    reload_again = false;
    if (leaving) {
        leave_when_alone();
    } else if (again) {
        px_master_reload();
    } else if (answered) {
        become_next();
    } else {
        reload_failed();
    }
}

/* ---- events ---- */

static void reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct px_child *c = px_estate_find(&estate, pid);
        if (c)
            worker_ended(c, status);
        else if (pid == compiling)
            compiler_ended(status);
    }
}

static void leave(int sig)
{
    if (sig == SIGTERM || sig == SIGINT || sig == SIGUSR1) {
        px_warning("Exiting Master process...");
        tell("STOPPING=1\n");
        leaving = true;
    }
    signal_children(sig);
    if (compiling && leaving)
        kill(compiling, SIGTERM);
    if (leaving)
        leave_when_alone();
}

static void signalled(struct px_watch *w, uint32_t events)
{
    struct signalfd_siginfo info;
    (void)events;
    while (read(w->fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            reap();
        else if (info.ssi_signo == SIGUSR2 || info.ssi_signo == SIGHUP)
            px_master_reload();
        else if (info.ssi_signo != SIGQUIT)
            leave((int)info.ssi_signo);
    }
}

static void worker_is_ready(struct px_watch *w, uint32_t events)
{
    char byte, text[64];
    struct px_child *c = px_estate_find(&estate, current);
    (void)events;
    if (!c || c->ready || read(w->fd, &byte, 1) != 1)
        return; /* its end is reported by a signal */
    c->ready = true;
    estate.failed = 0;
    px_inherited_close();
    px_notice("Loading success.");
    snprintf(text, sizeof text, "READY=1\nMAINPID=%d\nSTATUS=Ready.\n", (int)getpid());
    tell(text);
    px_background_ready();
    signal_old();
    px_master_control_reloaded(&estate);
}

static const struct px_watch_ops signal_ops = {signalled}, ready_ops = {worker_is_ready};

/* ---- the start ---- */

static void signal_set(sigset_t *set)
{
    static const int taken[] = {SIGTERM, SIGINT,  SIGUSR1, SIGUSR2, SIGHUP,
                                SIGTTOU, SIGTTIN, SIGQUIT, SIGCHLD};
    sigemptyset(set);
    for (unsigned i = 0; i < PX_COUNT(taken); i++)
        sigaddset(set, taken[i]);
}

static bool listen_to_signals(void)
{
    sigset_t set;
    signal_set(&set);
    signals =
        (struct px_watch){.ops = &signal_ops, .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
    return signals.fd >= 0 && px_loop_watch(&signals, EPOLLIN);
}

static PX_NORETURN void supervise(void)
{
    px_self = &loop;
    px_buf_set_size((size_t)px_program.global->bufsize);
    if (!px_loop_init(&loop, 0) || !listen_to_signals() || !px_master_control_start()) {
        px_alert("The master process cannot work: %s.", strerror(errno));
        signal_children(SIGTERM);
        exit(1);
    }
    if (current && px_loop_watch(&ready, EPOLLIN | EPOLLET))
        reap();
    else
        loading_failed();
    px_loop_run(&loop);
    exit(exit_code);
}

/* The other ends of its predecessors' channels would keep them alive. */
static void become_worker(int channel)
{
    sigset_t only_of_master;
    sigemptyset(&only_of_master);
    sigaddset(&only_of_master, SIGCHLD);
    pthread_sigmask(SIG_UNBLOCK, &only_of_master, NULL);
    for (unsigned i = 0; i < estate.nchildren; i++)
        close(estate.children[i].channel);
    for (unsigned i = 0; i < estate.nasked; i++)
        close(estate.asked[i]);
    if (estate.directory >= 0)
        close(estate.directory);
    px_master_control_forget();
    px_inherited_close();
    unsetenv("NOTIFY_SOCKET");
    px_pid = getpid();
    px_channel_set(channel);
}

static bool fork_worker(void)
{
    int ours, theirs;
    if (!px_channel_open(&ours, &theirs))
        return false;
    struct px_child c = {.since = time(NULL), .channel = ours};
    snprintf(c.version, sizeof c.version, "%s", PX_VERSION_TEXT);
    c.pid = fork();
    if (!c.pid) {
        close(ours);
        become_worker(theirs);
        return true;
    }
    close(theirs);
    if (c.pid > 0 && px_estate_add(&estate, &c)) {
        current = c.pid;
        ready = (struct px_watch){.ops = &ready_ops, .fd = ours};
        px_notice("New worker (%d) forked", (int)c.pid);
    } else {
        px_alert("Cannot start a worker: %s.", strerror(errno));
        close(ours);
    }
    return false;
}

bool px_master_split(bool good)
{
    sigset_t set;
    signal_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (!px_master_control_open(&estate.control))
        good = false;
    if (good && fork_worker())
        return true;
    if (!current && !estate.nchildren)
        return false;
    supervise();
}
