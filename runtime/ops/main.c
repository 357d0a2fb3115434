/*
 * main() of every proxy: everything that can fail is done before the first connection is taken.
 */
#include "../abi/tables.h"
#include "../abi/version.h"
#include "../net/resolve.h"
#include "../txn/end.h"
#include "../upstream/back.h"
#include "../upstream/lb.h"
#include "cpus.h"
#include "daemon.h"
#include "environment.h"
#include "limits.h"
#include "message.h"
#include "process.h"
#include "signals.h"
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *px_progname;
int px_pid;
int64_t px_start_time;
struct px_options px_options;

const char *px_hostname(const char *chosen)
{
    static char name[256];
    if (chosen)
        return chosen;
    if (!name[0])
        gethostname(name, sizeof name - 1);
    return name;
}

static int usage(const char *wrong)
{
    fprintf(stderr, "%s: '%s' is not an option, or lacks its argument\n", px_progname, wrong);
    fprintf(stderr, "This is a proxy made by proxyc from %s. Options:\n", px_program.config);
#define PX_OPTION(text, argument, field, value, doc) fprintf(stderr, "  -%-4s %s\n", text, doc);
#include "../abi/options.def"
#undef PX_OPTION
    return 1;
}

static int show_version(void)
{
    printf("proxyc %s (HAProxy version %s), made from %s\n", PX_VERSION, PX_HAPROXY_VERSION,
           px_program.config);
    return 0;
}

/* ---- steps of the start ---- */

static unsigned threads(void)
{
    int n = px_program.global->nbthread;
    return n ? (unsigned)n : px_usable_cpus();
}

static bool resolve_server(const struct px_server *s)
{
    struct px_server_state *st = px_server_state(s);
    const char *why = NULL;
    st->changed = (uint64_t)px_start_time;
    st->addr_len = px_resolve(&s->addr, s->addr.port, &st->addr, &why);
    if (st->addr_len || px_options.lax_resolution)
        return true;
    px_alert("could not resolve address '%s' of server %s/%s: %s.", s->addr.path, s->proxy->name,
             s->name, why);
    return false;
}

static bool resolve_servers(void)
{
    bool done = true;
    for (unsigned i = 0; i < px_program.nproxies; i++)
        for (unsigned k = 0; k < px_program.proxies[i]->nservers; k++)
            if (!resolve_server(px_program.proxies[i]->servers[k]))
                done = false;
    return done;
}

static bool prepare_balancing(void)
{
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        if (p->lb && p->lb->prepare && !p->lb->prepare(p)) {
            px_alert("Cannot start: out of memory.");
            return false;
        }
    }
    return true;
}

static bool prepare_state(unsigned nthreads, unsigned nsockets)
{
    px_buf_set_size((size_t)px_program.global->bufsize);
    if (px_options.poison)
        px_mem_poison(*px_options.poison ? (int)strtol(px_options.poison, NULL, 0) & 0xff : 'P');
    if (!px_limits_apply(&px_options, nthreads, nsockets))
        return false;
    if (!px_state_init(nthreads, (uint32_t)px_options.proxy_maxconn)) {
        px_alert("Cannot start: out of memory.");
        return false;
    }
    return resolve_servers() && prepare_balancing();
}

static bool listens_somewhere(void)
{
    for (unsigned i = 0; i < px_program.nbinds; i++)
        if (!px_program.binds[i]->proxy || !px_program.binds[i]->proxy->disabled)
            return true;
    px_alert("[haproxy.main()] No enabled listener found (check for 'bind' directives) ! Exiting.");
    return false;
}

static bool prepare_logs(void)
{
    return !px_program.log || px_program.log->prepare();
}

static const char *pidfile(void)
{
    return px_options.pidfile ? px_options.pidfile : px_program.global->pidfile;
}

static bool is_daemon(void)
{
    return !px_options.foreground && !px_options.debug &&
           (px_options.daemon || px_program.global->daemon);
}

/* Returns in the process that serves. */
static bool start(void)
{
    bool share = px_options.no_reuseport, daemon = is_daemon();
    unsigned nthreads = threads();
    if (!listens_somewhere() || !prepare_state(nthreads, px_sockets_needed(nthreads, share)) ||
        !px_sockets_open(nthreads, share) || !prepare_logs())
        return false;
    if (daemon && (!px_pidfile_open(pidfile()) || !px_background()))
        return false;
    px_pid = getpid();
    px_pidfile_write();
    px_old_processes_end(&px_options);
    if (!px_workers_init(nthreads) || !px_signals_init() || !px_privileges_drop())
        return false;
    if (px_program.prepare)
        px_program.prepare();
    if (!px_workers_start())
        return false;
    px_background_ready();
    return true;
}

int main(int argc, char **argv)
{
    px_progname = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    px_pid = getpid();
    px_start_time = time(NULL);
    const char *wrong = px_options_parse(&px_options, argc, argv);
    if (wrong)
        return usage(wrong);
    if (px_options.version)
        return show_version();
    px_quiet = px_options.quiet || px_program.global->quiet;
    if (px_options.directory && chdir(px_options.directory)) {
        px_alert("Could not change to directory %s.", px_options.directory);
        return 1;
    }
    if (!px_environment_apply(px_program.environment) || !start())
        return 1;
    px_workers_run();
    return 0;
}
