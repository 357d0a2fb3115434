/*
 * Tests of compiler/syntax/fmt.c, after section 8.2.6 of HAProxy's manual: aliases, expressions,
 * flags, doubled percent signs, and spaces that separate.
 */
#include "desk.h"

static void put_item(struct text *t, const struct fmt_item *item)
{
    static const char flags[] = "QXE";
    static const char *const kinds[] = {"'", "%", "[", "_"};
    text_str(t, str_of(kinds[item->kind]));
    if (item->kind == FMT_EXPR) {
        text_str(t, item->expr->fetch.name);
        for (unsigned i = 0; i < item->expr->converters.n; i++)
            text_printf(t, "," STR_FMT, STR_ARG(item->expr->converters.v[i].name));
    } else {
        text_str(t, item->text);
    }
    for (unsigned i = 0; i < 3; i++)
        if (item->flags & 1U << i)
            text_printf(t, "+%c", flags[i]);
}

/* Items with bars between: 'text, %alias+Q, [fetch,converter, and _ for what separates. */
static const char *shown(const struct fmt *fmt)
{
    struct text t = {.arena = desk.arena};
    for (unsigned i = 0; i < fmt->items.n; i++) {
        if (i)
            text_str(&t, STR("|"));
        put_item(&t, &fmt->items.v[i]);
    }
    text_put(&t, "", 1);
    return t.p;
}

static struct fmt *parse(const char *line, bool separators)
{
    struct words words = desk_cut(str_of(line));
    ck_assert_msg(words.n == 1, "[%s] is one word", line);
    return fmt_parse(&desk.syntax, &words.v[0], separators);
}

struct row {
    const char *line, *want;
};

static void expect(const struct row *rows, unsigned n, bool separators)
{
    for (unsigned i = 0; i < n; i++) {
        struct fmt *fmt = parse(rows[i].line, separators);
        const char *ids = desk_reported();
        ck_assert_msg(fmt && !ids[0], "[%s]: %s", rows[i].line, ids);
        ck_assert_msg(!strcmp(shown(fmt), rows[i].want), "[%s] is [%s]", rows[i].line, shown(fmt));
    }
}

static void expect_errors(const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct fmt *fmt = parse(rows[i].line, i % 2);
        const char *ids = desk_reported();
        ck_assert_msg(!fmt, "[%s] is [%s]", rows[i].line, shown(fmt));
        ck_assert_msg(!strcmp(ids, rows[i].want), "[%s]: %s", rows[i].line, ids);
    }
}

START_TEST(text_and_items)
{
    static const struct row rows[] = {
        {"\"\"", ""},
        {"text", "'text"},
        {"%ci", "%ci"},
        {"a%ci:%cp", "'a|%ci|':|%cp"},
        {"%ci%cp", "%ci|%cp"},
        {"%[src]", "[src"},
        {"x%[req.hdr(host),lower]y", "'x|[req.hdr,lower|'y"},
        {"100%%", "'100%"},
        {"%%%%", "'%%"},
        {"%%ci", "'%ci"},
        {"%%%ci", "'%|%ci"},
        {"'a  b '", "'a  b "},
        {"%HP-%Ts", "%HP|'-|%Ts"},
        {"[%ci]", "'[|%ci|']"},
        {"'%[str(\"a]b\")]'", "[str"},
    };
    expect(rows, COUNT(rows), false);
}
END_TEST

START_TEST(flags)
{
    static const struct row rows[] = {
        {"%{+Q}r", "%r+Q"},
        {"%{+X}[src]", "[src+X"},
        {"%{+Q,+E}r%r", "%r+Q+E|%r"},
        {"%{+Q,-Q}r", "%r"},
        {"%{-Q}r", "%r"},
        {"%{+Q}o%t%r", "%t+Q|%r+Q"},
        {"%{+Q}o%t%{-Q}r%s", "%t+Q|%r|%s+Q"},
        {"%{+Q}o%{+X}o%t", "%t+Q+X"},
        {"%{+Q,+X}o%{-Q}o%t", "%t+X"},
        {"%{+Q}o-%t", "'-|%t+Q"},
        {"%{+Q}o", ""},
        {"%o%t", "%t"},
    };
    expect(rows, COUNT(rows), false);
}
END_TEST

