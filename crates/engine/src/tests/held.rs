//! What queries hold of the host's memory.

use super::{
    calls::{CALLEE, caller, calling},
    steps::{fetcher, ok, request},
    wat::*,
    world::*,
};
use crate::{HostError, Memory, Mode, Run, Step};
use parity_scale_codec::Encode;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tallow_types::limits::{CONTRACT_STACK_BYTES, PAGE_BYTES};

/// So much there is, and so much of it is taken.
struct Budget {
    most: usize,
    taken: AtomicUsize,
}

impl Budget {
    fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, taken: AtomicUsize::new(0) })
    }

    fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Memory for Budget {
    fn take(&self, bytes: usize) -> bool {
        let more = |taken: usize| Some(taken + bytes).filter(|taken| *taken <= self.most);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Nothing is ever touched, for these tests.
    fn resident(&self, _: usize, _: usize) -> usize {
        0
    }
}

const PAGE: usize = PAGE_BYTES as usize;
const ENOUGH: usize = 1 << 30;

fn begin(world: &TestWorld, mode: Mode, invocation: crate::Invocation, budget: &Arc<Budget>) -> Run {
    engine().run(Arc::new(world.clone()), environment(), mode, invocation).unwrap().counted(budget.clone())
}

/// Steps a run until it does not yield.
fn step(mut run: Run) -> Result<Step, HostError> {
    loop {
        match run.step(None)? {
            Step::Yield => (),
            step => return Ok(step),
        }
    }
}

#[test]
fn a_query_that_waits_holds_what_it_touched_and_in_the_end_nothing() {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &fetcher());
    let budget = Budget::new(ENOUGH);
    let mut run = begin(&world, query(), message(address, &request("a").encode()), &budget);
    assert_eq!(budget.taken(), 0, "nothing runs before the first step");
    assert!(matches!(run.step(None).unwrap(), Step::External { .. }));
    let waiting = budget.taken();
    assert!((1..PAGE).contains(&waiting), "{waiting}");
    assert!(matches!(run.step(Some(ok(b"body"))).unwrap(), Step::Done(_)));
    assert_eq!(budget.taken(), 0);
    let mut dropped = begin(&world, query(), message(address, &request("a").encode()), &budget);
    assert!(matches!(dropped.step(None).unwrap(), Step::External { .. }) && budget.taken() == waiting);
    drop(dropped);
    assert_eq!(budget.taken(), 0);
}

#[test]
fn what_grows_is_counted_before_it_is_there_and_refused_beyond_what_may_be_had() {
    let mut world = TestWorld::new();
    let grower = "(drop (memory.grow (i32.const 8))) (call $answer (memory.size))";
    let address = world.place(&engine(), 1, &contract(grower));
    let needed = CONTRACT_STACK_BYTES + 8 * 1024 + 10 * PAGE;
    let end = |mode, most| step(begin(&world, mode, message(address, &[]), &Budget::new(most)));
    assert!(matches!(end(query(), needed), Ok(Step::Done(_))));
    for mode in [query(), Mode::Estimate] {
        let refused = end(mode, needed - 1).unwrap_err();
        assert!(refused.to_string().contains("busy"), "a shortage is never a result: {refused}");
    }
    assert!(end(query(), PAGE).is_err(), "nor is there room for its beginning");
}

#[test]
fn what_a_query_writes_is_counted() {
    let mut world = TestWorld::new();
    let body = "(local $i i32) (local.set $i (i32.const 20))
        (loop $again (i32.store (i32.const 600) (local.get $i))
            (drop (call $seal2.set_storage (i32.const 600) (i32.const 4) (i32.const 0) (i32.const 60000)))
            (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (call $answer (i32.const 5))";
    let address = world.place(&engine(), 1, &contract(body));
    let frame = CONTRACT_STACK_BYTES + 8 * 1024 + 2 * PAGE;
    let end = |most| step(begin(&world, query(), message(address, &[]), &Budget::new(most)));
    assert!(matches!(end(frame + 20 * 60_100), Ok(Step::Done(_))));
    assert!(end(frame + 19 * 60_000).is_err());
}

#[test]
fn every_frame_of_a_call_is_counted() {
    let mut world = TestWorld::new();
    world.place(&engine(), CALLEE, &contract("(call $answer (i32.const 5))"));
    let body = format!("(drop {}) (call $answer (i32.const 1))", calling(0, 0, 0));
    let address = world.place(&engine(), 1, &caller(&body));
    let frame = CONTRACT_STACK_BYTES + 8 * 1024 + 2 * PAGE;
    let budget = Budget::new(2 * frame - PAGE);
    assert!(step(begin(&world, query(), message(address, &[]), &budget)).is_err());
    assert_eq!(budget.taken(), 0, "what has ended gives all of it back");
    let budget = Budget::new(2 * frame + PAGE);
    assert!(matches!(step(begin(&world, query(), message(address, &[]), &budget)), Ok(Step::Done(_))));
}
