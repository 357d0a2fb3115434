/*
 * What the tests of the checking, planning and printing floors share: a configuration from a text,
 * as far as it is wanted, and what was said about it.
 */
#ifndef COMPILE_DESK_H
#define COMPILE_DESK_H

#include "compiler/emit/emit.h"
#include "compiler/sema/sema.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct {
    struct arena *arena;
    struct diags diags;
    struct model *model;
    struct plan *plan;
} desk;

static inline void desk_open(void)
{
    desk.arena = arena_new();
}

static inline void desk_close(void)
{
    arena_free(desk.arena);
}

/* Texts begin with these lines unless they say otherwise. */
#define DESK_DEFAULTS                                                                              \
    "defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"

/* The ids of what was reported, in the order of the report, with spaces between. */
static inline const char *desk_check_str(struct str text)
{
    struct config_options options = {.version = "2.6.12", .features = ""};
    desk.diags = (struct diags){.arena = desk.arena};
    struct source *s = source_from(desk.arena, "a.cfg", text);
    struct config *c = config_read_source(desk.arena, &desk.diags, s, &options);
    desk.model = sema_check(desk.arena, &desk.diags, sema_vocab(desk.arena), c);
    struct text t = {.arena = desk.arena};
    for (unsigned i = 0; i < desk.diags.all.n; i++)
        text_printf(&t, "%s%s", i ? " " : "", diag_name(desk.diags.all.v[i]->id));
    text_put(&t, "", 1);
    return t.p;
}

static inline const char *desk_check(const char *text)
{
    return desk_check_str(str_of(text));
}

/* The model of a text that has no errors. */
static inline struct model *desk_model_str(struct str text)
{
    const char *ids = desk_check_str(text);
    ck_assert_msg(!desk.diags.errors, "%s: %.*s", ids,
                  (int)(desk.diags.all.n ? desk.diags.all.v[0]->message.len : 0),
                  desk.diags.all.n ? desk.diags.all.v[0]->message.p : "");
    return desk.model;
}

static inline struct model *desk_model(const char *text)
{
    return desk_model_str(str_of(text));
}

static inline struct plan *desk_plan_str(struct str text)
{
    desk_model_str(text);
    return desk.plan = plan_make(desk.arena, &desk.diags, desk.model, STR("a.cfg"));
}

static inline struct plan *desk_plan(const char *text)
{
    return desk_plan_str(str_of(text));
}

/* The proxy of that name in the model. */
static inline struct m_proxy *desk_proxy(const char *name)
{
    for (unsigned i = 0; i < desk.model->proxies.n; i++)
        if (str_is(desk.model->proxies.v[i]->name, name))
            return desk.model->proxies.v[i];
    ck_abort_msg("no proxy %s", name);
    return NULL;
}

/* A function of the plan, by its C identifier. NULL: there is none. */
static inline struct p_function *desk_function(const char *name)
{
    for (unsigned i = 0; i < desk.plan->proxies.n; i++)
        for (unsigned k = 0; k < desk.plan->proxies.v[i]->functions.n; k++)
            if (str_is(desk.plan->proxies.v[i]->functions.v[k]->name, name))
                return desk.plan->proxies.v[i]->functions.v[k];
    return NULL;
}

#endif