START_TEST(spaces_separate)
{
    static const struct row rows[] = {
        {"'%ci %cp'", "%ci|_|%cp"},
        {"'%ci    %cp'", "%ci|_|%cp"},
        {"'  %ci'", "%ci"},
        {"'a  b'", "'a|_|'b"},
        {"'%{+Q}o %t %s %{-Q}r'", "%t+Q|_|%s+Q|_|%r"},
        {"%T\\ %t\\ Some\\ Text", "%T|_|%t|_|'Some|_|'Text"},
        {"%{+Q,+E}o\\ [exampleSDID@1234\\ header=%[capture.req.hdr(0)]]",
         "'[exampleSDID@1234|_|'header=|[capture.req.hdr+Q+E|']"},
    };
    expect(rows, COUNT(rows), true);
}
END_TEST

START_TEST(spaces_are_text_elsewhere)
{
    static const struct row rows[] = {
        {"'%ci  %cp'", "%ci|'  |%cp"},
        {"'  %ci '", "'  |%ci|' "},
    };
    expect(rows, COUNT(rows), false);
}
END_TEST

START_TEST(malformed)
{
    static const struct row rows[] = {
        {"%", "E0410"},           {"a%", "E0410"},        {"'% ci'", "E0410"},
        {"%-", "E0410"},          {"%5", "E0410"},        {"%{+Q", "E0411"},
        {"%{", "E0411"},          {"%{Q}r", "E0412"},     {"%{+Z}r", "E0412"},
        {"%{}r", "E0412"},        {"%{+Q,}r", "E0412"},   {"'%{+Q, +X}r'", "E0412"},
        {"%{+}r", "E0412"},       {"%{+QX}r", "E0412"},   {"%{+Q}", "E0413"},
        {"'%{+Q} r'", "E0413"},   {"%{+Q}%r", "E0413"},   {"%[src", "E0414"},
        {"'%[src ]'", "E0414"},   {"%[f(a)b]", "E0414"},  {"%[]", "E0401"},
        {"%[", "E0401"},          {"'%[ src]'", "E0401"}, {"%[f(a]", "E0402"},
        {"'%[f(\"a)]'", "E0403"}, {"%[src,]", "E0401"},   {"%a%%%", "E0410"},
    };
    expect_errors(rows, COUNT(rows));
}
END_TEST

START_TEST(several_mistakes_are_all_found)
{
    ck_assert_ptr_null(parse("%{+Z}r%[f(a)b]%[src]%-", false));
    ck_assert_str_eq(desk_reported(), "E0412 E0414 E0410");
}
END_TEST

START_TEST(items_know_where_they_are_from)
{
    struct fmt *fmt = parse("'a b'%{+Q}r\"-$A\"%[src]", false);
    static const char *const written[] = {"a b", "%{+Q}r", "-$A", "%[src]"};
    ck_assert_str_eq(shown(fmt), "'a b|%r+Q|'-alpha|[src");
    for (unsigned i = 0; i < COUNT(written); i++) {
        struct str got = desk_written(fmt->items.v[i].span);
        ck_assert_msg(str_is(got, written[i]), "item %u is [" STR_FMT "]", i, STR_ARG(got));
    }
}
END_TEST

START_TEST(long_text)
{
    char *line = NEW_N(desk.arena, char, 5001);
    memset(line, 'x', 5000);
    struct fmt *fmt = parse(line, true);
    ck_assert_uint_eq(fmt->items.n, 1);
    ck_assert_uint_eq(fmt->items.v[0].text.len, 5000);
}
END_TEST

UNIT_MAIN("fmt", desk_open, desk_close, text_and_items, flags, spaces_separate,
          spaces_are_text_elsewhere, malformed, several_mistakes_are_all_found,
          items_know_where_they_are_from, long_text)
