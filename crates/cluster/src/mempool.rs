//! Entries that wait for a place in a block.

use crate::{Opened, State};
use parity_scale_codec::Encode;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tallow_crypto::account_of;
use tallow_types::limits::{
    BLOCK_BYTES_MAX, BLOCK_ENTRIES_MAX, INBOX_PER_BLOCK_MAX, MEMPOOL_BYTES_MAX, MEMPOOL_COMMANDS_MAX,
};
use tallow_types::{AccountId, CodeHash, CommandId, Entry, Position, ProvenRecord, SealedCommand, SignedAnswer};

/// Why an entry was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MempoolError {
    /// It is full.
    #[error("busy: too many commands wait for a block; try again later")]
    Full,
    /// The same command waits already.
    #[error("the command is already waiting for a block")]
    Duplicate,
}

/// A command that waits, opened.
struct Pending {
    opened: Arc<Opened>,
    entry: Arc<[u8]>,
}

impl Pending {
    fn caller(&self) -> AccountId {
        account_of(&self.opened.signed.command.caller)
    }

    fn expiry_ms(&self) -> u64 {
        self.opened.expiry_ms()
    }
}

/// Entries that wait for a place in a block: messages of the inbox, code and answers first, then commands in turn by caller, so that one
/// caller's flood delays its own commands only.
#[derive(Default)]
pub struct Mempool {
    commands: BTreeMap<CommandId, Pending>,
    /// Each caller's commands in order of arrival, none empty; an id without a `commands` entry is gone.
    queues: BTreeMap<AccountId, VecDeque<CommandId>>,
    /// (expiry, command), to drop what can no longer be ordered.
    expiries: BTreeSet<(u64, CommandId)>,
    /// Whose turn it is.
    turn: Option<AccountId>,
    command_bytes: usize,
    answers: BTreeMap<(CommandId, u32, u32), Vec<u8>>,
    codes: BTreeMap<CodeHash, Vec<u8>>,
    /// By number.
    messages: BTreeMap<u64, Vec<u8>>,
}

impl Mempool {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Entries waiting.
    pub fn len(&self) -> usize {
        self.commands.len() + self.answers.len() + self.codes.len() + self.messages.len()
    }

