/*
 * Public keys for signatures of JSON Web Tokens. The compiler has read them from their files, and
 * has checked that each is for RSA or for one of the curves P-256, P-384 and P-521.
 */
#ifndef PX_ABI_JWT_H
#define PX_ABI_JWT_H

#include "types.h"

struct px_jwt_key {
    struct px_str path; /* by which the configuration names it */
    struct px_str der;  /* SubjectPublicKeyInfo (RFC 5280 4.1) */
    void *key;          /* set by px_jwt_keys_prepare */
};

/* Once, before the threads start: from now on these are the keys. Ends the process when memory is
 * out. */
void px_jwt_keys_prepare(struct px_jwt_key *keys, unsigned n);

#endif
