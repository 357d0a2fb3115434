/*
 * Leaving out pieces of a field value. See pieces.h.
 */
#include "pieces.h"

#include "../abi/out.h"
#include "chars.h"

static void trim(struct px_out *out)
{
    while (out->len && px_is_blank(out->p[out->len - 1]))
        out->len--;
}

static struct px_str without_blanks(struct px_str s)
{
    while (s.len && px_is_blank(*s.p)) {
        s.p++;
        s.len--;
    }
    return s;
}

void px_piece_keep(struct px_pieces *p, char delimiter, struct px_str piece)
{
    if (p->gap) {
        trim(&p->out);
        piece = without_blanks(piece);
    }
    if (p->out.len)
        px_put(&p->out, &delimiter, 1);
    if (p->out.len && p->gap)
        px_put(&p->out, " ", 1);
    px_put(&p->out, piece.p, piece.len);
    p->gap = false;
}

void px_piece_drop(struct px_pieces *p)
{
    p->gap = true;
}

struct px_str px_pieces_end(struct px_pieces *p)
{
    if (p->gap)
        trim(&p->out);
    return (struct px_str){p->out.p, p->out.len};
}
