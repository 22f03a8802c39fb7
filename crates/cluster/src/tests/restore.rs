//! Snapshots: what is restored is what was, and goes on the same.

use super::fixture::{COUNT, FETCH, Fixture, request, response};
use crate::Snapshot;
use parity_scale_codec::{Decode, Encode};
use tallow_state::commitment;
use tallow_types::{Answer, Entry, history_key};

#[test]
fn a_restored_state_goes_on_as_the_original_does() {
    let (mut fixture, contract) = Fixture::deployed();
    let waiting = fixture.call(contract, FETCH, &request("POST"));
    let call = fixture.block(vec![waiting.entry()]).calls.remove(0);
    let snapshot = Snapshot::decode(&mut &fixture.state.snapshot().encode()[..]).unwrap();
    let restored = fixture.cluster.restore(snapshot).unwrap();
    restored.check_invariants();
    assert_eq!((restored.root(), restored.position()), (fixture.state.root(), fixture.state.position()));

    let answer = Entry::Answer(fixture.answer(&call, &Answer::Http(vec![Ok(response(b"1"))]))).encode();
    let count = fixture.call(contract, COUNT, &[]).entry();
    let at = super::fixture::position(restored.position().height + 1, restored.position().time_ms + 1_000);
    let entries = [answer, count];
    let one = fixture.cluster.execute((&fixture.state, &fixture.digest), at, &entries, &()).unwrap();
    let two = fixture.cluster.execute((&restored, &fixture.digest), at, &entries, &()).unwrap();
    assert_eq!((one.1, one.2), (two.1, two.2));
}

#[test]
fn a_damaged_snapshot_is_an_error() {
    let (fixture, _) = Fixture::deployed();
    let mut snapshot = fixture.state.snapshot();
    snapshot.entries[0].0 = vec![200];
    assert!(fixture.cluster.restore(snapshot).is_err());
}

#[test]
fn a_later_state_proves_earlier_blocks() {
    let (mut fixture, contract) = Fixture::deployed();
    let (height, digest) = (fixture.state.position().height, fixture.digest);
    for _ in 0..3 {
        let sent = fixture.call(contract, COUNT, &[]);
        fixture.block(vec![sent.entry()]);
    }
    let (opening, proof) = fixture.cluster.prove_block(&fixture.state, height);
    assert_eq!(opening.commitment(), fixture.commitments.state);
    assert_eq!(proof.verify(&opening.root, &history_key(height)).unwrap(), Some(digest.encode()));
    let blinded = commitment(&fixture.cluster.keys.blinding, height, &opening.root);
    assert_ne!(blinded, fixture.commitments.state, "another height hides the same root differently");
}
