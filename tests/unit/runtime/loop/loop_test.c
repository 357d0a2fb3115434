/*
 * Tests of runtime/loop/loop.c: the order of work in a turn, and notes from other threads.
 */
#include "runtime/loop/loop.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct px_loop loop;
static char story[100];

static void tell(char c)
{
    size_t len = strlen(story);
    ck_assert_uint_lt(len + 1, sizeof story);
    story[len] = c;
    story[len + 1] = '\0';
}

static void begin(void)
{
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    story[0] = '\0';
}

static void end(void)
{
    close(loop.epoll_fd);
    close(loop.wake.fd);
}

struct act {
    struct px_chore chore;
    struct px_timer timer;
    struct px_note note;
    char name;
    struct act *then; /* another chore to run soon */
    bool last;
};

static void done(const struct act *a)
{
    tell(a->name);
    loop.stop |= a->last;
}

static void act_chore(struct px_chore *chore)
{
    struct act *a = (struct act *)chore;
    done(a);
    if (a->then)
        px_loop_soon(&a->then->chore);
}

static void act_timer(struct px_timer *timer)
{
    done((struct act *)((char *)timer - offsetof(struct act, timer)));
}

static void act_note(struct px_note *note)
{
    done((struct act *)((char *)note - offsetof(struct act, note)));
}

static struct act act(char name)
{
    return (struct act){
        .name = name, .chore.run = act_chore, .timer.fire = act_timer, .note.deliver = act_note};
}

struct pipe_end {
    struct px_watch watch;
    char name;
    bool last;
};

static void pipe_event(struct px_watch *watch, uint32_t events)
{
    struct pipe_end *p = (struct pipe_end *)watch;
    (void)events;
    tell(p->name);
    px_loop_unwatch(watch);
    close(watch->fd);
    loop.stop |= p->last;
}

/* Something to read is there before the loop looks. */
static void ready_pipe(struct pipe_end *p, int nice)
{
    static const struct px_watch_ops ops = {pipe_event};
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    p->watch = (struct px_watch){.ops = &ops, .fd = fds[0]};
    px_watch_rank(&p->watch, nice);
    ck_assert(px_loop_watch(&p->watch, EPOLLIN));
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    close(fds[1]);
}

START_TEST(the_lowest_nice_is_served_first)
{
    struct pipe_end p[] = {
        {.name = 'd', .last = true}, {.name = 'b'}, {.name = 'a'}, {.name = 'c'}};
    static const int nice[] = {1024, 0, -5, 0};
    for (unsigned i = 0; i < 4; i++)
        ready_pipe(&p[i], nice[i]);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "abcd");
}
END_TEST

START_TEST(without_nice_the_first_is_served_first)
{
    struct pipe_end p[] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c', .last = true}};
    for (unsigned i = 0; i < 3; i++)
        ready_pipe(&p[i], 0);
    ck_assert(!loop.ranks);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "abc");
}
END_TEST

START_TEST(chores_run_in_order_of_asking)
{
    struct act a = act('a'), b = act('b'), c = act('c');
    c.last = true;
    px_loop_soon(&a.chore);
    px_loop_soon(&b.chore);
    px_loop_soon(&c.chore);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "abc");
}
END_TEST

START_TEST(what_a_chore_asks_for_comes_a_turn_later)
{
    struct act a = act('a'), b = act('b'), then = act('t'), grave = act('g');
    a.then = &then;
    then.last = true;
    px_loop_soon(&a.chore);
    px_loop_soon(&b.chore);
    px_loop_bury(&grave.chore);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "abgt");
}
END_TEST

START_TEST(graves_come_last)
{
    struct act soon = act('s'), grave = act('g'), timer = act('t');
    grave.last = true;
    px_loop_bury(&grave.chore);
    px_timer_set(&loop.wheel, &timer.timer, 0);
    px_loop_soon(&soon.chore);
    usleep(3000);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "stg");
}
END_TEST

START_TEST(timers_wake_the_loop)
{
    struct act a = act('a'), b = act('b');
    b.last = true;
    uint64_t start = loop.now;
    px_arm(&b.timer, 30);
    px_arm(&a.timer, 10);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "ab");
    ck_assert_uint_ge(loop.now, start + 30);
    ck_assert_uint_lt(loop.now, start + 5000);
}
END_TEST

