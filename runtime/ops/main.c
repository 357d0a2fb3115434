/*
 * main() of every proxy: everything that can fail is done before the first connection is taken.
 */
#include "../abi/tables.h"
#include "../abi/version.h"
#include "../base/mem.h"
#include "../net/inherited.h"
#include "../net/netns.h"
#include "../txn/end.h"
#include "../txn/persist.h"
#include "../upstream/health.h"
#include "../upstream/lb.h"
#include "addresses.h"
#include "channel.h"
#include "cpus.h"
#include "daemon.h"
#include "environment.h"
#include "former.h"
#include "handover.h"
#include "libraries.h"
#include "limits.h"
#include "master.h"
#include "mail.h"
#include "message.h"
#include "process.h"
#include "resolve.h"
#include "ring.h"
#include "signals.h"
#include "tables.h"
#include "workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

const char *px_progname;
int px_pid;
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
    unsigned n = (unsigned)px_program.global->nbthread, cpus = n ? n : px_usable_cpus();
    return cpus < PX_MOST_THREADS ? cpus : PX_MOST_THREADS; /* px_bind.threads names no more */
}

static void say_of_server(const struct px_server *srv, int level, const char *text)
{
    px_warning("%s", text);
    if (px_program.log)
        px_program.log->event(srv->proxy, (enum px_syslog)level, text);
}

static void mail_of_server(const struct px_server *srv, int level, const char *text)
{
    if (px_program.mail)
        px_program.mail->send(srv->proxy, level, text);
}

static void say_of_proxy(const struct px_proxy *be, int level, const char *text)
{
    px_alert("%s", text);
    if (px_program.log)
        px_program.log->event(be, (enum px_syslog)level, text);
}

static bool prepare_health(void)
{
    static const struct px_health_listener listener = {say_of_server, mail_of_server, say_of_proxy,
                                                       px_workers_cut_server};
    bool good = px_health_init(&listener);
    if (!good)
        px_alert("Cannot start: out of memory.");
    return good;
}

static bool prepare_balancing(void)
{
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        bool good = !p->lb || !p->lb->prepare || p->lb->prepare(p);
        if (!good || (p->cookie && !p->cookie->ops->prepare(p))) {
            px_alert("Cannot start: out of memory.");
            return false;
        }
    }
    return true;
}

static bool poison_memory(const char *how)
{
    char *end;
    unsigned long byte = *how ? strtoul(how, &end, 0) : 'P';
    if (*how && (end == how || *end || byte > 255)) {
        px_alert("-dM takes a byte, and no other options: '%s'.", how);
        return false;
    }
    px_mem_poison((int)byte);
    return true;
}

static bool prepare_state(unsigned nthreads)
{
    px_buf_set_size((size_t)px_program.global->bufsize);
    if (px_program.global->maxpollevents)
        px_loop_set_events((unsigned)px_program.global->maxpollevents);
    if (px_options.poison && !poison_memory(px_options.poison))
        return false;
    if (!px_limits_memory(&px_options))
        return false;
    if (!px_state_init(nthreads, (uint32_t)px_options.proxy_maxconn)) {
        px_alert("Cannot start: out of memory.");
        return false;
    }
    if (px_program.former)
        px_program.former->read();
    return px_addresses_find() && prepare_health() && prepare_balancing();
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
    return (!px_program.log || px_program.log->prepare()) &&
           (!px_program.ring || px_program.ring->prepare()) &&
           (!px_program.resolve || px_program.resolve->prepare()) &&
           (!px_program.mail || px_program.mail->prepare());
}

static bool prepare_tables(void)
{
    bool good = !px_program.stick || px_program.stick->prepare();
    if (!good)
        px_alert("Cannot start: no memory for stick tables.");
    return good;
}

static bool has_master(void)
{
    return px_options.master_worker || px_program.global->master_worker;
}

/* Debian's configuration says "daemon", and its service -Ws: systemd minds who it started. */
static bool is_daemon(void)
{
    bool told = px_program.global->daemon && px_options.master_worker != 2;
    return !px_options.foreground && !px_options.debug && (px_options.daemon || told);
}

