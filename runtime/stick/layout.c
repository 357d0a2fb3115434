/*
 * Where the columns of an entry are. See layout.h.
 */
#include "layout.h"

static const uint8_t kinds[PX_NSTICK_DATA] = {
#define PX_STICK(name, symbol, kind, doc) [PX_STICK_##symbol] = PX_STICK_##kind,
#include "../abi/stick.def"
#undef PX_STICK
};

/* A kind is aligned as it is long. */
static const uint8_t sizes[PX_NSTICK_KINDS] = {
    [PX_STICK_INT] = sizeof(_Atomic uint32_t),
    [PX_STICK_TEXT] = sizeof(_Atomic(const char *)),
};

struct px_stick_layout px_stick_layout_of(uint32_t data)
{
    struct px_stick_layout l = {.size = 0};
    for (unsigned i = 0; i < PX_NSTICK_DATA; i++) {
        if (!(data & 1u << i))
            continue;
        unsigned size = sizes[kinds[i]];
        l.at[i] = (uint16_t)((l.size + size - 1u) / size * size);
        l.size = (uint16_t)(l.at[i] + size);
    }
    return l;
}
