/*
 * The methods by which samples are compared with patterns.
 */
#include "vocab.h"

static const char *const method_names[NMATCHES] = {
    [MATCH_FOUND] = "found", [MATCH_BOOL] = "bool", [MATCH_INT] = "int", [MATCH_IP] = "ip",
    [MATCH_BIN] = "bin",     [MATCH_LEN] = "len",   [MATCH_STR] = "str", [MATCH_SUB] = "sub",
    [MATCH_REG] = "reg",     [MATCH_BEG] = "beg",   [MATCH_END] = "end", [MATCH_DIR] = "dir",
    [MATCH_DOM] = "dom",
};

enum match_method match_method_of(struct str name)
{
    unsigned m = 0;
    while (m < NMATCHES && !str_is(name, method_names[m]))
        m++;
    return (enum match_method)m;
}

const char *match_method_name(enum match_method method)
{
    return method_names[method];
}

/* What a method compares, so what the sample is cast to. */
enum px_type match_method_type(enum match_method method)
{
    static const enum px_type types[NMATCHES] = {
        [MATCH_FOUND] = PX_ANY,  [MATCH_BOOL] = PX_SINT,  [MATCH_INT] = PX_SINT,
        [MATCH_IP] = PX_ADDR,    [MATCH_BIN] = PX_BIN,    [MATCH_LEN] = PX_STRING,
        [MATCH_STR] = PX_STRING, [MATCH_SUB] = PX_STRING, [MATCH_REG] = PX_STRING,
        [MATCH_BEG] = PX_STRING, [MATCH_END] = PX_STRING, [MATCH_DIR] = PX_STRING,
        [MATCH_DOM] = PX_STRING,
    };
    return types[method];
}
