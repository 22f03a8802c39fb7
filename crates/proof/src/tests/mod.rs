//! Records, receipts and the light client, under a verifier that knows which headers are final.

mod client;
mod receipt;
mod record;

use crate::{CertificateError, VerifyHeader};
use parity_scale_codec::Encode;
use tallow_crypto::header_digest;
use tallow_state::Map;
use tallow_types::{
    BlockDigest, CertifiedHeader, Commitments, Hash, Header, NetworkId, Position, ProvenRecord, RegistryKey, WorkerId,
};

/// Takes the headers for final whose digest the certificate repeats. Real certificates have tests of their own.
#[derive(Clone, Debug)]
struct ByDigest;

impl VerifyHeader for ByDigest {
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        let final_one = certified.certificate == header_digest(&certified.header).0;
        if final_one { Ok(()) } else { Err(CertificateError::InvalidCertificate) }
    }
}

const NETWORK: NetworkId = NetworkId([1; 32]);

fn certify(header: Header) -> CertifiedHeader {
    let certificate = header_digest(&header).0.to_vec();
    CertifiedHeader { header, descendants: Vec::new(), certificate }
}

fn header(height: u64, commitments: Commitments) -> Header {
    Header {
        chain: Hash(NETWORK.0),
        epoch: 0,
        view: height,
        parent_view: height.saturating_sub(1),
        leader: WorkerId([2; 32]),
        parent: BlockDigest([3; 32]),
        position: Position { height, time_ms: height.saturating_mul(1000) },
        entries: Hash([4; 32]),
        commitments,
    }
}

/// What the ledger would answer for `key` at `height` with this registry.
fn answer(map: &Map, height: u64, key: RegistryKey) -> ProvenRecord {
    let commitments = Commitments { state: map.root(), ..Commitments::default() };
    ProvenRecord {
        value: map.get(&key.encode()).map(|value| value.to_vec()),
        proof: map.prove(&key.encode()).encode(),
        key,
        certified: certify(header(height, commitments)),
    }
}

/// A registry of some code records and nonces.
fn registry() -> Map {
    let mut map = Map::plain();
    for number in 0u8..20 {
        let record = tallow_types::CodeRecord { bytes: u32::from(number) + 1 };
        map.insert(&code(number).encode(), record.encode());
    }
    map
}

fn code(number: u8) -> RegistryKey {
    RegistryKey::Code([number; 32].into())
}
