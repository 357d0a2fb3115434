/*
 * Bandwidth limits: how fast the bytes of bodies and TCP sessions go, at most (HAProxy manual,
 * "filter bwlim-in").
 *
 * A direction that has a limit has a lane (struct px_lane), which its pump asks how much may go.
 * What waits does so in the source's buffer, and the source is not read meanwhile. Idea: at the
 * beginning of a period, what went in the one before still counts, and less and less until its end:
 * after a first burst, bytes go evenly.
 */
#ifndef PX_BWLIM_H
#define PX_BWLIM_H

#include "pump.h"

/* A limit takes effect on its direction of t, or is changed if it has done so before. limit: bytes
 * in `period` milliseconds, neither is 0. false: no memory. */
bool px_bwlim_set(struct px_txn *t, const struct px_bwlim *filter, uint64_t limit, uint64_t period);

#endif
