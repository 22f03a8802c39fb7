//! Commands without external calls: effects, refusals, replays, gas.

use super::fixture::{COUNT, Fixture, NETWORK, RANDOM, SECOND, SPIN, TRAP, cluster_id};
use crate::OpenError;
use parity_scale_codec::Encode;
use tallow_crypto::{AuthorityError, Keypair, seal_command};
use tallow_types::limits::{COMMAND_EXPIRY_MS_MAX, COMMAND_GAS_MAX};
use tallow_types::{AccountId, Action, CallError, ClusterId, Compat, Entry, OutboxMessage, SignedCommand};

#[test]
fn a_command_takes_effect_once_however_often_it_is_ordered() {
    let (mut fixture, contract) = Fixture::deployed();
    let sent = fixture.call(contract, COUNT, &[]);
    let first = fixture.block(vec![sent.entry(), sent.entry()]);
    assert_eq!(first.completed.len(), 1);
    assert_eq!(fixture.outcome(&first, &sent).result.unwrap().data, 1u64.to_le_bytes());
    // Signed and sealed anew, it is still the same command.
    let again = fixture.seal(sent.command.clone());
    assert_ne!(again.sealed, sent.sealed);
    let second = fixture.block(vec![again.entry(), sent.entry()]);
    assert!(second.completed.is_empty() && second.ordered.is_empty());
    assert_eq!(fixture.counter(&contract), 1);
}

#[test]
fn an_expired_command_has_no_effect_and_no_receipt() {
    let (mut fixture, contract) = Fixture::deployed();
    let mut command = fixture.draft(Action::Call { contract, input: vec![COUNT] });
    command.expiry_ms = fixture.state.position().time_ms;
    let expired = fixture.seal(command.clone());
    command.expiry_ms = fixture.state.position().time_ms + COMMAND_EXPIRY_MS_MAX + 2 * SECOND;
    let too_far = fixture.seal(command);
    let output = fixture.block(vec![expired.entry(), too_far.entry()]);
    assert!(output.ordered.is_empty() && output.completed.is_empty());
    assert_eq!(fixture.counter(&contract), 0);
}

#[test]
fn a_command_cannot_be_replayed_after_its_id_is_forgotten() {
    let (mut fixture, contract) = Fixture::deployed();
    let sent = fixture.call(contract, COUNT, &[]);
    fixture.block(vec![sent.entry()]);
    assert!(fixture.state.has_seen(&sent.id));
    let output = fixture.block_after(200 * SECOND, vec![sent.entry()]);
    assert!(!fixture.state.has_seen(&sent.id), "its expiry has passed");
    assert!(output.ordered.is_empty());
    assert_eq!(fixture.counter(&contract), 1);
}

#[test]
fn envelopes_that_do_not_belong_here_are_refused_and_passed_over() {
    let (mut fixture, contract) = Fixture::deployed();
    let good = fixture.call(contract, COUNT, &[]);
    let sign = |key: &Keypair, command| key.sign_command(command);
    let seal = |signed: &SignedCommand, cluster: &ClusterId, epoch| {
        seal_command(&fixture.cluster.epoch_public(), &NETWORK, cluster, epoch, signed).unwrap()
    };
    let foreign_command = tallow_types::Command { cluster: ClusterId([8; 32]), ..good.command.clone() };
    let greedy = tallow_types::Command { gas_limit: COMMAND_GAS_MAX + 1, ..good.command.clone() };
    let mut altered = good.sealed.clone();
    altered.ciphertext[5] ^= 1;
    let bob = Keypair::from_uri("//Bob").unwrap();
    let cases = [
        (seal(&sign(&fixture.alice, good.command.clone()), &ClusterId([8; 32]), 0), OpenError::Envelope),
        (seal(&sign(&fixture.alice, good.command.clone()), &cluster_id(), 1), OpenError::Envelope),
        (altered, OpenError::Envelope),
        (seal(&sign(&fixture.alice, foreign_command), &cluster_id(), 0), OpenError::Foreign),
        (seal(&sign(&fixture.alice, greedy), &cluster_id(), 0), OpenError::GasLimit),
        (seal(&sign(&bob, good.command.clone()), &cluster_id(), 0), OpenError::Authority(AuthorityError::Signature)),
    ];
    for (sealed, expected) in &cases {
        assert_eq!(fixture.cluster.open(sealed).unwrap_err(), *expected);
    }
    let entries = cases.iter().map(|(sealed, _)| Entry::Command(sealed.clone()).encode()).collect();
    let output = fixture.block(entries);
    assert!(output.ordered.is_empty() && output.completed.is_empty());
    assert_eq!(fixture.counter(&contract), 0);
}

