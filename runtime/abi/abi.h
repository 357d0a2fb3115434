/*
 * All that generated code and the compiler may know of the runtime. Generated code includes this
 * file and nothing else.
 */
#ifndef PX_ABI_H
#define PX_ABI_H

#include "jwt.h"
#include "kept.h"
#include "match.h"
#include "policy.h"
#include "stick.h"
#include "tables.h"
#include "types.h"

#endif
