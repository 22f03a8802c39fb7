//! The only crate of Tallow that names an algorithm: hashes, signatures, sealing, key derivation.
//!
//! Every use of a hash or key is separated from every other by one table of labels ([`Label`]). Secrets live in
//! [`Secret`], which is wiped when dropped and can be neither printed nor copied. Randomness comes from the operating
//! system and is drawn only where keys are made and messages sealed.

mod digest;
mod hash;
mod labels;
mod secret;
mod sign;
mod uri;

pub use digest::{
    answer_signing_bytes, command_id, command_signing_bytes, entries_root, header_digest, ledger_tx_signing_bytes,
    network_id, query_answer_signing_bytes, request_digest, result_leaf, session_signing_bytes, verify_command,
};
pub use hash::{
    blake2b_128, blake2b_256, blake2b_512, code_hash, keccak_256, keyed_node_hash, labelled_hash, leaf_hash, node_hash,
    prf, random_bytes, sha2_256,
};
pub use labels::Label;
pub use secret::{Secret, ct_eq};
pub use sign::{Keypair, VerifyingKey, verify, verify_worker};
pub use uri::UriError;
