// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF side of the test wrappers: a scheduler that calls what include/scx wraps, and counts what
 * comes of it.
 *
 * A task goes into FIFO or ORDERED. From FIFO, ops.dispatch moves one task a turn into MOVED or
 * ORDERED, with a slice and a vtime by which ops.running knows it again. Each CPU then takes from
 * all three.
 */
#include <scx/common.bpf.h>
#include "wrappers.h"

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

enum { FIFO = 10, ORDERED, MOVED, SPARE };

/* A slice and a vtime that nobody else gives */
#define MARKED_SLICE	(SCX_SLICE_DFL - 123)
#define MARKED_VTIME	0x123456789ULL
#define SET_SLICE	(SCX_SLICE_DFL - 456)

const volatile bool per_node;
const volatile bool can_populate;	/* the kernel has bpf_cpumask_populate() */
const volatile bool realtime;	/* PREEMPT_RT: the verifier lets nobody use a timer */

u64 good[NR_WRAPPERS], bad[NR_WRAPPERS];
u64 enumerators[NR_ENUMERATORS];
u64 order;
static u64 turn;

/* Its length is the loader's choice. */
const volatile u32 nr_elems = 1;
u64 RESIZABLE_ARRAY(data, elems) = {};

struct timer_elem {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct timer_elem);
} timers SEC(".maps");

/* Count a try. */
#define tried(what, ok)								\
	__sync_fetch_and_add((ok) ? &good[W_##what] : &bad[W_##what], 1)

static __always_inline bool every(u32 n)
{
	return !(__sync_fetch_and_add(&turn, 1) % n);
}

static __always_inline bool valid_cpu(s32 cpu)
{
	return cpu >= 0 && cpu < (s32)scx_bpf_nr_cpu_ids();
}

/* Pick an idle CPU in all ways; SCX_OPS_BUILTIN_IDLE_PER_NODE decides which those are. */
static __always_inline void pick(struct task_struct *p)
{
	const struct cpumask *idle, *smt;
	s32 cpu;

	if (per_node) {
		int node = __COMPAT_scx_bpf_cpu_node(scx_bpf_task_cpu(p));

		cpu = __COMPAT_scx_bpf_pick_idle_cpu_node(p->cpus_ptr, node, SCX_PICK_IDLE_IN_NODE);
		tried(pick_idle, cpu == -EBUSY || valid_cpu(cpu));
		cpu = __COMPAT_scx_bpf_pick_any_cpu_node(p->cpus_ptr, node, 0);
		tried(pick_any, valid_cpu(cpu));
		idle = __COMPAT_scx_bpf_get_idle_cpumask_node(node);
		smt = __COMPAT_scx_bpf_get_idle_smtmask_node(node);
	} else {
		cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, SCX_PICK_IDLE_CORE);
		tried(pick_idle, cpu == -EBUSY || valid_cpu(cpu));
		cpu = scx_bpf_pick_any_cpu(p->cpus_ptr, 0);
		tried(pick_any, valid_cpu(cpu));
		idle = scx_bpf_get_idle_cpumask();
		smt = scx_bpf_get_idle_smtmask();
	}
	tried(idle_masks, bpf_cpumask_weight(idle) <= scx_bpf_nr_cpu_ids() &&
			  bpf_cpumask_weight(smt) <= scx_bpf_nr_cpu_ids());
	scx_bpf_put_idle_cpumask(smt);
	scx_bpf_put_idle_cpumask(idle);

	/* this CPU: any other may become idle between the two */
	cpu = bpf_get_smp_processor_id();
	scx_bpf_test_and_clear_cpu_idle(cpu);
	tried(test_and_clear, !scx_bpf_test_and_clear_cpu_idle(cpu));
	/* what was reserved and is not used would stay reserved until it is woken up */
	__COMPAT_scx_bpf_kick_cpu_IDLE(cpu);
}

/* An idle CPU of a set of one, whichever that is. */
static __always_inline s32 select_one(struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 only = bpf_get_prandom_u32() % scx_bpf_nr_cpu_ids(), cpu;
	struct bpf_cpumask *set = bpf_cpumask_create();

	if (!set)
		return -EBUSY;
	bpf_cpumask_set_cpu(only, set);
	cpu = scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, cast_mask(set), 0);
	if (cpu != -EBUSY)
		tried(select_cpu_and, cpu == only && bpf_cpumask_test_cpu(cpu, p->cpus_ptr));
	bpf_cpumask_release(set);
	return cpu;
}

