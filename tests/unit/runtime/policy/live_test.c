/*
 * Tests of runtime/policy/live.c and keys.c: lists that change find what trying all their elements
 * one after another finds, and threads that read never see half of a change.
 */
#include "runtime/policy/live.h"

#include "runtime/base/macros.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct px_str str(const char *text)
{
    return (struct px_str){text, strlen(text)};
}

/* ---- a list and its model ---- */

enum { MOST = 400, MOST_USES = 4, NAME = 48 };

static struct px_changes changes;
static struct px_list list = {.name = "a.map", .of_maps = true, .changes = &changes};

static struct naive {
    char key[NAME], value[NAME];
    uint32_t version;
} naive[MOST];
static unsigned nnaive;
static uint32_t naive_version, naive_next;

static void open_list(const struct px_use *uses, unsigned n)
{
    list.uses = uses;
    list.nuses = n;
}

static void naive_add(uint32_t version, const char *key, const char *value)
{
    ck_assert_uint_lt(nnaive, MOST);
    struct naive *x = &naive[nnaive++];
    snprintf(x->key, NAME, "%s", key);
    snprintf(x->value, NAME, "%s", value);
    x->version = version;
}

static void naive_drop(unsigned i)
{
    memmove(&naive[i], &naive[i + 1], (--nnaive - i) * sizeof naive[0]);
}

static void add(const char *key, const char *value)
{
    ck_assert_int_eq(px_list_add(&list, NULL, str(key), str(value), NULL), PX_CHANGED);
    naive_add(naive_version, key, value);
}

static void put(const char *key, const char *value)
{
    bool any = false;
    ck_assert_int_eq(px_list_put(&list, str(key), str(value)), PX_CHANGED);
    for (unsigned i = 0; i < nnaive; i++)
        if (naive[i].version == naive_version && !strcmp(naive[i].key, key)) {
            snprintf(naive[i].value, NAME, "%s", value);
            any = true;
        }
    if (!any)
        naive_add(naive_version, key, value);
}

static void del(const char *key)
{
    enum px_change c = px_list_delete(&list, str(key), NULL);
    bool any = false;
    for (unsigned i = 0; i < nnaive;) {
        if (naive[i].version == naive_version && !strcmp(naive[i].key, key)) {
            naive_drop(i);
            any = true;
        } else {
            i++;
        }
    }
    ck_assert_int_eq(c, any ? PX_CHANGED : PX_NO_SUCH_KEY);
}

static void clear(uint32_t version)
{
    ck_assert_int_eq(px_list_clear(&list, &version), PX_CHANGED);
    for (unsigned i = 0; i < nnaive;)
        if (naive[i].version == version)
            naive_drop(i);
        else
            i++;
}

static void commit(uint32_t version)
{
    ck_assert_int_eq(px_list_commit(&list, version), PX_CHANGED);
    naive_version = version;
    for (unsigned i = 0; i < nnaive;)
        if (naive[i].version < version)
            naive_drop(i);
        else
            i++;
}

/* Which element a use finds: the first, or of prefixes and networks the longest. */
static const struct naive *naive_find(const struct px_use *use, const struct px_sample *s)
{
    const struct naive *best = NULL;
    uint32_t longest = 0;
    for (unsigned i = 0; i < nnaive; i++) {
        struct px_key_data k;
        char room[NAME];
        if (naive[i].version != naive_version)
            continue;
        ck_assert(use->kind->read(use, str(naive[i].key), room, &k, NULL));
        bool match = use->kind->match(use, &k, s);
        if (match && (!best || k.class > longest)) {
            best = &naive[i];
            longest = k.class;
        }
        if (use->kind->drop)
            use->kind->drop(&k);
    }
    return best;
}

static void compare(unsigned use, const struct px_sample *s)
{
    struct px_live *live = px_list_live(&list);
    const struct px_entry *e = live ? px_live_find(live, &list.uses[use], use, s) : NULL;
    const struct naive *x = naive_find(&list.uses[use], s);
    ck_assert(!e == !x);
    if (!e)
        return;
    const struct px_text_of_value *v = atomic_load(&e->of->value);
    ck_assert_uint_eq(v->len, strlen(x->value));
    ck_assert_mem_eq(v->bytes, x->value, v->len);
}

