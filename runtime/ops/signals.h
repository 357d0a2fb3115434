/*
 * Signals, and the ways to stop: at once, or when the running requests are over.
 */
#ifndef PX_SIGNALS_H
#define PX_SIGNALS_H

#include <stdbool.h>

/* From here on signals wait, in all threads and processes to come: who sees us listen may send one
 * before there is a loop to read it. */
void px_signals_hold(void);
/* They are read, by the first loop. */
bool px_signals_init(void);

/* Nothing new is accepted; the process ends when what runs is over. */
void px_soft_stop(void);

struct px_proxy;
/* One frontend alone: it refuses connections, or takes them again. false: it did so already. */
bool px_frontend_pause(const struct px_proxy *fe, bool paused);
/* It takes no connections any more, for good; those that it has stay. */
void px_frontend_stop(const struct px_proxy *fe);

#endif
