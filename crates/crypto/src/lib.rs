//! The only crate of Tallow that names an algorithm: hashes, signatures, sealing, key derivation.
//!
//! Every use of a hash or key is separated from every other by one table of labels ([`Label`]). Secrets live in
//! [`Secret`], which is wiped when dropped and can be neither printed nor copied. Randomness comes from the operating
//! system and is drawn only where keys are made and messages sealed.

mod aead;
mod cluster;
pub mod contract;
mod digest;
mod envelope;
mod grant;
mod hash;
mod labels;
mod replay;
mod secret;
mod session;
mod sign;
mod transport;
mod uri;

pub use aead::{authenticate, open_answer, open_blob, open_outcome, seal_answer, seal_blob, seal_outcome, verify_tag};
pub use cluster::{ClusterSecrets, idempotency_key};
pub use digest::{
    answer_signing_bytes, command_id, command_signing_bytes, consensus_namespace, entries_root, header_digest,
    ledger_tx_signing_bytes, network_id, query_answer_signing_bytes, request_digest, result_leaf,
    session_signing_bytes, verify_command,
};
pub use envelope::{SealError, open_command, seal_command};
pub use grant::SealedSecrets;
pub use hash::{
    blake2b_128, blake2b_256, blake2b_512, code_hash, keccak_256, keyed_node_hash, labelled_hash, leaf_hash, node_hash,
    prf, random_bytes, sha2_256,
};
pub use labels::Label;
pub use replay::ReplayWindow;
pub use secret::{Secret, ct_eq};
pub use session::{SessionClient, SessionServer};
pub use sign::{Keypair, VerifyingKey, verify, verify_worker};
pub use transport::TransportSecret;
pub use uri::UriError;

#[cfg(test)]
mod tests;
