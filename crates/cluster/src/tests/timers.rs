//! Timers: when they fire, in which order, how often, and what keeps or ends them.

mod random;

use super::fixture::*;
use crate::{BlockOutput, Snapshot};
use parity_scale_codec::{Decode, Encode};
use tallow_crypto::{Keypair, open_outcome};
use tallow_types::limits::*;
use tallow_types::{
    AccountId, Action, Answer, CallError, ClusterPolicy, Command, CommandId, Entry, Outcome, Schedule, Timer,
    TimerStatus, decode_exact,
};

const SET: u32 = 0x1_0001;
const CANCEL: u32 = 0x1_0002;
/// Calls that count, as timers make them: no shorter than a selector.
const COUNT_INPUT: [u8; 4] = [COUNT, 0, 0, 0];

fn every(id: &[u8], first_ms: u64, period_ms: u64) -> Timer {
    let schedule = Schedule::Every { first_ms, period_ms };
    Timer { id: id.to_vec(), schedule, input: COUNT_INPUT.to_vec(), gas_limit: 10_000_000_000, catch_up: 0 }
}

fn once(id: &[u8], at_ms: u64) -> Timer {
    Timer { schedule: Schedule::Once { at_ms }, ..every(id, 0, 1) }
}

fn extend(fixture: &mut Fixture, contract: AccountId, what: u8, function: u32, arguments: impl Encode) -> Sent {
    fixture.call(contract, what, &[function.to_le_bytes().to_vec(), arguments.encode()].concat())
}

/// The commands that set timers.
fn setting(fixture: &mut Fixture, contract: AccountId, timers: &[Timer]) -> Vec<Vec<u8>> {
    timers.iter().map(|timer| extend(fixture, contract, EXTEND, SET, timer).entry()).collect()
}

/// Sets timers in a block one second later.
fn set(fixture: &mut Fixture, contract: AccountId, timers: &[Timer]) -> BlockOutput {
    let entries = setting(fixture, contract, timers);
    fixture.block(entries)
}

fn now(fixture: &Fixture) -> u64 {
    fixture.state.position().time_ms
}

fn only(fixture: &Fixture, contract: &AccountId) -> TimerStatus {
    let timers = fixture.state.timers(contract);
    assert_eq!(timers.len(), 1);
    timers.into_iter().next().unwrap()
}

/// The outcome of a firing, as the contract's deployer can read it.
fn outcome_of(fixture: &Fixture, output: &BlockOutput, contract: &AccountId, firing: CommandId) -> Outcome {
    let completed = output.completed.iter().find(|completed| completed.command == firing).expect("completed");
    let key = fixture.cluster.firings_key(contract);
    decode_exact(&open_outcome(&key, &firing, &completed.sealed).unwrap()).unwrap()
}

#[test]
fn a_timer_fires_with_the_first_block_that_reaches_its_time() {
    let (mut fixture, contract) = Fixture::deployed();
    let due = now(&fixture) + 5 * SECOND;
    let told = Timer { input: vec![CALLER, 0, 0, 0], ..every(b"a", due, 10 * SECOND) };
    set(&mut fixture, contract, &[told]);
    assert_eq!(fixture.state.next_timer_ms(), Some(due));
    let early = fixture.block_after(4 * SECOND - 1, vec![]);
    assert!(early.ordered.is_empty() && early.completed.is_empty());

    let output = fixture.block_after(1, vec![]);
    let status = only(&fixture, &contract);
    let last = status.last.unwrap();
    assert_eq!((last.due_ms, last.ended_ms, last.height), (due, due, fixture.state.position().height));
    assert_eq!((status.due_ms, &output.ordered), (due + 10 * SECOND, &vec![last.command]));
    let outcome = outcome_of(&fixture, &output, &contract, last.command);
    assert_eq!(outcome.result.unwrap().data, contract.0, "the contract calls itself");
    assert_eq!((last.result, last.gas_used), (Ok(0), outcome.gas_used));
    assert_ne!(fixture.cluster.firings_key(&contract), fixture.cluster.firings_key(&AccountId([1; 32])));
    assert!(fixture.block(vec![]).completed.is_empty(), "once");
}

