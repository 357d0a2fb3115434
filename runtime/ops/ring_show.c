/*
 * "show events": the rings, and the lines in one of them; and the table by which the rest of the
 * program knows rings. See ring.h.
 */
#include "ring.h"

#include "message.h"

#include <stdlib.h>
#include <string.h>

struct shown {
    struct px_ring_reader reader;
    struct px_control *control;
    char lines[PX_RING_READ_LEAST];
};

static void list(struct px_text *out)
{
    px_text_printf(out, "Supported events sinks are listed below. Add -w(wait), -n(new). Any key "
                        "to stop\n");
    for (unsigned i = 0; i < px_program.nrings; i++) {
        const struct px_ring *r = &px_program.rings[i];
        px_text_printf(out, "    %-10s : type=buffer, %llu dropped, %s\n", r->name,
                       (unsigned long long)px_ring_servers_lost(r), r->description);
    }
}

static void freed(struct px_ring_reader *r)
{
    free(PX_OWNER(r, struct shown, reader));
}

static void ready(struct px_ring_reader *r)
{
    px_control_go_on(PX_OWNER(r, struct shown, reader)->control);
}

static void more(void *ctx, struct px_text *out)
{
    struct shown *s = ctx;
    size_t n = px_ring_read(&s->reader, PX_FRAME_LF, s->lines, sizeof s->lines);
    px_text_put(out, s->lines, n);
}

static void ended(void *ctx)
{
    struct shown *s = ctx;
    px_ring_close(&s->reader);
}

/* No more than there is now, however fast lines come. */
static void dump(struct shown *s, struct px_text *out)
{
    size_t left = s->reader.ring->size, n;
    do {
        n = px_ring_read(&s->reader, PX_FRAME_LF, s->lines, sizeof s->lines);
        px_text_put(out, s->lines, n);
        left -= n < left ? n : left;
    } while (n && left);
    px_ring_close(&s->reader);
}

static const struct px_ring *find(const char *name)
{
    for (unsigned i = 0; i < px_program.nrings; i++)
        if (!strcmp(px_program.rings[i].name, name))
            return &px_program.rings[i];
    return NULL;
}

/* Letters behind one or several hyphens. false: there are others. */
static bool options(char **words, bool *wait, bool *only_new)
{
    *wait = *only_new = false;
    for (; *words; words++) {
        const char *w = *words;
        if (*w++ != '-' || !*w || w[strspn(w, "wn")])
            return false;
        *wait |= strchr(w, 'w') != NULL;
        *only_new |= strchr(w, 'n') != NULL;
    }
    return true;
}

static void show(const struct px_command *c, const struct px_ring *ring, struct px_text *out)
{
    bool wait, only_new;
    if (!options(c->words + 3, &wait, &only_new)) {
        px_text_printf(out, "unknown option\n");
        return;
    }
    struct shown *s = calloc(1, sizeof *s);
    if (!s)
        return;
    s->control = c->from;
    s->reader.freed = freed;
    s->reader.ready = ready;
    s->reader.loop = wait ? px_self : NULL;
    px_ring_open(&s->reader, ring, only_new);
    if (wait)
        px_control_stream(c->from, more, ended, s);
    else
        dump(s, out);
}

static void show_events(const struct px_command *c, struct px_text *out)
{
    const struct px_ring *ring = c->n > 2 ? find(c->words[2]) : NULL;
    if (c->n <= 2)
        list(out);
    else if (c->level < PX_LEVEL_OPERATOR)
        px_text_printf(out, "Permission denied\n");
    else if (ring)
        show(c, ring, out);
    else
        px_text_printf(out, "No such event sink\n");
}

/* ---- for the rest of the program ---- */

static bool prepare(void)
{
    if (px_rings_init())
        return px_ring_servers_prepare();
    px_alert("Cannot start: out of memory.");
    return false;
}

static unsigned long long dropped(void)
{
    unsigned long long n = 0;
    for (unsigned i = 0; i < px_program.nrings; i++)
        n += px_ring_servers_lost(&px_program.rings[i]);
    return n;
}

const struct px_ring_ops px_ring_lines = {
    .prepare = prepare,
    .start = px_ring_servers_start,
    .write = px_ring_write,
    .dropped = dropped,
    .show = show_events,
};
