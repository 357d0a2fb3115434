/*
 * The next program. See reload.h.
 */
#include "reload.h"

#include "../base/macros.h"
#include "../net/passing.h"
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

static char **arguments;
static char **variables; /* as they were, with room for one more and the NULL behind it */
static unsigned nvariables;
static char own_path[PATH_MAX];
static int answer = -1; /* our end of the line to the compiler */
static int binary = -1;

bool px_reload_remember(char **argv)
{
    unsigned n = 0;
    while (environ[n])
        n++;
    arguments = argv;
    variables = calloc(n + 2, sizeof *variables);
    if (!variables)
        return false;
    memcpy(variables, environ, n * sizeof *variables);
    nvariables = n;
    ssize_t len = readlink("/proc/self/exe", own_path, sizeof own_path - 1);
    own_path[len < 0 ? 0 : len] = 0;
    return true;
}

static const char *compiler(void)
{
    for (unsigned i = 0; i < nvariables; i++)
        if (!strncmp(variables[i], "PROXYC_TOOL=", 12))
            return variables[i] + 12;
    return NULL;
}

/* All signals as they are for a program that somebody starts. */
static void set_signals(posix_spawnattr_t *attr)
{
    sigset_t none, pipe;
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_init(attr);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &pipe);
    posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/*
 * Not by fork(): what this process closes while a copy of it still has it open goes on to wake up
 * the loop.
 */
static pid_t run_compiler(const char *tool, int directory, int line)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char variable[40];
    pid_t child;
    snprintf(variable, sizeof variable, "PROXYC_RELOAD=%d", line);
    variables[nvariables] = variable;
    set_signals(&attr);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, line, line); /* stays open */
    if (directory >= 0)
        posix_spawn_file_actions_addfchdir_np(&actions, directory);
    int err = posix_spawn(&child, tool, &actions, &attr, arguments, variables);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    variables[nvariables] = NULL;
    if (!err)
        return child;
    px_alert("cannot start %s: %s", tool, strerror(err));
    return -1;
}

pid_t px_reload_prepare(int directory)
{
    const char *tool = compiler();
    int fds[2];
    if (!tool)
        return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
        px_alert("cannot reload: %s", strerror(errno));
        return -1;
    }
    pid_t child = run_compiler(tool, directory, fds[1]);
    close(fds[1]);
    if (child < 0)
        close(fds[0]);
    else
        answer = fds[0];
    return child;
}

bool px_reload_answered(void)
{
    char byte;
    int fds[PX_PASS_MOST];
    unsigned n = 0;
    if (answer < 0)
        return false;
    ssize_t got = px_passed(answer, &byte, 1, fds, &n);
    close(answer);
    answer = -1;
    if (got <= 0 || !n)
        return false;
    binary = fds[0];
    return true;
}

/* The place where our own file was, also when there is a new one by now. */
static int open_successor(void)
{
    static const char mark[] = " (deleted)";
    size_t len = strlen(own_path), tail = sizeof mark - 1;
    char now[PATH_MAX];
    if (binary >= 0)
        return binary;
    memcpy(now, own_path, len + 1);
    if (len > tail && !strcmp(now + len - tail, mark))
        now[len - tail] = 0;
    return open(now, O_PATH | O_CLOEXEC);
}

void px_reload_become(const struct px_estate *e)
{
    char *variable = px_estate_write(e);
    int fd = variable ? open_successor() : -1;
    if (fd >= 0) {
        variables[nvariables] = variable;
        fexecve(fd, arguments, variables);
    }
    px_alert("cannot reload: cannot start the new program: %s", strerror(errno));
    variables[nvariables] = NULL;
    if (fd >= 0)
        close(fd);
    free(variable);
    binary = -1;
}