#[test]
fn a_one_shot_timer_fires_once_and_is_gone() {
    let (mut fixture, contract) = Fixture::deployed();
    set(&mut fixture, contract, &[once(b"past", 0)]);
    assert_eq!(only(&fixture, &contract).due_ms, now(&fixture) + TIMER_PERIOD_MS_MIN);
    fixture.block(vec![]);
    assert_eq!((fixture.counter(&contract), fixture.state.timers(&contract).len()), (1, 0));
    assert_eq!(fixture.state.next_timer_ms(), None);
    fixture.block_after(1_000 * SECOND, vec![]);
    assert_eq!(fixture.counter(&contract), 1);
}

#[test]
fn timers_fire_in_the_order_of_their_times_and_contracts_in_turn() {
    let (mut fixture, one) = Fixture::deployed();
    let two = fixture.deploy(b"2");
    let from = now(&fixture) + 5 * SECOND;
    set(&mut fixture, one, &[once(b"late", from + 3), once(b"soon", from), once(b"then", from + 2)]);
    set(&mut fixture, two, &[once(b"other", from + 9)]);
    let output = fixture.block_after(10 * SECOND, vec![]);
    let serials = |contract, serials: [(u64, u64, &[u8]); 3]| {
        serials.map(|(serial, after, id)| firing(&fixture, contract, id, serial, from + after))
    };
    let [soon, then, late] = serials(one, [(1, 0, b"soon"), (2, 2, b"then"), (0, 3, b"late")]);
    let other = firing(&fixture, two, b"other", 3, from + 9);
    let expected = if one < two { [soon, other, then, late] } else { [other, soon, then, late] };
    assert_eq!(output.ordered, expected);
}

fn firing(fixture: &Fixture, contract: AccountId, id: &[u8], serial: u64, due_ms: u64) -> CommandId {
    let (input, gas_limit, expiry_ms) = (vec![], 0, 0); // no part of the id
    let fired = crate::FiredTimer { contract, timer: id.to_vec(), serial, due_ms, input, gas_limit, expiry_ms };
    fired.id(&fixture.cluster.genesis().cluster)
}

#[test]
fn a_block_begins_so_many_firings_and_the_rest_follow_with_nobody_left_out() {
    let (mut fixture, one) = Fixture::deployed();
    let two = fixture.deploy(b"2");
    let from = now(&fixture) + 5 * SECOND;
    let many: Vec<Timer> = (0..5u8).map(|n| Timer { catch_up: 100, ..every(&[n], from, 100) }).collect();
    set(&mut fixture, one, &many);
    set(&mut fixture, two, &[once(b"last", from + SECOND)]);
    let output = fixture.block_after(60 * SECOND, vec![]);
    assert_eq!(output.ordered.len(), TIMERS_PER_BLOCK_MAX);
    assert_eq!(fixture.counter(&two), 1, "it waits for nobody's backlog");
    fixture.block_after(1, vec![]);
    assert_eq!(fixture.counter(&one), 5 * 101, "all that were to be made good");
    assert!(fixture.block_after(1, vec![]).ordered.is_empty());
}

#[test]
fn gas_of_timers_leaves_most_of_a_block_to_commands_and_contracts_take_turns_across_blocks() {
    let (mut fixture, contract) = Fixture::deployed();
    let contracts = [contract, fixture.deploy(b"2"), fixture.deploy(b"3")];
    let gas_limit = TIMERS_GAS_PER_BLOCK_MAX / 2;
    let spin = |n| Timer { input: vec![SPIN, 0, 0, 0], gas_limit, ..once(&[n], 0) };
    let mut entries = Vec::new();
    for contract in contracts {
        entries.extend(setting(&mut fixture, contract, &[spin(1), spin(2)]));
    }
    fixture.block(entries);
    let left = |fixture: &Fixture| contracts.map(|contract| fixture.state.timers(&contract).len());
    fixture.block(vec![]);
    assert_eq!(left(&fixture).iter().sum::<usize>(), 4);
    fixture.block_after(1, vec![]);
    assert_eq!(left(&fixture).iter().sum::<usize>(), 2);
    assert!(left(&fixture).iter().all(|left| *left < 2), "each had its turn before anyone had a second one");
}

