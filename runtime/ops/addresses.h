/*
 * The addresses that servers begin with.
 */
#ifndef PX_ADDRESSES_H
#define PX_ADDRESSES_H

#include <stdbool.h>

/* Of all servers, before the threads start. Asks the system's name service, so it may take seconds.
 * false: said. */
bool px_addresses_find(void);

#endif
