/*
 * Errors in the traffic of servers. See observe.h.
 */
#include "observe.h"

#include "change.h"

#include <stdio.h>
#include <string.h>

enum verdict { NEUTRAL, BAD, GOOD };

/* By enum px_observes - 1. */
static const struct {
    const char *text;
    uint8_t verdict[2];
} kinds[] = {
    [PX_SEEN_CONNECTED] = {"L4 successful connection", {GOOD, NEUTRAL}},
    [PX_SEEN_NO_CONNECTION] = {"L4 unsuccessful connection", {BAD, BAD}},
    [PX_SEEN_GOOD_STATUS] = {"Correct http response", {NEUTRAL, GOOD}},
    [PX_SEEN_BAD_STATUS] = {"Wrong http response", {NEUTRAL, BAD}},
    [PX_SEEN_BAD_HEAD] = {"Invalid http response (headers)", {NEUTRAL, BAD}},
    [PX_SEEN_READ_ERROR] = {"Read error (http)", {NEUTRAL, BAD}},
    [PX_SEEN_TIMEOUT] = {"Read timeout (http)", {NEUTRAL, BAD}},
    [PX_SEEN_CLOSE] = {"Close from server (http)", {NEUTRAL, BAD}},
};

static bool says(const struct px_server *srv, const char *word)
{
    return srv->on_error && !strcmp(srv->on_error, word);
}

static void act(const struct px_server *srv, const char *info)
{
    struct px_checking *c = &px_server_state(srv)->check;
    struct px_report r = {.result = PX_CHECK_FAILED, .status = PX_STATUS_HANA, .info = info};
    PX_COUNT_ONE(px_srv_counters(srv)->failed_observations);
    if (px_health_hasten)
        px_health_hasten(srv);
    if (says(srv, "fastinter"))
        return;
    if (says(srv, "sudden-death") && c->health > c->rise)
        c->health = c->rise + 1;
    else if (says(srv, "mark-down") && c->health > c->rise)
        c->health = c->rise;
    px_check_note(srv, c, &r);
}

void px_observe(const struct px_server *srv, enum px_seen seen)
{
    struct px_server_state *st = px_server_state(srv);
    enum verdict v = kinds[seen].verdict[st->observes - 1];
    char info[128];
    if (!(st->check.state & PX_CHECK_ENABLED) || v == NEUTRAL)
        return;
    if (v == GOOD) {
        if (st->errors)
            st->errors = 0;
        return;
    }
    uint32_t errors = atomic_fetch_add(&st->errors, 1) + 1;
    if (errors < (uint32_t)srv->error_limit)
        return;
    st->errors = 0;
    snprintf(info, sizeof info, "Detected %u consecutive errors, last one was: %s", errors,
             kinds[seen].text);
    px_health_lock();
    act(srv, info);
    px_health_unlock();
}