#[test]
fn a_firing_waits_for_its_answer_and_the_next_one_for_its_end() {
    let (mut fixture, contract) = Fixture::deployed();
    let due = now(&fixture) + 2 * SECOND;
    let input = [vec![FETCH], request("POST")].concat();
    set(&mut fixture, contract, &[Timer { input, ..every(b"a", due, SECOND) }]);
    let asked = fixture.block(vec![]);
    let [call] = &asked.calls[..] else { panic!("one call") };
    assert_eq!((&asked.ordered[..], asked.completed.len()), (&[call.command][..], 0));
    let status = only(&fixture, &contract);
    assert_eq!((status.waiting, status.due_ms), (Some(call.command), due + SECOND));
    assert!(fixture.block_after(5 * SECOND, vec![]).ordered.is_empty(), "one at a time");
    assert_eq!(fixture.state.next_timer_ms(), None);
    assert_eq!(fixture.cluster.pending_calls(&fixture.state), std::slice::from_ref(call));

    let answer = Entry::Answer(fixture.answer(call, &Answer::Http(vec![Ok(response(b"1"))]))).encode();
    let done = fixture.block(vec![answer]);
    assert_eq!(outcome_of(&fixture, &done, &contract, call.command).calls, 1);
    assert_eq!(fixture.counter(&contract), 1);
    let status = only(&fixture, &contract);
    assert_eq!((status.waiting, status.last.unwrap().due_ms), (None, due));
    let next = fixture.block_after(1, vec![]);
    assert_eq!(next.ordered.len(), 1, "of those that were missed the newest");
    assert_eq!(only(&fixture, &contract).due_ms, due + 7 * SECOND);
}

#[test]
fn a_firing_without_an_answer_ends_and_the_timer_goes_on() {
    let (mut fixture, contract) = Fixture::deployed();
    let input = [vec![FETCH], request("POST")].concat();
    let first_ms = now(&fixture) + 2 * SECOND;
    set(&mut fixture, contract, &[Timer { input, ..every(b"tick", first_ms, SECOND) }]);
    let call = fixture.block(vec![]).calls.remove(0);
    let ended = fixture.block_after(FIRING_TIME_MS_MAX + 1, vec![]);
    let outcome = outcome_of(&fixture, &ended, &contract, call.command);
    assert_eq!(outcome.result, Err(CallError::OutcomeUnknown { calls: 1 }));
    assert_eq!(fixture.block_after(1, vec![]).ordered.len(), 1, "and the next one begins");
    let line = &ended.logs[0].lines[0];
    let text = format!("timer tick due at {first_ms}: {}", CallError::OutcomeUnknown { calls: 1 });
    assert_eq!((line.contract, line.level, &line.text), (contract, 1, &text));
}

#[test]
fn failures_are_kept_and_logged() {
    let (mut fixture, contract) = Fixture::deployed();
    set(&mut fixture, contract, &[Timer { input: vec![TRAP, 0, 0, 0], ..every(&[0xff], 0, SECOND) }]);
    let output = fixture.block(vec![]);
    let last = only(&fixture, &contract).last.unwrap();
    assert!(matches!(last.result, Err(CallError::ContractTrapped(_))));
    assert_eq!(fixture.counter(&contract), 0);
    assert!(output.logs[0].lines[0].text.starts_with(&format!("timer 0xff due at {}: ", last.due_ms)));
    fixture.block(vec![]);
    assert_ne!(only(&fixture, &contract).last.unwrap().due_ms, last.due_ms, "it goes on");
}

