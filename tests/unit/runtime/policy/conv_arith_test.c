/*
 * Tests of runtime/policy/conv_arith.c: arithmetic at the edges of 64 bits.
 */
#include "conv_desk.h"
#include "runtime/policy/vars.h"

START_TEST(add_values)
{
    INT_TO_INT(px_conv_add(t, s, N(2)), 1, 3);
    INT_TO_INT(px_conv_add(t, s, N(1)), INT64_MAX, INT64_MAX);
    INT_TO_INT(px_conv_add(t, s, N(-1)), INT64_MIN, INT64_MIN);
    INT_TO_INT(px_conv_add(t, s, N(INT64_MAX)), -1, 9223372036854775806);
}
END_TEST

START_TEST(sub_values)
{
    INT_TO_INT(px_conv_sub(t, s, N(2)), 1, -1);
    INT_TO_INT(px_conv_sub(t, s, N(1)), INT64_MIN, INT64_MIN);
    INT_TO_INT(px_conv_sub(t, s, N(-1)), INT64_MAX, INT64_MAX);
    INT_TO_INT(px_conv_sub(t, s, N(INT64_MIN)), 0, INT64_MAX);
}
END_TEST

START_TEST(mul_values)
{
    INT_TO_INT(px_conv_mul(t, s, N(-3)), 7, -21);
    INT_TO_INT(px_conv_mul(t, s, N(2)), INT64_MAX, INT64_MAX);
    INT_TO_INT(px_conv_mul(t, s, N(-2)), INT64_MAX, INT64_MIN);
    INT_TO_INT(px_conv_mul(t, s, N(-2)), -9223372036854775807, INT64_MAX);
    INT_TO_INT(px_conv_mul(t, s, N(-1)), INT64_MIN, INT64_MAX);
    INT_TO_INT(px_conv_mul(t, s, N(0)), INT64_MIN, 0);
}
END_TEST

START_TEST(div_values)
{
    INT_TO_INT(px_conv_div(t, s, N(2)), 7, 3);
    INT_TO_INT(px_conv_div(t, s, N(2)), -7, -3);
    INT_TO_INT(px_conv_div(t, s, N(-2)), 7, -3);
    INT_TO_INT(px_conv_div(t, s, N(-1)), INT64_MIN, INT64_MAX);
}
END_TEST

START_TEST(mod_values)
{
    INT_TO_INT(px_conv_mod(t, s, N(4)), 7, 3);
    INT_TO_INT(px_conv_mod(t, s, N(4)), -7, -3);
    INT_TO_INT(px_conv_mod(t, s, N(-4)), 7, 3);
    INT_TO_INT(px_conv_mod(t, s, N(-1)), INT64_MIN, 0);
}
END_TEST

START_TEST(and_values)
{
    INT_TO_INT(px_conv_and(t, s, N(-2)), 7, 6);
}
END_TEST

START_TEST(or_values)
{
    INT_TO_INT(px_conv_or(t, s, N(8)), 7, 15);
}
END_TEST

START_TEST(xor_values)
{
    INT_TO_INT(px_conv_xor(t, s, N(-1)), 7, -8);
}
END_TEST

START_TEST(cpl_values)
{
    INT_TO_INT(px_conv_cpl(t, s), 0, -1);
    INT_TO_INT(px_conv_cpl(t, s), INT64_MIN, INT64_MAX);
}
END_TEST

START_TEST(neg_values)
{
    INT_TO_INT(px_conv_neg(t, s), 3, -3);
    INT_TO_INT(px_conv_neg(t, s), INT64_MIN, INT64_MAX);
}
END_TEST

START_TEST(bool_values)
{
    INT_TO_INT(px_conv_bool(t, s), -3, 1);
    INT_TO_INT(px_conv_bool(t, s), 0, 0);
}
END_TEST

START_TEST(not_values)
{
    INT_TO_INT(px_conv_not(t, s), -3, 0);
    INT_TO_INT(px_conv_not(t, s), 0, 1);
}
END_TEST

START_TEST(even_values)
{
    INT_TO_INT(px_conv_even(t, s), -3, 0);
    INT_TO_INT(px_conv_even(t, s), 4, 1);
}
END_TEST

START_TEST(odd_values)
{
    INT_TO_INT(px_conv_odd(t, s), -3, 1);
    INT_TO_INT(px_conv_odd(t, s), 4, 0);
}
END_TEST

/* An operand that is a variable; without a number in it there is no result. */
START_TEST(operands_in_variables)
{
    static const struct px_operand in_txn = {0, DESK_TXN};
    struct px_sample v;
    desk_target("/");
    conv_int_in(PX_SINT, 5);
    ck_assert(!px_conv_add(t, s, &in_txn));
    px_set_int(&v, 3);
    ck_assert(px_var_set(t, DESK_TXN, &v));
    INT_TO_INT(px_conv_add(t, s, &in_txn), 5, 8);
    px_set_text(&v, px_text_of("-4x"));
    ck_assert(px_var_set(t, DESK_TXN, &v));
    INT_TO_INT(px_conv_mul(t, s, &in_txn), 5, -20);
    px_set_text(&v, px_text_of(""));
    ck_assert(px_var_set(t, DESK_TXN, &v));
    conv_int_in(PX_SINT, 5);
    ck_assert(!px_conv_div(t, s, &in_txn));
    px_set_bool(&v, true);
    ck_assert(px_var_set(t, DESK_TXN, &v));
    INT_TO_INT(px_conv_sub(t, s, &in_txn), 5, 4);
}
END_TEST

START_TEST(division_by_nothing)
{
    INT_TO_INT(px_conv_div(t, s, N(0)), 5, INT64_MAX);
    INT_TO_INT(px_conv_mod(t, s, N(0)), 5, 0);
}
END_TEST

UNIT_MAIN("conv_arith", NULL, NULL, add_values, sub_values, mul_values, div_values, mod_values,
          and_values, or_values, xor_values, cpl_values, neg_values, bool_values, not_values,
          even_values, odd_values, operands_in_variables, division_by_nothing)
