/*
 * The first message of a client that connects to a remote desktop, with a cookie that says where it
 * belongs (MS-RDPBCGR 2.2.1.1).
 */
#ifndef PX_RDP_H
#define PX_RDP_H

#include "../abi/types.h"

/* The value of the cookie at the beginning of `in`, if it has that name, in any case; p == NULL:
 * whatever its name is. PX_LATER: the message is not complete. */
enum px_found px_rdp_cookie(struct px_str in, struct px_str name, struct px_str *value);

#endif
