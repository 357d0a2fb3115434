/*
 * Tests of compiler/syntax/config.c, block.c and setenv.c, after sections 2.1, 2.3 and 2.4 of
 * HAProxy's manual: sections and their directives, conditional blocks, messages, variables.
 */
#include "desk.h"

#include <stdio.h>
#include <unistd.h>

static struct config_options options;

static struct config *read_text(const char *text)
{
    options = (struct config_options){.version = "2.6.12", .features = "+OPENSSL", .env = desk.env};
    struct source *s = source_from(desk.arena, "a.cfg", str_of(text));
    return config_read_source(desk.arena, &desk.diags, s, &options);
}

static void put_words(struct text *t, const struct word *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (i)
            text_str(t, STR(" "));
        text_str(t, words[i].text);
    }
}

/* "global[daemon|maxconn 5] frontend www[bind :80]" */
static const char *shown(const struct config *c)
{
    struct text t = {.arena = desk.arena};
    for (unsigned i = 0; i < c->sections.n; i++) {
        const struct section *s = c->sections.v[i];
        if (i)
            text_str(&t, STR(" "));
        put_words(&t, s->words, s->nwords);
        text_str(&t, STR("["));
        for (unsigned k = 0; k < s->directives.n; k++) {
            if (k)
                text_str(&t, STR("|"));
            put_words(&t, s->directives.v[k].words, s->directives.v[k].nwords);
        }
        text_str(&t, STR("]"));
    }
    text_put(&t, "", 1);
    return t.p;
}

static void expect(const char *text, const char *tree, const char *ids)
{
    const char *got = shown(read_text(text)), *reported = desk_reported();
    ck_assert_msg(!strcmp(got, tree), "[%s]: %s", text, got);
    ck_assert_msg(!strcmp(reported, ids), "[%s]: '%s', not '%s'", text, reported, ids);
}

/* The lines of a branch test, in a global section. */
static void expect_lines(const char *lines, const char *taken, const char *ids)
{
    struct str text = str_printf(desk.arena, "global\n%s", lines);
    struct str tree = str_printf(desk.arena, "global[%s]", taken);
    expect(text.p, tree.p, ids);
}

START_TEST(the_manuals_example)
{
    static const char tree[] = "global[daemon] frontend foo[mode http]";
    expect("global#this is the global section\n"
           "    daemon#daemonize\n"
           "       frontend         foo\n"
           "mode             http   # or tcp\n",
           tree, "");
    expect("global\n    daemon\n\n# this is the public web frontend\nfrontend foo\n    mode http\n",
           tree, "");
    expect("global\r\n\tdaemon\r\n\r\nfrontend foo\r\n\tmode http\r\n", tree, "");
}
END_TEST

START_TEST(sections)
{
    expect("", "", "");
    expect("\n\n# nothing\n", "", "");
    expect("global\nglobal\n", "global[] global[]", "");
    expect("defaults d from e\nlisten l\nbackend b\nuserlist u\npeers p\n",
           "defaults d from e[] listen l[] backend b[] userlist u[] peers p[]", "");
    expect("maxconn 5\nglobal\n daemon\n", "global[daemon]", "E0114");
    expect("maxconn 5\nnbthread 2\n", "", "E0114");
    ck_assert(config_is_section(STR("frontend")));
    ck_assert(config_is_section(STR("resolvers")));
    ck_assert(!config_is_section(STR("Frontend")));
    ck_assert(!config_is_section(STR("bind")));
    ck_assert(!config_is_section(STR("")));
}
END_TEST

START_TEST(the_end_of_a_file)
{
    expect("global\n daemon", "global[daemon]", "E0111");
    expect("global\n daemon # x", "global[daemon]", "E0111");
    expect("\xef\xbb\xbfglobal\n", "global[]", "E0115");
}
END_TEST

