/*
 * Limits. See limits.h.
 *
 * Every client connection may need one to a server as well. Where neither the configuration nor the
 * command line says how many connections there may be, the descriptors allowed decide.
 */
#include "limits.h"

#include "../abi/tables.h"
#include "../loop/pipe.h"
#include "../upstream/state.h"
#include "message.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

enum {
    OF_A_THREAD = 6, /* loop, wake-up, log sockets, one to spare */
    OF_PROCESS = 16, /* standard streams, signals, pid file, name service */
    FEWEST_CONNECTIONS = 10,
    MOST_PIPES = 256,
    MEGABYTE = 1 << 20,
    BYTES_OF_CONNECTION = 33000, /* with two buffers in use, as HAProxy reckons */
};

struct px_limits px_limits;

static int reserve(unsigned nthreads, unsigned listening)
{
    int control = px_program.global->stats_maxconn;
    return (int)(OF_PROCESS + nthreads * OF_A_THREAD + listening + px_program.nnamespaces) +
           control;
}

/* The number wanted; 0: take what there is. */
static int wanted_descriptors(int maxconn, int reserved)
{
    if (px_program.global->ulimit_n)
        return px_program.global->ulimit_n;
    if (!maxconn)
        return 0;
    int64_t n = (int64_t)maxconn * 2 + reserved;
    return n < INT32_MAX ? (int)n : INT32_MAX;
}

static bool raise_to(int wanted)
{
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now))
        return false;
    px_limits.descriptors = now.rlim_cur < INT32_MAX ? (int)now.rlim_cur : INT32_MAX;
    if (wanted <= px_limits.descriptors && !px_program.global->ulimit_n)
        return true;
    struct rlimit set = {(rlim_t)wanted, now.rlim_max};
    if (set.rlim_cur > set.rlim_max)
        set.rlim_max = set.rlim_cur; /* only the privileged may */
    if (setrlimit(RLIMIT_NOFILE, &set)) {
        set = (struct rlimit){now.rlim_max, now.rlim_max};
        if (!setrlimit(RLIMIT_NOFILE, &set))
            px_limits.descriptors = (int)now.rlim_max;
        return px_limits.descriptors >= wanted;
    }
    px_limits.descriptors = wanted;
    return true;
}

static int limited(int n, int most)
{
    return n < most ? n : most > 0 ? most : 0;
}

/* Only transfers that wait for a slow receiver hold one. */
static int wanted_pipes(const struct px_options *o, int maxconn)
{
    if (o->no_splice || px_program.global->nosplice)
        return 0;
    if (px_program.global->maxpipes)
        return px_program.global->maxpipes;
    return maxconn ? limited(maxconn / 4, MOST_PIPES) : MOST_PIPES;
}

/* A process that runs with fewer descriptors than its maxconn needs fails under load, which is the
 * worst moment to find out. */
static bool descriptors_suffice(int wanted)
{
    if (raise_to(wanted))
        return true;
    if (px_program.global->strict_limits) {
        px_alert("Cannot raise FD limit to %d, limit is %d. Lower 'maxconn', raise the limit of "
                 "open files, or say 'no strict-limits'.",
                 wanted, px_limits.descriptors);
        return false;
    }
    px_warning("Cannot raise FD limit to %d, limit is %d.", wanted, px_limits.descriptors);
    return true;
}

bool px_limits_apply(const struct px_options *o, unsigned nthreads, unsigned listening)
{
    int maxconn = o->maxconn ? o->maxconn : px_program.global->maxconn;
    int reserved = reserve(nthreads, listening);
    int by_memory =
        o->memory_mb ? (int)((int64_t)o->memory_mb * MEGABYTE * 9 / 10 / BYTES_OF_CONNECTION) : 0;
    int pipes = wanted_pipes(o, maxconn);
    int needed = wanted_descriptors(maxconn, reserved + 2 * px_program.global->maxpipes);
    if (!descriptors_suffice(needed))
        return false;
    /* Pipes that nobody asked for are a luxury: what is left of the descriptors. */
    if (maxconn) {
        raise_to(wanted_descriptors(maxconn, reserved + 2 * pipes));
    } else {
        pipes = limited(pipes, (px_limits.descriptors - reserved) / 16);
        maxconn = (px_limits.descriptors - reserved - 2 * pipes) / 2;
        if (by_memory && by_memory < maxconn)
            maxconn = by_memory;
    }
    px_maxconn = (uint32_t)(maxconn > FEWEST_CONNECTIONS || o->maxconn || px_program.global->maxconn
                                ? maxconn
                                : FEWEST_CONNECTIONS);
    int left = px_limits.descriptors - reserved - 2 * (int)px_maxconn;
    px_pipes_allow((unsigned)limited(pipes, left / 2), (uint32_t)px_program.global->pipesize);
    return true;
}

bool px_limits_memory(const struct px_options *o)
{
    if (!o->memory_mb)
        return true;
    px_limits.memory_mb = o->memory_mb;
    rlim_t bytes = (rlim_t)o->memory_mb * MEGABYTE;
    struct rlimit set = {bytes, bytes};
    if (!setrlimit(RLIMIT_AS, &set))
        return true;
    px_alert("Cannot limit memory to %d megabytes: %s.", o->memory_mb, strerror(errno));
    return false;
}
