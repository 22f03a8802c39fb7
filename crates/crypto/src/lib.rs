//! The only crate of Tallow that names an algorithm: hashes, signatures, sealing, key derivation.
//!
//! Every use of a hash or key is separated from every other by one table of labels ([`Label`]). Secrets live in
//! [`Secret`], which is wiped when dropped and can be neither printed nor copied. Randomness comes from the operating
//! system and is drawn only where keys are made and messages sealed.

mod aead;
mod authority;
mod cluster;
pub mod contract;
mod digest;
pub mod eip712;
mod envelope;
mod grant;
mod hash;
mod keystore;
mod labels;
mod membership;
mod replay;
mod secret;
mod session;
mod sign;
mod statement;
mod transport;
mod uri;

pub use aead::{authenticate, open_answer, open_blob, open_outcome, seal_answer, seal_blob, seal_outcome, verify_tag};
pub use authority::{
    AuthorityError, WalletError, accept_wallet_signature, account_of, check_time, recover_key, verify_certificate,
    verify_command, verify_ledger_tx, verify_statement,
};
pub use cluster::{ClusterSecrets, idempotency_key};
pub use digest::{
    answer_signing_bytes, command_id, consensus_namespace, entries_root, feed_item_signing_bytes, header_digest,
    network_id, query_answer_signing_bytes, request_digest, result_leaf,
};
pub use envelope::{CommandSealer, SealError, open_command, seal_command};
pub use grant::SealedSecrets;
pub use hash::{
    blake2b_128, blake2b_256, blake2b_512, code_hash, keccak_256, keyed_node_hash, labelled_hash, leaf_hash, node_hash,
    prf, random_bytes, sha2_256,
};
pub use keystore::{PasswordCost, PasswordError, PasswordSealed};
pub use labels::Label;
pub use membership::{
    ClusterFault, cluster_id, consent_signing_bytes, consented, unsigned_cluster, verify_cluster, vouch,
    vouch_signing_bytes, vouching_key,
};
pub use replay::ReplayWindow;
pub use secret::{Secret, ct_eq};
pub use session::{SessionClient, SessionDraft, SessionServer};
pub use sign::{KeyScheme, Keypair, SchemeError, UnknownScheme, VerifyingKey, verify, verify_worker};
pub use statement::{Field, FieldValue, Form, Statement};
pub use transport::TransportSecret;
pub use uri::{UriError, generate_phrase, is_development_uri};

#[cfg(test)]
mod tests;