static void compare_text(const char *text)
{
    struct px_sample s = {.type = PX_STRING, .u.s = str(text)};
    for (unsigned i = 0; i < list.nuses; i++)
        compare(i, &s);
}

/* ---- random changes ---- */

static const char *text_of(unsigned n)
{
    static char text[4][NAME];
    static unsigned at;
    char *p = text[at++ % 4];
    unsigned len = n % 5;
    for (unsigned i = 0; i < len; i++, n /= 3)
        p[i] = "aB/"[n / 5 % 3];
    p[len] = '\0';
    return p;
}

static void change(unsigned dice, const char *key, const char *value)
{
    if (dice < 40 && nnaive < MOST - 2)
        add(key, value);
    else if (dice < 70 && nnaive < MOST - 2)
        put(key, value);
    else if (dice < 97)
        del(key);
    else if (dice < 98)
        clear(naive_version);
    else if (naive_next != naive_version)
        commit(naive_next);
}

static void prepare(const char *key)
{
    uint32_t version;
    ck_assert_int_eq(px_list_prepare(&list, &version), PX_CHANGED);
    ck_assert_uint_eq(version, ++naive_next);
    ck_assert_int_eq(px_list_add(&list, &version, str(key), str("new"), NULL), PX_CHANGED);
    naive_add(version, key, "new");
}

static void churn(unsigned rounds, const char *(*key)(unsigned), void (*look)(const char *text))
{
    for (unsigned i = 0; i < rounds; i++) {
        char value[NAME];
        snprintf(value, sizeof value, "%u", i);
        unsigned dice = (unsigned)rand() % 100;
        change(dice, key((unsigned)rand()), value);
        if (dice == 99 && nnaive < MOST - 2)
            prepare(key((unsigned)rand()));
        for (unsigned k = 0; k < 4; k++)
            look(key((unsigned)rand()));
    }
}

START_TEST(strings)
{
    static const struct px_use uses[] = {
        {.method = "str", .kind = &px_keys_str, .of_map = true},
        {.method = "beg", .kind = &px_keys_beg},
        {.method = "str", .kind = &px_keys_str, .fold = true},
        {.method = "beg", .kind = &px_keys_beg, .fold = true},
    };
    open_list(uses, 4);
    churn(2000, text_of, compare_text);
}
END_TEST

START_TEST(texts_in_order)
{
    static const struct px_use uses[] = {
        {.method = "sub", .kind = &px_keys_text, .how = PX_CONTAINS, .of_map = true},
        {.method = "end", .kind = &px_keys_text, .how = PX_ENDS, .fold = true},
        {.method = "dir", .kind = &px_keys_text, .how = PX_HAS_DIR},
        {.method = "reg", .kind = &px_keys_reg},
    };
    open_list(uses, 4);
    churn(150, text_of, compare_text);
}
END_TEST

static const char *net_of(unsigned n)
{
    static const char *const nets[] = {"10.0.0.0/8",    "10.1.0.0/16", "10.1.2.0/255.255.255.0",
                                       "10.1.2.3",      "0.0.0.0/0",   "::/0",
                                       "2001:db8::/32", "2001:db8::1", "::ffff:10.1.0.0/112",
                                       "10.1.2.3/32",   "192.168.1.1", "2002:a01:203::/48"};
    return nets[n % (sizeof nets / sizeof *nets)];
}

