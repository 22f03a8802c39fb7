//! Durable execution: waiting commands, answers, retries, expiry.

use super::fixture::{COUNT, FETCH, FETCH_TWICE, Fixture, SECOND, request, response};
use crate::BlockError;
use parity_scale_codec::Encode;
use tallow_crypto::{Keypair, Secret, answer_signing_bytes};
use tallow_types::limits::CALL_TAKEOVER_MS;
use tallow_types::{Answer, CallError, Entry, ExternalCall, HttpError, HttpResponse, SignedAnswer, decode_exact};

fn entry(answer: &SignedAnswer) -> Vec<u8> {
    Entry::Answer(answer.clone()).encode()
}

fn good(body: &[u8]) -> Answer {
    Answer::Http(vec![Ok(response(body))])
}

#[test]
fn effects_commit_once_when_the_answer_is_ordered() {
    let (mut fixture, contract) = Fixture::deployed();
    let sent = fixture.call(contract, FETCH, &request("POST"));
    let asked = fixture.block(vec![sent.entry()]);
    assert!(asked.completed.is_empty());
    assert_eq!(asked.ordered, [sent.id]);
    assert_eq!(fixture.counter(&contract), 0, "effects of a suspended run are dropped");
    let [call] = &asked.calls[..] else { panic!("one call") };
    let ExternalCall::Http { requests, .. } = &call.call;
    assert_eq!(requests[0].url, "http://prices.example/");

    // Others go on meanwhile, and the command runs against the state as it is then.
    let other = fixture.call(contract, COUNT, &[]);
    fixture.block(vec![other.entry()]);
    assert_eq!(
        fixture.cluster.pending_calls(&fixture.state),
        std::slice::from_ref(call),
        "known again after a restart"
    );

    let answer = fixture.answer(call, &good(b"67321.45"));
    let done = fixture.block(vec![entry(&answer), entry(&answer)]);
    let outcome = fixture.outcome(&done, &sent);
    let returned: HttpResponse = decode_exact(&outcome.result.unwrap().data).unwrap();
    assert_eq!((returned.body.as_slice(), outcome.calls), (b"67321.45".as_slice(), 1));
    assert_eq!(fixture.counter(&contract), 2);
    assert!(fixture.block(vec![entry(&answer), sent.entry()]).completed.is_empty(), "neither has effect again");
    assert_eq!(fixture.counter(&contract), 2);
}

#[test]
fn each_call_of_a_command_waits_in_turn() {
    let (mut fixture, contract) = Fixture::deployed();
    let sent = fixture.call(contract, FETCH_TWICE, &request("POST"));
    let first = fixture.block(vec![sent.entry()]).calls;
    let second = fixture.block(vec![entry(&fixture.answer(&first[0], &good(b"one")))]).calls;
    assert_eq!((first[0].index, second[0].index), (0, 1));
    assert_ne!(first[0].idempotency_key, second[0].idempotency_key, "equal requests, yet two calls");
    let done = fixture.block(vec![entry(&fixture.answer(&second[0], &good(b"two")))]);
    let returned: HttpResponse = decode_exact(&fixture.outcome(&done, &sent).result.unwrap().data).unwrap();
    assert_eq!(returned.body, b"two");
    assert_eq!(fixture.counter(&contract), 1);
}

#[test]
fn a_failed_read_is_tried_again_and_a_failed_post_is_not() {
    let failed = Answer::Http(vec![Err(HttpError::NetworkError)]);
    let (mut fixture, contract) = Fixture::deployed();
    let get = fixture.call(contract, FETCH, &request("GET"));
    let mut call = fixture.block(vec![get.entry()]).calls.remove(0);
    let key = call.idempotency_key.clone();
    for attempt in 1..3 {
        let output = fixture.block(vec![entry(&fixture.answer(&call, &failed))]);
        call = output.calls[0].clone();
        assert_eq!((call.attempt, &call.idempotency_key), (attempt, &key));
    }
    let output = fixture.block(vec![entry(&fixture.answer(&call, &failed))]);
    assert_eq!(output.completed.len(), 1, "the third failure is the answer");

    let post = fixture.call(contract, FETCH, &request("POST"));
    let call = fixture.block(vec![post.entry()]).calls.remove(0);
    let output = fixture.block(vec![entry(&fixture.answer(&call, &failed))]);
    assert_eq!(output.completed.len(), 1);
}

