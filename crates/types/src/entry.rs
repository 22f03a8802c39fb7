//! Entries of the cluster log.

use crate::{AccountId, CodeHash, CommandId, SealedCommand, Signature, WorkerId};
use parity_scale_codec::{Decode, Encode};

/// One item of a block of the cluster log.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Entry {
    /// A command, still sealed: the log is as confidential as the message was.
    Command(SealedCommand),
    /// The answer to an external call of a waiting command.
    Answer(SignedAnswer),
    /// Code that the ledger lists and every voting replica holds: from here on contracts can be made of it. Being an
    /// entry, "is the code there?" has the same answer on every replica and at every replay.
    Code(CodeHash),
}

/// An answer with the signature of the replica that performed the call.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SignedAnswer {
    /// The answer's place and content.
    pub answer: SealedAnswer,
    /// The performing replica.
    pub worker: WorkerId,
    /// Its signature over `crypto::answer_signing_bytes`.
    pub signature: Signature,
}

/// An answer sealed under the cluster's epoch secret.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SealedAnswer {
    /// The waiting command.
    pub command: CommandId,
    /// Which of its external calls, from 0.
    pub call: u32,
    /// Which attempt, from 0; an attempt is performed by one designated replica.
    pub attempt: u32,
    /// The encoded [`crate::Answer`], sealed.
    pub sealed: Vec<u8>,
}

/// A public fact that a cluster block tells the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum OutboxMessage {
    /// A contract came into being.
    ContractCreated {
        /// Its address.
        contract: AccountId,
        /// Its code.
        code: CodeHash,
        /// Who made it.
        deployer: AccountId,
    },
    /// A contract's code was replaced.
    CodeReplaced {
        /// The contract.
        contract: AccountId,
        /// The new code.
        code: CodeHash,
    },
}
