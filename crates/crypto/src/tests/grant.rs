use super::seed;
use crate::*;
use tallow_types::ClusterId;

const CLUSTER: ClusterId = ClusterId([1; 32]);

fn both(secrets: &ClusterSecrets) -> [[u8; 32]; 2] {
    [*secrets.identity.expose(), *secrets.epoch.expose()]
}

#[test]
fn derived_secrets_differ_by_master_cluster_and_epoch() {
    let of =
        |master, cluster: u8, epoch| both(&ClusterSecrets::derive(&seed(master), &ClusterId([cluster; 32]), epoch));
    let [identity, epoch] = of(1, 1, 0);
    assert_eq!(of(1, 1, 0), [identity, epoch]);
    assert_ne!(identity, epoch);
    let [still, next] = of(1, 1, 1);
    assert_eq!(still, identity, "the identity is stable over epochs");
    assert_ne!(next, epoch);
    for [other_identity, other_epoch] in [of(2, 1, 0), of(1, 2, 0)] {
        assert!(other_identity != identity && other_epoch != epoch);
    }
}

#[test]
fn sealed_secrets_open_for_their_receiver_and_purpose_alone() {
    let (secrets, transport) = (ClusterSecrets::derive(&seed(1), &CLUSTER, 0), TransportSecret::generate());
    let sealed = secrets.seal(&transport.public(), b"purpose").unwrap();
    assert_eq!(both(&ClusterSecrets::open(&transport, b"purpose", &sealed).unwrap()), both(&secrets));
    assert!(ClusterSecrets::open(&transport, b"other", &sealed).is_err());
    assert!(ClusterSecrets::open(&TransportSecret::generate(), b"purpose", &sealed).is_err());
    for byte in 0..sealed.ciphertext.len() {
        let mut altered = sealed.clone();
        altered.ciphertext[byte] ^= 1;
        assert!(ClusterSecrets::open(&transport, b"purpose", &altered).is_err(), "byte {byte}");
        altered.ciphertext.truncate(byte);
        assert!(ClusterSecrets::open(&transport, b"purpose", &altered).is_err(), "cut to {byte}");
    }
    assert_eq!(secrets.seal(&[0; 32], b"purpose").err(), Some(SealError::Key));
}
