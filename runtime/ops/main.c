/*
 * main() of every proxy.
 */
#include "../abi/tables.h"
#include "../base/macros.h"
#include "../net/listener.h"
#include "../txn/client.h"
#include "../txn/end.h"
#include "../upstream/back.h"
#include "../upstream/lb.h"
#include "process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *px_progname;
int px_pid;

const char *px_hostname(const char *chosen)
{
    static char name[256];
    if (chosen)
        return chosen;
    if (!name[0])
        gethostname(name, sizeof name - 1);
    return name;
}

int main(int argc, char **argv)
{
    (void)argc;
    px_progname = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    px_pid = getpid();
    signal(SIGPIPE, SIG_IGN);
    px_buf_set_size((size_t)px_program.global->bufsize);
    static struct px_loop loop;
    static struct px_listener listeners[64];
    if (!px_loop_init(&loop, 0) || !px_state_init(1))
        return 1;
    px_self = &loop;
    px_back_init();
    if (px_program.log)
        px_program.log->prepare();
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        if (p->lb && p->lb->prepare)
            p->lb->prepare(p);
        for (unsigned k = 0; k < p->nservers; k++) {
            struct px_server_state *st = px_server_state(p->servers[k]);
            st->addr_len = px_endpoint_sockaddr(&p->servers[k]->addr, p->servers[k]->addr.port, &st->addr);
        }
    }
    for (unsigned i = 0; i < px_program.nbinds; i++) {
        int fds[1];
        char why[256];
        if (!px_listen(px_program.binds[i], 1, fds, why, sizeof why)) {
            fprintf(stderr, "%s\n", why);
            return 1;
        }
        px_listener_start(&listeners[i], px_program.binds[i], fds[0], false);
    }
    px_loop_run(&loop);
    return 0;
}
