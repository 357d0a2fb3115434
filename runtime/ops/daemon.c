/*
 * Daemons. See daemon.h.
 */
#include "daemon.h"

#include "../abi/tables.h"
#include "message.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready_pipe = -1, pid_fd = -1;

/* The one that was started waits until the new process is ready or gone. */
static PX_NORETURN void wait_for(int fd, pid_t child)
{
    char byte;
    ssize_t n;
    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        waitpid(child, NULL, 0);
    _exit(n > 0 ? 0 : 1);
}

bool px_background(void)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC)) {
        px_alert("Cannot go to the background: %s.", strerror(errno));
        return false;
    }
    pid_t child = fork();
    if (child < 0) {
        px_alert("Cannot go to the background: %s.", strerror(errno));
        return false;
    }
    if (child) {
        close(fds[1]);
        wait_for(fds[0], child);
    }
    close(fds[0]);
    ready_pipe = fds[1];
    setsid();
    return true;
}

void px_background_ready(void)
{
    if (ready_pipe < 0)
        return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
    px_quiet = true;
    if (write(ready_pipe, "", 1) < 0)
        return; /* whoever started us is gone */
    close(ready_pipe);
    ready_pipe = -1;
}

bool px_pidfile_open(const char *path)
{
    if (!path)
        return true;
    pid_fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
    if (pid_fd < 0)
        px_alert("[haproxy.main()] Cannot create pidfile %s: %s.", path, strerror(errno));
    return pid_fd >= 0;
}

void px_pidfile_write(void)
{
    if (pid_fd < 0)
        return;
    char text[24];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (write(pid_fd, text, (size_t)n) != n)
        px_warning("[haproxy.main()] Cannot write the pidfile: %s.", strerror(errno));
    close(pid_fd);
    pid_fd = -1;
}

struct ids {
    uid_t uid;
    gid_t gid;
};

/* Not to be in the list is no error for the list, and some lists call it ENOENT. */
static const char *unknown_name(void)
{
    return errno && errno != ENOENT && errno != ESRCH ? strerror(errno) : "no such name";
}

static bool look_up(struct ids *ids)
{
    const struct px_global *g = px_program.global;
    *ids = (struct ids){(uid_t)g->uid, (gid_t)g->gid};
    if (g->user) {
        errno = 0;
        struct passwd *pw = getpwnam(g->user);
        if (!pw) {
            px_alert("cannot find user id for '%s' (%s)", g->user, unknown_name());
            return false;
        }
        ids->uid = pw->pw_uid;
    }
    if (g->group) {
        errno = 0;
        struct group *gr = getgrnam(g->group);
        if (!gr) {
            px_alert("cannot find group id for '%s' (%s)", g->group, unknown_name());
            return false;
        }
        ids->gid = gr->gr_gid;
    }
    return true;
}

static bool jail(const char *directory)
{
    if (!directory || (!chroot(directory) && !chdir("/")))
        return true;
    px_alert("[haproxy.main()] Cannot chroot(%s): %s.", directory, strerror(errno));
    return false;
}

static bool become(const struct ids *ids)
{
    if (ids->gid) {
        if (getgroups(0, NULL) > 0 && setgroups(0, NULL))
            px_warning("[haproxy.main()] Failed to drop supplementary groups. Using 'gid'/'group' "
                       "without 'uid'/'user' is generally useless.");
        if (setgid(ids->gid)) {
            px_alert("[haproxy.main()] Cannot set gid %u: %s.", ids->gid, strerror(errno));
            return false;
        }
    }
    if (ids->uid && setuid(ids->uid)) {
        px_alert("[haproxy.main()] Cannot set uid %u: %s.", ids->uid, strerror(errno));
        return false;
    }
    return true;
}

bool px_privileges_drop(void)
{
    struct ids ids;
    if (!look_up(&ids) || !jail(px_program.global->chroot) || !become(&ids))
        return false;
    if (px_program.global->set_dumpable)
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (!px_program.global->insecure_setuid)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return true;
}

void px_forks_forbid(void)
{
    static const struct rlimit none = {0, 0};
    if (!px_program.global->insecure_fork && !px_options.forks)
        setrlimit(RLIMIT_NPROC, &none);
}

static void signal_each(const struct px_pids *pids, int sig)
{
    for (unsigned i = 0; i < pids->n; i++)
        if (pids->v[i] > 0) /* 0 would be our own process group */
            kill(pids->v[i], sig);
}

void px_old_processes_signal(const struct px_options *o, int sig)
{
    signal_each(&o->finish, sig);
    signal_each(&o->terminate, sig);
}

void px_old_processes_end(const struct px_options *o)
{
    signal_each(&o->finish, SIGUSR1);
    signal_each(&o->terminate, SIGTERM);
}
