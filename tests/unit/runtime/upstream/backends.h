/*
 * A px_program for tests of the upstream floor: eight backends and a frontend, with all their state
 * fresh for each test.
 */
#ifndef BACKENDS_H
#define BACKENDS_H

#include "runtime/base/macros.h"
#include "runtime/upstream/change.h"
#include "runtime/upstream/lb.h"
#include "runtime/upstream/slot.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <unistd.h>

enum { WEIGHTED, STANDBY, TOGETHER, ODD, FRONT, CHAIN, GENTLE, STEEP, UNTESTED, NPROXIES };
enum {
    A,
    B,
    C,
    ACTIVE,
    BACKUP1,
    BACKUP2,
    G,
    H,
    I,
    ZERO,
    ONE,
    DOWN,
    FOLLOWER,
    LAST,
    SLOW,
    KILLER,
    SPARE,
    RAMP,
    FLAT,
    FULLY_UP,
    UP,
    NOT_UP,
    FULLY_DOWN,
    UNCHECKED,
    AFTER,
    NSERVERS
};

static struct px_proxy proxies[NPROXIES];

#define SERVER(n, label, where, ...)                                                               \
    [n] = {.name = label, .number = n, .id = n + 1, .proxy = &proxies[where], __VA_ARGS__}

static const struct px_server servers[NSERVERS];
static const struct px_server servers[NSERVERS] = {
    SERVER(A, "a", WEIGHTED, .weight = 1, .maxqueue = 1),
    SERVER(B, "b", WEIGHTED, .weight = 2, .maxqueue = 1),
    SERVER(C, "c", WEIGHTED, .weight = 3, .maxqueue = 1),
    SERVER(ACTIVE, "active", STANDBY, .weight = 1, .maxconn = 1),
    SERVER(BACKUP1, "backup1", STANDBY, .weight = 1, .backup = true),
    SERVER(BACKUP2, "backup2", STANDBY, .weight = 1, .backup = true),
    SERVER(G, "g", TOGETHER, .weight = 10),
    SERVER(H, "h", TOGETHER, .weight = 10, .backup = true),
    SERVER(I, "i", TOGETHER, .weight = 10, .backup = true),
    SERVER(ZERO, "zero", ODD, .weight = 0),
    SERVER(ONE, "one", ODD, .weight = 256, .maxconn = 1),
    SERVER(DOWN, "down", ODD, .weight = 1, .disabled = true),
    SERVER(FOLLOWER, "follower", CHAIN, .weight = 1, .track = &servers[A]),
    SERVER(LAST, "last", CHAIN, .weight = 1, .track = &servers[FOLLOWER]),
    SERVER(SLOW, "slow", GENTLE, .weight = 10, .slowstart = 10000, .maxconn = 40),
    SERVER(KILLER, "killer", GENTLE, .weight = 1, .on_marked_down = "", .on_marked_up = ""),
    SERVER(SPARE, "spare", GENTLE, .weight = 1, .backup = true),
    SERVER(RAMP, "ramp", STEEP, .weight = 1, .minconn = 2, .maxconn = 10, .slowstart = 1000),
    SERVER(FLAT, "flat", STEEP, .weight = 0, .minconn = 7, .maxconn = 3),
    SERVER(FULLY_UP, "fully-up", UNTESTED, .weight = 1, .check = true, .init_state = "fully-up"),
    SERVER(UP, "up", UNTESTED, .weight = 1, .check = true, .init_state = "up"),
    SERVER(NOT_UP, "down", UNTESTED, .weight = 1, .check = true, .init_state = "down"),
    SERVER(FULLY_DOWN, "fully-down", UNTESTED, .weight = 1, .check = true,
           .init_state = "fully-down"),
    SERVER(UNCHECKED, "unchecked", UNTESTED, .weight = 1, .init_state = "down"),
    SERVER(AFTER, "after", UNTESTED, .weight = 1, .track = &servers[NOT_UP]),
};

