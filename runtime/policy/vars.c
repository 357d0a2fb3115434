/*
 * Variables. See vars.h.
 *
 * The values of an owner are one array by number, allocated when the first one is set. What a
 * client owns is one block, array and bytes together, so that it is freed at once.
 */
#include "vars.h"

#include "../txn/scratch.h"
#include "../txn/txn.h"

#include <pthread.h>
#include <stdlib.h>

enum { UNSET = UINT8_MAX }; /* px_sample.type of a variable without value */

static enum px_var_scope scope_of(unsigned var)
{
    return (enum px_var_scope)px_program.vars[var].scope;
}

static void clear(struct px_sample *values)
{
    for (unsigned i = 0; i < px_program.nvars; i++)
        values[i].type = UNSET;
}

static size_t bytes_of(const struct px_sample *value)
{
    return value->type != UNSET && px_is_bytes(value) ? value->u.s.len : 0;
}

/* ---- the transaction ---- */

/* The response has begun, be it the server's or our own. */
static bool is_response(const struct px_txn *t)
{
    if (!t->http)
        return t->at.connected;
    return t->at.answered || (t->flags & PX_T_LOCAL);
}

static bool in_reach(const struct px_txn *t, enum px_var_scope scope)
{
    if (scope == PX_VAR_REQ)
        return !is_response(t);
    return scope != PX_VAR_RES || is_response(t);
}

static bool set_in_txn(struct px_txn *t, unsigned var, struct px_sample value)
{
    if (!t->vars) {
        t->vars = px_arena_get(&t->arena, px_program.nvars * sizeof *t->vars);
        if (!t->vars)
            return false;
        clear(t->vars);
    }
    if (px_is_bytes(&value)) {
        value.u.s.p = px_arena_copy(&t->arena, value.u.s.p, value.u.s.len);
        if (!value.u.s.p)
            return false;
    }
    t->vars[var] = value;
    return true;
}

/* ---- the client ---- */

/* Writes a value behind the others of a block. */
static void place(struct px_sample *to, const struct px_sample *value, char **room)
{
    *to = *value;
    if (!bytes_of(value))
        return;
    memcpy(*room, value->u.s.p, value->u.s.len);
    to->u.s.p = *room;
    *room += value->u.s.len;
}

/* The block is built anew for each change: session variables change rarely. */
static bool set_in_client(struct px_client *c, unsigned var, const struct px_sample *value)
{
    unsigned n = px_program.nvars;
    size_t size = n * sizeof *c->vars + bytes_of(value);
    for (unsigned i = 0; c->vars && i < n; i++)
        size += bytes_of(&c->vars[i]);
    struct px_sample *vars = malloc(size);
    if (!vars)
        return false;
    char *room = (char *)(vars + n);
    clear(vars);
    for (unsigned i = 0; i < n; i++) {
        if (i == var)
            place(&vars[i], value, &room);
        else if (c->vars)
            place(&vars[i], &c->vars[i], &room);
    }
    free(c->vars);
    c->vars = vars;
    return true;
}

/* ---- the process ---- */

static pthread_rwlock_t proc_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct px_sample *proc_vars; /* under proc_lock; bytes of each are allocated */

static bool get_from_process(unsigned var, struct px_sample *out)
{
    pthread_rwlock_rdlock(&proc_lock);
    bool found = proc_vars && proc_vars[var].type != UNSET;
    if (found) {
        *out = proc_vars[var];
        found = !px_is_bytes(out) || px_scratch_copy(&out->u.s);
    }
    pthread_rwlock_unlock(&proc_lock);
    return found;
}

static bool process_has_room(void)
{
    if (proc_vars)
        return true;
    proc_vars = malloc(px_program.nvars * sizeof *proc_vars);
    if (proc_vars)
        clear(proc_vars);
    return proc_vars;
}

/* value.type UNSET: takes the old value away. Bytes of value become the variable's. */
static bool replace_in_process(unsigned var, struct px_sample value)
{
    char *old = NULL;
    pthread_rwlock_wrlock(&proc_lock);
    bool good = process_has_room();
    if (good) {
        if (proc_vars[var].type != UNSET && px_is_bytes(&proc_vars[var]))
            old = (char *)proc_vars[var].u.s.p;
        proc_vars[var] = value;
    }
    pthread_rwlock_unlock(&proc_lock);
    free(old);
    return good;
}

