use super::{
    calls::{CALLEE, between, caller, calling},
    pink::{extension, split},
    wat::*,
    world::*,
};
use crate::{DueTimer, Execution, Mode};
use parity_scale_codec::{Decode, Encode};
use tallow_types::{AccountId, CallError, Compat, ListedTimer, Schedule, Timer, TimerError, decode_exact, limits::*};

const SET: u32 = 0x1_0001;
const CANCEL: u32 = 0x1_0002;
const LIST: u32 = 0x1_0003;
const CONTRACT: AccountId = AccountId([1; 32]);

fn timer(id: &[u8]) -> Timer {
    let schedule = Schedule::Every { first_ms: NOW + 500, period_ms: 1_000 };
    Timer { id: id.to_vec(), schedule, input: vec![1, 2, 3, 4], gas_limit: 1_000, catch_up: 2 }
}

fn world() -> TestWorld {
    let mut world = TestWorld::new();
    world.place(&engine(), 1, &extension());
    world
}

fn ask(world: &TestWorld, mode: Mode, function: u32, arguments: impl Encode) -> Execution {
    let input = [function.to_le_bytes().to_vec(), arguments.encode()].concat();
    run(&engine(), world, mode, message(CONTRACT, &input))
}

/// Sends a command and applies what it changed; gives the status.
fn send(world: &mut TestWorld, function: u32, arguments: impl Encode) -> u32 {
    let execution = ask(world, command(vec![]), function, arguments);
    world.apply(&execution);
    split(&execution).0
}

fn value<T: Decode>(execution: &Execution) -> T {
    let (status, value) = split(execution);
    assert_eq!(status, 0);
    decode_exact(&value).unwrap()
}

fn listed(world: &TestWorld, mode: Mode) -> Vec<Vec<u8>> {
    let timers: Vec<ListedTimer> = value(&ask(world, mode, LIST, ()));
    timers.into_iter().map(|timer| timer.id).collect()
}

#[test]
fn timers_are_set_replaced_listed_and_cancelled() {
    let mut world = world();
    for id in [b"b", b"a"] {
        assert_eq!(send(&mut world, SET, timer(id)), 0);
    }
    let due = DueTimer { timer: timer(b"a"), due_ms: NOW + 500 };
    assert_eq!(world.timers[&(CONTRACT, b"a".to_vec())], due);
    let once = Timer { schedule: Schedule::Once { at_ms: 0 }, ..timer(b"b") };
    assert_eq!(send(&mut world, SET, &once), 0);
    let timers: Vec<ListedTimer> = value(&ask(&world, query(), LIST, ()));
    let expected = ListedTimer { id: b"b".to_vec(), schedule: once.schedule, due_ms: NOW + TIMER_PERIOD_MS_MIN };
    assert_eq!((timers.len(), &timers[1]), (2, &expected));

    assert!(value::<bool>(&ask(&world, command(vec![]), CANCEL, b"a".to_vec())));
    assert_eq!(send(&mut world, CANCEL, b"a".to_vec()), 0);
    assert_eq!(listed(&world, command(vec![])), [b"b".to_vec()]);
    assert!(!value::<bool>(&ask(&world, command(vec![]), CANCEL, b"a".to_vec())));
}

#[test]
fn queries_change_no_timers_and_estimates_try_it() {
    let world = world();
    for (function, arguments) in [(SET, timer(b"a").encode()), (CANCEL, b"a".to_vec().encode())] {
        let input = [function.to_le_bytes().to_vec(), arguments].concat();
        let asked = run(&engine(), &world, query(), message(CONTRACT, &input));
        assert_eq!(split(&asked), (TimerError::NotInCommand.status(), vec![]));
        assert!(asked.changes.timers.is_empty());
    }
    let estimate = ask(&world, Mode::Estimate, SET, timer(b"a"));
    assert_eq!((split(&estimate).0, estimate.changes.timers.len()), (0, 1));
    assert_eq!(ask(&world, command(vec![]), SET, timer(b"a")).gas_used, estimate.gas_used);
}

