/*
 * Which servers of a backend have room for another request, and which of them is next.
 *
 * A bit for each server says that it has a share of the traffic and, if its slots are counted, a
 * free one. So who looks for a server with room does not walk past those that are full, however
 * many they are. Servers stand by rank: the active ones by their ids, then the backups by theirs.
 */
#ifndef PX_ROOM_H
#define PX_ROOM_H

#include "state.h"

#define PX_NO_RANK UINT32_MAX /* of px_proxy.dispatch, which is not balanced to */

/* Once, when shares are known. false: no memory. */
bool px_room_init(void);
/* Its share, its limit, its queue, or what it serves may have changed. From any thread. */
void px_room_update(const struct px_server *srv);

/* Could it take a request now, if it were asked? Counts limits that depend on load and time, which
 * its bit does not. */
bool px_has_room(const struct px_server *srv);

/* The first one from that rank on, and then from the lowest rank on, that has room and is not
 * `avoid`; NULL: there is none. */
const struct px_server *px_room_find(const struct px_proxy *be, bool backup, uint32_t rank,
                                     const struct px_server *avoid);

/* Where backups begin, and the end of all ranks. */
uint32_t px_room_begin(const struct px_proxy *be, bool backup);
uint32_t px_room_end(const struct px_proxy *be, bool backup);
const struct px_server *px_room_at(const struct px_proxy *be, uint32_t rank);

#endif
