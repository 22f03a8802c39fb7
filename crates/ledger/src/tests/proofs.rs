//! What a light client believes of this ledger.

use super::{
    certificates::{by_group, header},
    cluster_id, genesis, with_cluster,
};
use crate::LedgerState;
use tallow_proof::{CertificateError, LightClient, RecordError};
use tallow_types::{CertifiedHeader, ClusterId, Genesis, Hash, Header, RegistryKey};

/// The header of the block that gave `state`, certified by the group of `seed`.
fn certify(state: &LedgerState, seed: u8) -> CertifiedHeader {
    let position = state.position();
    let commitments = state.empty_commitments();
    let header = Header { chain: Hash(state.network().0), position, commitments, ..header(0, Hash::default()) };
    by_group(seed, header)
}

#[test]
fn records_and_absences_are_proven_to_a_light_client() {
    let state = with_cluster();
    let mut client = LightClient::new(&genesis()).unwrap();
    let record = state.prove(RegistryKey::Cluster(cluster_id()), certify(&state, 1));
    assert_eq!(client.cluster(cluster_id(), &record), Ok(state.cluster(cluster_id())));
    let unknown = ClusterId([0; 32]);
    let record = state.prove(RegistryKey::Cluster(unknown), certify(&state, 1));
    assert_eq!(client.cluster(unknown, &record), Ok(None));
    assert_eq!(client.seen().height, state.position().height);
}

#[test]
fn answers_under_another_group_key_are_refused() {
    let state = with_cluster();
    let mut client = LightClient::new(&genesis()).unwrap();
    let forged = state.prove(RegistryKey::Cluster(cluster_id()), certify(&state, 2));
    let refused = Err(RecordError::NotFinal(CertificateError::InvalidCertificate));
    assert_eq!(client.cluster(cluster_id(), &forged), refused);
    assert_eq!(client.observe(&certify(&state, 2)), refused.map(drop));
}

#[test]
fn another_genesis_is_another_network() {
    let state = with_cluster();
    let other = Genesis { time_ms: 2_000, ..genesis() };
    let record = state.prove(RegistryKey::Cluster(cluster_id()), certify(&state, 1));
    let refused = LightClient::new(&other).unwrap().cluster(cluster_id(), &record);
    assert_eq!(refused, Err(RecordError::WrongNetwork));
    let no_key = Genesis { group_key: vec![0; 95], ..genesis() };
    assert_eq!(LightClient::new(&no_key).map(drop), Err(CertificateError::MalformedKey));
}