s32 BPF_STRUCT_OPS(wrappers_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu;

	if (every(2)) {
		cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);
		tried(select_cpu_dfl, valid_cpu(cpu));
		return cpu;
	}
	cpu = select_one(p, prev_cpu, wake_flags);
	if (cpu >= 0)
		return cpu;
	pick(p);
	return prev_cpu;
}

static __always_inline void insert(struct task_struct *p, u64 enq_flags)
{
	switch (__sync_fetch_and_add(&turn, 1) % 4) {
	case 0:
		tried(insert, scx_bpf_dsq_insert(p, FIFO, SCX_SLICE_DFL, enq_flags));
		break;
	case 1:
		scx_bpf_dispatch(p, FIFO, SCX_SLICE_DFL, enq_flags | SCX_ENQ_HEAD);
		tried(insert_old, true);
		break;
	case 2:
		tried(insert_vtime, scx_bpf_dsq_insert_vtime(p, ORDERED, SCX_SLICE_DFL, 1, enq_flags));
		break;
	default:
		scx_bpf_dispatch_vtime(p, ORDERED, SCX_SLICE_DFL, 2, enq_flags);
		tried(insert_vtime_old, true);
	}
}

void BPF_STRUCT_OPS(wrappers_enqueue, struct task_struct *p, u64 enq_flags)
{
	bool idle;

	if (order == ORDER_ERROR)
		scx_bpf_error("ordered to fail, %d %s", 42, "times");
	else if (order == ORDER_EXIT)
		scx_bpf_exit(EXIT_CODE, "ordered to go");
	else if (order == ORDER_RESTART)
		scx_bpf_exit(EXIT_CODE | SCX_ECODE_ACT_RESTART, "ordered to restart");

	if (enq_flags & SCX_ENQ_REENQ)
		tried(reenqueued, true);
	if (__COMPAT_select_cpu_from_enqueue() && __COMPAT_is_enq_cpu_selected(enq_flags))
		tried(enqueue_dfl, valid_cpu(scx_bpf_select_cpu_dfl(p, scx_bpf_task_cpu(p), 0,
								    &idle)));
	tried(migration, !is_migration_disabled(p) || p->migration_disabled);
	insert(p, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), 0);
	tried(kick, true);
}

/* Move one task out of FIFO. */
static __always_inline void move(bool ordered)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, FIFO, SCX_DSQ_ITER_REV) {
		if (!bpf_cpumask_test_cpu(bpf_get_smp_processor_id(), p->cpus_ptr))
			continue;
		scx_bpf_dsq_move_set_slice(BPF_FOR_EACH_ITER, MARKED_SLICE);
		if (ordered) {
			scx_bpf_dsq_move_set_vtime(BPF_FOR_EACH_ITER, MARKED_VTIME);
			if (scx_bpf_dsq_move_vtime(BPF_FOR_EACH_ITER, p, ORDERED, 0))
				tried(move_vtime, true);
		} else if (scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, MOVED, 0)) {
			tried(move, true);
		}
		break;
	}
}

/* Insert a task that cannot be inserted, kthreadd, which sleeps, mostly; and take it back. */
static __always_inline void use_slots(void)
{
	struct task_struct *p = bpf_task_from_pid(2);
	u32 nr = scx_bpf_dispatch_nr_slots();

	if (!p)
		return;
	scx_bpf_dsq_insert(p, MOVED, SCX_SLICE_DFL, 0);
	tried(slots_taken, scx_bpf_dispatch_nr_slots() == nr - 1);
	scx_bpf_dispatch_cancel();
	tried(cancel, scx_bpf_dispatch_nr_slots() == nr);
	bpf_task_release(p);
}

