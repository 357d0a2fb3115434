/*
 * The map converters (HAProxy manual 7.3.1). How keys are compared is in the map; here is what
 * becomes of its values, whose types the compiler has checked.
 */
#include "../base/mem.h"
#include "../txn/scratch.h"
#include "number.h"
#include "replace.h"
#include "sample.h"

/* The converters differ only in how the map's keys are compared. */
static bool convert(struct px_sample *smp, const struct px_map *map, struct px_str otherwise)
{
    struct px_str value;
    if (!px_map_find(map, smp, &value)) {
        if (!otherwise.p)
            return false;
        value = otherwise;
    }
    smp->type = PX_STRING;
    smp->u.s = value;
    return true;
}

static bool convert_int(struct px_sample *smp, const struct px_map *map, struct px_str otherwise)
{
    if (!convert(smp, map, otherwise))
        return false;
    px_set_int(smp, px_read_int64(smp->u.s));
    return true;
}

static bool convert_ip(struct px_sample *smp, const struct px_map *map, struct px_str otherwise)
{
    return convert(smp, map, otherwise) && px_cast(smp, PX_ADDR);
}

/* The groups of the expression that matches go into its value. */
static bool fill_groups(const struct px_regex *re, struct px_str subject, struct px_str *value)
{
    size_t room = px_buf_size();
    struct px_match m;
    struct px_out out = {.p = px_scratch_get(room), .cap = room};
    bool good = out.p && px_regex_find(re, subject, false, &m) && px_replace(&out, *value, &m);
    if (out.p)
        px_scratch_cut(out.p, out.len);
    *value = (struct px_str){out.p, out.len};
    return good;
}

bool px_conv_map_regm(struct px_txn *t, struct px_sample *smp, const struct px_map *map,
                      struct px_str otherwise)
{
    (void)t;
    int64_t entry = px_map_entry(map, smp);
    struct px_str value = otherwise;
    if (entry >= 0) {
        const struct px_slice *at = &map->values[entry];
        value = (struct px_str){map->text + at->at, at->len};
        if (!fill_groups(map->regexes[entry], smp->u.s, &value))
            return false;
    }
    if (!value.p)
        return false;
    px_set_text(smp, value);
    return true;
}

#define MAP_CONVERTER(symbol, converts)                                                            \
    bool px_conv_##symbol(struct px_txn *t, struct px_sample *smp, const struct px_map *map,       \
                          struct px_str otherwise)                                                 \
    {                                                                                              \
        (void)t;                                                                                   \
        return converts(smp, map, otherwise);                                                      \
    }
#define MAP_CONVERTERS(symbol)                                                                     \
    MAP_CONVERTER(symbol, convert)                                                                 \
    MAP_CONVERTER(symbol##_int, convert_int)                                                       \
    MAP_CONVERTER(symbol##_ip, convert_ip)

MAP_CONVERTERS(map_str)
MAP_CONVERTERS(map_beg)
MAP_CONVERTERS(map_end)
MAP_CONVERTERS(map_dom)
MAP_CONVERTERS(map_dir)
MAP_CONVERTERS(map_sub)
MAP_CONVERTERS(map_reg)
MAP_CONVERTERS(map_int)
MAP_CONVERTERS(map_ip)
