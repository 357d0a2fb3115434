/*
 * A px_program for tests of HTTP code: no proxies, the header names that the code itself knows,
 * and two more as a configuration would add them.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "runtime/http/h1.h"

enum { PROGRAM_MAXHDR = 101, PROGRAM_INDEX = 64 };
enum { PROGRAM_X_SLOT = PX_NKNOWN_NAMES, PROGRAM_X_LONGER_NAME, PROGRAM_NAMES };

#define PX_NAME(symbol, text) PX_STR(text),
static const struct px_str program_names[] = {
    PX_STR(""),
#include "runtime/abi/names.def"
    PX_STR("x-slot"),
    PX_STR("x-a-longer-name"),
};
#undef PX_NAME

static uint8_t program_index[PROGRAM_INDEX];
static const struct px_name_table program_table = {PROGRAM_INDEX - 1, program_index, program_names,
                                                   PROGRAM_NAMES};
static const struct px_global program_global = {.maxhdr = PROGRAM_MAXHDR, .bufsize = 16384};

const struct px_program px_program = {
    .abi = PX_ABI_VERSION,
    .global = &program_global,
    .names = &program_table,
};

/* Fills the index of names; to be called once. */
static inline void program_prepare(void)
{
    for (uint8_t slot = 1; slot < PROGRAM_NAMES; slot++) {
        char name[64] = "";
        memcpy(name, program_names[slot].p, program_names[slot].len);
        uint32_t at = px_name_hash(name, program_names[slot].len);
        while (program_index[at & (PROGRAM_INDEX - 1)])
            at++;
        program_index[at & (PROGRAM_INDEX - 1)] = slot;
    }
}

#endif
