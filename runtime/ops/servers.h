/*
 * How commands name proxies.
 */
#ifndef PX_SERVERS_H
#define PX_SERVERS_H

struct px_proxy;

/* By its name, or by its number: "#3". NULL: there is none. */
const struct px_proxy *px_backend_called(const char *text);

#endif
