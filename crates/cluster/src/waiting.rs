//! Commands that wait for the answer to an external call.

use crate::{Cluster, State, Task};
use parity_scale_codec::{Decode, Encode};
use std::sync::Arc;
use tallow_crypto::{Label, idempotency_key, labelled_hash, prf, seal_answer};
use tallow_engine::AnsweredCall;
use tallow_types::limits::CALL_TAKEOVER_MS;
use tallow_types::{AccountId, Answer, CommandId, ExternalCall, WorkerId};

/// A command whose next external call has no answer yet.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Waiting {
    /// The command, to run again.
    pub task: Task,
    /// Calls that have their answers, in order.
    pub answered: Vec<AnsweredCall>,
    /// The call it waits for; its index is `answered.len()`.
    pub pending: ExternalCall,
    /// Which attempt is under way, from 0.
    pub attempt: u32,
    /// Block time at which this attempt began.
    pub since_ms: u64,
}

impl Waiting {
    /// Index of the pending call.
    pub fn index(&self) -> u32 {
        u32::try_from(self.answered.len()).expect("calls are bounded by CALLS_PER_COMMAND_MAX")
    }

    /// Whether it waits for this answer. That of an earlier attempt is as good as that of the one under way.
    pub fn expects(&self, call: u32, attempt: u32) -> bool {
        call == self.index() && attempt <= self.attempt
    }

    /// Block time after which something must happen: the attempt passes to the next replica, or the command expires.
    pub fn next_deadline_ms(&self) -> u64 {
        self.since_ms.saturating_add(CALL_TAKEOVER_MS).min(self.task.expiry_ms())
    }
}

/// An external call to perform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingCall {
    /// The waiting command.
    pub command: CommandId,
    /// Which of its calls.
    pub index: u32,
    /// Which attempt.
    pub attempt: u32,
    /// The replica that is to perform it.
    pub executor: WorkerId,
    /// For whom: the contract, or who makes one.
    pub account: AccountId,
    /// The call.
    pub call: ExternalCall,
    /// Equal for all attempts of this call, and for no other call.
    pub idempotency_key: String,
}

impl Cluster {
    /// The external calls that a finalised state asks for: to be performed by their executors, again after a restart.
    pub fn pending_calls(&self, state: &State) -> Vec<PendingCall> {
        state.all_waiting().map(|(command, waiting)| self.pending_call(command, waiting)).collect()
    }

    /// Seals an answer for the log.
    pub fn seal_answer(&self, command: &CommandId, index: u32, attempt: u32, answer: &Answer) -> Vec<u8> {
        seal_answer(&self.keys.epoch, command, index, attempt, &answer.encode())
    }

    pub(crate) fn pending_call(&self, command: &CommandId, waiting: &Arc<Waiting>) -> PendingCall {
        let index = waiting.index();
        let request = labelled_hash(Label::ExternalCall, &[&waiting.pending.encode()]);
        PendingCall {
            command: *command,
            index,
            attempt: waiting.attempt,
            executor: self.executor(command, waiting.attempt),
            account: waiting.task.account(),
            call: waiting.pending.clone(),
            idempotency_key: idempotency_key(&self.keys.calls, command, index, &request),
        }
    }

    /// The replica that performs an attempt: the first by PRF of the command, so that no command chooses it and work
    /// spreads evenly; the next in order for each further attempt.
    pub(crate) fn executor(&self, command: &CommandId, attempt: u32) -> WorkerId {
        let draw = prf(&self.keys.calls, Label::Executor, &[command.as_ref()]);
        let first = u64::from_le_bytes(draw[..8].try_into().expect("eight bytes"));
        let members = &self.genesis.members;
        let index = (first % members.len() as u64 + u64::from(attempt)) % members.len() as u64;
        members[usize::try_from(index).expect("below the number of members")]
    }
}
