/*
 * Actions that change maps and files of patterns (HAProxy manual, "http-request set-map" and its
 * siblings). What cannot be a key of a list changes nothing.
 */
#include "../txn/scratch.h"
#include "act.h"
#include "live.h"

enum px_verdict px_act_add_acl(struct px_txn *t, enum px_phase at, const struct px_list *list,
                               const struct px_fmt *key)
{
    (void)at;
    px_list_put(list, px_fmt_text(t, key), (struct px_str){NULL, 0});
    return PX_GO;
}

static enum px_verdict take_out(struct px_txn *t, const struct px_list *list,
                                const struct px_fmt *key)
{
    px_list_delete(list, px_fmt_text(t, key), NULL);
    return PX_GO;
}

enum px_verdict px_act_del_acl(struct px_txn *t, enum px_phase at, const struct px_list *list,
                               const struct px_fmt *key)
{
    (void)at;
    return take_out(t, list, key);
}

enum px_verdict px_act_del_map(struct px_txn *t, enum px_phase at, const struct px_list *list,
                               const struct px_fmt *key)
{
    (void)at;
    return take_out(t, list, key);
}

enum px_verdict px_act_set_map(struct px_txn *t, enum px_phase at, const struct px_list *list,
                               const struct px_fmt *key, const struct px_fmt *value)
{
    struct px_str name = px_fmt_text(t, key);
    (void)at;
    if (px_scratch_copy(&name)) /* the second text takes the place of the first one */
        px_list_put(list, name, px_fmt_text(t, value));
    return PX_GO;
}
