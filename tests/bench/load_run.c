/*
 * load_run.c - requests over many connections, and the line of numbers that comes of it.
 *
 * For: closed loop (each connection asks again as soon as it was answered), open loop (requests
 * fall due at a fixed rate, whatever the answers do), and a fixed number of requests.
 * Not for: what a request or an answer is (link.c, load.c).
 * Keep in mind: an open-loop latency counts from the moment the request was due, even if no
 * connection was free then; so a stall shows in every request that it delayed. The sampled
 * process is read at the edges of the measured window, so warm-up costs nothing.
 */
#include "hist.h"
#include "link.h"
#include "load.h"
#include "net.h"
#include "proc.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EVENTS = 512, SLACK_SECONDS = 30 };

#define DRAIN_NS (2 * TOOL_SECOND) /* how long answers due in an open loop may still take */

struct tally {
    uint64_t answers;
    uint64_t errors;
    uint64_t reconnects;
    uint64_t bytes;
};

struct run {
    const struct load *load;
    const struct talk *talk;
    struct link *links;
    struct link **idle; /* open loop: a ring of links without a request, longest idle first */
    size_t idle_first;
    size_t idle_count;
    int epoll;
    uint64_t now;   /* read once a turn of the loop */
    uint64_t start; /* of the measured window */
    uint64_t end;
    uint64_t began;   /* of the open-loop schedule */
    uint64_t asked;   /* requests sent, or given up */
    uint64_t settled; /* of them, answered or failed */
    bool measuring;
    bool over;           /* the window is over; an open loop still drains */
    struct tally tally;  /* since the window began */
    struct tally window; /* as it was when the window ended */
    struct hist hist;
    struct proc before;
    struct proc after;
};

static bool is_open(const struct run *run)
{
    return run->load->rate > 0;
}

static uint64_t due_time(const struct run *run, uint64_t index)
{
    return run->began + (uint64_t)((double)index * (double)TOOL_SECOND / run->load->rate);
}

/* No request falls due after the window, or after the number asked for. */
static bool all_asked(const struct run *run)
{
    if (run->load->count > 0 && run->asked >= run->load->count) {
        return true;
    }
    return is_open(run) && due_time(run, run->asked) >= run->end;
}

static void sample(const struct run *run, struct proc *proc)
{
    if (run->load->pid > 0 && !proc_read_usage(run->load->pid, proc)) {
        tool_die("cannot read process %ld", (long)run->load->pid);
    }
}

static void cross_edges(struct run *run)
{
    if (!run->measuring && run->now >= run->start) {
        sample(run, &run->before);
        run->now = run->start = tool_now();
        run->measuring = true;
        run->tally = (struct tally){0};
    }
    if (run->measuring && !run->over && run->now >= run->end) {
        sample(run, &run->after);
        run->end = run->now;
        run->window = run->tally;
        run->over = true;
    }
}

static void begin(struct run *run, struct link *link, uint64_t started)
{
    link->started = started;
    run->asked++;
    link_ask(link, run->talk);
}

static struct link *pop_idle(struct run *run)
{
    struct link *link = run->idle[run->idle_first];

    run->idle_first = (run->idle_first + 1) % run->load->connections;
    run->idle_count--;
    return link;
}

static void push_idle(struct run *run, struct link *link)
{
    run->idle[(run->idle_first + run->idle_count++) % run->load->connections] = link;
}

/* The link is free: in a closed loop it asks again, in an open loop it waits for its turn. */
static void next_request(struct run *run, struct link *link)
{
    if (is_open(run)) {
        push_idle(run, link);
    } else if (!all_asked(run)) {
        begin(run, link, run->now);
    }
}

static void connect_link(struct run *run, struct link *link)
{
    link->started = run->now;
    if (!link_open(link, &run->load->target, NULL)) {
        tool_die("cannot connect");
    }
    net_watch(run->epoll, link->fd, link);
}

static void reconnect(struct run *run, struct link *link)
{
    bool in_ring = is_open(run) && link->phase == LINK_IDLE;

    link_close(link);
    run->tally.reconnects++;
    connect_link(run, link);
    if (!in_ring) {
        next_request(run, link);
    }
}

static void fail(struct run *run, struct link *link)
{
    run->tally.errors++;
    run->settled++;
    reconnect(run, link);
}

static void count_answer(struct run *run, const struct link *link)
{
    run->tally.answers++;
    run->settled++;
    /* in an open loop only what was due within the window belongs to the distribution */
    if (run->measuring && (!is_open(run) || link->started >= run->start)) {
        hist_add(&run->hist, run->now > link->started ? run->now - link->started : 0);
    }
}

static void on_event(struct run *run, struct link *link, uint32_t events)
{
    bool ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    enum link_result result = LINK_WAIT;

    if ((events & EPOLLOUT) != 0) {
        link_send(link, run->talk);
    }
    if (!ended && (events & EPOLLIN) == 0) {
        return;
    }
    do {
        result = link_receive(link, run->talk, ended, &run->tally.bytes);
        if (result == LINK_ANSWER) {
            count_answer(run, link);
        }
    } while (result == LINK_ANSWER && ended);
    if (result == LINK_ERROR) {
        fail(run, link);
    } else if (result == LINK_END) {
        reconnect(run, link);
    } else if (result == LINK_ANSWER && link->phase == LINK_IDLE) {
        next_request(run, link);
    }
}

