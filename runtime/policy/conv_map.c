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
    struct px_map_hit hit = {.value = otherwise};
    if (!px_map_find(map, smp, &hit) && !otherwise.p)
        return false;
    smp->type = PX_STRING;
    smp->u.s = hit.value;
    return true;
}

bool px_map_low(const struct px_map *map, struct px_sample *smp, struct px_str otherwise)
{
    int64_t key = px_find_low(map->strings, smp->u.s);
    if (key < 0 && !otherwise.p)
        return false;
    if (key >= 0) {
        struct px_slice value = map->values[map->strings->keys[key].hits];
        otherwise = (struct px_str){map->text + value.at, value.len};
    }
    px_set_text(smp, otherwise);
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

static bool convert_key(struct px_sample *smp, const struct px_map *map)
{
    struct px_map_hit hit;
    if (!px_map_find(map, smp, &hit))
        return false;
    px_set_text(smp, hit.key);
    return true;
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
    struct px_map_hit hit = {.value = otherwise};
    bool found = px_map_find(map, smp, &hit);
    if (found ? !fill_groups(hit.regex, smp->u.s, &hit.value) : !otherwise.p)
        return false;
    px_set_text(smp, hit.value);
    return true;
}

#define MAP_CONVERTER(symbol, converts)                                                            \
    bool px_conv_##symbol(struct px_txn *t, struct px_sample *smp, const struct px_map *map,       \
                          struct px_str otherwise)                                                 \
    {                                                                                              \
        (void)t;                                                                                   \
        return converts(smp, map, otherwise);                                                      \
    }
#define KEY_CONVERTER(symbol)                                                                      \
    bool px_conv_##symbol(struct px_txn *t, struct px_sample *smp, const struct px_map *map)       \
    {                                                                                              \
        (void)t;                                                                                   \
        return convert_key(smp, map);                                                              \
    }
#define MAP_CONVERTERS(symbol)                                                                     \
    MAP_CONVERTER(symbol, convert)                                                                 \
    KEY_CONVERTER(symbol##_key)                                                                    \
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
