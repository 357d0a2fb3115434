/*
 * A stream socket on a loop, seen as completions: bytes that were received, bytes that were sent.
 *
 * An idle socket holds no buffer: one is borrowed when bytes arrive, and whoever takes the last
 * byte out of it gives it back (px_sock_taken). Sending borrows the caller's bytes: they must stay
 * where they are until px_sock_send answers PX_SENT or `sent` is called.
 * After px_sock_close no callback comes any more, and `freed` is called when the turn is over.
 */
#ifndef PX_SOCK_H
#define PX_SOCK_H

#include "../base/mem.h"
#include "loop.h"
#include "pipe.h"

#include <sys/socket.h>
#include <sys/uio.h>

struct px_sock;

struct px_sock_ops {
    struct px_watch_ops watch; /* always {px_sock_event} */
    /* A connection that px_sock_connect began is up. */
    void (*connected)(struct px_sock *s);
    /* s->in holds new bytes at its end, or s->pipe does. Only while the owner wants bytes. Who
     * wants more and leaves a full buffer loses the connection (ENOBUFS), instead of the process.
     */
    void (*received)(struct px_sock *s);
    /* The peer will send no more. Only while the owner wants bytes; comes once. */
    void (*ended)(struct px_sock *s);
    /* Everything that px_sock_send had to queue has left. */
    void (*sent)(struct px_sock *s);
    /* The connection is of no use any more; err is an errno. */
    void (*failed)(struct px_sock *s, int err);
    /* The owner does not want bytes, and the peer has finished (px_sock_hung_up). */
    void (*hung_up)(struct px_sock *s);
    /* The deadline has passed; there is none any more. */
    void (*expired)(struct px_sock *s);
    /* The memory of s may go. */
    void (*freed)(struct px_sock *s);
};

enum px_sock_state {
    PX_S_READABLE = 1,  /* the kernel may have bytes, or the end, for us */
    PX_S_PEER_DONE = 2, /* the peer has shut down its sending side */
    PX_S_BROKEN = 4,    /* reset, or failed */
    PX_S_WANTS = 8,     /* the owner wants bytes */
    PX_S_CONNECTING = 16,
    PX_S_CLOSED = 32,
    PX_S_SOON = 64,   /* a look at it is scheduled in this turn */
    PX_S_ENDED = 128, /* `ended` was reported */
    PX_S_SHUT = 256,  /* we have finished sending, once `out` is empty */
    PX_S_AGAIN = 512, /* px_sock_again */
    PX_S_YOUNG = 1024,    /* no events come yet: nobody has had to wait for any */
    PX_S_UNTRIED = 2048,  /* young, and not read yet */
};

struct px_sock {
    struct px_watch watch;
    uint16_t state;         /* enum px_sock_state */
    uint8_t place;          /* while it is young: where that is noted */
    uint8_t slack;          /* of what was received into pipes, the last small pieces in a row */
    struct px_buf *in;      /* bytes received and not taken yet; NULL: none */
    struct px_pipe *pipe;   /* the same for bytes that are not looked at; NULL: none */
    uint64_t unseen;        /* so many bytes are received into a pipe; 0: into the buffer */
    struct px_pending *out; /* bytes accepted and not sent yet; NULL: none */
    struct px_timer timer;
    uint64_t deadline; /* 0: none */
    struct px_chore chore;
};

enum px_sending { PX_SENT, PX_QUEUED, PX_SEND_FAILED };

void px_sock_event(struct px_watch *watch, uint32_t events);

/* Takes over a connected, non-blocking descriptor. false: errno; the descriptor stays open. */
bool px_sock_open(struct px_sock *s, int fd, const struct px_sock_ops *ops);
/* The same for a socket that was just accepted: often all that it is good for is over before one
 * would have to wait for it. So it is only watched once it must, or has been there for a while. */
bool px_sock_open_young(struct px_sock *s, int fd, const struct px_sock_ops *ops);
/* The same for a descriptor on which connect() was begun. */
bool px_sock_connect(struct px_sock *s, int fd, const struct px_sock_ops *ops);

/* Begins a connection by a stream socket without options. false: errno. */
bool px_sock_dial(struct px_sock *s, const struct sockaddr *to, socklen_t len,
                  const struct px_sock_ops *ops);

/* A young socket is watched from now on. false: errno. */
bool px_sock_watch(struct px_sock *s);

void px_sock_want(struct px_sock *s); /* received, ended and failed may come from now on */
void px_sock_hold(struct px_sock *s); /* and now no more */

/* `received` is called once more, soon, for bytes that are in the buffer already. */
void px_sock_again(struct px_sock *s);

/* Gives the receive buffer back if all of it was taken. */
void px_sock_taken(struct px_sock *s);

/* n > 0. Only when nothing is queued. PX_QUEUED: `sent` follows. PX_SEND_FAILED: `failed` does
 * not. */
enum px_sending px_sock_send(struct px_sock *s, const struct iovec *v, unsigned n);
/* The same for what ends a connection: the kernel may keep it back for the FIN to go with it, so
 * px_sock_close (no reset) or px_sock_shut must follow in this turn. */
enum px_sending px_sock_send_last(struct px_sock *s, const struct iovec *v, unsigned n);

/*
 * The next `most` bytes, or as many as come without a pause, are received into a pipe, for
 * px_sock_send_pipe to send. Only while s->in is empty. Less comes that way where there is no pipe
 * or no haste: then they are received into s->in as ever.
 */
void px_sock_receive_unseen(struct px_sock *s, uint64_t most);

/* Everything is received into s->in again. What s->pipe holds is lost. */
void px_sock_receive_seen(struct px_sock *s);

/* Like px_sock_send, for what `from` has in its pipe; the pipe is given back once it is empty.
 * `from` must not be closed before. */
enum px_sending px_sock_send_pipe(struct px_sock *s, struct px_sock *from);

/* Bytes of this process that went through pipes. */
uint64_t px_sock_unseen_bytes(void);

/* Forgets what was queued: the bytes will not stay where they are. `sent` does not follow. */
void px_sock_discard(struct px_sock *s);

void px_sock_shut(struct px_sock *s);              /* no more will be sent; now, or after `sent` */
void px_sock_close(struct px_sock *s, bool reset); /* reset: the peer gets a RST */

/* `expired` is called in so many milliseconds unless this is called again; 0: never.
 * Moving a deadline away costs nothing: the timer looks at it when it fires. */
static inline void px_sock_expire(struct px_sock *s, uint64_t in_ms)
{
    s->deadline = in_ms ? px_self->now + in_ms : 0;
    if (in_ms && (!px_timer_is_set(&s->timer) || s->timer.due > s->deadline))
        px_timer_set(&px_self->wheel, &s->timer, s->deadline);
}

static inline bool px_sock_sending(const struct px_sock *s)
{
    return s->out;
}

#endif
