/*
 * Servers whose names are resolved while the proxy runs: they follow the addresses that their names
 * have, and are left alone while there are none (HAProxy manual 5.3).
 */
#ifndef PX_NAMED_H
#define PX_NAMED_H

#include <stdbool.h>

struct px_server;

/* On the first thread, before its loop runs, with px_resolver_init done. false: no memory. */
bool px_named_start(void);

/* From any thread: the server follows this name from now on. It has to be one that can be asked for
 * (dns.h). false: no memory. */
bool px_named_rename(const struct px_server *srv, const char *name);

#endif
