/*
 * Turns, for algorithms that have nothing better to go by.
 */
#ifndef PX_TURNS_H
#define PX_TURNS_H

#include "lb.h"

bool px_turns_prepare(const struct px_proxy *be);
void px_turns_changed(const struct px_proxy *be);
const struct px_server *px_turn(const struct px_proxy *be, const struct px_choice *choice);

#endif
