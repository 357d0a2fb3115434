/*
 * Proxy processes under test. See proxy.h.
 */
#include "proxy.h"

#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { START_MS = 10000, POLL_MS = 5 };

void places_add(struct places *where, unsigned number, const char *format, ...)
{
    va_list list;
    if (where->n == sizeof where->list / sizeof *where->list)
        return;
    struct known *k = &where->list[where->n++];
    k->number = number;
    va_start(list, format);
    vsnprintf(k->name, sizeof k->name, format, list);
    va_end(list);
}

static bool fill_one(const struct places *where, struct text *to, const char *name, size_t n)
{
    for (unsigned i = 0; i < where->n; i++) {
        const struct known *k = &where->list[i];
        if (strlen(k->name) == n && !memcmp(k->name, name, n)) {
            text_format(to, "%u", k->number);
            return true;
        }
    }
    if (n != 5 || memcmp(name, "@DIR@", 5))
        return false;
    text_put(to, where->dir);
    return true;
}

void places_fill(const struct places *where, struct text *to, const char *s, size_t n)
{
    const char *end = s + n;
    while (s < end) {
        const char *at = memchr(s, '@', (size_t)(end - s));
        const char *second = at ? memchr(at + 1, '@', (size_t)(end - at - 1)) : NULL;
        if (!second) {
            text_add(to, s, (size_t)(end - s));
            return;
        }
        text_add(to, s, (size_t)(at - s));
        bool known = fill_one(where, to, at, (size_t)(second + 1 - at));
        if (!known)
            text_add(to, at, (size_t)(second - at));
        s = second + known;
    }
}

static void write_file(const char *dir, const char *name, const struct text *content)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "w");
    if (!out || fwrite(content->p ? content->p : "", 1, content->n, out) != content->n ||
        fclose(out))
        fail("cannot write %s", path);
}

static void write_files(const struct proxy *p, const struct group *g, const struct places *where)
{
    struct text filled = {0};
    mkdir(p->dir, 0700);
    write_file(p->dir, "messages", &filled);
    places_fill(where, &filled, g->config.p, g->config.n);
    write_file(p->dir, "proxy.cfg", &filled);
    for (unsigned i = 0; i < g->nfiles; i++) {
        text_clear(&filled);
        places_fill(where, &filled, g->files[i].text.p, g->files[i].text.n);
        write_file(p->dir, g->files[i].name, &filled);
    }
    text_free(&filled);
}

/* Starts a program in p->dir, its messages going to a file there. */
static pid_t spawn(const struct proxy *p, char *const *argv)
{
    char path[512];
    snprintf(path, sizeof path, "%s/messages", p->dir);
    pid_t pid = fork();
    if (pid < 0)
        fail("fork: %s", strerror(errno));
    if (pid)
        return pid;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600), null = open("/dev/null", O_RDONLY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(null, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    execvp(argv[0], argv);
    fprintf(stderr, "cannot start %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

void proxy_messages(const struct proxy *p, struct text *to)
{
    char path[512], bytes[4096];
    snprintf(path, sizeof path, "%s/messages", p->dir);
    FILE *in = fopen(path, "r");
    for (size_t n; in && (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        text_add(to, bytes, n);
    if (in)
        fclose(in);
}

static bool build(const struct proxy *p, char *config, char *binary)
{
    int status;
    char *argv[] = {(char *)p->compiler, "build", config, "-o", binary, "-q", NULL};
    pid_t pid = spawn(p, argv);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool listens(const struct proxy *p, const char *config)
{
    for (unsigned i = 0; i < PROXY_PORTS; i++) {
        char name[16];
        snprintf(name, sizeof name, i ? "@LISTEN%u@" : "@LISTEN@", i + 1);
        if (strstr(config, name) && !net_is_listening(p->ports[i]))
            return false;
    }
    return true;
}

bool proxy_is_alive(const struct proxy *p)
{
    siginfo_t info = {0};
    return p->pid > 0 && !waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
           !info.si_pid;
}

bool proxy_start(struct proxy *p, const struct group *g, const struct places *where,
                 struct text *why)
{
    char config[300], binary[300];
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    snprintf(config, sizeof config, "%s/proxy.cfg", p->dir);
    snprintf(binary, sizeof binary, "%s/haproxy", p->dir); /* the name becomes the tag of logs */
    write_files(p, g, where);
    /* -dI: LeakSanitizer looks from a process of its own */
    char *ours[] = {binary, "-db", "-dI", NULL}, *theirs[] = {"haproxy", "-db", "-f", config, NULL};
    bool good = !p->compiler || build(p, config, binary);
    if (good) {
        p->pid = spawn(p, p->compiler ? ours : theirs);
        long end = net_now() + START_MS;
        while (!(good = listens(p, g->config.p)) && proxy_is_alive(p) && net_now() < end)
            nanosleep(&pause, NULL);
    }
    if (!good)
        proxy_messages(p, why);
    return good;
}

void proxy_stop(struct proxy *p)
{
    if (p->pid <= 0)
        return;
    kill(p->pid, SIGTERM);
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    for (long end = net_now() + 3000; proxy_is_alive(p) && net_now() < end;)
        nanosleep(&pause, NULL);
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    p->pid = 0;
}
