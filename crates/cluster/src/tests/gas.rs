//! One budget of gas for all that a block runs.

use super::fixture::{COUNT, FETCH, Fixture, SECOND, SPIN, request, response};
use parity_scale_codec::Encode;
use tallow_crypto::Keypair;
use tallow_types::limits::{BLOCK_GAS_MAX, CALL_ATTEMPTS_MAX, CALL_TAKEOVER_MS, COMMAND_GAS_MAX};
use tallow_types::{AccountId, Action, Answer, CallError, Command, Entry};

use super::fixture::Sent;

/// A call of the contract by a key that nobody has seen before, with the most gas that one may ask for.
fn stranger(fixture: &mut Fixture, contract: AccountId, what: u8) -> Sent {
    let key = Keypair::generate_ed25519();
    let draft = fixture.draft(Action::Call { contract, input: vec![what] });
    fixture.seal_as(&key, Command { caller: key.public(), gas_limit: COMMAND_GAS_MAX, ..draft })
}

fn good() -> Answer {
    Answer::Http(vec![Ok(response(b"1"))])
}

#[test]
fn what_does_not_fit_by_its_limit_waits_and_the_block_without_it_is_the_same() {
    let (mut fixture, contract) = Fixture::deployed();
    let spins: Vec<_> = (0..3).map(|_| stranger(&mut fixture, contract, SPIN)).collect();
    let own = fixture.call(contract, COUNT, &[]);
    let mut entries: Vec<_> = spins.iter().map(Sent::entry).collect();
    entries.push(own.entry());
    let before = (fixture.state.clone(), fixture.digest);
    let output = fixture.block(entries.clone());
    assert_eq!(output.ordered, [spins[0].id, own.id], "one of those without balance, and whoever has some");
    let deferred: Vec<_> = output.deferred.iter().map(|deferred| (deferred.entry, deferred.funded)).collect();
    assert_eq!(deferred, [(1, false), (2, false)]);
    assert!(output.gas_used <= BLOCK_GAS_MAX);

    let without = [entries[0].clone(), entries[3].clone()];
    let again = fixture.cluster.execute((&before.0, &before.1), fixture.state.position(), &without, &()).unwrap();
    assert_eq!(again.1, fixture.commitments);
    assert_eq!(fixture.block(vec![spins[1].entry()]).ordered, [spins[1].id], "it was not lost");
}

#[test]
fn answers_count_as_commands_do_and_one_that_waits_for_gas_is_not_lost() {
    let (mut fixture, contract) = Fixture::deployed();
    let fetch = Action::Call { contract, input: [vec![FETCH], request("POST")].concat() };
    let key = Keypair::generate_ed25519();
    let draft = fixture.draft(fetch);
    let sent = fixture.seal_as(&key, Command { caller: key.public(), gas_limit: COMMAND_GAS_MAX, ..draft });
    let call = fixture.block(vec![sent.entry()]).calls.remove(0);
    let answer = Entry::Answer(fixture.answer(&call, &good())).encode();
    let spin = stranger(&mut fixture, contract, SPIN);
    let output = fixture.block(vec![spin.entry(), answer.clone()]);
    assert_eq!((output.deferred.len(), output.answered.len(), fixture.state.waiting_len()), (1, 0, 1));

    // An attempt whose answer waits for gas has more time, and no other replica is asked.
    let spin = stranger(&mut fixture, contract, SPIN);
    let output = fixture.block_after(CALL_TAKEOVER_MS - SECOND, vec![spin.entry(), answer.clone()]);
    assert_eq!((output.deferred.len(), output.calls.len()), (0, 0), "the entry stays in the block");
    let output = fixture.block_after(CALL_TAKEOVER_MS - SECOND, vec![answer]);
    assert!(fixture.outcome(&output, &sent).result.is_ok());
    assert_eq!(output.answered, [(sent.id, 0, 0)]);
}

#[test]
fn the_answer_to_an_earlier_attempt_is_taken_in_the_block_in_which_it_would_be_late() {
    let (mut fixture, contract) = Fixture::deployed();
    for late in [CALL_TAKEOVER_MS + 1, 1] {
        let sent = fixture.call(contract, FETCH, &request("POST"));
        let call = fixture.block(vec![sent.entry()]).calls.remove(0);
        fixture.block_after(CALL_TAKEOVER_MS, vec![]);
        let output = fixture.block_after(late, vec![Entry::Answer(fixture.answer(&call, &good())).encode()]);
        assert!(fixture.outcome(&output, &sent).result.is_ok());
    }
}

#[test]
fn a_call_is_attempted_so_often_and_then_ends() {
    let (mut fixture, contract) = Fixture::deployed();
    let sent = fixture.call(contract, FETCH, &request("POST"));
    fixture.block(vec![sent.entry()]);
    for attempt in 1..CALL_ATTEMPTS_MAX {
        assert_eq!(fixture.block_after(CALL_TAKEOVER_MS + 1, vec![]).calls[0].attempt, attempt);
    }
    let output = fixture.block_after(CALL_TAKEOVER_MS + 1, vec![]);
    assert_eq!(fixture.outcome(&output, &sent).result, Err(CallError::OutcomeUnknown { calls: 1 }));
    assert!(output.calls.is_empty() && fixture.state.waiting_len() == 0);
}

#[test]
fn a_replica_that_is_about_to_stop_records_nothing() {
    let (mut fixture, contract) = Fixture::deployed();
    let spin = stranger(&mut fixture, contract, SPIN);
    fixture.cluster.interrupt();
    let at = super::fixture::position(fixture.state.position().height + 1, fixture.state.position().time_ms + 1);
    let stopped = fixture.cluster.execute((&fixture.state, &fixture.digest), at, &[spin.entry()], &());
    assert!(matches!(stopped, Err(crate::BlockError::Host { entry: Some(0), .. })));
}
