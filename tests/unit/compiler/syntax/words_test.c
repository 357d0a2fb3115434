/*
 * Tests of compiler/syntax/words.c and word.c, after sections 2.1 to 2.3 of HAProxy's manual:
 * quotes, escapes, comments, variables, and which bytes of the source each byte of a word is from.
 */
#include "desk.h"

/* A line, and its words with bars between; an empty word is shown as "~". */
struct row {
    const char *line, *words;
};

static const char *shown(const struct words *words)
{
    struct text t = {.arena = desk.arena};
    for (unsigned i = 0; i < words->n; i++) {
        if (i)
            text_str(&t, STR("|"));
        text_str(&t, words->v[i].text.len ? words->v[i].text : STR("~"));
    }
    text_put(&t, "", 1);
    return t.p;
}

static void expect_words(const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct words words = desk_cut(str_of(rows[i].line));
        const char *got = shown(&words), *reported = desk_reported();
        ck_assert_msg(!strcmp(got, rows[i].words), "[%s] is [%s], not [%s]", rows[i].line, got,
                      rows[i].words);
        ck_assert_msg(!reported[0], "[%s]: %s", rows[i].line, reported);
        for (unsigned k = 0; k < words.n; k++)
            ck_assert_int_eq(words.v[k].text.p[words.v[k].text.len], 0);
    }
}

static void expect_error(struct str line, const char *id)
{
    struct words words = desk_cut(line);
    const char *reported = desk_reported();
    ck_assert_msg(!strcmp(reported, id), "[" STR_FMT "]: '%s', not '%s'", STR_ARG(line), reported,
                  id);
    ck_assert_msg(!words.n, "[" STR_FMT "] has words", STR_ARG(line));
}

