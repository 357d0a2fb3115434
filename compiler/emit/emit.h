/*
 * Printing the plan as C. The only place that knows how generated code looks.
 */
#ifndef EMIT_H
#define EMIT_H

#include "../plan/plan.h"

struct emitted {
    struct str program; /* the C file */
    struct str data;    /* large tables, for the assembler to include; len == 0: none */
    struct str data_s;  /* the assembler file that does so; %s stands for the path of the data */
};

/* The same plan gives the same bytes. Identifiers of the plan are added to. */
void emit_program(struct plan *p, struct emitted *out);

#endif
