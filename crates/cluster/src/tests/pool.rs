//! The mempool: fairness, bounds, settling.

use super::fixture::{COUNT, Fixture, SECOND, position};
use crate::{Mempool, MempoolError};
use std::sync::Arc;
use tallow_crypto::{Keypair, account_of, seal_command};
use tallow_types::{AccountId, Action, Command, Entry, SealedCommand, decode_exact};

fn opened(fixture: &Fixture, sealed: &SealedCommand) -> Arc<crate::Opened> {
    Arc::new(fixture.cluster.open(sealed).unwrap())
}

/// A command of another caller.
fn of(fixture: &mut Fixture, key: &Keypair) -> SealedCommand {
    let draft = fixture.draft(Action::Transfer { to: AccountId([5; 32]) });
    let command = Command { caller: key.public(), ..draft };
    let signed = key.sign_command(command);
    let (network, cluster) = (super::fixture::NETWORK, super::fixture::cluster_id());
    seal_command(&fixture.cluster.epoch_public(), &network, &cluster, 0, &signed).unwrap()
}

#[test]
fn callers_take_turns_and_each_keeps_its_order() {
    let mut fixture = Fixture::new();
    let (alice, bob) = (Keypair::from_uri("//Alice").unwrap(), Keypair::from_uri("//Bob").unwrap());
    let mut pool = Mempool::new();
    let mut sent = Vec::new();
    for key in [&alice, &alice, &alice, &bob] {
        let sealed = of(&mut fixture, key);
        let opened = opened(&fixture, &sealed);
        sent.push((account_of(&opened.signed.command.caller), opened.id));
        pool.add_command(sealed, opened).unwrap();
    }
    let entries = pool.propose(&fixture.state, position(1, SECOND));
    let order: Vec<_> = entries
        .iter()
        .map(|entry| match decode_exact(entry).unwrap() {
            Entry::Command(sealed) => fixture.cluster.open(&sealed).unwrap().id,
            _ => panic!("commands only"),
        })
        .collect();
    let place = |n: usize| order.iter().position(|id| *id == sent[n].1).unwrap();
    assert!(place(0) < place(1) && place(1) < place(2), "a caller's own order stays");
    assert!(place(3) <= 1, "bob need not wait for all of alice's");
    assert_eq!(order.len(), 4);
}

#[test]
fn what_is_ordered_or_expired_leaves() {
    let (mut fixture, contract) = Fixture::deployed();
    let mut pool = Mempool::new();
    let (first, second) = (fixture.call(contract, COUNT, &[]), fixture.call(contract, COUNT, &[]));
    for sent in [&first, &second] {
        pool.add_command(sent.sealed.clone(), opened(&fixture, &sent.sealed)).unwrap();
    }
    let again = pool.add_command(first.sealed.clone(), opened(&fixture, &first.sealed));
    assert_eq!(again, Err(MempoolError::Duplicate));
    let output = fixture.block(vec![first.entry()]);
    let next = position(fixture.state.position().height + 1, fixture.state.position().time_ms + SECOND);
    assert_eq!(pool.propose(&fixture.state, next), [second.entry()], "not proposed again on a branch that has it");
    pool.settle(&output.ordered, &fixture.state);
    assert_eq!(pool.len(), 1);
    let output = fixture.block_after(200 * SECOND, vec![]);
    pool.settle(&output.ordered, &fixture.state);
    assert!(pool.is_empty(), "the other one expired");
}

#[test]
fn a_full_pool_refuses() {
    let mut fixture = Fixture::new();
    let alice = Keypair::from_uri("//Alice").unwrap();
    let mut pool = Mempool::new();
    let big = |fixture: &mut Fixture| {
        let input = vec![0; 200_000];
        let draft = fixture.draft(Action::Call { contract: AccountId([5; 32]), input });
        fixture.seal(Command { caller: alice.public(), ..draft })
    };
    let refused = (0..1_000).find_map(|_| {
        let sent = big(&mut fixture);
        pool.add_command(sent.sealed.clone(), opened(&fixture, &sent.sealed)).err()
    });
    assert_eq!(refused, Some(MempoolError::Full));
    let entries = pool.propose(&fixture.state, position(1, SECOND));
    let bytes: usize = entries.iter().map(Vec::len).sum();
    assert!(bytes <= tallow_types::limits::BLOCK_BYTES_MAX && entries.len() > 1);
}
