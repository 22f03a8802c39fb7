//! Where and how the contract runs.

use crate::host::{call, Function, SMALL};
use alloc::vec::Vec;
use ink::primitives::{AccountId, Hash};
use parity_scale_codec::{Decode, Encode};

/// Whether this is a command, or the estimate of one: an ordered write rather than a query.
pub fn is_in_transaction() -> bool {
    call(Function::IsInTransaction, &(), SMALL)
}

/// Milliseconds since the Unix epoch by the replica's clock in a query, which no other replica vouches for; the block
/// time in a command (zero on Phala).
pub fn untrusted_millis_since_unix_epoch() -> u64 {
    call(Function::UntrustedMillis, &(), SMALL)
}

/// The public key of the worker that answers a query; zero in a command.
pub fn worker_public_key() -> [u8; 32] {
    call(Function::WorkerPublicKey, &(), SMALL)
}

/// The cluster's system contract. Traps where there is none.
pub fn system_contract() -> AccountId {
    call(Function::SystemContract, &(), SMALL)
}

/// An account's balance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Balance {
    /// All of it.
    pub total: u128,
    /// What can be spent.
    pub free: u128,
}

/// The balance of any account of the cluster.
pub fn balance_of(account: AccountId) -> Balance {
    call(Function::BalanceOf, &account, SMALL)
}

/// Whether the cluster has this code: a contract's, or (on Phala) a SideVM's.
pub fn code_exists(hash: Hash, sidevm: bool) -> bool {
    call(Function::CodeExists, &(hash, sidevm), SMALL)
}

/// Version of the host's runtime.
pub fn runtime_version() -> (u32, u32) {
    call(Function::RuntimeVersion, &(), SMALL)
}

/// Height and hash of the chain of system events.
pub fn event_chain_head() -> (u64, Hash) {
    call(Function::EventChainHead, &(), SMALL)
}

/// Uploads the newest code of the system contract at the payer's cost and returns its hash. Only the system contract
/// may ask; others trap.
pub fn import_latest_system_code(payer: AccountId) -> Option<Hash> {
    call(Function::ImportLatestSystemCode, &payer, SMALL)
}

/// How an enclave was attested.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum AttestationType {
    /// Intel's attestation service.
    Epid,
    /// Intel's data centre primitives.
    Dcap,
}

/// Evidence about the worker's enclave, over its public key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Quote {
    /// Kind of evidence.
    pub attestation_type: AttestationType,
    /// The evidence.
    pub quote: Vec<u8>,
}

/// The worker's quote; `None` in commands and without an SGX enclave.
pub fn worker_quote() -> Option<Quote> {
    call(Function::WorkerQuote, &(), 4 * SMALL)
}