/* -x /dev/null: there is no old process yet. */
static bool take_old_sockets(void)
{
    const char *path = px_options.old_socket;
    return !path || !strcmp(path, "/dev/null") || px_handover_take(path);
}

static void make_room(bool please)
{
    px_old_processes_signal(&px_options, please ? SIGTTOU : SIGTTIN);
}

static bool has_old_processes(void)
{
    return px_options.finish.n || px_options.terminate.n;
}

static bool open_namespaces(void)
{
    const char *name = px_netns_open();
    if (name)
        px_alert("Cannot open namespace '%s': %s.", name, strerror(errno));
    else if (px_program.privileged && geteuid())
        px_warning("[haproxy.main()] Some options which require full privileges might not work "
                   "well.");
    return !name;
}

/* Everything that the listening sockets need. */
static bool listen_everywhere(unsigned nthreads)
{
    bool first = !px_master_is_successor();
    struct px_opening how = {.nthreads = nthreads,
                             .alone = px_options.no_reuseport || px_program.global->noreuseport,
                             .make_room = first && has_old_processes() ? make_room : NULL};
    return listens_somewhere() && open_namespaces() &&
           px_limits_apply(&px_options, nthreads, px_sockets_needed(nthreads, how.alone)) &&
           (!first || take_old_sockets()) && px_sockets_open(&how);
}

/* Into the background, once; the pid file names the master, or the one process. */
static bool settle(void)
{
    const char *path = px_options.pidfile ? px_options.pidfile : px_program.global->pidfile;
    if (px_master_is_successor())
        return true;
    if ((is_daemon() || has_master()) && !px_pidfile_open(path))
        return false;
    if (is_daemon() && !px_background())
        return false;
    px_pid = getpid();
    px_pidfile_write();
    return true;
}

/* In the process that serves. */
static bool begin(unsigned nthreads)
{
    if (!prepare_state(nthreads) || !prepare_tables() || !prepare_logs())
        return false;
    px_inherited_close();
    if (!px_master_is_successor())
        px_old_processes_end(&px_options);
    if (!px_workers_init(nthreads) || !px_signals_init() || !px_privileges_drop())
        return false;
    px_health_start(px_self);
    if (px_program.former)
        px_program.former->apply();
    if (px_program.mail)
        px_program.mail->start();
    if (px_program.resolve && !px_program.resolve->start())
        return false;
    if (px_program.prepare)
        px_program.prepare();
    if (px_program.ring)
        px_program.ring->start();
    if (!px_channel_serve() || !px_workers_start() || !px_workers_check())
        return false;
    px_forks_forbid();
    px_channel_ready();
    px_background_ready();
    return true;
}

static bool start(void)
{
    unsigned nthreads = threads();
    px_signals_hold();
    bool good = px_environment_apply(px_program.environment) && px_environment_tell() &&
                listen_everywhere(nthreads) && settle();
    if (has_master() && !px_master_split(good))
        return false;
    return good && begin(nthreads);
}

static bool go_to_directory(const char *path)
{
    if (!path || px_master_is_successor() || !chdir(path))
        return true;
    px_alert("Could not change to directory %s : %s", path, strerror(errno));
    return false;
}

int main(int argc, char **argv)
{
    px_progname = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    prctl(PR_SET_NAME, px_progname); /* the file has the name of its content */
    px_pid = getpid();
    px_start_time = time(NULL);
    signal(SIGPIPE, SIG_IGN);
    const char *wrong = px_options_parse(&px_options, argc, argv);
    if (wrong)
        return usage(wrong);
    if (px_options.version)
        return show_version();
    px_quiet = (px_options.quiet || px_program.global->quiet) && !px_options.verbose;
    if (px_options.libraries)
        px_show_libraries();
    if (px_options.check)
        return 0;
    if (!px_master_init(argv) || !go_to_directory(px_options.directory) || !start())
        return 1;
    px_workers_run();
    return 0;
}