static const struct px_server *const weighted[] = {&servers[A], &servers[B], &servers[C]};
static const struct px_server *const standby[] = {&servers[ACTIVE], &servers[BACKUP1],
                                                  &servers[BACKUP2]};
static const struct px_server *const together[] = {&servers[G], &servers[H], &servers[I]};
static const struct px_server *const odd[] = {&servers[ZERO], &servers[ONE], &servers[DOWN]};
static const struct px_server *const chain[] = {&servers[FOLLOWER], &servers[LAST]};
static const struct px_server *const gentle[] = {&servers[SLOW], &servers[KILLER], &servers[SPARE]};
static const struct px_server *const steep[] = {&servers[RAMP], &servers[FLAT]};
static const struct px_server *const untested[] = {&servers[FULLY_UP],  &servers[UP],
                                                   &servers[NOT_UP],    &servers[FULLY_DOWN],
                                                   &servers[UNCHECKED], &servers[AFTER]};

#define BACKEND(n, list)                                                                           \
    .name = #list, .number = n, .caps = PX_BACKEND, .servers = list, .nservers = PX_COUNT(list)
static struct px_proxy proxies[NPROXIES] = {
    [WEIGHTED] = {BACKEND(WEIGHTED, weighted), .lb_arg = 2},
    [STANDBY] = {BACKEND(STANDBY, standby), .lb_arg = 2},
    [TOGETHER] = {BACKEND(TOGETHER, together), .allbackups = true, .lb_arg = 2},
    [ODD] = {BACKEND(ODD, odd), .lb_arg = 2, .fullconn = 77},
    [FRONT] = {.number = FRONT,
               .caps = PX_FRONTEND,
               .maxconn = 500,
               .default_backend = &proxies[WEIGHTED]},
    [CHAIN] = {BACKEND(CHAIN, chain)},
    [GENTLE] = {BACKEND(GENTLE, gentle), .lb = &px_lb_roundrobin},
    [STEEP] = {BACKEND(STEEP, steep), .fullconn = 20},
    [UNTESTED] = {BACKEND(UNTESTED, untested)},
};

static const struct px_proxy *const all_proxies[] = {&proxies[0], &proxies[1], &proxies[2],
                                                     &proxies[3], &proxies[4], &proxies[5],
                                                     &proxies[6], &proxies[7], &proxies[8]};
static const struct px_global global = {0};
const struct px_program px_program = {.abi = PX_ABI_VERSION,
                                      .global = &global,
                                      .proxies = all_proxies,
                                      .nproxies = NPROXIES,
                                      .nservers = NSERVERS};

static struct px_loop loop;

static inline void backends_open(void)
{
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    px_maxconn = 1000;
    static const union px_sockaddr home = {.in = {.sin_family = AF_INET}};
    ck_assert(px_state_init(2, 0));
    for (unsigned i = 0; i < NSERVERS; i++)
        ck_assert(px_address_set(&servers[i], &home, sizeof home.in));
    ck_assert(px_health_init(NULL));
}

static inline void backends_close(void)
{
    close(loop.epoll_fd);
    close(loop.wake.fd);
}

static inline struct px_server_state *state_of(unsigned server)
{
    return px_server_state(&servers[server]);
}

static inline void maintain(unsigned server, bool down)
{
    if (down)
        px_admin_add(&servers[server], PX_ADMIN_FORCED_MAINT, NULL);
    else
        px_admin_remove(&servers[server], PX_ADMIN_FORCED_MAINT);
}

/* As if it served so many requests. */
static inline void serve(unsigned server, uint32_t n)
{
    while (state_of(server)->served.now < n)
        ck_assert(px_slot_take(&servers[server]));
    while (state_of(server)->served.now > n)
        px_slot_release(&servers[server]);
}

static inline void weigh(unsigned server, uint32_t weight)
{
    state_of(server)->weight = weight;
    px_share_update(&servers[server]);
}

#endif