static void ask_due(struct run *run)
{
    while (run->idle_count > 0 && !all_asked(run) && due_time(run, run->asked) <= run->now) {
        uint64_t due = due_time(run, run->asked);
        begin(run, pop_idle(run), due);
    }
}

static bool is_finished(const struct run *run)
{
    if (run->load->count > 0 && run->settled >= run->load->count) {
        return true;
    }
    if (!is_open(run)) {
        return run->over;
    }
    bool drained = all_asked(run) && run->idle_count == run->load->connections;
    return run->over && (drained || run->now > run->end + DRAIN_NS);
}

static uint64_t next_wakeup(const struct run *run)
{
    uint64_t next = run->end;

    if (run->over) {
        next = run->now + TOOL_SECOND / 100;
    } else if (!run->measuring) {
        next = run->start;
    }
    if (is_open(run) && run->idle_count > 0 && !all_asked(run)) {
        uint64_t due = due_time(run, run->asked);
        next = due < next ? due : next;
    }
    return next > run->now ? next - run->now : 0;
}

static void turn(struct run *run)
{
    struct epoll_event events[EVENTS];
    uint64_t wait = next_wakeup(run);
    struct timespec timeout = {(time_t)(wait / TOOL_SECOND), (long)(wait % TOOL_SECOND)};
    int count = epoll_pwait2(run->epoll, events, EVENTS, &timeout, NULL);

    run->now = tool_now();
    cross_edges(run);
    for (int i = 0; i < count; i++) {
        on_event(run, events[i].data.ptr, events[i].events);
    }
    if (is_open(run)) {
        ask_due(run);
    }
}

/* Requests that were never answered: in an open loop and for a fixed number, all of those; in a
 * closed loop by time, the ones that got no answer during the whole window. */
static uint64_t unanswered(const struct run *run)
{
    uint64_t count = 0;

    if (run->load->count > 0) {
        return run->load->count - run->settled;
    }
    if (is_open(run)) {
        while (due_time(run, run->asked + count) < run->end) {
            count++;
        }
        return run->asked + count - run->settled;
    }
    for (size_t i = 0; i < run->load->connections; i++) {
        const struct link *link = &run->links[i];
        count += link->phase == LINK_BUSY && link->started < run->start;
    }
    return count;
}

static double quantile_us(const struct run *run, double share)
{
    return (double)hist_quantile(&run->hist, share) / 1e3;
}

static void print_process(const struct run *run, double seconds)
{
    struct proc used = proc_since(&run->before, &run->after);
    double answers = run->window.answers > 0 ? (double)run->window.answers : 1;
    double ticks = (double)(used.user_ms + used.system_ms);

    printf(" cpu_us=%.3f cpu_share=%.3f user_share=%.2f switches=%.4f preempted=%.4f",
           (double)used.cpu_ns / 1e3 / answers, (double)used.cpu_ns / 1e9 / seconds,
           ticks > 0 ? (double)used.user_ms / ticks : 0, (double)used.voluntary / answers,
           (double)used.involuntary / answers);
}

static bool report(const struct run *run)
{
    double seconds = (double)(run->end - run->start) / 1e9;
    uint64_t errors = run->tally.errors + unanswered(run);

    printf("requests=%llu total=%llu errors=%llu reconnects=%llu bytes=%llu seconds=%.3f rps=%.1f "
           "p50_us=%.1f p90_us=%.1f p99_us=%.1f p999_us=%.1f max_us=%.1f",
           (unsigned long long)run->window.answers, (unsigned long long)run->settled,
           (unsigned long long)errors, (unsigned long long)run->window.reconnects,
           (unsigned long long)run->window.bytes, seconds, (double)run->window.answers / seconds,
           quantile_us(run, 0.5), quantile_us(run, 0.9), quantile_us(run, 0.99),
           quantile_us(run, 0.999), (double)run->hist.max / 1e3);
    if (run->load->pid > 0) {
        print_process(run, seconds);
    }
    putchar('\n');
    return run->window.answers > 0 && errors == 0;
}

static void set_times(struct run *run)
{
    const struct load *load = run->load;
    double warmup = load->count > 0 ? 0 : load->warmup;

    run->now = run->began = tool_now();
    run->start = run->now + (uint64_t)(warmup * (double)TOOL_SECOND);
    run->end = run->start + (uint64_t)(load->seconds * (double)TOOL_SECOND);
    alarm((unsigned)(warmup + load->seconds) + SLACK_SECONDS);
    /* by default the kernel may wake a sleeper 50 us late, more than a request takes */
    prctl(PR_SET_TIMERSLACK, 1UL);
}

static void end_window(struct run *run)
{
    if (!run->over) {
        run->end = run->now;
        cross_edges(run);
    }
}

bool load_run(const struct load *load, const struct talk *talk)
{
    struct run *run = tool_alloc(1, sizeof(*run));

    run->load = load;
    run->talk = talk;
    run->links = tool_alloc(load->connections, sizeof(*run->links));
    run->idle = tool_alloc(load->connections, sizeof(struct link *));
    run->epoll = net_epoll();
    set_times(run);
    cross_edges(run);
    for (size_t i = 0; i < load->connections; i++) {
        connect_link(run, &run->links[i]);
        next_request(run, &run->links[i]);
    }
    while (!is_finished(run)) {
        turn(run);
    }
    end_window(run);
    bool good = report(run);
    free(run->links);
    free(run->idle);
    free(run);
    return good;
}
