/*
 * load_idle.c - many connections that do nothing, and what they cost the proxy.
 *
 * For: memory per client connection of the sampled process: connected but silent, (with -1) kept
 * alive after one request, and (with -a) waiting for an answer.
 * Not for: memory of the kernel's sockets; smaps_rollup counts user memory only.
 * Keep in mind: a proxy goes on working for a while after the last connection is up, so memory
 * is read when its processor time no longer grows. Before the first reading some requests run,
 * so that what a proxy sets up once is not charged to the connections.
 */
#include "link.h"
#include "load.h"
#include "net.h"
#include "proc.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS = 256,
    WINDOW = 64,        /* connections or requests under way at a time */
    PER_SOURCE = 20000, /* connections from one source address */
    WARM_REQUESTS = 64,
    REST_MS = 100, /* at rest: no work in three such pauses */
    REST_TRIES = 100,
    WAIT_MS = 10000,
    LIMIT_SECONDS = 120 /* for everything but the hold */
};

struct idle {
    const struct load *load;
    const struct talk *talk;
    struct link *links;
    int epoll;
    size_t opened;
    size_t up; /* connections established */
    size_t asked;
    size_t answered;
    size_t errors;
    uint64_t bytes;
};

static void open_next(struct idle *idle)
{
    size_t index = idle->opened++;
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct link *link = &idle->links[index];
    bool spread = idle->load->connections > PER_SOURCE;

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(index / PER_SOURCE));
    if (!link_open(link, &idle->load->target, spread ? &from : NULL)) {
        tool_die("connection %zu", index);
    }
    net_watch(idle->epoll, link->fd, link);
}

static void on_opening(struct idle *idle, struct link *link, uint32_t events)
{
    if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) {
        idle->errors++;
        link_close(link);
    } else if ((events & EPOLLOUT) != 0 && link->started == 0) {
        link->started = 1;
        idle->up++;
    }
}

static void on_asking(struct idle *idle, struct link *link, uint32_t events)
{
    bool ended = (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;

    if (!ended && (events & EPOLLIN) == 0) {
        return;
    }
    enum link_result result = link_receive(link, idle->talk, ended, &idle->bytes);
    if (result == LINK_ANSWER && link->phase == LINK_IDLE) {
        idle->answered++;
    } else if (result != LINK_WAIT) {
        idle->errors++;
        link_close(link);
    }
}

static void wait_events(struct idle *idle, void (*on_event)(struct idle *, struct link *, uint32_t))
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(idle->epoll, events, EVENTS, WAIT_MS);

    if (count <= 0) {
        tool_die("no event for %d ms (%zu up, %zu answered)", (int)WAIT_MS, idle->up,
                 idle->answered);
    }
    for (int i = 0; i < count; i++) {
        struct link *link = events[i].data.ptr;
        if (link->phase != LINK_CLOSED) {
            on_event(idle, link, events[i].events);
        }
    }
}

static void open_all(struct idle *idle)
{
    size_t total = idle->load->connections;

    while (idle->up + idle->errors < total) {
        while (idle->opened < total && idle->opened - idle->up - idle->errors < WINDOW) {
            open_next(idle);
        }
        wait_events(idle, on_opening);
    }
}

static void ask_all(struct idle *idle)
{
    size_t total = idle->load->connections;
    size_t before = idle->errors;

    while (idle->answered + (idle->errors - before) < total) {
        while (idle->asked < total &&
               idle->asked - idle->answered - (idle->errors - before) < WINDOW) {
            struct link *link = &idle->links[idle->asked++];
            if (link->phase == LINK_IDLE) {
                link_ask(link, idle->talk);
            } else {
                total--;
            }
        }
        if (idle->answered + (idle->errors - before) < total) {
            wait_events(idle, on_asking);
        }
    }
}

static void ask_and_leave(struct idle *idle)
{
    for (; idle->asked < idle->load->connections; idle->asked++) {
        struct link *link = &idle->links[idle->asked];
        if (link->phase == LINK_IDLE) {
            link_ask(link, idle->talk);
        }
    }
}

static void pause_ms(long ms)
{
    struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&ts, NULL);
}

/* Waits until the process does (nearly) nothing any more, then reads its memory. */
static struct proc rested(pid_t pid)
{
    struct proc proc = {0};
    uint64_t last = 0;
    int quiet = 0;

    if (pid == 0) {
        return proc;
    }
    for (int i = 0; i < REST_TRIES && quiet < 3; i++) {
        pause_ms(REST_MS);
        if (!proc_read_usage(pid, &proc)) {
            tool_die("cannot read process %ld", (long)pid);
        }
        quiet = proc.cpu_ns - last < TOOL_SECOND / 1000 ? quiet + 1 : 0;
        last = proc.cpu_ns;
    }
    if (!proc_read_memory(pid, &proc)) {
        tool_die("cannot read memory of process %ld", (long)pid);
    }
    return proc;
}

/* Requests one after the other over one connection, in blocking steps. */
static void warm(struct idle *idle)
{
    static struct link link;

    if (!link_open(&link, &idle->load->target, NULL)) {
        tool_die("cannot connect");
    }
    net_watch(idle->epoll, link.fd, &link);
    for (size_t sent = 0; sent < WARM_REQUESTS && idle->errors == 0; sent++) {
        if (sent == 0) {
            wait_events(idle, on_opening);
        }
        link_ask(&link, idle->talk);
        while (idle->answered == sent && idle->errors == 0) {
            wait_events(idle, on_asking);
        }
    }
    link_close(&link);
    idle->answered = 0;
    idle->up = 0;
}

static void print_growth(const struct idle *idle, const char *name, const struct proc *base,
                         const struct proc *now)
{
    double count = (double)idle->load->connections;

    printf(" %s_rss=%.0f %s_pss=%.0f %s_private=%.0f", name,
           ((double)now->rss_kb - (double)base->rss_kb) * 1024 / count, name,
           ((double)now->pss_kb - (double)base->pss_kb) * 1024 / count, name,
           ((double)now->private_kb - (double)base->private_kb) * 1024 / count);
}

static void hold(void)
{
    char ignored[256];

    alarm(0);
    fflush(stdout);
    while (read(STDIN_FILENO, ignored, sizeof(ignored)) > 0) {
    }
}

bool load_idle(const struct load *load, const struct talk *talk)
{
    struct idle idle = {.load = load, .talk = talk, .epoll = net_epoll()};
    struct proc answered = {0}, active = {0};

    alarm(LIMIT_SECONDS);
    idle.links = tool_alloc(load->connections, sizeof(*idle.links));
    if (load->ask) {
        warm(&idle);
    }
    struct proc base = rested(load->pid);
    open_all(&idle);
    struct proc silent = rested(load->pid);
    if (load->ask) {
        ask_all(&idle);
        answered = rested(load->pid);
    }
    if (load->leave) {
        ask_and_leave(&idle);
        active = rested(load->pid);
    }
    printf("connections=%zu answered=%zu errors=%zu", load->connections, idle.answered,
           idle.errors);
    if (load->pid > 0) {
        printf(" base_kb=%llu", (unsigned long long)base.rss_kb);
        print_growth(&idle, "silent", &base, &silent);
    }
    if (load->pid > 0 && load->ask) {
        print_growth(&idle, "kept", &base, &answered);
    }
    if (load->pid > 0 && load->leave) {
        print_growth(&idle, "active", &base, &active);
    }
    putchar('\n');
    if (load->hold) {
        hold();
    }
    free(idle.links);
    return idle.errors == 0 && idle.answered == (load->ask ? load->connections : 0);
}
