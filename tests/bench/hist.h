/*
 * hist.h - a histogram of durations with a relative error below 1 %.
 */
#ifndef BENCH_HIST_H
#define BENCH_HIST_H

#include <stdint.h>

enum {
    HIST_STEP_BITS = 7, /* 128 buckets for each doubling */
    HIST_STEPS = 1 << HIST_STEP_BITS,
    HIST_BUCKETS = HIST_STEPS * (64 - HIST_STEP_BITS + 1)
};

/* All zero is an empty histogram. Values have any unit; the tools use nanoseconds. */
struct hist {
    uint64_t count;
    uint64_t max;
    uint64_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *hist, uint64_t value);

/* The value below or at which the given share (0..1) of all values lies: the middle of its
 * bucket, never above the largest value added; 0 if the histogram is empty. */
uint64_t hist_quantile(const struct hist *hist, double share);

#endif
