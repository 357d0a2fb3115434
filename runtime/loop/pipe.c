/*
 * Pipes. See pipe.h.
 *
 * A large pipe saves turns: what arrives while it is emptied goes through in one piece. The kernel
 * grants a user only so many large ones (fs.pipe-user-pages-soft); smaller ones do as well.
 */
#include "pipe.h"

#include "../base/mem.h"

#include <fcntl.h>
#include <unistd.h>

enum { BEST_SIZE = 1 << 20, SMALLEST = 16 << 10, KEPT = 32 /* by a thread, for later */ };

static unsigned limit;
static uint32_t wanted_size = BEST_SIZE;
static _Atomic unsigned open_pipes, free_pipes;
static _Thread_local struct px_pipe *kept;
static _Thread_local unsigned nkept;

void px_pipes_allow(unsigned most, uint32_t size)
{
    limit = most;
    wanted_size = size ? size : BEST_SIZE;
}

static void pipe_close(struct px_pipe *pipe)
{
    close(pipe->from);
    close(pipe->to);
    px_free(pipe);
    open_pipes--;
}

/* false: too small to be of use. */
static bool pipe_grow(struct px_pipe *pipe)
{
    int size = -1;
    for (uint32_t want = wanted_size; size < 0 && want >= SMALLEST; want /= 2)
        size = fcntl(pipe->to, F_SETPIPE_SZ, (int)want);
    if (size < 0)
        size = fcntl(pipe->to, F_GETPIPE_SZ);
    pipe->cap = size > 0 ? (uint32_t)size : 0;
    return pipe->cap >= SMALLEST;
}

static struct px_pipe *pipe_open(void)
{
    int fds[2];
    struct px_pipe *pipe = px_alloc(sizeof *pipe);
    if (!pipe || pipe2(fds, O_NONBLOCK | O_CLOEXEC)) {
        px_free(pipe);
        open_pipes--;
        return NULL;
    }
    *pipe = (struct px_pipe){.from = fds[0], .to = fds[1]};
    if (pipe_grow(pipe))
        return pipe;
    pipe_close(pipe);
    return NULL;
}

struct px_pipe *px_pipe_get(void)
{
    struct px_pipe *pipe = kept;
    if (pipe) {
        kept = pipe->next;
        nkept--;
        free_pipes--;
        return pipe;
    }
    if (open_pipes++ >= limit) {
        open_pipes--;
        return NULL;
    }
    return pipe_open();
}

void px_pipe_put(struct px_pipe *pipe)
{
    if (!pipe)
        return;
    if (pipe->held || nkept >= KEPT) {
        pipe_close(pipe);
        return;
    }
    pipe->next = kept;
    kept = pipe;
    nkept++;
    free_pipes++;
}

unsigned px_pipes_limit(void)
{
    return limit;
}

unsigned px_pipes_used(void)
{
    unsigned all = open_pipes, unused = free_pipes;
    return all > unused ? all - unused : 0;
}

unsigned px_pipes_free(void)
{
    return free_pipes;
}