#[test]
fn answers_that_do_not_belong_change_nothing_or_spoil_the_block() {
    let (mut fixture, contract) = Fixture::deployed();
    let sent = fixture.call(contract, FETCH, &request("POST"));
    let call = fixture.block(vec![sent.entry()]).calls.remove(0);
    let answer = fixture.answer(&call, &good(b"x"));

    let resigned = |key: &Keypair, mut forged: SignedAnswer| {
        let signature = key.sign(&answer_signing_bytes(&super::fixture::cluster_id(), &forged.answer));
        forged.worker = key.worker().unwrap();
        forged.signature = signature;
        forged
    };
    let mut other_call = answer.clone();
    other_call.answer.call = 1;
    let mut other_attempt = answer.clone();
    other_attempt.answer.attempt = 1;
    let stranger = Keypair::ed25519_from_seed(&Secret::new([77; 32]));
    for passed_over in [
        resigned(&fixture.worker, other_call),
        resigned(&fixture.worker, other_attempt),
        resigned(&stranger, answer.clone()),
    ] {
        assert!(fixture.block(vec![entry(&passed_over)]).completed.is_empty());
        assert_eq!(fixture.state.waiting_len(), 1);
    }
    let mut unsigned = answer.clone();
    unsigned.signature.0[0] ^= 1;
    let mut unsealed = answer.clone();
    unsealed.answer.sealed[3] ^= 1;
    for spoils in [unsigned, resigned(&fixture.worker, unsealed)] {
        let at = super::fixture::position(fixture.state.position().height + 1, fixture.state.position().time_ms + 1);
        let result = fixture.cluster.execute((&fixture.state, &fixture.digest), at, &[entry(&spoils)], &());
        assert!(matches!(result, Err(BlockError::Invalid { index: 0, .. })));
    }
}

#[test]
fn a_late_attempt_passes_on_and_an_expired_command_ends_unknown() {
    let (mut fixture, contract) = Fixture::deployed();
    let sent = fixture.call(contract, FETCH, &request("POST"));
    let call = fixture.block(vec![sent.entry()]).calls.remove(0);
    let next = fixture.block_after(CALL_TAKEOVER_MS + 1, vec![]).calls.remove(0);
    assert_eq!((next.attempt, &next.idempotency_key), (1, &call.idempotency_key));
    let output = fixture.block_after(200 * SECOND, vec![]);
    assert_eq!(fixture.outcome(&output, &sent).result, Err(CallError::OutcomeUnknown { calls: 1 }));
    assert_eq!(fixture.state.waiting_len(), 0);
    let late = fixture.answer(&next, &good(b"x"));
    assert!(fixture.block(vec![entry(&late)]).completed.is_empty());
}

#[test]
fn executors_are_members_and_take_turns() {
    let keys: Vec<_> = (0..4).map(|n| Keypair::ed25519_from_seed(&Secret::new([n; 32]))).collect();
    let fixture = Fixture::of(&keys);
    let members = &fixture.cluster.genesis().members;
    let mut firsts = std::collections::BTreeSet::new();
    for n in 0..40u8 {
        let command = tallow_types::CommandId([n; 32]);
        let order: std::collections::BTreeSet<_> =
            (0..4).map(|attempt| fixture.cluster.executor(&command, attempt)).collect();
        assert_eq!(order.into_iter().collect::<Vec<_>>(), *members, "four attempts, four replicas");
        firsts.insert(fixture.cluster.executor(&command, 0));
    }
    assert_eq!(firsts.len(), 4, "work spreads");
}