void BPF_STRUCT_OPS(wrappers_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *first;
	s32 nr = scx_bpf_dsq_nr_queued(FIFO);
	u32 slots = scx_bpf_dispatch_nr_slots();

	tried(nr_queued, nr >= 0 && scx_bpf_dsq_nr_queued(SPARE) == -ENOENT);
	first = __COMPAT_scx_bpf_dsq_peek(FIFO);
	if (first)
		tried(peek, first->pid > 0);

	use_slots();
	move(every(2));
	/* a move takes none */
	tried(nr_slots, slots > 0 && scx_bpf_dispatch_nr_slots() == slots);
	if (scx_bpf_consume(MOVED)) {
		tried(consume, true);
		return;
	}
	if (scx_bpf_dsq_move_to_local(ORDERED, 0) || scx_bpf_dsq_move_to_local(FIFO))
		tried(to_local, true);
}

void BPF_STRUCT_OPS(wrappers_running, struct task_struct *p)
{
	u64 now;

	if (p->scx.slice == MARKED_SLICE) {
		tried(move_slice, true);
		if (p->scx.dsq_vtime == MARKED_VTIME)
			tried(move_set_vtime, true);
	}
	scx_bpf_task_set_dsq_vtime(p, 77);
	tried(set_vtime, p->scx.dsq_vtime == 77);

	now = scx_bpf_now();
	tried(now, !time_after(now, scx_bpf_now()));
	tried(weights, scale_by_task_weight(p, 1000) == p->scx.weight * 10 &&
		       scale_by_task_weight_inverse(p, p->scx.weight * 7) == 700);
}

static __always_inline bool is_speed(u32 perf)
{
	return perf >= 1 && perf <= SCX_CPUPERF_ONE;
}

void BPF_STRUCT_OPS(wrappers_tick, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct scx_event_stats events = {};
	struct task_struct *curr;

	/* of the task that runs, under its run queue's lock: at once on every kernel */
	scx_bpf_task_set_slice(p, SET_SLICE);
	tried(set_slice, p->scx.slice == SET_SLICE);
	tried(task_running, scx_bpf_task_running(p));
	tried(task_cpu, cpu == (s32)bpf_get_smp_processor_id());
	curr = __COMPAT_scx_bpf_cpu_curr(cpu);
	tried(cpu_curr, curr && curr->pid == p->pid);

	__COMPAT_scx_bpf_events(&events, sizeof(events));
	tried(events, scx_read_event(&events, SCX_EV_DISPATCH_KEEP_LAST) >= 0);
	if (scx_read_event(&events, SCX_EV_DISPATCH_KEEP_LAST) +
	    scx_read_event(&events, SCX_EV_REFILL_SLICE_DFL) +
	    scx_read_event(&events, SCX_EV_BYPASS_ACTIVATE) +
	    scx_read_event(&events, SCX_EV_BYPASS_DISPATCH) > 0)
		tried(event_value, true);

	tried(cpuperf, is_speed(scx_bpf_cpuperf_cap(cpu)) && is_speed(scx_bpf_cpuperf_cur(cpu)));
	scx_bpf_cpuperf_set(cpu, SCX_CPUPERF_ONE);

	if (every(2)) {
		scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
		tried(kick_preempt, true);
	} else {
		__COMPAT_scx_bpf_kick_cpu_IDLE(cpu);
		tried(kick_idle, true);
	}
	if (__COMPAT_scx_bpf_reenqueue_local_from_anywhere())
		tried(reenqueue, !scx_bpf_reenqueue_local_from_anywhere());
}

