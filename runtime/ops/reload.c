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
#include <pthread.h>
#include <signal.h>
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

static void restore_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static PX_NORETURN void run_compiler(const char *tool, int directory, int line)
{
    char variable[40];
    snprintf(variable, sizeof variable, "PROXYC_RELOAD=%d", line);
    variables[nvariables] = variable;
    fcntl(line, F_SETFD, 0);
    restore_signals();
    if (directory < 0 || !fchdir(directory))
        execve(tool, arguments, variables);
    px_alert("cannot start %s: %s", tool, strerror(errno));
    _exit(1);
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
    pid_t child = fork();
    if (!child)
        run_compiler(tool, directory, fds[1]);
    close(fds[1]);
    if (child < 0) {
        close(fds[0]);
        px_alert("cannot reload: %s", strerror(errno));
        return -1;
    }
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
