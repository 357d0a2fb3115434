/*
 * Binaries that were made before, by what they were made from.
 *
 * In $XDG_CACHE_HOME/proxyc, ~/.cache/proxyc, or where there is no home, /var/cache/proxyc. What
 * cannot be written there is simply not kept.
 */
#ifndef CACHE_H
#define CACHE_H

#include "../base/str.h"

/* A digest that grows. */
struct digest;
struct digest *digest_new(struct arena *a);
void digest_add(struct digest *d, const void *p, size_t len);
/* The content of a file. false: errno. */
bool digest_add_file(struct digest *d, const char *path);
struct str digest_text(struct arena *a, struct digest *d); /* hexadecimal; ends the digest */

/* The directory, made if need be; NULL: there is none that we own. */
const char *cache_directory(struct arena *a);
/* Removes the oldest files when there are too many. */
void cache_trim(const char *directory);

#endif
