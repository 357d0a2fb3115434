/*
 * Where the columns of an entry are: one behind the other, each as its kind is aligned.
 */
#ifndef PX_STICK_LAYOUT_H
#define PX_STICK_LAYOUT_H

#include "../abi/stick.h"

#include <stdatomic.h>

enum px_stick_kind { PX_STICK_INT, PX_STICK_TEXT, PX_NSTICK_KINDS };

/* Data that a table does not have has no place. */
struct px_stick_layout {
    uint16_t at[PX_NSTICK_DATA]; /* bytes from px_stick_entry.data */
    uint16_t size;               /* of all columns */
};

struct px_stick_layout px_stick_layout_of(uint32_t data);

#endif
