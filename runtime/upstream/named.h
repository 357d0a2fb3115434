/*
 * Servers whose names are resolved while the proxy runs: they follow the addresses that their names
 * have, and are left alone while there are none (HAProxy manual 5.3).
 */
#ifndef PX_NAMED_H
#define PX_NAMED_H

#include <stdbool.h>

/* On the first thread, before its loop runs, with px_resolver_init done. false: no memory. */
bool px_named_start(void);

#endif