START_TEST(all_errors_are_found)
{
    expect("global\n a 'b\n c\n d \"$ \"\nfrontend \"x\n e\nbackend b\n f\n",
           "global[c] backend b[f]", "E0103 E0104 E0103");
    expect("global\n a \"$NONE\"\n b ''\n c\n", "global[c]", "E0110 E0110");
}
END_TEST

START_TEST(nul_and_control_bytes)
{
    struct source *s = source_from(desk.arena, "a.cfg", STR("global\n a\0b\n c\x01\n d\n"));
    options = (struct config_options){.env = desk.env};
    struct config *c = config_read_source(desk.arena, &desk.diags, s, &options);
    ck_assert_str_eq(shown(c), "global[d]");
    ck_assert_str_eq(desk_reported(), "E0101 E0102");
}
END_TEST

START_TEST(branches)
{
    expect_lines(".if 1\n a\n.else\n b\n.endif\n c\n", "a|c", "");
    expect_lines(".if 0\n a\n.else\n b\n.endif\n c\n", "b|c", "");
    expect_lines(".if 0\n a\n.elif 1\n b\n.elif 1\n c\n.else\n d\n.endif\n", "b", "");
    expect_lines(".if 0\n a\n.elif 0\n b\n.else\n d\n.endif\n", "d", "");
    expect_lines(".if 0\n a\n.endif\n", "", "");
    expect_lines("  .if 1 # comment\n a\n\t.endif#comment\n", "a", "");
    expect_lines(".if\n a\n.else\n b\n.endif\n", "b", "");
    expect_lines(".if streq(\"$A\",alpha) &&  feature(OPENSSL)\n a\n.endif\n", "a", "");
    expect_lines(".if version_atleast(2.4-dev19)\n profiling.memory on\n.endif\n",
                 "profiling.memory on", "");
}
END_TEST

START_TEST(nested_branches)
{
    expect_lines(".if 1\n.if 0\n a\n.else\n b\n.endif\n c\n.endif\n", "b|c", "");
    expect_lines(".if 0\n.if 1\n a\n.else\n b\n.endif\n c\n.else\n d\n.endif\n", "d", "");
    expect_lines(".if 1\n a\n.else\n.if 1\n b\n.elif 1\n c\n.endif\n.endif\n", "a", "");
    expect_lines(".if 0\n.if 1\n.if 1\n a\n.endif\n.endif\n.elif 1\n b\n.endif\n", "b", "");
}
END_TEST

/* The truth table in section 2.4. */
START_TEST(the_manuals_nest)
{
    static const char text[] = "global\n.if \"${VA}\"\n.if \"${VB}\"\n x B\n.elif \"${VC}\"\n x C\n"
                               ".elif \"${VD}\"\n x D\n.else\n x none\n.endif\n.else\n x notA\n"
                               ".endif\n";
    static const struct {
        const char *a, *b, *c, *d, *tree;
    } rows[] = {
        {"1", "1", "0", "0", "global[x B]"},    {"1", "0", "1", "0", "global[x C]"},
        {"1", "0", "0", "1", "global[x D]"},    {"1", "0", "0", "0", "global[x none]"},
        {"0", "1", "1", "1", "global[x notA]"}, {"1", "", "", "1", "global[x D]"},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        env_set(desk.env, STR("VA"), str_of(rows[i].a));
        env_set(desk.env, STR("VB"), str_of(rows[i].b));
        env_set(desk.env, STR("VC"), str_of(rows[i].c));
        env_set(desk.env, STR("VD"), str_of(rows[i].d));
        expect(text, rows[i].tree, "");
    }
}
END_TEST

START_TEST(sections_in_branches)
{
    expect("global\n.if 0\nfrontend f\n bind :80\n.else\nbackend b\n.endif\n server s\n",
           "global[] backend b[server s]", "");
}
END_TEST

