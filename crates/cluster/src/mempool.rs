//! Entries that wait for a place in a block.

mod selection;
mod shares;

pub use shares::Sender;

use crate::{BlockOutput, Opened, State};
use parity_scale_codec::Encode;
use selection::{Selection, Turns};
use shares::{Place, Shares};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tallow_crypto::account_of;
use tallow_types::limits::{
    INBOX_PER_BLOCK_MAX, MEMPOOL_ANSWERS_BYTES_MAX, MEMPOOL_BYTES_MAX, MEMPOOL_COMMANDS_MAX, MEMPOOL_GONE_MAX,
};
use tallow_types::{AccountId, CodeHash, CommandId, Entry, Position, ProvenRecord, SealedCommand, SignedAnswer};

/// Bytes that a command counts for at least: as many commands of this size as may wait fill the pool, so that one
/// measure serves for number and bytes.
const WEIGHT_MIN: usize = MEMPOOL_BYTES_MAX / MEMPOOL_COMMANDS_MAX;

/// Why an entry was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MempoolError {
    /// It is full, and nobody has more of it than the sender would have.
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
    place: Place,
    /// Number of its arrival.
    number: u64,
}

impl Pending {
    fn weight(&self) -> usize {
        weight(&self.entry)
    }
}

fn weight(entry: &[u8]) -> usize {
    entry.len().max(WEIGHT_MIN)
}

/// The answer to (command, call, attempt).
type AnswerPlace = (CommandId, u32, u32);

/// Entries that wait for a place in a block: messages of the inbox and code first, then commands and answers to their
/// calls in turn by account, of those who have balance before those who have none. One account's flood delays its own
/// work only; when the pool is full, who has most of it gives way.
#[derive(Default)]
pub struct Mempool {
    commands: BTreeMap<CommandId, Pending>,
    /// Commands of those who have balance, and of those who have none.
    turns: [Turns; 2],
    shares: Shares,
    /// (expiry, command), to drop what can no longer be ordered.
    expiries: BTreeSet<(u64, CommandId)>,
    weight: usize,
    command_bytes: usize,
    arrivals: u64,
    answers: BTreeMap<AnswerPlace, Arc<[u8]>>,
    answer_bytes: usize,
    codes: BTreeMap<CodeHash, Vec<u8>>,
    /// By number.
    messages: BTreeMap<u64, Vec<u8>>,
    /// Commands that were put aside, oldest first.
    gone: VecDeque<CommandId>,
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

    /// Whether this command was put aside a while ago. It had no effect and may be sent again.
    pub fn is_put_aside(&self, id: &CommandId) -> bool {
        self.gone.contains(id) && !self.has(id)
    }

    /// Takes a command that was opened and admitted.
    pub fn add_command(
        &mut self,
        sealed: SealedCommand,
        opened: Arc<Opened>,
        sender: Sender,
    ) -> Result<(), MempoolError> {
        let id = opened.id;
        if self.commands.contains_key(&id) {
            return Err(MempoolError::Duplicate);
        }
        let entry: Arc<[u8]> = Entry::Command(sealed).encode().into();
        let caller = account_of(&opened.signed.command.caller);
        let place = Place { client: sender.client, caller, unfunded: !sender.funded };
        self.make_room(place, weight(&entry))?;
        self.arrivals += 1;
        self.insert(Pending { opened, entry, place, number: self.arrivals });
        Ok(())
    }

    /// Lets commands of those who have most give way to one of this weight.
    fn make_room(&mut self, place: Place, weight: usize) -> Result<(), MempoolError> {
        while self.weight + weight > MEMPOOL_BYTES_MAX {
            let id = self.shares.gives_way(place, weight).ok_or(MempoolError::Full)?;
            self.put_aside(&id);
        }
        Ok(())
    }

    /// Lets a command go that cannot be in a block now, and remembers it for its sender.
    pub fn put_aside(&mut self, id: &CommandId) {
        if self.remove(id).is_none() {
            return;
        }
        if self.gone.len() == MEMPOOL_GONE_MAX {
            self.gone.pop_front();
        }
        self.gone.push_back(*id);
    }

    fn insert(&mut self, pending: Pending) {
        let (id, place, number) = (pending.opened.id, pending.place, pending.number);
        self.weight += pending.weight();
        self.command_bytes += pending.entry.len();
        self.turns[usize::from(place.unfunded)].add(place.caller, number, id);
        self.shares.add(place, number, id, pending.weight());
        self.expiries.insert((pending.opened.expiry_ms(), id));
        self.commands.insert(id, pending);
    }

    fn remove(&mut self, id: &CommandId) -> Option<Place> {
        let pending = self.commands.remove(id)?;
        let (place, number) = (pending.place, pending.number);
        self.weight -= pending.weight();
        self.command_bytes -= pending.entry.len();
        self.turns[usize::from(place.unfunded)].remove(&place.caller, number);
        self.shares.remove(place, number, pending.weight());
        self.expiries.remove(&(pending.opened.expiry_ms(), *id));
        Some(place)
    }

