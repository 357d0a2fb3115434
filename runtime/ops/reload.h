/*
 * Making the next program of a master, and becoming it.
 *
 * The compiler that made this one is asked again, in a process of its own, so that nothing is lost
 * when the new configuration is wrong. It answers with a descriptor of the binary. A program that
 * was built to stand alone has no compiler to ask: what lies at its place by now is started.
 */
#ifndef PX_RELOAD_H
#define PX_RELOAD_H

#include "estate.h"

/* At the start of the process, before its environment changes. false: no memory. */
bool px_reload_remember(char **argv);

/* Starts the compiler in the directory that `directory` is open for; answers its process number.
 * 0: there is none, px_reload_become may be called now. -1: said. */
pid_t px_reload_prepare(int directory);

/* What the compiler answered, once it has ended. false: nothing. */
bool px_reload_answered(void);

/* Replaces this program. Returns only when that is impossible, which was said. */
void px_reload_become(const struct px_estate *e);

#endif