void BPF_STRUCT_OPS(wrappers_runnable, struct task_struct *p, u64 enq_flags)
{
	struct cgroup *cgrp = scx_bpf_task_cgroup(p);

	if (!cgrp)
		return;
	tried(task_cgroup, cgrp->level >= 0);
	bpf_cgroup_release(cgrp);
}

void BPF_STRUCT_OPS(wrappers_cpu_release, s32 cpu, struct scx_cpu_release_args *args)
{
	scx_bpf_reenqueue_local();
}

static int timer_fn(void *map, int *key, struct timer_elem *elem)
{
	tried(timer, scx_bpf_now() > 0);
	scx_bpf_kick_cpu(0, 0);
	bpf_timer_start(&elem->timer, 1000000, 0);
	return 0;
}

static __always_inline s32 start_timer(void)
{
	struct timer_elem *elem = bpf_map_lookup_elem(&timers, &(u32){ 0 });

	if (!elem)
		return -ESRCH;
	bpf_timer_init(&elem->timer, &timers, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&elem->timer, timer_fn);
	return bpf_timer_start(&elem->timer, 1000000, 0);
}

static __always_inline void count_cpus(void)
{
	u32 possible = 0, online = 0;
	const struct cpumask *mask;
	int *cpu;

	/* or the verifier walks each turn of the loops */
	__sink(possible);
	__sink(online);
	for_each_possible_cpu(cpu)
		possible++;
	for_each_online_cpu(cpu)
		online++;
	mask = scx_bpf_get_possible_cpumask();
	tried(possible, possible && possible == bpf_cpumask_weight(mask));
	scx_bpf_put_cpumask(mask);
	mask = scx_bpf_get_online_cpumask();
	tried(online, online && online == bpf_cpumask_weight(mask));
	scx_bpf_put_cpumask(mask);
	tried(nr_cpu_ids, scx_bpf_nr_cpu_ids() >= possible);
	tried(nodes, __COMPAT_scx_bpf_nr_node_ids() > 0 &&
		     __COMPAT_scx_bpf_cpu_node(0) < (s32)__COMPAT_scx_bpf_nr_node_ids());
}

/* Bits for more CPUs than there are. */
static u64 first_bit[128] = { 1 };

static __always_inline void fill_mask(void)
{
	struct bpf_cpumask *mask = bpf_cpumask_create();
	int err;

	if (!mask)
		return;
	err = __COMPAT_bpf_cpumask_populate(mask, first_bit, sizeof(first_bit));
	tried(populate, can_populate ? !err && bpf_cpumask_first(cast_mask(mask)) == 0 :
				       err == -EOPNOTSUPP);
	bpf_cpumask_release(mask);
}

/*
 * Of what the compiler knows it makes constants, which are right, or not; with numbers that nobody
 * knows, the verifier would follow each turn that a loop can take.
 */
static __always_inline void calculate(void)
{
	const u64 late = 5, early = -5ULL;	/* the clock wraps between them */
	const u64 many = 1ULL << 40;

	tried(times, time_before(early, late) && !time_before(late, early) &&
		     !time_before(late, late) && time_after(late, early) && !time_after(late, late) &&
		     time_before_eq(late, late) && time_after_eq(late, late) &&
		     time_in_range(late, early, late) && !time_in_range_open(late, early, late) &&
		     time_in_range_open(early, early, late) &&
		     time_delta(late, early) == 10 && time_delta(early, late) == 0);
	tried(bits, log2_u32(0) == 0 && log2_u32(1) == 0 && log2_u32(65535) == 15 &&
		    log2_u32(65536) == 16 && log2_u32(~0U) == 31 && log2_u64(0) == 1 &&
		    log2_u64(1) == 1 && log2_u64(many) == 41 && log2_u64(many - 1) == 40 &&
		    ctzll(0) == -1 && ctzll(1) == 0 && ctzll(many | 1ULL << 63) == 40 &&
		    ctzll(1ULL << 63) == 63);
	tried(root, __sqrt_u64(0) == 0 && __sqrt_u64(15) == 3 && __sqrt_u64(16) == 4 &&
		    __sqrt_u64(many) == 1 << 20 && __sqrt_u64(many - 1) == (1 << 20) - 1 &&
		    __sqrt_u64(~0ULL) == 0xffffffff);
	tried(average, __calc_avg(1600U, 800U, 4) == 1550 && __calc_avg(8U, 2U, 4) == 5 &&
		       __calc_avg(1U, 0U, 4) == 0);
}