    /// Takes an answer, or gives it back when there is no room for it yet.
    pub fn add_answer(&mut self, signed: Box<SignedAnswer>) -> Result<(), Box<SignedAnswer>> {
        let answer = &signed.answer;
        let (place, bytes) = ((answer.command, answer.call, answer.attempt), answer.sealed.len());
        if self.answers.contains_key(&place) {
            return Ok(());
        }
        if self.answer_bytes + bytes > MEMPOOL_ANSWERS_BYTES_MAX {
            return Err(signed);
        }
        let entry: Arc<[u8]> = Entry::Answer(*signed).encode().into();
        self.answer_bytes += entry.len();
        self.answers.insert(place, entry);
        Ok(())
    }

    /// Whether an answer to this call waits for a block, of this attempt or one before.
    pub fn has_answer(&self, (command, call, attempt): AnswerPlace) -> bool {
        self.answers.range((command, call, 0)..=(command, call, attempt)).next().is_some()
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
    pub fn propose(&self, parent: &State, at: Position) -> Vec<Vec<u8>> {
        let mut block = Selection::default();
        let messages = (parent.next_message()..).map_while(|number| self.messages.get(&number));
        for entry in messages.take(INBOX_PER_BLOCK_MAX) {
            block.add(entry);
        }
        for (_, entry) in self.codes.iter().filter(|(code, _)| !parent.has_code(code)) {
            block.add(entry);
        }
        let [funded, unfunded] = self.answers_by_account(parent);
        // Half of what is left stays for those without balance, when there are any.
        if !(self.turns[1].is_empty() && unfunded.is_empty()) {
            block.keep_half();
        }
        self.take_turns(&self.turns[0], funded, (parent, at), &mut block);
        block.release();
        self.take_turns(&self.turns[1], unfunded, (parent, at), &mut block);
        block.into_entries()
    }

    /// Answers that `parent` waits for, by the account that pays for what they set going, with and without balance.
    fn answers_by_account(&self, parent: &State) -> [BTreeMap<AccountId, VecDeque<&Arc<[u8]>>>; 2] {
        let mut by_account = [BTreeMap::new(), BTreeMap::new()];
        for ((command, call, attempt), entry) in &self.answers {
            let waiting = parent.waiting(command).filter(|waiting| waiting.expects(*call, *attempt));
            let Some(account) = waiting.map(|waiting| waiting.task.payer()) else { continue };
            let unfunded = usize::from(!parent.is_funded(&account));
            by_account[unfunded].entry(account).or_insert_with(VecDeque::new).push_back(entry);
        }
        by_account
    }

    /// One entry of each account in turn, its answers before its commands, until the block is full or nobody has one
    /// left.
    fn take_turns(
        &self,
        turns: &Turns,
        answers: BTreeMap<AccountId, VecDeque<&Arc<[u8]>>>,
        (parent, at): (&State, Position),
        block: &mut Selection,
    ) {
        let mut round = turns.round(answers);
        while let Some((account, own)) = round.next_account() {
            let answer = own.answers.pop_front();
            let next = answer.or_else(|| {
                own.commands.by_ref().find_map(|id| {
                    let pending = self.commands.get(id)?;
                    pending.opened.admit(parent, at.time_ms).ok()?;
                    Some(&pending.entry)
                })
            });
            match next {
                None => round.leave(&account),
                Some(entry) if !block.add(entry) => return,
                Some(_) => {}
            }
        }
    }

    /// Drops what a final block ordered, and what its state makes pointless.
    pub fn settle(&mut self, output: &BlockOutput, state: &State) {
        for id in &output.ordered {
            if let Some(place) = self.remove(id) {
                self.turns[usize::from(place.unfunded)].served(place.caller);
            }
        }
        // Who had to wait for want of gas comes first in the next block.
        for deferred in output.deferred.iter().rev() {
            self.turns[usize::from(!deferred.funded)].comes_next(deferred.account);
        }
        while let Some((expiry_ms, id)) = self.expiries.first().copied() {
            if expiry_ms >= state.position().time_ms {
                break;
            }
            self.remove(&id);
        }
        self.settle_answers(output, state);
        self.codes.retain(|code, _| !state.has_code(code));
        self.messages.retain(|number, _| *number >= state.next_message());
    }

    fn settle_answers(&mut self, output: &BlockOutput, state: &State) {
        for place in &output.answered {
            self.answers.remove(place);
        }
        self.answers.retain(|(command, call, attempt), _| {
            state.waiting(command).is_some_and(|waiting| waiting.expects(*call, *attempt))
        });
        self.answer_bytes = self.answers.values().map(|entry| entry.len()).sum();
    }
}
