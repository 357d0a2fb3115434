/*
 * proc.h - what a running process has used: processor time, context switches, memory.
 */
#ifndef BENCH_PROC_H
#define BENCH_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
    uint64_t cpu_ns;  /* user + system time of all threads, exact (scheduler clock) */
    uint64_t user_ms; /* the split by accounting ticks: coarse, right only over seconds */
    uint64_t system_ms;
    uint64_t wait_ns;   /* ready to run but waiting for a core, all threads */
    uint64_t voluntary; /* context switches, all threads */
    uint64_t involuntary;
    uint64_t threads;
    uint64_t rss_kb;     /* resident memory */
    uint64_t pss_kb;     /* the same, shared pages divided among their users */
    uint64_t private_kb; /* pages that no other process maps */
};

/* Reads clocks and switches of the process. False if it is gone or may not be looked at; then
 * the contents of proc are undefined. Source: proc(5), clock_getcpuclockid(3). */
bool proc_read_usage(pid_t pid, struct proc *proc);

/* Reads memory (rss, pss, private) from smaps_rollup, which walks the page tables: some
 * milliseconds for a large process, so never inside a measured window. False as above. */
bool proc_read_memory(pid_t pid, struct proc *proc);

/* after - before, field by field, for the fields of proc_read_usage(). */
struct proc proc_since(const struct proc *before, const struct proc *after);

#endif