static void compare_addresses(const char *unused)
{
    static const char *const four[] = {"10.1.2.3", "10.1.9.9", "10.200.0.1", "11.0.0.1"},
                             *const six[] = {"2001:db8::1",     "2001:db8::2", "::ffff:10.1.2.3",
                                             "2002:a01:203::1", "::a01:203",   "fe80::1"};
    (void)unused;
    for (unsigned i = 0; i < 4; i++) {
        struct px_sample s = {.type = PX_IPV4};
        ck_assert_int_eq(inet_pton(AF_INET, four[i], &s.u.v4), 1);
        compare(0, &s);
    }
    for (unsigned i = 0; i < 6; i++) {
        struct px_sample s = {.type = PX_IPV6};
        ck_assert_int_eq(inet_pton(AF_INET6, six[i], &s.u.v6), 1);
        /* which family counts first is asked for below */
        const struct px_entry *e = px_live_find(px_list_live(&list), &list.uses[0], 0, &s);
        ck_assert(!e == !naive_find(&list.uses[0], &s));
    }
}

/* The model takes the longest of a family only when the other one has none. */
static const char *net4_of(unsigned n)
{
    static const unsigned of_v4[] = {0, 1, 2, 3, 4, 9, 10};
    return net_of(of_v4[n % 7]);
}

START_TEST(networks)
{
    static const struct px_use uses[] = {{.method = "ip", .kind = &px_keys_ip, .of_map = true}};
    open_list(uses, 1);
    churn(1000, net4_of, compare_addresses);
}
END_TEST

START_TEST(both_families)
{
    static const struct px_use uses[] = {{.method = "ip", .kind = &px_keys_ip, .of_map = true}};
    static const struct {
        const char *address, *value;
    } rows[] = {{"2001:db8::1", "host"},       {"2001:db8::2", "docs"},
                {"::ffff:10.1.2.3", "mapped"}, {"2002:0a01:0203::1", "6to4"},
                {"::10.1.2.9", "16"},          {"fe80::1", NULL}};
    open_list(uses, 1);
    add("2001:db8::1", "host");
    add("2001:db8::/32", "docs");
    add("::ffff:10.1.2.0/120", "mapped");
    add("10.1.2.3", "6to4");
    add("10.1.0.0/16", "16");
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct px_sample s = {.type = PX_IPV6};
        ck_assert_int_eq(inet_pton(AF_INET6, rows[i].address, &s.u.v6), 1);
        const struct px_entry *e = px_live_find(px_list_live(&list), &uses[0], 0, &s);
        ck_assert(!e == !rows[i].value);
        if (e)
            ck_assert_mem_eq(atomic_load(&e->of->value)->bytes, rows[i].value,
                             strlen(rows[i].value));
    }
    struct px_sample four = {.type = PX_IPV4};
    inet_pton(AF_INET, "10.1.2.77", &four.u.v4);
    const struct px_entry *e = px_live_find(px_list_live(&list), &uses[0], 0, &four);
    ck_assert_mem_eq(atomic_load(&e->of->value)->bytes, "16", 2);
}
END_TEST

static const char *range_of(unsigned n)
{
    static char text[4][NAME];
    static unsigned at;
    char *p = text[at++ % 4];
    int low = (int)(n % 40) - 20;
    if (n % 3 == 0)
        snprintf(p, NAME, "%d", low);
    else if (n % 3 == 1)
        snprintf(p, NAME, "%d:%d", low, low + (int)(n / 40 % 10));
    else
        snprintf(p, NAME, n & 64 ? "%d:" : ":%d", low);
    return p;
}

static void compare_numbers(const char *unused)
{
    (void)unused;
    for (int i = -22; i < 35; i += 3) {
        struct px_sample s = {.type = PX_SINT, .u.i = i};
        compare(0, &s);
    }
}

START_TEST(numbers)
{
    static const struct px_use uses[] = {{.method = "int", .kind = &px_keys_int, .of_map = true}};
    open_list(uses, 1);
    churn(600, range_of, compare_numbers);
}
END_TEST

/* ---- what is no key ---- */

static void refuse(const struct px_key_kind *kind, const char *key, const char *says)
{
    const struct px_use use = {.method = "x", .kind = kind};
    struct px_key_data k;
    char room[NAME], why[PX_WHY] = "";
    if (kind->read(&use, str(key), room, &k, why))
        ck_abort_msg("'%s' is a key", key);
    ck_assert_ptr_nonnull(strstr(why, says));
}