static bool set_in_process(unsigned var, struct px_sample value)
{
    char *copy = NULL;
    if (px_is_bytes(&value)) {
        copy = malloc(value.u.s.len + 1);
        if (!copy)
            return false;
        if (value.u.s.len)
            memcpy(copy, value.u.s.p, value.u.s.len);
        value.u.s.p = copy;
    }
    if (replace_in_process(var, value))
        return true;
    free(copy);
    return false;
}

/* ---- all scopes ---- */

bool px_var_get(const struct px_txn *t, unsigned var, struct px_sample *out)
{
    enum px_var_scope scope = scope_of(var);
    if (scope == PX_VAR_PROC)
        return get_from_process(var, out);
    if (!t)
        return false;
    const struct px_sample *vars = scope == PX_VAR_SESS ? t->client->vars : t->vars;
    if (!vars || vars[var].type == UNSET || !in_reach(t, scope))
        return false;
    *out = vars[var];
    return true;
}

bool px_var_set(struct px_txn *t, unsigned var, const struct px_sample *value)
{
    enum px_var_scope scope = scope_of(var);
    if (scope == PX_VAR_PROC)
        return set_in_process(var, *value);
    if (!t || !in_reach(t, scope))
        return false;
    if (scope == PX_VAR_SESS)
        return set_in_client(t->client, var, value);
    return set_in_txn(t, var, *value);
}

bool px_value_text(const struct px_txn *t, const struct px_value *value, struct px_str *text)
{
    struct px_sample smp;
    *text = value->text;
    if (value->var < 0)
        return true;
    if (!px_var_get(t, (unsigned)value->var, &smp) || !px_cast(&smp, PX_STRING))
        return false;
    *text = smp.u.s;
    return true;
}

/* Those about the value that is to be set. */
static bool fits(const struct px_sample *value, unsigned conds)
{
    bool empty = px_is_bytes(value) && !value->u.s.len;
    return !(conds & (empty ? PX_VAR_IF_NOT_EMPTY : PX_VAR_IF_EMPTY));
}

/* Integers only: whatever else is compared holds. */
static bool compares(const struct px_sample *old, const struct px_sample *value, unsigned conds)
{
    if (old->type != PX_SINT || value->type != PX_SINT)
        return true;
    if ((conds & PX_VAR_IF_GREATER) && old->u.i <= value->u.i)
        return false;
    return !(conds & PX_VAR_IF_LESS) || old->u.i < value->u.i;
}

/* Variables of the process exist from the beginning, others once they are set. */
static bool may_set(const struct px_txn *t, unsigned var, const struct px_sample *value,
                    unsigned conds)
{
    struct px_sample old;
    bool set = px_var_get(t, var, &old), exists = set || scope_of(var) == PX_VAR_PROC;
    if (conds & (exists ? PX_VAR_IF_NOT_EXISTS : PX_VAR_IF_EXISTS))
        return false;
    if (conds & (set ? PX_VAR_IF_NOT_SET : PX_VAR_IF_SET))
        return false;
    return fits(value, conds) && (!set || compares(&old, value, conds));
}

bool px_var_set_if(struct px_txn *t, unsigned var, const struct px_sample *value, unsigned conds)
{
    if (conds && !may_set(t, var, value, conds))
        return false;
    px_var_set(t, var, value);
    return true;
}

void px_var_unset(struct px_txn *t, unsigned var)
{
    enum px_var_scope scope = scope_of(var);
    if (scope == PX_VAR_PROC) {
        replace_in_process(var, (struct px_sample){.type = UNSET});
        return;
    }
    if (!t || !in_reach(t, scope))
        return;
    struct px_sample *vars = scope == PX_VAR_SESS ? t->client->vars : t->vars;
    if (vars)
        vars[var].type = UNSET;
}

enum px_found px_fetch_var(struct px_txn *t, struct px_sample *out, unsigned var,
                           struct px_str otherwise)
{
    if (px_var_get(t, var, out))
        return PX_FOUND;
    if (!otherwise.p)
        return PX_ABSENT;
    px_set_text(out, otherwise);
    return PX_FOUND;
}

/* What comes in goes on if the conditions hold, kept or not. */
bool px_conv_set_var(struct px_txn *t, struct px_sample *smp, unsigned var, unsigned conds)
{
    return px_var_set_if(t, var, smp, conds);
}

bool px_conv_unset_var(struct px_txn *t, struct px_sample *smp, unsigned var)
{
    (void)smp;
    px_var_unset(t, var);
    return true;
}