START_TEST(skipped_lines_are_not_looked_at)
{
    expect_lines(".if 0\n a 'b\n \"$ \"\n .nonsense\n .alert \"no\"\n.endif\n c\n", "c", "");
    expect_lines(".if 0\n.if bogus(\n.elif x\n.endif\n.endif\n", "", "");
    expect_lines(".if 1\n.elif bogus(\n.endif\n", "", "");
}
END_TEST

START_TEST(malformed_blocks)
{
    expect_lines(".endif\n a\n", "a", "E0120");
    expect_lines(".else\n a\n", "a", "E0120");
    expect_lines(".elif 1\n a\n", "a", "E0120");
    expect_lines(".if 1\n a\n", "a", "E0122");
    expect_lines(".if 1\n.if 1\n", "", "E0122 E0122");
    expect_lines(".if 1\n a\n.else\n b\n.else\n c\n.endif\n d\n", "a|d", "E0121");
    expect_lines(".if 0\n a\n.else\n b\n.elif 1\n c\n.endif\n d\n", "b|d", "E0121");
    expect_lines(".if 1\n.endif x\n a\n", "a", "E0124");
    expect_lines(".if 1\n.else x\n.endif\n a\n", "a", "E0124");
    expect_lines(".iff 1\n a\n", "a", "E0125");
    expect_lines(".\n a\n", "a", "E0125");
}
END_TEST

START_TEST(a_malformed_condition_takes_no_branch)
{
    expect_lines(".if bogus(1)\n a\n.elif 1\n b\n.else\n c\n.endif\n d\n", "d", "E0127");
    expect_lines(".if 0\n a\n.elif (1\n b\n.else\n c\n.endif\n d\n", "d", "E0126");
    expect_lines(".if 'x\n a\n.else\n c\n.endif\n d\n", "d", "E0103");
}
END_TEST

START_TEST(blocks_nest_100_deep)
{
    for (unsigned depth = 100; depth <= 101; depth++) {
        struct text t = {.arena = desk.arena};
        for (unsigned i = 0; i < depth; i++)
            text_str(&t, STR(".if 1\n"));
        text_str(&t, STR(" a\n"));
        for (unsigned i = 0; i < depth; i++)
            text_str(&t, STR(".endif\n"));
        text_put(&t, "", 1);
        expect_lines(t.p, depth == 100 ? "a" : "", depth == 100 ? "" : "E0123");
    }
}
END_TEST

START_TEST(messages)
{
    expect_lines(".notice \"$A\"\n", "", "W0102");
    expect_lines(".warning \"two words\"\n", "", "W0101");
    expect_lines(".alert 'no'\n", "", "E0132");
    expect_lines(".diag 'x'\n", "", "");
    expect_lines(".notice two words\n", "", "E0130");
    expect_lines(".notice\n", "", "E0130");
    read_text("global\n.notice \"it is $A\"\n");
    ck_assert(str_is(desk.diags.all.v[0]->message, "it is alpha"));
}
END_TEST

START_TEST(diag_speaks_when_asked)
{
    options = (struct config_options){.diag_messages = true, .env = desk.env};
    struct source *s = source_from(desk.arena, "a.cfg", STR(".diag \"hello\"\n"));
    config_read_source(desk.arena, &desk.diags, s, &options);
    ck_assert_str_eq(desk_reported(), "W0103");
}
END_TEST

START_TEST(variables_change_while_reading)
{
    expect("global\n setenv X 1\n a \"$X\"\n setenv X 2\n b \"$X\"\n",
           "global[setenv X 1|a 1|setenv X 2|b 2]", "");
    expect("global\n presetenv A x\n presetenv Y y\n a \"$A$Y\"\n",
           "global[presetenv A x|presetenv Y y|a alphay]", "");
    expect("global\n unsetenv A B\n a \"x$A$B\"\n", "global[unsetenv A B|a x]", "");
}
END_TEST

START_TEST(resetenv_keeps_what_it_names)
{
    expect("global\n resetenv A\n a \"x$A$B\"\n", "global[resetenv A|a xalpha]", "");
    expect("global\n resetenv\n a \"x$A$B\"\n", "global[resetenv|a x]", "");
}
END_TEST

