//! The mempool: fairness, bounds, settling.

use super::fixture::{COUNT, Fixture, SECOND, position};
use crate::{Mempool, MempoolError, Sender};
use parity_scale_codec::Encode;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tallow_crypto::{Keypair, account_of, seal_command};
use tallow_types::{AccountId, Action, Command, Entry, SealedCommand, decode_exact};

const SENDER: Sender = Sender { client: IpAddr::V4(Ipv4Addr::LOCALHOST), funded: false };

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
        pool.add_command(sealed, opened, SENDER).unwrap();
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
        pool.add_command(sent.sealed.clone(), opened(&fixture, &sent.sealed), SENDER).unwrap();
    }
    let again = pool.add_command(first.sealed.clone(), opened(&fixture, &first.sealed), SENDER);
    assert_eq!(again, Err(MempoolError::Duplicate));
    let output = fixture.block(vec![first.entry()]);
    let next = position(fixture.state.position().height + 1, fixture.state.position().time_ms + SECOND);
    assert_eq!(pool.propose(&fixture.state, next), [second.entry()], "not proposed again on a branch that has it");
    pool.settle(&output, &fixture.state);
    assert_eq!(pool.len(), 1);
    let output = fixture.block_after(200 * SECOND, vec![]);
    pool.settle(&output, &fixture.state);
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
        pool.add_command(sent.sealed.clone(), opened(&fixture, &sent.sealed), SENDER).err()
    });
    assert_eq!(refused, Some(MempoolError::Full));
    let entries = pool.propose(&fixture.state, position(1, SECOND));
    let bytes: usize = entries.iter().map(Vec::len).sum();
    assert!(bytes <= tallow_types::limits::BLOCK_BYTES_MAX && entries.len() > 1);
}

#[test]
fn a_full_pool_takes_from_who_has_less_and_tells_whom_it_put_aside() {
    let mut fixture = Fixture::new();
    let (mut pool, mut sent_ids) = (Mempool::new(), Vec::new());
    // Each of a key of its own, as accounts are free.
    let filled = (0..1_000).find_map(|_| {
        let key = Keypair::generate_ed25519();
        let draft = fixture.draft(Action::Call { contract: AccountId([5; 32]), input: vec![0; 250_000] });
        let sent = fixture.seal_as(&key, Command { caller: key.public(), ..draft });
        let taken = pool.add_command(sent.sealed.clone(), opened(&fixture, &sent.sealed), SENDER);
        sent_ids.push(sent.id);
        taken.err()
    });
    assert_eq!(filled, Some(MempoolError::Full), "nobody has more than another one");
    let bob = Keypair::from_uri("//Bob").unwrap();
    let gave_way = (0..20).any(|_| {
        let small = of(&mut fixture, &bob);
        let (id, before) = (opened(&fixture, &small).id, pool.len());
        pool.add_command(small.clone(), opened(&fixture, &small), SENDER).unwrap();
        assert!(pool.has(&id));
        pool.len() == before
    });
    assert!(gave_way, "after what was left was used up, one of the large ones");
    let told: Vec<_> = sent_ids.iter().filter(|id| pool.is_put_aside(id)).collect();
    assert_eq!(told.len(), 1, "and its sender is told, other than the one who was refused");
}

#[test]
fn those_with_balance_come_first_and_leave_half_to_the_others() {
    let mut fixture = Fixture::new();
    let mut pool = Mempool::new();
    let funded = Sender { funded: true, ..SENDER };
    let stranger = Keypair::generate_ed25519();
    let theirs = of(&mut fixture, &stranger);
    pool.add_command(theirs.clone(), opened(&fixture, &theirs), SENDER).unwrap();
    let alice = Keypair::from_uri("//Alice").unwrap();
    for _ in 0..tallow_types::limits::BLOCK_ENTRIES_MAX {
        let own = of(&mut fixture, &alice);
        pool.add_command(own.clone(), opened(&fixture, &own), funded).unwrap();
    }
    let entries = pool.propose(&fixture.state, position(1, SECOND));
    assert_eq!(entries.len(), tallow_types::limits::BLOCK_ENTRIES_MAX / 2 + 1);
    assert_eq!(entries.last(), Some(&Entry::Command(theirs).encode()));
}
