/*
 * hist.c - logarithmic buckets, each doubling cut into equal steps.
 *
 * For: latencies from nanoseconds to hours in fixed memory, without sorting.
 * Not for: means or sums.
 * Keep in mind: values below HIST_STEPS have a bucket each; above, a value is shifted right until
 * it has HIST_STEP_BITS + 1 bits, and the shift and the remaining bits name the bucket.
 */
#include "hist.h"

static unsigned shift_of(uint64_t value)
{
    unsigned shift = 0;

    while (value >> shift >= 2 * HIST_STEPS) {
        shift++;
    }
    return shift;
}

void hist_add(struct hist *hist, uint64_t value)
{
    unsigned shift = shift_of(value);

    hist->bucket[shift * HIST_STEPS + (value >> shift)]++;
    hist->count++;
    if (value > hist->max) {
        hist->max = value;
    }
}

static uint64_t middle_of(unsigned index)
{
    if (index < 2 * HIST_STEPS) {
        return index;
    }
    unsigned shift = index / HIST_STEPS - 1;
    uint64_t low = (uint64_t)(index - shift * HIST_STEPS) << shift;
    return low + (UINT64_C(1) << shift) / 2;
}

uint64_t hist_quantile(const struct hist *hist, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)hist->count);
    uint64_t seen = 0;

    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        seen += hist->bucket[i];
        if (seen > wanted || (seen == hist->count && seen > 0)) {
            uint64_t value = middle_of(i);
            return value < hist->max ? value : hist->max;
        }
    }
    return 0;
}