START_TEST(no_keys)
{
    static const char *const nets[] = {"x",      "",        "10.0.0.0/33", "10.0.0.0/255.0.255.0",
                                       "::/129", "10.0.0/", "1.2.3.4 ",    "10.0.0.0/-1"};
    for (unsigned i = 0; i < sizeof nets / sizeof *nets; i++)
        refuse(&px_keys_ip, nets[i], "' is not a valid IPv4 or IPv6 address.");
    static const char *const ranges[] = {"x",   "",      ":", "7-9",    "9:7",
                                         "1:x", "1.2.3", "-", "1.70000"};
    for (unsigned i = 0; i < sizeof ranges / sizeof *ranges; i++)
        refuse(&px_keys_int, ranges[i], "' is not a valid number range.");
    refuse(&px_keys_reg, "(a", "regex '(a' is invalid (error=missing closing parenthesis");
    refuse(&px_keys_bin, "abc", "hexadecimal");
    refuse(&px_keys_bin, "zz", "hexadecimal");
}
END_TEST

START_TEST(what_is_no_key_or_value_changes_nothing)
{
    static const struct px_use uses[] = {
        {.method = "str", .kind = &px_keys_str, .of_map = true},
        {.method = "ip", .kind = &px_keys_ip},
    };
    char why[PX_WHY];
    struct px_sample s = {.type = PX_STRING, .u.s = str("x")};
    open_list(uses, 2);
    list.ints = true;
    ck_assert_int_eq(px_list_add(&list, NULL, str("x"), str("1"), why), PX_BAD_KEY);
    ck_assert_str_eq(why, "'x' is not a valid IPv4 or IPv6 address.");
    ck_assert_int_eq(px_list_put(&list, str("10.0.0.1"), str("one")), PX_BAD_KEY);
    ck_assert_ptr_null(px_live_find(px_list_live(&list), &uses[0], 0, &s));
    ck_assert_int_eq(px_list_put(&list, str("10.0.0.1"), str("-1")), PX_CHANGED);
    list.ints = false;
    list.addrs = true;
    ck_assert_int_eq(px_list_set(&list, str("10.0.0.1"), NULL, str("1"), why), PX_BAD_KEY);
    ck_assert_int_eq(px_list_set(&list, str("10.0.0.1"), NULL, str("::1"), why), PX_CHANGED);
}
END_TEST

/* ---- as it was built ---- */

START_TEST(lines_are_its_first_elements)
{
    static const char text[] = "a1b2a3";
    static const struct px_line lines[] = {{{0, 1}, {1, 1}}, {{2, 1}, {3, 1}}, {{4, 1}, {5, 1}}};
    static const struct px_use uses[] = {{.method = "str", .kind = &px_keys_str, .of_map = true}};
    struct px_sample s = {.type = PX_STRING, .u.s = str("a")};
    open_list(uses, 1);
    list.text = text;
    list.lines = lines;
    list.nlines = 3;
    ck_assert_ptr_null(px_list_live(&list));
    ck_assert_int_eq(px_list_set(&list, (struct px_str){NULL, 0}, &lines[0], str("9"), NULL),
                     PX_CHANGED);
    naive_add(0, "a", "9");
    naive_add(0, "b", "2");
    naive_add(0, "a", "3");
    compare(0, &s);
    ck_assert_int_eq(px_list_delete(&list, (struct px_str){NULL, 0}, &lines[0]), PX_CHANGED);
    naive_drop(0);
    compare(0, &s);
    ck_assert_int_eq(px_list_delete(&list, (struct px_str){NULL, 0}, &lines[0]), PX_NO_SUCH_KEY);
    del("a");
    compare(0, &s);
}
END_TEST

START_TEST(versions_that_there_are_not)
{
    static const struct px_use uses[] = {{.method = "str", .kind = &px_keys_str, .of_map = true}};
    uint32_t version;
    open_list(uses, 1);
    ck_assert_int_eq(px_list_commit(&list, 0), PX_NO_SUCH_KEY);
    ck_assert_int_eq(px_list_commit(&list, 1), PX_NO_SUCH_KEY);
    ck_assert_int_eq(px_list_prepare(&list, &version), PX_CHANGED);
    ck_assert_int_eq(px_list_commit(&list, 2), PX_NO_SUCH_KEY);
    ck_assert_int_eq(px_list_commit(&list, 1), PX_CHANGED);
    ck_assert_int_eq(px_list_commit(&list, 1), PX_NO_SUCH_KEY);
}
END_TEST