START_TEST(only_global_changes_variables)
{
    expect("defaults\n setenv X1 1\n a \"x$X1\"\n", "defaults[setenv X1 1|a x]", "");
}
END_TEST

START_TEST(malformed_changes)
{
    expect("global\n setenv X\n", "global[setenv X]", "E0131");
    expect("global\n setenv X a b\n", "global[setenv X a b]", "E0131");
    expect("global\n setenv 1X a\n", "global[setenv 1X a]", "E0131");
    expect("global\n unsetenv A-B\n", "global[unsetenv A-B]", "E0131");
}
END_TEST

START_TEST(pseudo_variables)
{
    expect("global\n a \"${.FILE}:${.LINE}:${.SECTION}\"\nfrontend www\n b \"$.SECTION:$.LINE\"\n",
           "global[a a.cfg:2:global] frontend www[b www:4]", "");
    expect(".if streq(\"${.SECTION}\",)\nglobal\n.endif\n", "global[]", "");
}
END_TEST

static void write_file(const char *dir, const char *name, const char *text)
{
    FILE *f = fopen(str_printf(desk.arena, "%s/%s", dir, name).p, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

START_TEST(directories_are_read_in_order)
{
    char dir[] = "/tmp/config_test.XXXXXX";
    static const char *const names[] = {"b.cfg", "a.cfg", "B.cfg", "c.txt", ".d.cfg"};
    static const char *const texts[] = {"backend b\n", "backend a\n", "backend B\n", "backend c\n",
                                        "backend d\n"};
    ck_assert_ptr_nonnull(mkdtemp(dir));
    for (unsigned i = 0; i < COUNT(names); i++)
        write_file(dir, names[i], texts[i]);
    options = (struct config_options){.env = desk.env};
    const char *paths[] = {dir};
    struct config *c = config_read(desk.arena, &desk.diags, paths, 1, &options);
    for (unsigned i = 0; i < COUNT(names); i++)
        unlink(str_printf(desk.arena, "%s/%s", dir, names[i]).p);
    struct config *none = config_read(desk.arena, &desk.diags, paths, 1, &options);
    rmdir(dir);
    ck_assert_str_eq(shown(c), "backend B[] backend a[] backend b[]");
    ck_assert_uint_eq(none->sections.n, 0);
    config_read(desk.arena, &desk.diags, paths, 1, &options);
    ck_assert_str_eq(desk_reported(), "E0116 E0112");
}
END_TEST

START_TEST(each_file_begins_anew)
{
    char dir[] = "/tmp/config_test.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    write_file(dir, "a.cfg", "global\n.if 1\n a\n");
    write_file(dir, "b.cfg", " b\nbackend x\n c\n");
    options = (struct config_options){.env = desk.env};
    const char *paths[] = {str_printf(desk.arena, "%s/a.cfg", dir).p,
                           str_printf(desk.arena, "%s/b.cfg", dir).p};
    struct config *c = config_read(desk.arena, &desk.diags, paths, 2, &options);
    unlink(paths[0]);
    unlink(paths[1]);
    rmdir(dir);
    ck_assert_str_eq(shown(c), "global[a] backend x[c]");
    ck_assert_str_eq(desk_reported(), "E0122 E0114");
}
END_TEST

UNIT_MAIN("config", desk_open, desk_close, the_manuals_example, sections, the_end_of_a_file,
          all_errors_are_found, nul_and_control_bytes, branches, nested_branches, the_manuals_nest,
          sections_in_branches, skipped_lines_are_not_looked_at, malformed_blocks,
          a_malformed_condition_takes_no_branch, blocks_nest_100_deep, messages,
          diag_speaks_when_asked, variables_change_while_reading, resetenv_keeps_what_it_names,
          only_global_changes_variables, malformed_changes, pseudo_variables,
          directories_are_read_in_order, each_file_begins_anew)