    /// Bytes of the commands waiting.
    pub fn command_bytes(&self) -> usize {
        self.command_bytes
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this command waits.
    pub fn has(&self, id: &CommandId) -> bool {
        self.commands.contains_key(id)
    }

    /// Takes a command that was opened and admitted.
    pub fn add_command(&mut self, sealed: SealedCommand, opened: Arc<Opened>) -> Result<(), MempoolError> {
        let id = opened.id;
        if self.commands.contains_key(&id) {
            return Err(MempoolError::Duplicate);
        }
        let entry: Arc<[u8]> = Entry::Command(sealed).encode().into();
        if self.commands.len() >= MEMPOOL_COMMANDS_MAX || self.command_bytes + entry.len() > MEMPOOL_BYTES_MAX {
            return Err(MempoolError::Full);
        }
        self.command_bytes += entry.len();
        let pending = Pending { opened, entry };
        self.queues.entry(pending.caller()).or_default().push_back(id);
        self.expiries.insert((pending.expiry_ms(), id));
        self.commands.insert(id, pending);
        Ok(())
    }

    /// Takes an answer. Answers are bounded by the commands that wait for them.
    pub fn add_answer(&mut self, signed: SignedAnswer) {
        let answer = &signed.answer;
        self.answers.insert((answer.command, answer.call, answer.attempt), Entry::Answer(signed).encode());
    }

    /// Takes code that this host holds and the ledger lists.
    pub fn add_code(&mut self, code: CodeHash) {
        self.codes.insert(code, Entry::Code(code).encode());
    }

    /// Takes a message of the inbox, which the caller has found proven. Messages are bounded by what the ledger keeps.
    pub fn add_message(&mut self, number: u64, record: ProvenRecord) {
        self.messages.insert(number, Entry::Inbox(Box::new(record)).encode());
    }

    /// Chooses entries for a block at `at` on top of `parent`; they stay until [`Self::settle`] sees them final.
    pub fn propose(&mut self, parent: &State, at: Position) -> Vec<Vec<u8>> {
        let mut block = Selection::default();
        let messages = (parent.next_message()..).map_while(|number| self.messages.get(&number));
        for entry in messages.take(INBOX_PER_BLOCK_MAX) {
            block.add(entry);
        }
        for (_, entry) in self.codes.iter().filter(|(code, _)| !parent.has_code(code)) {
            block.add(entry);
        }
        for (_, entry) in self.answers.iter().filter(|(place, _)| waits_for(parent, place)) {
            block.add(entry);
        }
        self.propose_commands(parent, at, &mut block);
        block.entries
    }

    /// One command of each caller in turn, until the block is full or no caller has one left.
    fn propose_commands(&mut self, parent: &State, at: Position, block: &mut Selection) {
        let mut cursors: BTreeMap<AccountId, usize> = self.queues.keys().map(|caller| (*caller, 0)).collect();
        while let Some(caller) = next_after(&cursors, self.turn) {
            self.turn = Some(caller);
            let from = cursors[&caller];
            match self.next_admissible(&caller, from, parent, at.time_ms) {
                None => cursors.remove(&caller),
                Some((index, entry)) => {
                    if !block.add(&entry) {
                        return;
                    }
                    cursors.insert(caller, index + 1)
                }
            };
        }
    }

    /// The caller's first command at or after `from` in its queue that may take effect on `parent`.
    fn next_admissible(
        &self,
        caller: &AccountId,
        from: usize,
        parent: &State,
        time_ms: u64,
    ) -> Option<(usize, Arc<[u8]>)> {
        let queue = &self.queues[caller];
        (from..queue.len()).find_map(|index| {
            let pending = self.commands.get(&queue[index])?;
            pending.opened.admit(parent, time_ms).ok()?;
            Some((index, pending.entry.clone()))
        })
    }

    /// Drops what a final block ordered, and what its state makes pointless.
    pub fn settle(&mut self, ordered: &[CommandId], state: &State) {
        for id in ordered {
            self.remove(id);
        }
        while let Some((expiry_ms, id)) = self.expiries.first().copied() {
            if expiry_ms >= state.position().time_ms {
                break;
            }
            self.remove(&id);
        }
        self.answers.retain(|place, _| waits_for(state, place));
        self.codes.retain(|code, _| !state.has_code(code));
        self.messages.retain(|number, _| *number >= state.next_message());
    }

    fn remove(&mut self, id: &CommandId) {
        let Some(pending) = self.commands.remove(id) else { return };
        self.command_bytes -= pending.entry.len();
        self.expiries.remove(&(pending.expiry_ms(), *id));
        let caller = pending.caller();
        let queue = self.queues.get_mut(&caller).expect("a waiting command is in its caller's queue");
        while queue.front().is_some_and(|first| !self.commands.contains_key(first)) {
            queue.pop_front();
        }
        if queue.is_empty() {
            self.queues.remove(&caller);
        }
    }
}

/// Whether the state waits for the answer at (command, call, attempt).
fn waits_for(state: &State, (command, call, attempt): &(CommandId, u32, u32)) -> bool {
    state.waiting(command).is_some_and(|waiting| (waiting.index(), waiting.attempt) == (*call, *attempt))
}

/// The caller after `turn`, in order of account, around and around.
fn next_after(callers: &BTreeMap<AccountId, usize>, turn: Option<AccountId>) -> Option<AccountId> {
    use std::ops::Bound::{Excluded, Unbounded};
    let after = turn.and_then(|turn| callers.range((Excluded(turn), Unbounded)).next());
    after.or_else(|| callers.first_key_value()).map(|(caller, _)| *caller)
}

/// A block being filled.
#[derive(Default)]
struct Selection {
    entries: Vec<Vec<u8>>,
    bytes: usize,
}

impl Selection {
    /// Adds an entry unless the block is full.
    fn add(&mut self, entry: &[u8]) -> bool {
        if self.entries.len() >= BLOCK_ENTRIES_MAX || self.bytes + entry.len() > BLOCK_BYTES_MAX {
            return false;
        }
        self.bytes += entry.len();
        self.entries.push(entry.to_vec());
        true
    }
}
