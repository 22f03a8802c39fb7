use super::{wat::*, world::*};
use crate::{AnsweredCall, Run, Step};
use parity_scale_codec::Encode;
use std::sync::Arc;
use tallow_types::{Answer, CallError, ExternalCall, HttpRequest, HttpResponse};

const LOOP: &str = "(local $i i32) (local.set $i (i32.const 20000000))
    (loop $again (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (call $answer (i32.const 5))";

pub(super) fn request(path: &str) -> HttpRequest {
    HttpRequest { url: format!("https://example.com/{path}"), method: "GET".into(), headers: vec![], body: vec![] }
}

pub(super) fn ok(body: &[u8]) -> Answer {
    let response = HttpResponse { status_code: 200, reason_phrase: "OK".into(), headers: vec![], body: body.to_vec() };
    Answer::Http(vec![Ok(response)])
}

/// A contract that makes its input's request and returns the response.
pub(super) fn fetcher() -> Wat {
    contract(format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 15000))
         (call $seal0.call_chain_extension (i32.const 1) (i32.const {INPUT}) (call $input)
            (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})) drop
         (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))"
    ))
}

fn start(world: &TestWorld, mode: crate::Mode, invocation: crate::Invocation) -> Run {
    engine().run(Arc::new(world.clone()), environment(), mode, invocation).unwrap()
}

fn end(run: &mut Run) -> (u32, crate::Execution) {
    let mut yields = 0;
    loop {
        match run.step(None).unwrap() {
            Step::Yield => yields += 1,
            Step::Done(execution) => return (yields, *execution),
            step => panic!("{step:?}"),
        }
    }
}

fn fetching_world() -> (TestWorld, tallow_types::AccountId) {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &fetcher());
    (world, address)
}

#[test]
fn a_query_waits_for_its_answer_and_goes_on() {
    let (world, address) = fetching_world();
    let mut run = start(&world, query(), message(address, &request("a").encode()));
    for _ in 0..2 {
        let Step::External { index: 0, call: ExternalCall::Http { requests, .. }, .. } = run.step(None).unwrap() else {
            panic!("expected the request, each time")
        };
        assert_eq!(requests, [request("a")]);
    }
    let Step::Done(execution) = run.step(Some(ok(b"body"))).unwrap() else { panic!("expected the end") };
    let Answer::Http(expected) = ok(b"body");
    assert_eq!(data(&execution), expected[0].as_ref().unwrap().encode());
    assert_eq!(execution.calls, 1);
    assert!(run.step(None).is_err(), "it has ended");
}

#[test]
fn a_command_ends_at_a_call_and_completes_with_the_recorded_answer() {
    let (world, address) = fetching_world();
    let input = request("a").encode();
    let mut first = start(&world, command(vec![]), message(address, &input));
    let Step::External { index: 0, call, .. } = first.step(None).unwrap() else { panic!("expected the request") };
    assert!(first.step(Some(ok(b"late"))).is_err(), "a command does not go on");

    let answered = AnsweredCall { call: call.clone(), answer: ok(b"body") };
    let execution = run(&engine(), &world, command(vec![answered.clone()]), message(address, &input));
    let Answer::Http(expected) = ok(b"body");
    assert_eq!(data(&execution), expected[0].as_ref().unwrap().encode());

    let other = request("other").encode();
    let mut third = start(&world, command(vec![answered]), message(address, &other));
    match third.step(None).unwrap() {
        Step::External { index: 0, call: ExternalCall::Http { requests, .. }, .. } => {
            assert_eq!(requests, [request("other")], "a request that differs is a new call");
        }
        step => panic!("{step:?}"),
    }
}

#[test]
fn queries_yield_and_commands_do_not() {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &contract(LOOP));
    let (yields, in_query) = end(&mut start(&world, query(), message(address, &[])));
    assert!(yields > 10, "{yields} yields");
    let (none, in_command) = end(&mut start(&world, command(vec![]), message(address, &[])));
    assert_eq!((none, word(&in_query)), (0, 5));
    assert_eq!(in_query.gas_used, in_command.gas_used);
}

