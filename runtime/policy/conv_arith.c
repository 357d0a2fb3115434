/*
 * Converters that calculate (HAProxy manual 7.3.1). Results that do not fit into 64 bits become the
 * nearest integer that does.
 */
#include "../base/macros.h"
#include "vars.h"

/* The argument, from the variable if it is one. false: the variable is not set, or no number. */
static bool operand(const struct px_txn *t, const struct px_operand *arg, int64_t *v)
{
    *v = arg->value;
    if (arg->var < 0)
        return true;
    struct px_sample smp;
    if (!px_var_get(t, (unsigned)arg->var, &smp) || !px_cast(&smp, PX_SINT))
        return false;
    *v = smp.u.i;
    return true;
}

static int64_t add(int64_t a, int64_t b)
{
    int64_t r;
    if (PX_ADD_OVERFLOWS(a, b, &r))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return r;
}

static int64_t sub(int64_t a, int64_t b)
{
    int64_t r;
    if (PX_SUB_OVERFLOWS(a, b, &r))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return r;
}

static int64_t mul(int64_t a, int64_t b)
{
    int64_t r;
    if (PX_MUL_OVERFLOWS(a, b, &r))
        return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
    return r;
}

static int64_t divide(int64_t a, int64_t b)
{
    if (!b || (a == INT64_MIN && b == -1))
        return INT64_MAX;
    return a / b;
}

static int64_t remainder_of(int64_t a, int64_t b)
{
    if (!b || b == -1)
        return 0;
    return a % b;
}

static int64_t bits_and(int64_t a, int64_t b)
{
    return a & b;
}

static int64_t bits_or(int64_t a, int64_t b)
{
    return a | b;
}

static int64_t bits_xor(int64_t a, int64_t b)
{
    return a ^ b;
}

static bool calculate(const struct px_txn *t, struct px_sample *smp, const struct px_operand *arg,
                      int64_t (*op)(int64_t, int64_t))
{
    int64_t b;
    if (!operand(t, arg, &b))
        return false;
    px_set_int(smp, op(smp->u.i, b));
    return true;
}

bool px_conv_add(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, add);
}

bool px_conv_sub(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, sub);
}

bool px_conv_mul(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, mul);
}

bool px_conv_div(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, divide);
}

bool px_conv_mod(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, remainder_of);
}

bool px_conv_and(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, bits_and);
}

bool px_conv_or(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, bits_or);
}

bool px_conv_xor(struct px_txn *t, struct px_sample *smp, const struct px_operand *arg)
{
    return calculate(t, smp, arg, bits_xor);
}

bool px_conv_cpl(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_int(smp, ~smp->u.i);
    return true;
}

bool px_conv_neg(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_int(smp, sub(0, smp->u.i));
    return true;
}

bool px_conv_bool(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_bool(smp, smp->u.i != 0);
    return true;
}

bool px_conv_not(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_bool(smp, !smp->u.i);
    return true;
}

bool px_conv_even(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_bool(smp, !(smp->u.i & 1));
    return true;
}

bool px_conv_odd(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_bool(smp, smp->u.i & 1);
    return true;
}
