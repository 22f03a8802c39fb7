//! Entries of the cluster log.

use crate::{AccountId, CodeHash, CommandId, ProvenRecord, SealedCommand, Signature, WorkerId};
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
    /// The next message of the cluster's inbox: the ledger's record of it with its proof, so that replicas need no ledger
    /// to judge it, neither before they vote nor when they replay the log.
    Inbox(Box<ProvenRecord>),
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
    /// Balance left the cluster for the ledger, which pays it out of the cluster's escrow.
    Withdrawal {
        /// The account of the ledger that gets it.
        to: AccountId,
        /// How much.
        amount: u128,
    },
    /// The cluster took the messages of its inbox before this number; the ledger need not keep them.
    InboxTaken {
        /// The number of the next message that it takes.
        next: u64,
    },
}