static u64 table[4][3];

/* Places that the verifier does not know */
static __always_inline void look_up(void)
{
	u64 *in, *out, i = 3, k = 2;

	__sink(i);
	__sink(k);
	in = MEMBER_VPTR(table, [i][k]);
	out = MEMBER_VPTR(table, [i][k + 1]);
	tried(member_ptr, in == &table[3][2] && !out && !MEMBER_VPTR(table, [i - 4][k]));

	i = nr_elems - 1;
	in = ARRAY_ELEM_PTR(elems, i, nr_elems);
	out = ARRAY_ELEM_PTR(elems, i + 1, nr_elems);
	if (in)
		*in = 1;
	tried(elem_ptr, in && !out);
}

/* No kernel has it. */
enum scx_kick_flags___test {
	SCX_KICK_NOBODY___test = 1 << 20,
};

/* What vmlinux.h has is there on every kernel, or it says so. */
static __always_inline void ask_for_enumerators(void)
{
	tried(has_enum, scx_has_enum(SCX_KICK_IDLE) && scx_has_enum(SCX_ENQ_HEAD) &&
			scx_has_enum(SCX_ENQ_IMMED) == !!SCX_ENQ_IMMED);
	tried(enum_or_zero,
	      __COMPAT_ENUM_OR_ZERO(enum scx_kick_flags, SCX_KICK_PREEMPT) == 2 &&
	      __COMPAT_ENUM_OR_ZERO(enum scx_kick_flags___test, SCX_KICK_NOBODY___test) == 0);
}

/* A program of its own: the verifier need not look at it for each way through ops.init. */
SEC("syscall")
int wrappers_calculate(void *ctx)
{
	calculate();
	look_up();
	ask_for_enumerators();
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(wrappers_init)
{
	s32 err;

#define X(type, name, missing) enumerators[E_##name] = name,
	ENUMERATORS(X) (void)0;
#undef X
	count_cpus();
	fill_mask();

	err = scx_bpf_create_dsq(SPARE, -1);
	if (err)
		return err;
	scx_bpf_destroy_dsq(SPARE);
	tried(destroy_dsq, scx_bpf_dsq_nr_queued(SPARE) == -ENOENT);

	err = scx_bpf_create_dsq(FIFO, -1);
	if (!err)
		err = scx_bpf_create_dsq(ORDERED, -1);
	if (!err)
		err = scx_bpf_create_dsq(MOVED, -1);
	if (!err && !realtime)
		err = start_timer();
	return err;
}

void BPF_STRUCT_OPS(wrappers_dump, struct scx_dump_ctx *dump)
{
	scx_bpf_dump_header();
	scx_bpf_dump("turns: %llu", turn);
	tried(dump, true);
}

void BPF_STRUCT_OPS(wrappers_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(wrappers_ops,
	       .select_cpu	= (void *)wrappers_select_cpu,
	       .enqueue		= (void *)wrappers_enqueue,
	       .dispatch	= (void *)wrappers_dispatch,
	       .running		= (void *)wrappers_running,
	       .tick		= (void *)wrappers_tick,
	       .runnable	= (void *)wrappers_runnable,
	       .cpu_release	= (void *)wrappers_cpu_release,
	       .init		= (void *)wrappers_init,
	       .dump		= (void *)wrappers_dump,
	       .exit		= (void *)wrappers_exit,
	       .flags		= SCX_OPS_ENQ_MIGRATION_DISABLED | SCX_OPS_HAS_CGROUP_WEIGHT,
	       .name		= "wrappers");