START_TEST(blanks_and_comments)
{
    static const struct row rows[] = {
        {"", ""},
        {"   \t ", ""},
        {"bind :80", "bind|:80"},
        {"  bind\t \t:80  ", "bind|:80"},
        {"# a comment", ""},
        {"a # b", "a"},
        {"a#b", "a"},
        {"a b#c d", "a|b"},
        {"global#this is the global section", "global"},
        {"a \\#b", "a|#b"},
        {"a \"#b\" '#c' d#e", "a|#b|#c|d"},
        {"a # 'not \"quoted", "a"},
        {"daemon\n", "daemon"},
        {"daemon\r\n", "daemon"},
        {"daemon \r\nnext", "daemon"},
        {"a # \x01", "a"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(quotes)
{
    static const struct row rows[] = {
        {"a\"b c\"'d e'f", "ab cd ef"},
        {"\"a b\" 'c d'", "a b|c d"},
        {"'a'\"b\"c", "abc"},
        {"\"it's\" 'say \"x\"'", "it's|say \"x\""},
        {"'a\\tb\\ c\\'", "a\\tb\\ c\\"},
        {"'$A ${A} #'", "$A ${A} #"},
        {"\"a\tb\" 'a\tb'", "a\tb|a\tb"},
        {"\"\"", "~"},
        {"a '' b", "a|~|b"},
        {"a\"\"b", "ab"},
        {"\"\"''", "~"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(escapes)
{
    static const struct row rows[] = {
        {"a\\ b", "a b"},
        {"\\#\\\\\\'\\\"", "#\\'\""},
        {"\"\\#\\\\\\'\\\"\\ \"", "#\\'\" "},
        {"a\\nb\\rc\\td", "a\nb\rc\td"},
        {"\"a\\nb\\rc\\td\"", "a\nb\rc\td"},
        {"\\x41\\x7a\\x0A\\xfF", "Az\n\xff"},
        {"\"\\x41\\x20\\x24\"A", "A $A"},
        {"\\x20 \\x23", " |#"},
        {"a\\qb \"a\\qb\"", "a\\qb|a\\qb"},
        {"a\\", "a\\"},
        {"a \\", "a|\\"},
        {"\\x4142", "A42"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

/* The five lines of the example in section 2.2 are the same. */
START_TEST(the_manuals_example)
{
    static const struct row rows[] = {
        {"log-format %{+Q}o\\ %t\\ %s\\ %{-Q}r", "log-format|%{+Q}o %t %s %{-Q}r"},
        {"log-format \"%{+Q}o %t %s %{-Q}r\"", "log-format|%{+Q}o %t %s %{-Q}r"},
        {"log-format '%{+Q}o %t %s %{-Q}r'", "log-format|%{+Q}o %t %s %{-Q}r"},
        {"log-format \"%{+Q}o %t\"' %s %{-Q}r'", "log-format|%{+Q}o %t %s %{-Q}r"},
        {"log-format \"%{+Q}o %t\"' %s'\\ %{-Q}r", "log-format|%{+Q}o %t %s %{-Q}r"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(second_level_quotes_survive)
{
    static const struct row rows[] = {
        {"set-path %[path,regsub(\\\"(foo|bar)\\\",blah,g)]",
         "set-path|%[path,regsub(\"(foo|bar)\",blah,g)]"},
        {"set-path '%[path,regsub(\"(foo|bar)\",blah,g)]'",
         "set-path|%[path,regsub(\"(foo|bar)\",blah,g)]"},
        {"str(\"\\\\'foo\\\\'\")", "str(\\'foo\\')"},
        {"str(\\\"\\'foo\\'\\\")", "str(\"'foo'\")"},
        {"str(\\\\\\'foo\\\\\\')", "str(\\'foo\\')"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(dollars)
{
    static const struct row rows[] = {
        {"$A ${A} a$", "$A|${A}|a$"},
        {"\"\\$A\"", "$A"},
        {"'$A'", "$A"},
        {"path_reg \\.php$", "path_reg|\\.php$"},
        {"\\$A", "\\$A"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(variables)
{
    static const struct row rows[] = {
        {"\"$A\"", "alpha"},
        {"\"${A}\"", "alpha"},
        {"x\"${A}\"y\"$B\"", "xalphaybeta"},
        {"\"$A-x $B\"", "alpha-x beta"},
        {"\"$_U1.\"", "under."},
        {"\"${NONE-127.0.0.1}:514\"", "127.0.0.1:514"},
        {"\"${NONE-with space}\"", "with space"},
        {"\"${NONE-}\"", "~"},
        {"\"${A-default}\"", "alpha"},
        {"\"${EMPTY-default}\"", "~"},
        {"\"$NONE\"", "~"},
        {"\"$Ax\" b", "~|b"},
        {"\"${LIST}\"", "one two  three"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(lists)
{
    static const struct row rows[] = {
        {"src \"${LIST[*]}\" end", "src|one|two|three|end"},
        {"\"p${LIST[*]}s\"", "pone|two|threes"},
        {"\"${ONE[*]}\"", "one"},
        {"a \"${NONE[*]}\" b", "a|b"},
        {"a \"${EMPTY[*]}\" b", "a|b"},
        {"\"${NONE[*]-x y}\"", "x|y"},
        {"\"${LIST[*]}${ONE[*]}\"", "one|two|threeone"},
    };
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(values_are_not_cut_again)
{
    env_set(desk.env, STR("ODD"), STR("a\"b #c $A \\x41"));
    static const struct row rows[] = {{"\"$ODD\"", "a\"b #c $A \\x41"}};
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(pseudo_variables)
{
    struct words words;
    struct source *s =
        source_from(desk.arena, "a.cfg", STR("x\n\"${.FILE}:${.LINE}\" \"$.SECTION\""));
    uint32_t next = words_cut(&desk.words, s, 0, &words);
    ck_assert_uint_eq(next, 2);
    words_cut(&desk.words, s, next, &words);
    ck_assert_str_eq(shown(&words), "a.cfg:2|www");
    expect_error(STR("\"${.NOPE}\""), "E0104");
}
END_TEST

START_TEST(unfinished_things)
{
    expect_error(STR("a \"b c"), "E0103");
    expect_error(STR("a 'b c"), "E0103");

    expect_error(STR("a \"b\\\""), "E0103");
    expect_error(STR("\"${A\""), "E0106");
    expect_error(STR("\"${A-x\""), "E0106");
    expect_error(STR("\"${A[*]\""), "E0106");
    expect_error(STR("\"${A "), "E0106");
    expect_error(STR("\"${A[1]}\""), "E0107");
    expect_error(STR("\"${A[*}\""), "E0107");
    expect_error(STR("\"${A["), "E0107");
    expect_error(STR("\"$\""), "E0104");
    expect_error(STR("\"$ A\""), "E0104");
    expect_error(STR("\"$1\""), "E0104");
    expect_error(STR("\"${}\""), "E0104");
    expect_error(STR("\"${1A}\""), "E0104");
    expect_error(STR("\"$."), "E0104");
    expect_error(STR("\"cost: $\""), "E0104");
}
END_TEST

START_TEST(hexadecimal_needs_two_digits)
{
    expect_error(STR("\\x"), "E0105");
    expect_error(STR("\\x4"), "E0105");
    expect_error(STR("\\xg0"), "E0105");
    expect_error(STR("\\x4g"), "E0105");
    expect_error(STR("\"\\x4\""), "E0105");
    expect_error(STR("\\x4\n1"), "E0105");
    expect_error(STR("\\x00"), "E0101");
}
END_TEST

START_TEST(bytes_that_no_word_may_hold)
{
    expect_error(STR("a\0b"), "E0101");
    expect_error(STR("a # \0"), "E0101");
    expect_error(STR("\"\0\""), "E0101");
    expect_error(STR("a\rb"), "E0102");
    expect_error(STR("a\r\r\n"), "E0102");
    for (char c = 1; c < 0x20; c++) {
        bool blank = c >= '\t' && c <= '\r';
        char plain[] = {'a', c, 'b'}, weak[] = {'"', c, '"'}, strong[] = {'\'', c, '\''};
        if (blank)
            continue;
        expect_error((struct str){plain, 3}, "E0102");
        expect_error((struct str){weak, 3}, "E0102");
        expect_error((struct str){strong, 3}, "E0102");
    }
    expect_error(STR("a\x7f"), "E0102");
    static const struct row rows[] = {{"\xc3\xa4 \xff", "\xc3\xa4|\xff"}};
    expect_words(rows, COUNT(rows));
}
END_TEST

START_TEST(at_most_64_words)
{
    struct text line = {.arena = desk.arena};
    for (unsigned i = 0; i < 64; i++)
        text_str(&line, STR("w "));
    struct words words = desk_cut((struct str){line.p, line.len});
    ck_assert_uint_eq(words.n, 64);
    ck_assert_str_eq(desk_reported(), "");
    text_str(&line, STR("w"));
    expect_error((struct str){line.p, line.len}, "E0108");
    env_set(desk.env, STR("MANY"), (struct str){line.p, line.len});
    expect_error(STR("\"${MANY[*]}\""), "E0108");
}
END_TEST

START_TEST(variables_may_not_grow_without_bound)
{
    char *value = str_cstr(desk.arena, (struct str){NULL, 0});
    value = NEW_N(desk.arena, char, 40001);
    memset(value, 'x', 40000);
    env_set(desk.env, STR("BIG"), str_of(value));
    struct words words = desk_cut(STR("\"$BIG\""));
    ck_assert_uint_eq(words.v[0].text.len, 40000);
    expect_error(STR("\"$BIG$BIG\""), "E0109");
    expect_error(STR("\"$BIG\" \"$BIG\""), "E0109");
}
END_TEST

START_TEST(long_words)
{
    enum { LEN = 100000 };
    char *line = NEW_N(desk.arena, char, LEN + 3);
    memset(line, 'x', LEN + 2);
    line[1] = line[LEN] = '"';
    struct words words = desk_cut((struct str){line, LEN + 2});
    ck_assert_uint_eq(words.n, 1);
    ck_assert_uint_eq(words.v[0].text.len, LEN);
}
END_TEST

START_TEST(lines_follow_each_other)
{
    struct source *s = source_from(desk.arena, "a.cfg", STR("a 'b\n\r\nc d"));
    struct words words;
    uint32_t at = words_cut(&desk.words, s, 0, &words);
    ck_assert_uint_eq(at, 5);
    ck_assert_uint_eq(words.n, 0);
    ck_assert_str_eq(desk_reported(), "E0103");
    at = words_cut(&desk.words, s, at, &words);
    ck_assert_uint_eq(at, 7);
    ck_assert_uint_eq(words.n, 0);
    at = words_cut(&desk.words, s, at, &words);
    ck_assert_uint_eq(at, 10);
    ck_assert_str_eq(shown(&words), "c|d");
}
END_TEST

START_TEST(an_error_points_at_its_cause)
{
    static const struct {
        const char *line, *marked;
    } rows[] = {
        {"bind 'a b", "'"},
        {"a \"b", "\""},
        {"a \\x4z b", "\\x4"},
        {"a \"${A b\"", "${"},
        {"a \"x$ y\"", "$"},
        {"a \"${A[1]}\"", "["},
        {"a \"${.NOPE}\"", "${.NOPE}"},
        {"a b\x01"
         "c",
         "\x01"},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        desk_cut(str_of(rows[i].line));
        ck_assert_uint_eq(desk.diags.all.n, 1);
        struct str marked = desk_written(desk.diags.all.v[0]->span);
        ck_assert_msg(str_is(marked, rows[i].marked), "[%s]: marks [" STR_FMT "]", rows[i].line,
                      STR_ARG(marked));
        desk_reported();
    }
}
END_TEST

static void expect_span(const struct word *w, size_t from, size_t to, const char *written)
{
    struct str got = desk_written(word_span(w, from, to));
    ck_assert_msg(str_is(got, written), "%zu..%zu of [" STR_FMT "] is [" STR_FMT "]", from, to,
                  STR_ARG(w->text), STR_ARG(got));
}

START_TEST(words_know_where_they_are_from)
{
    struct words words = desk_cut(STR("  one 'two'\"$A\"\\x41z end"));
    ck_assert_str_eq(shown(&words), "one|twoalphaAz|end");
    ck_assert(str_is(desk_written(words.span), "one 'two'\"$A\"\\x41z end"));
    ck_assert(str_is(desk_written(words.v[1].span), "'two'\"$A\"\\x41z"));
    const struct word *w = &words.v[1];
    expect_span(&words.v[0], 1, 2, "n");
    expect_span(w, 0, 2, "tw");
    expect_span(w, 4, 5, "$A");
    expect_span(w, 2, 5, "o'\"$A");
    expect_span(w, 8, 9, "\\x41");
    expect_span(w, 9, 10, "z");
    expect_span(w, 0, 10, "two'\"$A\"\\x41z");
    expect_span(w, 10, 10, "");
}
END_TEST

START_TEST(joined_words_know_it_too)
{
    struct words words = desk_cut(STR("a  'b c'\t\"$A\""));
    struct word w = words_join(desk.arena, words.v, words.n);
    ck_assert(str_is(w.text, "a b c alpha"));
    ck_assert_int_eq(w.text.p[w.text.len], 0);
    ck_assert(w.quoted && w.expanded);
    expect_span(&w, 0, 1, "a");
    expect_span(&w, 1, 2, "  ");
    expect_span(&w, 2, 5, "b c");
    expect_span(&w, 5, 6, "\t");
    expect_span(&w, 6, 7, "$A");
    struct words one = desk_cut(STR("a"));
    w = words_join(desk.arena, one.v, 1);
    ck_assert(str_is(w.text, "a"));
    ck_assert(!w.quoted && !w.expanded);
}
END_TEST

START_TEST(descriptors_from_variables_keep_the_name)
{
    struct words words = desk_cut(STR("bind \"fd@${A}\" fd@\"${A}\" \"x@${A}\" \"fd@$A\""));
    ck_assert_uint_eq(words.n, 5);
    ck_assert(str_is(words.v[1].fd_env, "A"));
    ck_assert(str_is(words.v[2].fd_env, "A"));
    ck_assert_uint_eq(words.v[3].fd_env.len, 0);
    ck_assert_uint_eq(words.v[4].fd_env.len, 0);
    words = desk_cut(STR("\"fd@${A}0\" \"fd@${A}${B}\" \"fd@${A}\"x"));
    ck_assert_uint_eq(words.n, 3);
    for (unsigned i = 0; i < words.n; i++)
        ck_assert_uint_eq(words.v[i].fd_env.len, 0);
}
END_TEST

UNIT_MAIN("words", desk_open, desk_close, blanks_and_comments, quotes, escapes, the_manuals_example,
          second_level_quotes_survive, dollars, variables, lists, values_are_not_cut_again,
          pseudo_variables, unfinished_things, hexadecimal_needs_two_digits,
          bytes_that_no_word_may_hold, at_most_64_words, variables_may_not_grow_without_bound,
          long_words, lines_follow_each_other, an_error_points_at_its_cause,
          words_know_where_they_are_from, joined_words_know_it_too,
          descriptors_from_variables_keep_the_name)
