//! EVM chains: reading from them, and from a command writing to them, exactly once.
//!
//! ```ignore
//! use tallow_ink::evm::{abi, Account, Call, Outcome};
//!
//! let account = Account::new("https://node.example/", 11_155_111, b"payments");
//! let data = abi::call("transfer(address,uint256)", &[to.into(), amount.into()]);
//! match account.send(&Call { to: token, value: 0, data })? {
//!     Outcome::Mined(receipt) => log::info!("in block {}", receipt.block),
//!     Outcome::Pending(pending) => self.pending.push(pending),
//! }
//! ```
//!
//! # Exactly once
//!
//! A command that asks the outside world is put aside until the answer is in the cluster's log, and then runs again from
//! its start, so [`Account::send`] runs many times. All of its runs make the same transaction: nonce and fees are
//! answers, hence in the log, and signatures are deterministic. A worker that dies after it handed the transaction in,
//! and before the log knows, hands in the same bytes again. The node then refuses them ("already known", "nonce too
//! low"), so a refusal means nothing by itself: the account's count and the transaction's receipt decide.
//!
//! - The transaction has a receipt: done.
//! - Its nonce is not used yet: it may still be mined, so there is never another one in its place. The command ends
//!   with [`Outcome::Pending`], to be kept in storage and given to [`Account::resume`] by a later message or timer. Only
//!   a transaction that the node refused and does not have, in the command that made it, is an error.
//! - Its nonce is used and it has no receipt: another transaction took the nonce, and this one can never be mined. Then,
//!   and only then, a new one is signed.
//!
//! *Commands at the same time.* Two commands of one contract can be under way together, and storage cannot reserve a
//! nonce for one of them, since a command that waits has no effects yet. So both may read the same nonce. The node takes
//! one transaction for it; the other command finds its nonce used, and takes the next. No two commands sign the same
//! transaction, even for the same call: fees and gas limit differ by a few random units.
//!
//! *What a contract has to see to.* A command runs again against the storage as it is then. If what it asks before or in
//! `send` depends on storage that other commands change meanwhile, its requests differ, and what it sent is forgotten.
//! So let a command send first and look at such storage afterwards; or let one command [`Account::sign`] and keep the
//! transaction, and a later one [`Account::resume`] it: that is safe whatever storage holds.
//!
//! *Confirmations.* By default a transaction counts as mined, or its nonce as used, when the newest block says so. Blocks
//! may be undone; [`Account::confirmations`] asks for some on top. It also covers nodes behind one URL that lag behind
//! each other.
//!
//! A query must not send: it has no log, and [`Error::NotInCommand`] says so.

pub mod abi;
mod account;
mod address;
mod hex;
mod rpc;
#[cfg(test)]
mod tests;
mod transaction;

pub use account::{Account, Outcome, Pending, CALLS_MAX};
pub use address::{Address, BadAddress};
pub use rpc::{Block, Receipt, Rpc, MESSAGE_BYTES_MAX};
pub use transaction::{Call, Fees, Transaction};

use crate::http;
use alloc::string::String;
use ink::env::hash::Keccak256;

/// A Keccak-256 digest, such as a transaction's.
pub type Hash = [u8; 32];

/// Why a chain could not be asked, or a transaction not be made.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum Error {
    /// The node gave no answer.
    Http(http::Error),
    /// The node refused. Code 3 and "execution reverted" is the contract's own error.
    Refused {
        /// JSON-RPC's or the node's.
        code: i64,
        /// At most [`MESSAGE_BYTES_MAX`] bytes of what the node says.
        message: String,
    },
    /// The node answered something that is no answer to the question.
    BadAnswer,
    /// Only a command can send: it has a log that says what was sent.
    NotInCommand,
}

impl From<http::Error> for Error {
    fn from(error: http::Error) -> Self {
        Self::Http(error)
    }
}

/// The hash of the EVM.
pub fn keccak_256(bytes: &[u8]) -> Hash {
    let mut hash = Hash::default();
    ink::env::hash_bytes::<Keccak256>(bytes, &mut hash);
    hash
}
