/*
 * A field value of several pieces with delimiters between them, written anew without some of them.
 *
 * Pieces come in their order, each with all its bytes up to its delimiter. Those that stay next to
 * each other stay as they are; where something is left out, the delimiter behind it goes on, with
 * one space.
 */
#ifndef PX_PIECES_H
#define PX_PIECES_H

#include "../abi/types.h"

struct px_pieces {
    struct px_out out; /* as much room as the value has bytes is enough */
    bool gap;          /* the piece before was left out */
};

/* delimiter: in front of the piece; whatever it is for the first one. What is put behind it by
 * other means, until the next call, belongs to it. */
void px_piece_keep(struct px_pieces *p, char delimiter, struct px_str piece);
void px_piece_drop(struct px_pieces *p);
/* The new value. */
struct px_str px_pieces_end(struct px_pieces *p);

#endif