#[test]
fn cheap_host_calls_do_not_keep_a_query_from_yielding() {
    let body = "(local $i i32) (local.set $i (i32.const 20000))
        (loop $again (drop (call $seal0.contains_storage (i32.const 0)))
            (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (call $answer (i32.const 5))";
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &contract(body));
    let (yields, execution) = end(&mut start(&world, query(), message(address, &[])));
    let slices = execution.gas_used / crate::GAS_PER_FUEL / crate::gas::SLICE_FUEL;
    assert!(slices > 10 && u64::from(yields) + 1 >= slices, "{yields} yields in {slices} slices");
}

#[test]
fn two_runs_go_on_in_turns() {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &contract(LOOP));
    let mut runs = [start(&world, query(), message(address, &[])), start(&world, query(), message(address, &[]))];
    let mut ended = [None, None];
    while ended.iter().any(Option::is_none) {
        for (run, ended) in runs.iter_mut().zip(&mut ended).filter(|(_, ended)| ended.is_none()) {
            if let Step::Done(execution) = run.step(None).unwrap() {
                *ended = Some(execution);
            }
        }
    }
    assert_eq!(ended[0], ended[1]);
}

#[test]
fn a_run_may_move_between_threads_and_be_dropped_anywhere() {
    let (mut world, address) = fetching_world();
    let looping = world.place(&engine(), 2, &contract(LOOP));
    let before_it_began = start(&world, query(), message(address, &[]));
    let mut waiting = start(&world, query(), message(address, &request("a").encode()));
    assert!(matches!(waiting.step(None).unwrap(), Step::External { .. }));
    let mut yielded = start(&world, query(), message(looping, &[]));
    assert!(matches!(yielded.step(None).unwrap(), Step::Yield));
    let moved = std::thread::spawn(move || {
        drop((before_it_began, waiting));
        end(&mut yielded).1
    });
    assert_eq!(word(&moved.join().unwrap()), 5);
}

#[test]
fn an_expired_query_keeps_its_log() {
    let mut world = TestWorld::new();
    let body = format!("(drop (call $seal0.debug_message (i32.const 64) (i32.const 5))) {LOOP}");
    // Locals come first.
    let body = format!("(local $i i32) {}", body.replace("(local $i i32)", ""));
    let address = world.place(&engine(), 1, &contract(body).data(64, b"hello"));
    let mut run = start(&world, query(), message(address, &[]));
    assert!(matches!(run.step(None).unwrap(), Step::Yield));
    let execution = run.expire();
    assert_eq!(error(&execution), CallError::DeadlineExceeded);
    assert_eq!(execution.logs[0].text, "hello");
    assert!(execution.gas_used > 0);
}

#[test]
fn a_pool_that_is_full_is_the_hosts_fault() {
    let small = crate::Engine::new(crate::EngineConfig { max_instances: Some(1), ..Default::default() }).unwrap();
    let mut world = TestWorld::new();
    let address = world.place(&small, 1, &fetcher());
    let begin = || {
        let message = message(address, &request("a").encode());
        small.run(Arc::new(world.clone()), environment(), query(), message).unwrap()
    };
    let (mut first, mut second) = (begin(), begin());
    assert!(matches!(first.step(None).unwrap(), Step::External { .. }));
    assert!(second.step(None).is_err());
    drop(first);
    let mut third = begin();
    assert!(matches!(third.step(None).unwrap(), Step::External { .. }));
}

#[test]
fn an_estimate_lets_others_run_and_costs_what_the_command_does() {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &contract(LOOP));
    let (yields, estimated) = end(&mut start(&world, crate::Mode::Estimate, message(address, &[])));
    let (none, ran) = end(&mut start(&world, command(vec![]), message(address, &[])));
    assert!(yields > 5 && none == 0, "{yields} and {none}");
    assert_eq!((estimated.result, estimated.gas_used), (ran.result, ran.gas_used));
}