/* ---- threads ---- */

enum { READERS = 3, CHANGES = 300 };

static const struct px_use shared_uses[] = {
    {.method = "str", .kind = &px_keys_str, .of_map = true},
    {.method = "beg", .kind = &px_keys_beg, .of_map = true},
    {.method = "sub", .kind = &px_keys_text, .how = PX_CONTAINS},
};

static struct reader {
    struct px_loop loop;
    struct px_note note;
    pthread_t thread;
    unsigned missed, torn;
} readers[READERS];
static struct px_loop *reader_loops[READERS];
static _Atomic bool over;

/* Values are one letter, many times. */
static bool is_whole(const struct px_entry *e)
{
    const struct px_text_of_value *v = atomic_load(&e->of->value);
    for (uint32_t i = 1; i < v->len; i++)
        if (v->bytes[i] != v->bytes[0])
            return false;
    return v->len;
}

static void read_all(struct px_note *note)
{
    struct reader *r = PX_OWNER(note, struct reader, note);
    struct px_sample s = {.type = PX_STRING, .u.s = str("/always/there")};
    for (unsigned i = 0; i < 30; i++) {
        const struct px_entry *e =
            px_live_find(px_list_live(&list), &shared_uses[i % 3], i % 3, &s);
        r->missed += !e;
        r->torn += e && !is_whole(e);
    }
    if (atomic_load(&over))
        r->loop.stop = true;
    else
        px_loop_post(&r->loop, &r->note);
}

static void *run_reader(void *arg)
{
    px_loop_run(&((struct reader *)arg)->loop);
    return NULL;
}

static void start_readers(void)
{
    for (unsigned i = 0; i < READERS; i++) {
        reader_loops[i] = &readers[i].loop;
        readers[i].note.deliver = read_all;
        ck_assert(px_loop_init(&readers[i].loop, i));
    }
    px_grace_init(reader_loops, READERS);
    for (unsigned i = 0; i < READERS; i++) {
        px_loop_post(&readers[i].loop, &readers[i].note);
        ck_assert(!pthread_create(&readers[i].thread, NULL, run_reader, &readers[i]));
    }
}

static void change_shared(unsigned i)
{
    char key[NAME], value[NAME];
    uint32_t version;
    memset(value, 'a' + (int)(i % 26), sizeof value);
    struct px_str v = {value, 1 + i % (NAME - 1)};
    snprintf(key, sizeof key, "/some/%u", i % 50);
    px_list_put(&list, str("/always/there"), v);
    px_list_put(&list, str(key), v);
    snprintf(key, sizeof key, "/some/%u", (i + 25) % 50);
    px_list_delete(&list, str(key), NULL);
    if (i % 20)
        return;
    ck_assert_int_eq(px_list_prepare(&list, &version), PX_CHANGED);
    ck_assert_int_eq(px_list_add(&list, &version, str("/always/there"), v, NULL), PX_CHANGED);
    ck_assert_int_eq(px_list_commit(&list, version), PX_CHANGED);
}

START_TEST(readers_see_no_half_change)
{
    open_list(shared_uses, 3);
    add("/always/there", "x");
    start_readers();
    for (unsigned i = 0; i < CHANGES; i++)
        change_shared(i);
    atomic_store(&over, true);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        ck_assert_uint_eq(readers[i].missed, 0);
        ck_assert_uint_eq(readers[i].torn, 0);
    }
}
END_TEST

UNIT_MAIN("live", NULL, NULL, strings, texts_in_order, networks, both_families, numbers, no_keys,
          what_is_no_key_or_value_changes_nothing, lines_are_its_first_elements,
          versions_that_there_are_not, readers_see_no_half_change)
