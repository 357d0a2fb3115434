/*
 * Signals, and the ways to stop: at once, or when the running requests are over.
 */
#ifndef PX_SIGNALS_H
#define PX_SIGNALS_H

#include <stdbool.h>

/* Before threads exist: the signals are blocked everywhere and read by the first loop. */
bool px_signals_init(void);

/* Nothing new is accepted; the process ends when what runs is over. */
void px_soft_stop(void);

#endif