#[test]
fn failures_are_receipts_and_leave_no_effects() {
    let (mut fixture, contract) = Fixture::deployed();
    let trap = fixture.call(contract, TRAP, &[]);
    let spin = fixture.call(contract, SPIN, &[]);
    let missing = fixture.call(AccountId([5; 32]), COUNT, &[]);
    let after = fixture.call(contract, COUNT, &[]);
    let output = fixture.block(vec![trap.entry(), spin.entry(), missing.entry(), after.entry()]);
    let error = |sent| fixture.outcome(&output, sent).result.unwrap_err();
    assert!(matches!(error(&trap), CallError::ContractTrapped(_)), "{:?}", error(&trap));
    assert_eq!(error(&spin), CallError::OutOfGas);
    assert_eq!(error(&missing), CallError::ContractNotFound);
    assert_eq!(fixture.outcome(&output, &spin).gas_used, spin.command.gas_limit);
    assert_eq!(fixture.outcome(&output, &after).result.unwrap().data, 1u64.to_le_bytes());
}

#[test]
fn transfers_move_what_there_is() {
    let mut fixture = Fixture::new();
    let (alice, bob) = (fixture.alice.account(), AccountId([5; 32]));
    let mut transfer = |value| {
        let command = tallow_types::Command { value, ..fixture.draft(Action::Transfer { to: bob }) };
        fixture.seal(command)
    };
    let (some, too_much) = (transfer(400_000), transfer(600_001));
    let output = fixture.block(vec![some.entry(), too_much.entry()]);
    assert!(fixture.outcome(&output, &some).result.is_ok());
    assert_eq!(fixture.outcome(&output, &too_much).result, Err(CallError::TransferFailed));
    assert_eq!((fixture.state.balance(&alice), fixture.state.balance(&bob)), (600_000, 400_000));
}

#[test]
fn contracts_can_be_made_of_listed_code_alone() {
    let mut fixture = Fixture::new();
    let code = fixture.code;
    let early = fixture.send(Action::Instantiate {
        code,
        input: vec![],
        salt: vec![1],
        compat: Compat::Tallow,
        public_events: false,
    });
    let output = fixture.block(vec![early.entry()]);
    assert_eq!(fixture.outcome(&output, &early).result, Err(CallError::CodeNotFound));
    let later = fixture.send(Action::Instantiate {
        code,
        input: vec![],
        salt: vec![1],
        compat: Compat::Tallow,
        public_events: false,
    });
    let output = fixture.block(vec![Entry::Code(code).encode(), later.entry()]);
    let contract = fixture.outcome(&output, &later).result.unwrap().created.unwrap();
    let deployer = fixture.alice.account();
    assert_eq!(output.outbox, [OutboxMessage::ContractCreated { contract, code, deployer }]);
}

#[test]
fn randomness_differs_by_command_and_not_by_replica() {
    let (mut fixture, contract) = Fixture::deployed();
    let (one, two) = (fixture.call(contract, RANDOM, &[32]), fixture.call(contract, RANDOM, &[32]));
    let output = fixture.block(vec![one.entry(), two.entry()]); // executes twice and compares
    let drawn = |sent| fixture.outcome(&output, sent).result.unwrap().data;
    assert_eq!(drawn(&one).len(), 33, "a SCALE vector of 32 bytes");
    assert_ne!(drawn(&one), drawn(&two));
}

#[test]
fn malformed_entries_make_a_block_invalid() {
    let fixture = Fixture::new();
    let parent = (&fixture.state, &fixture.digest);
    for entry in [vec![], vec![9], vec![0, 1, 2]] {
        let error = fixture.cluster.execute(parent, super::fixture::position(1, 1), &[entry], &()).unwrap_err();
        assert!(matches!(error, crate::BlockError::Invalid { index: 0, .. }), "{error}");
    }
}
