/*
 * Signals. See signals.h.
 */
#include "signals.h"

#include "../abi/tables.h"
#include "../net/listener.h"
#include "../txn/end.h"
#include "../upstream/state.h"
#include "message.h"
#include "workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { LOOK_MS = 5, CUT_MS = 500, SIGNAL_EXIT = 128 };

static struct px_watch watch;
static struct px_timer looking, patience, delay;

/* To the log targets of a proxy, if the program has any. */
static void log_event(const struct px_proxy *p, enum px_syslog level, const char *text)
{
    if (px_program.log)
        px_program.log->event(p, level, text);
}

static uint64_t total_of(enum px_counted what, const struct px_proxy *p)
{
    struct px_counters sum;
    px_counters_sum(what, p->number, &sum);
    return what == PX_OF_FRONTEND ? sum.conns : sum.sessions;
}

/* ---- soft stop ---- */

static bool others_are_open(void)
{
    for (unsigned i = 0; i < px_program.nbinds; i++)
        if (px_program.binds[i]->serve->open && px_program.binds[i]->serve->open())
            return true;
    return false;
}

static void close_others(void)
{
    for (unsigned i = 0; i < px_program.nbinds; i++)
        if (px_program.binds[i]->serve->close_all)
            px_program.binds[i]->serve->close_all();
}

static void look_whether_done(struct px_timer *timer)
{
    if (!px_conns.now && !others_are_open())
        px_workers_order(PX_LEAVE);
    else
        px_arm(timer, LOOK_MS);
}

/* Those who still read their answer, or do not take it, have had their time. */
static void cut_again(struct px_timer *timer)
{
    px_workers_order(PX_CUT_CLIENTS);
    px_arm(timer, CUT_MS);
}

static void out_of_patience(struct px_timer *timer)
{
    timer->fire = cut_again;
    px_arm(timer, CUT_MS);
    px_warning("soft-stop running for too long, performing a hard-stop.");
    log_event(NULL, PX_WARNING, "soft-stop running for too long, performing a hard-stop.");
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        char text[256];
        if (!px_proxy_state(p)->fe_conns.now)
            continue;
        snprintf(text, sizeof text, "Proxy %s hard-stopped (%u remaining conns will be closed).",
                 p->name, px_proxy_state(p)->fe_conns.now);
        px_warning("%s", text);
        log_event(p, PX_WARNING, text);
    }
    close_others();
    px_workers_order(PX_CUT_CLIENTS);
}

static void say_stopped(const struct px_proxy *p)
{
    char text[256];
    struct px_proxy_state *st = px_proxy_state(p);
    if (p->disabled || st->stopped)
        return;
    st->stopped = true;
    snprintf(text, sizeof text, "Proxy %s stopped (cumulated conns: FE: %llu, BE: %llu).", p->name,
             (unsigned long long)total_of(PX_OF_FRONTEND, p),
             (unsigned long long)total_of(PX_OF_BACKEND, p));
    px_warning("%s", text);
    log_event(p, PX_WARNING, text);
}

static void stop_now(struct px_timer *timer)
{
    (void)timer;
    for (unsigned i = 0; i < px_program.nproxies; i++)
        say_stopped(px_program.proxies[i]);
    px_workers_order(PX_CLOSE_LISTENERS);
    looking.fire = look_whether_done;
    px_arm(&looking, LOOK_MS);
}

void px_soft_stop(void)
{
    const struct px_global *g = px_program.global;
    if (px_stopping)
        return;
    px_stopping = true;
    if (g->hard_stop_after) {
        patience.fire = out_of_patience;
        px_arm(&patience, (uint64_t)g->hard_stop_after);
    }
    if (g->grace) {
        delay.fire = stop_now;
        px_arm(&delay, (uint64_t)g->grace);
    } else {
        stop_now(NULL);
    }
}

/* ---- others ---- */

static bool say_paused(const struct px_proxy *p, bool paused)
{
    char text[256];
    struct px_proxy_state *st = px_proxy_state(p);
    if (!(p->caps & PX_FRONTEND) || p->disabled || st->stopped || st->paused == paused)
        return false;
    st->paused = paused;
    snprintf(text, sizeof text, "%s %s %s.", paused ? "Paused" : "Resumed",
             p->caps & PX_BACKEND ? "proxy" : "frontend", p->name);
    px_warning("%s", text);
    log_event(p, PX_WARNING, text);
    return true;
}

