/*
 * The NetScaler Client IP insertion protocol: the IP and TCP headers of the connection that is being
 * relayed, in front of what it carries.
 *
 * Not here: when such a header is expected. Source: HAProxy's description of the protocol, in both
 * its formats.
 */
#ifndef PX_NETSCALER_H
#define PX_NETSCALER_H

#include "proxy_protocol.h"

/* Reads the header that the bytes begin with, however many of them have come. PX_PP_ALIEN: it does not
 * begin with the number that was agreed upon; PX_PP_UNHANDLED: it is not about TCP. */
enum px_pp_result px_cip_parse(struct px_pp_header *h, const char *p, size_t len, uint32_t magic);

#endif