#[test]
fn what_fails_sets_no_timer_and_what_is_cancelled_or_replaced_does_not_fire() {
    let (mut fixture, contract) = Fixture::deployed();
    let timer = once(b"a", now(&fixture) + 3 * SECOND);
    let trapped = extend(&mut fixture, contract, EXTEND_AND_TRAP, SET, &timer);
    fixture.block(vec![trapped.entry()]);
    assert!(fixture.state.timers(&contract).is_empty());

    let timer = once(b"a", now(&fixture) + 3 * SECOND);
    set(&mut fixture, contract, std::slice::from_ref(&timer));
    let kept = extend(&mut fixture, contract, EXTEND_AND_TRAP, CANCEL, b"a".to_vec());
    fixture.block(vec![kept.entry()]);
    assert_eq!(fixture.state.timers(&contract).len(), 1);
    let cancelled = extend(&mut fixture, contract, EXTEND, CANCEL, b"a".to_vec());
    // The block that reaches its time fires it before it cancels it; one before does not.
    fixture.block_after(SECOND - 1, vec![cancelled.entry()]);
    fixture.block(vec![]);
    assert_eq!(fixture.counter(&contract), 0);

    let at_ms = now(&fixture) + 3 * SECOND;
    set(&mut fixture, contract, &[once(b"a", at_ms), once(b"a", at_ms + 5 * SECOND)]);
    fixture.block_after(4 * SECOND, vec![]);
    assert_eq!(fixture.counter(&contract), 0, "the later one took its place");
    fixture.block_after(4 * SECOND, vec![]);
    assert_eq!(fixture.counter(&contract), 1);
}

#[test]
fn a_timer_that_sets_itself_anew_goes_on_under_another_number() {
    let (mut fixture, contract) = Fixture::deployed();
    let inner = once(b"a", 0).encode();
    let input = [vec![EXTEND], SET.to_le_bytes().to_vec(), inner].concat();
    set(&mut fixture, contract, &[Timer { input, ..once(b"a", 0) }]);
    let first = fixture.block(vec![]).ordered;
    assert_eq!(only(&fixture, &contract).last.unwrap().command, first[0], "what became of the one before is kept");
    let second = fixture.block_after(TIMER_PERIOD_MS_MIN, vec![]).ordered;
    assert_eq!((first.len(), second.len(), fixture.counter(&contract)), (1, 1, 1));
    assert_ne!(first, second);
}

#[test]
fn a_timer_set_anew_while_its_firing_waits_is_its_own() {
    let (mut fixture, contract) = Fixture::deployed();
    let due = now(&fixture) + 2 * SECOND;
    let input = [vec![FETCH], request("POST")].concat();
    set(&mut fixture, contract, &[Timer { input, ..every(b"a", due, SECOND) }]);
    let call = fixture.block(vec![]).calls.remove(0);
    let anew = every(b"a", now(&fixture) + 10 * SECOND, SECOND);
    set(&mut fixture, contract, &[anew]);
    assert_eq!(only(&fixture, &contract).waiting, None);
    let answer = Entry::Answer(fixture.answer(&call, &Answer::Http(vec![Ok(response(b"1"))]))).encode();
    fixture.block(vec![answer]);
    let status = only(&fixture, &contract);
    assert_eq!((status.last.unwrap().command, fixture.counter(&contract)), (call.command, 1));
    fixture.block_after(20 * SECOND, vec![]);
    assert_eq!(fixture.counter(&contract), 2);
}

#[test]
fn timers_stay_when_the_code_is_replaced_and_go_with_the_contract() {
    let (mut fixture, contract) = Fixture::deployed();
    let stays = fixture.deploy(b"2");
    let first_ms = now(&fixture) + 4 * SECOND;
    set(&mut fixture, contract, &[every(b"a", first_ms, SECOND), every(b"b", first_ms, SECOND)]);
    set(&mut fixture, stays, &[every(b"a", first_ms, SECOND)]);
    let code = fixture.code;
    let replaced = fixture.call(contract, SET_CODE, &code.0);
    fixture.block(vec![replaced.entry()]);
    assert_eq!(fixture.state.timers(&contract).len(), 2);
    let terminated = fixture.call(contract, TERMINATE, &[]);
    fixture.block_after(1, vec![terminated.entry()]);
    assert!(fixture.state.contract(&contract).is_none() && fixture.state.timers(&contract).is_empty());
    assert_eq!(fixture.state.next_timer_ms(), Some(first_ms));
    let output = fixture.block_after(3 * SECOND, vec![]);
    assert_eq!((output.ordered.len(), fixture.counter(&stays)), (1, 1));
}