#[test]
fn what_cannot_be_kept_has_its_status() {
    let world = world();
    let long = |bytes| vec![7; bytes];
    let schedule = |schedule| Timer { schedule, ..timer(b"a") };
    let cases = [
        (Timer { id: vec![], ..timer(b"a") }, TimerError::BadId),
        (Timer { id: long(TIMER_ID_BYTES_MAX + 1), ..timer(b"a") }, TimerError::BadId),
        (schedule(Schedule::Every { first_ms: 0, period_ms: TIMER_PERIOD_MS_MIN - 1 }), TimerError::BadSchedule),
        (schedule(Schedule::Cron("0 0 30 2 *".into())), TimerError::BadSchedule),
        (schedule(Schedule::Cron("noon".into())), TimerError::BadSchedule),
        (Timer { input: long(3), ..timer(b"a") }, TimerError::BadInput),
        (Timer { input: long(TIMER_INPUT_BYTES_MAX + 1), ..timer(b"a") }, TimerError::BadInput),
        (Timer { gas_limit: 0, ..timer(b"a") }, TimerError::BadGasLimit),
        (Timer { gas_limit: COMMAND_GAS_MAX + 1, ..timer(b"a") }, TimerError::BadGasLimit),
        (Timer { catch_up: TIMER_CATCH_UP_MAX + 1, ..timer(b"a") }, TimerError::BadCatchUp),
    ];
    for (timer, error) in cases {
        let execution = ask(&world, command(vec![]), SET, &timer);
        assert_eq!(split(&execution), (error.status(), vec![]), "{timer:?}");
        assert!(execution.changes.timers.is_empty());
    }
    let largest = Timer {
        id: long(TIMER_ID_BYTES_MAX),
        schedule: Schedule::Cron("0 9 * * MON-FRI".into()),
        input: long(TIMER_INPUT_BYTES_MAX),
        gas_limit: COMMAND_GAS_MAX,
        catch_up: TIMER_CATCH_UP_MAX,
    };
    assert_eq!(split(&ask(&world, command(vec![]), SET, largest)).0, 0);
    assert_eq!(error(&ask(&world, command(vec![]), SET, (timer(b"a"), 0u8))), CallError::DecodingFailed);
    assert_eq!(error(&ask(&world, command(vec![]), 0x1_0000, ())), CallError::UnknownChainExtensionFunction(0));
}

#[test]
fn a_full_set_refuses_one_more_but_not_another_of_the_same_id() {
    let mut world = world();
    for number in 0..TIMERS_PER_CONTRACT_MAX as u64 {
        assert_eq!(send(&mut world, SET, timer(&number.to_le_bytes())), 0);
    }
    assert_eq!(send(&mut world, SET, timer(b"more")), TimerError::ContractFull.status());
    assert_eq!(send(&mut world, SET, timer(&0u64.to_le_bytes())), 0);
    assert_eq!(listed(&world, query()).len(), TIMERS_PER_CONTRACT_MAX, "all of them fit the answer");
    assert_eq!(send(&mut world, CANCEL, 0u64.to_le_bytes().to_vec()), 0);
    world.other_timers = TIMERS_MAX - TIMERS_PER_CONTRACT_MAX + 1;
    assert_eq!(send(&mut world, SET, timer(b"more")), TimerError::ClusterFull.status());
    world.other_timers -= 1;
    assert_eq!(send(&mut world, SET, timer(b"more")), 0);
}

/// Where a setter keeps the status of its call.
const STATUS: u32 = 16;

/// A contract that sets a timer and ends as told.
fn setter(end: &str) -> Wat {
    let timer = timer(b"a").encode();
    let set = format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
         (i32.store (i32.const {STATUS}) (call $seal0.call_chain_extension (i32.const {SET}) (i32.const 2000) (i32.const {}) (i32.const {OUTPUT})
            (i32.const {OUTPUT_LEN})))",
        timer.len()
    );
    contract(set + end).data(2000, &timer).data(64, &[8; 32])
}

#[test]
fn a_timer_goes_with_the_effects_of_its_frame() {
    let a = caller(&format!("(drop {}) (call $answer (i32.const 0))", calling(0, 0, 0)));
    let place = (AccountId([CALLEE; 32]), b"a".to_vec());
    for (end, kept) in [
        ("", true),
        ("(call $revert (i32.const 9))", false),
        ("(unreachable)", false),
        ("(call $seal1.terminate (i32.const 64))", false),
    ] {
        let (execution, _) = between(&a, &setter(end));
        assert_eq!(execution.changes.timers.contains_key(&place), kept, "{end}");
    }
    let reverting = caller(&format!("(drop {}) (call $revert (i32.const 0))", calling(0, 0, 0)));
    assert!(between(&reverting, &setter("")).0.changes.timers.is_empty(), "the caller takes it along");
    let read_only = caller(&format!("(call $answer {})", calling(16, 0, 0)));
    let (execution, _) = between(&read_only, &setter(""));
    assert_eq!((word(&execution), execution.changes.timers.len()), (1, 0));
}

#[test]
fn a_dropped_timer_takes_no_place() {
    // Each round sets a timer in a frame that reverts; were it counted, the contract would be full before the last.
    let rounds = format!("(drop {})", calling(0, 0, 0)).repeat(TIMERS_PER_CONTRACT_MAX + 1);
    let a = caller(&format!("{rounds} (call $answer (i32.load (i32.const {OUTPUT})))"));
    let (execution, _) = between(&a, &setter(&format!("(call $revert (i32.load (i32.const {STATUS})))")));
    assert_eq!((word(&execution), execution.changes.timers.len()), (0, 0));
}

#[test]
fn contracts_that_expect_phala_have_no_timers() {
    let mut world = world();
    world.contracts.entry(CONTRACT).and_modify(|info| info.compat = Compat::Phala);
    for mode in [command(vec![]), query(), Mode::Estimate] {
        let asked = ask(&world, mode, LIST, ());
        assert_eq!(asked.result, Err(CallError::NoChainExtension));
    }
}
