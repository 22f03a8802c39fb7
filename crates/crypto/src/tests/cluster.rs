use super::seed;
use crate::*;
use std::collections::BTreeSet;
use tallow_types::{CommandId, Hash};

fn secrets(identity: u8, epoch: u8) -> ClusterSecrets {
    ClusterSecrets { identity: seed(identity), epoch: seed(epoch) }
}

/// The keys that derive from the identity secret, and those that derive from the epoch secret.
fn keys(secrets: &ClusterSecrets) -> [Vec<Vec<u8>>; 2] {
    let stable = vec![
        secrets.contract_key_root().expose().to_vec(),
        secrets.random_key().expose().to_vec(),
        secrets.blinding_key().expose().to_vec(),
        secrets.calls_key().expose().to_vec(),
    ];
    let of_epoch = vec![secrets.epoch_log_key().expose().to_vec(), secrets.epoch_snapshot_key().expose().to_vec()];
    [stable, of_epoch]
}

#[test]
fn keys_are_distinct_and_follow_their_secret() {
    let [stable, of_epoch] = keys(&secrets(1, 2));
    let distinct: BTreeSet<_> = stable.iter().chain(&of_epoch).collect();
    assert_eq!(distinct.len(), stable.len() + of_epoch.len());

    assert_eq!(keys(&secrets(1, 2)), [stable.clone(), of_epoch.clone()]);
    let [still, next] = keys(&secrets(1, 3));
    assert_eq!(still, stable);
    assert!(next.iter().zip(&of_epoch).all(|(a, b)| a != b));
    let [other, same] = keys(&secrets(4, 2));
    assert_eq!(same, of_epoch);
    assert!(other.iter().zip(&stable).all(|(a, b)| a != b));
}

#[test]
fn idempotency_keys_name_one_call() {
    let key = |secret, command, call, request| {
        idempotency_key(&seed(secret), &CommandId([command; 32]), call, &Hash([request; 32]))
    };
    let first = key(1, 2, 3, 4);
    assert_eq!(first, key(1, 2, 3, 4));
    assert!(first.len() == 32 && first.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let all: BTreeSet<_> = [key(9, 2, 3, 4), key(1, 9, 3, 4), key(1, 2, 9, 4), key(1, 2, 3, 9), first].into();
    assert_eq!(all.len(), 5);
}

#[test]
fn the_epoch_key_depends_on_both_secrets() {
    let public = |identity, epoch| secrets(identity, epoch).epoch_transport().public();
    assert_eq!(public(1, 2), public(1, 2));
    let all: BTreeSet<_> = [public(1, 2), public(1, 3), public(4, 2), public(2, 1)].into();
    assert_eq!(all.len(), 4);
}