#[test]
fn a_restored_state_fires_as_the_original_does() {
    let (mut fixture, contract) = Fixture::deployed();
    let first_ms = now(&fixture) + 2 * SECOND;
    let fetch = Timer { input: [vec![FETCH], request("GET")].concat(), ..every(b"fetch", first_ms, SECOND) };
    let cron = Timer { schedule: Schedule::Cron("* * * * *".into()), ..every(b"cron", 0, 1) };
    set(&mut fixture, contract, &[Timer { catch_up: 5, ..every(b"a", first_ms, SECOND) }, fetch, cron]);
    fixture.block_after(3 * SECOND, vec![]);
    let snapshot = Snapshot::decode(&mut &fixture.state.snapshot().encode()[..]).unwrap();
    let restored = fixture.cluster.restore(snapshot).unwrap();
    restored.check_invariants();
    assert_eq!(restored.next_timer_ms(), fixture.state.next_timer_ms());
    let at = position(restored.position().height + 1, now(&fixture) + 200 * SECOND);
    let one = fixture.cluster.execute((&fixture.state, &fixture.digest), at, &[], &()).unwrap();
    let two = fixture.cluster.execute((&restored, &fixture.digest), at, &[], &()).unwrap();
    assert_eq!((one.1, &one.2), (two.1, &two.2));
    assert!(one.2.completed.len() >= 7, "{}", one.2.completed.len());
}

#[test]
fn a_contract_pays_for_its_firings_and_one_that_cannot_has_no_more() {
    let (mut fixture, contract) = Fixture::deployed();
    let due = now(&fixture) + 5 * SECOND;
    set(&mut fixture, contract, &[every(b"a", due, SECOND)]);
    let gift = fixture.draft(Action::Transfer { to: contract });
    let gift = fixture.seal(Command { value: 15_000, ..gift });
    fixture.block(vec![gift.entry()]);
    let olga = Keypair::from_uri("//Olga").unwrap();
    let policy = ClusterPolicy { gas_price: 1_000, ..ClusterPolicy::default() };
    let command = Command { caller: olga.public(), ..fixture.draft(Action::SetPolicy { policy }) };
    let sent = fixture.seal_as(&olga, command);
    fixture.block(vec![sent.entry()]);
    let (mut left, mut fired) = (15_000, 0);
    // A firing may use gas for 10,000; it uses less.
    while left >= 10_000 {
        fixture.block_after(5 * SECOND, vec![]);
        let last = only(&fixture, &contract).last.unwrap();
        left -= policy.gas_cost(last.gas_used);
        fired += 1;
        assert_eq!(fixture.state.balance(&contract), left);
    }
    assert!(fired > 1);
    let output = fixture.block_after(5 * SECOND, vec![]);
    assert_eq!(fixture.counter(&contract), fired);
    let outcome = outcome_of(&fixture, &output, &contract, output.ordered[0]);
    assert_eq!((outcome.result, outcome.gas_used), (Err(CallError::CannotPay), 0));
    assert!(output.logs[0].lines[0].text.contains("balance"), "its deployer reads why");
    assert_eq!((fixture.state.timers_len(), fixture.state.next_timer_ms()), (0, None));
    assert_eq!((fixture.state.balance(&contract), fixture.state.balance(&olga.account())), (left, 15_000 - left));
}

#[test]
fn a_timer_that_only_uses_up_its_gas_is_suspended_until_it_is_set_anew() {
    let (mut fixture, contract) = Fixture::deployed();
    let spin = Timer { input: vec![SPIN, 0, 0, 0], ..every(b"a", 0, TIMER_PERIOD_MS_MIN) };
    set(&mut fixture, contract, std::slice::from_ref(&spin));
    for firing in 1..=TIMER_OUT_OF_GAS_MAX {
        assert!(!only(&fixture, &contract).suspended);
        let output = fixture.block(vec![]);
        assert_eq!(output.ordered.len(), 1, "firing {firing}");
        let lines: usize = output.logs.iter().map(|log| log.lines.len()).sum();
        assert_eq!(lines, 1 + usize::from(firing == TIMER_OUT_OF_GAS_MAX), "the last one says so");
    }
    assert!(only(&fixture, &contract).suspended);
    assert_eq!(fixture.state.next_timer_ms(), None);
    assert!(fixture.block(vec![]).ordered.is_empty());
    set(&mut fixture, contract, &[spin]);
    assert!(!only(&fixture, &contract).suspended);
    assert_eq!(fixture.block(vec![]).ordered.len(), 1);
}