START_TEST(notes_come_in_order)
{
    struct act acts[5];
    for (unsigned i = 0; i < 5; i++) {
        acts[i] = act((char)('a' + i));
        px_loop_post(&loop, &acts[i].note);
    }
    acts[4].last = true;
    px_loop_run(&loop);
    ck_assert_str_eq(story, "abcde");
}
END_TEST

enum { NOTES = 20000, POSTERS = 3 };

struct count_note {
    struct px_note note;
    unsigned poster, number;
};

static struct count_note count_notes[POSTERS][NOTES];
static unsigned counted[POSTERS], total;

static void count(struct px_note *note)
{
    struct count_note *n = (struct count_note *)note;
    ck_assert_msg(n->number == counted[n->poster], "a note of poster %u came out of order",
                  n->poster);
    counted[n->poster]++;
    loop.stop = ++total == POSTERS * NOTES;
}

static void *post_all(void *arg)
{
    struct count_note *notes = arg;
    for (unsigned i = 0; i < NOTES; i++) {
        notes[i].note.deliver = count;
        notes[i].number = i;
        px_loop_post(&loop, &notes[i].note);
    }
    return NULL;
}

START_TEST(no_note_from_other_threads_is_lost)
{
    pthread_t threads[POSTERS];
    for (unsigned i = 0; i < POSTERS; i++) {
        for (unsigned k = 0; k < NOTES; k++)
            count_notes[i][k].poster = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, post_all, count_notes[i]), 0);
    }
    px_loop_run(&loop);
    for (unsigned i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(total, POSTERS * NOTES);
}
END_TEST

static void readable(struct px_watch *watch, uint32_t events)
{
    char c;
    ck_assert(events & EPOLLIN);
    ck_assert_int_eq(read(watch->fd, &c, 1), 1);
    tell(c);
    loop.stop = c == 'x';
}

START_TEST(descriptors_are_watched)
{
    static const struct px_watch_ops ops = {readable};
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    struct px_watch watch = {.ops = &ops, .fd = fds[0]};
    ck_assert(px_loop_watch(&watch, EPOLLIN));
    ck_assert_int_eq(write(fds[1], "abx", 3), 3);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "abx");
    px_loop_unwatch(&watch);
    ck_assert_int_eq(write(fds[1], "y", 1), 1);
    struct act a = act('t');
    a.last = true;
    loop.stop = false;
    px_arm(&a.timer, 5);
    px_loop_run(&loop);
    ck_assert_str_eq(story, "abxt");
    close(fds[0]);
    close(fds[1]);
    watch.fd = -1;
    ck_assert(!px_loop_watch(&watch, EPOLLIN));
}
END_TEST

static unsigned turns, told;

static void count_event(struct px_watch *watch, uint32_t events)
{
    (void)watch;
    (void)events;
    told++;
    if (told == 30)
        loop.stop = true;
}

static void count_turn(struct px_chore *chore)
{
    turns++;
    px_loop_soon(chore);
}

/* Thirty that are ready at once, in turns of so many. */
static unsigned turns_with(unsigned most)
{
    static const struct px_watch_ops ops = {count_event};
    struct px_watch watches[30];
    struct px_chore chore = {.run = count_turn};
    int fd = eventfd(1, EFD_NONBLOCK);
    turns = told = 0;
    px_loop_set_events(most);
    for (unsigned i = 0; i < 30; i++) {
        watches[i] = (struct px_watch){.ops = &ops, .fd = dup(fd)};
        ck_assert(px_loop_watch(&watches[i], EPOLLIN | EPOLLET));
    }
    px_loop_soon(&chore);
    loop.stop = false;
    px_loop_run(&loop);
    loop.soon = NULL;
    loop.soon_tail = &loop.soon;
    for (unsigned i = 0; i < 30; i++) {
        px_loop_unwatch(&watches[i]);
        close(watches[i].fd);
    }
    close(fd);
    px_loop_set_events(200);
    return turns;
}

START_TEST(a_turn_takes_so_many_events)
{
    ck_assert_uint_eq(turns_with(10), 3);
    ck_assert_uint_eq(turns_with(200), 1);
    ck_assert_uint_eq(turns_with(1000), 1);
    ck_assert_uint_eq(turns_with(1), 30);
}
END_TEST

UNIT_MAIN("loop", begin, end, a_turn_takes_so_many_events, the_lowest_nice_is_served_first,
          without_nice_the_first_is_served_first, chores_run_in_order_of_asking,
          what_a_chore_asks_for_comes_a_turn_later, graves_come_last, timers_wake_the_loop,
          notes_come_in_order, no_note_from_other_threads_is_lost, descriptors_are_watched)