bool px_frontend_pause(const struct px_proxy *fe, bool paused)
{
    if (!say_paused(fe, paused))
        return false;
    px_workers_order_frontend(paused ? PX_PAUSE_LISTENERS : PX_RESUME_LISTENERS, fe);
    return true;
}

void px_frontend_stop(const struct px_proxy *fe)
{
    say_stopped(fe);
    px_workers_order_frontend(PX_CLOSE_LISTENERS, fe);
}

static void set_paused(bool paused)
{
    for (unsigned i = 0; i < px_program.nproxies; i++)
        say_paused(px_program.proxies[i], paused);
    px_workers_order(paused ? PX_PAUSE_LISTENERS : PX_RESUME_LISTENERS);
}

static void dump_server(const struct px_server *s)
{
    char text[256];
    struct px_counters sum;
    px_counters_sum(PX_OF_SERVER, s->number, &sum);
    const struct px_server_state *st = px_server_state(s);
    snprintf(text, sizeof text, "SIGHUP: Server %s/%s is %s. Conn: %u act, %u pend, %llu tot.",
             s->proxy->name, s->name, st->operation == PX_SERVER_STOPPED ? "DOWN" : "UP", st->served.now,
             st->queue.length.now, (unsigned long long)sum.sessions);
    log_event(s->proxy, PX_NOTICE, text);
    px_warning("%s", text);
}

static void dump_proxy(const struct px_proxy *p)
{
    char text[256];
    const struct px_proxy_state *st = px_proxy_state(p);
    snprintf(text, sizeof text, "SIGHUP received, dumping servers states for proxy %s.", p->name);
    log_event(p, PX_NOTICE, text);
    unsigned backups = 0;
    for (unsigned i = 0; i < p->nservers; i++) {
        dump_server(p->servers[i]);
        backups += p->servers[i]->backup;
    }
    int n =
        p->nservers
            ? snprintf(text, sizeof text,
                       "SIGHUP: Proxy %s has %u active servers and %u backup servers available.",
                       p->name, p->nservers - backups, backups)
            : snprintf(text, sizeof text, "SIGHUP: Proxy %s has no servers.", p->name);
    snprintf(text + n, sizeof text - (size_t)n,
             " Conn: act(FE+BE): %u+%u, %u pend (%u unass), tot(FE+BE): %llu+%llu.",
             st->fe_conns.now, st->be_conns.now, st->queue.length.now, st->queue.length.now,
             (unsigned long long)total_of(PX_OF_FRONTEND, p),
             (unsigned long long)total_of(PX_OF_BACKEND, p));
    log_event(p, PX_NOTICE, text);
    px_warning("%s", text);
}

static void dump_states(void)
{
    px_warning("SIGHUP received, dumping servers states.");
    for (unsigned i = 0; i < px_program.nproxies; i++)
        dump_proxy(px_program.proxies[i]);
}

/* The signal ends the process as it would have done without us, so that whoever waits for it sees
 * why; the first process of a container survives its own signals and has to leave by itself. */
static void die_of(int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    signal(sig, SIG_DFL);
    raise(sig);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    _exit(SIGNAL_EXIT + sig);
}

static void signalled(struct px_watch *w, uint32_t events)
{
    struct signalfd_siginfo info;
    (void)events;
    while (read(w->fd, &info, sizeof info) == sizeof info) {
        switch (info.ssi_signo) {
        case SIGTERM:
        case SIGINT:
            die_of((int)info.ssi_signo);
            break;
        case SIGUSR1:
            px_soft_stop();
            break;
        case SIGHUP:
            dump_states();
            break;
        case SIGTTOU:
            set_paused(true);
            break;
        case SIGTTIN:
            set_paused(false);
            break;
        default: /* SIGUSR2, SIGQUIT: nothing to do, and no reason to die */
            break;
        }
    }
}

static const struct px_watch_ops signal_ops = {signalled};

static void taken_signals(sigset_t *set)
{
    static const int taken[] = {SIGTERM, SIGINT,  SIGUSR1, SIGUSR2,
                                SIGHUP,  SIGTTOU, SIGTTIN, SIGQUIT};
    sigemptyset(set);
    for (unsigned i = 0; i < PX_COUNT(taken); i++)
        sigaddset(set, taken[i]);
}

void px_signals_hold(void)
{
    sigset_t set;
    taken_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool px_signals_init(void)
{
    sigset_t set;
    taken_signals(&set);
    watch =
        (struct px_watch){.ops = &signal_ops, .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
    if (watch.fd >= 0 && px_loop_watch(&watch, EPOLLIN))
        return true;
    px_alert("Cannot take signals: %s.", strerror(errno));
    return false;
}
