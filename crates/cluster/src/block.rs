//! One block: entries in order, then receipts, commitments and messages to the ledger.

mod budget;
mod inbox;
mod price;
mod timers;

use crate::acts::{Act, Ended};
use crate::command::{Ran, execution, failure};
use crate::task::Ordered;
use crate::{Cluster, OpenError, Opened, PendingCall, State, Task, Waiting};
use budget::{Budget, Share};
use parity_scale_codec::{Decode, Encode};
use std::sync::Arc;
use tallow_crypto::{answer_signing_bytes, open_answer, result_leaf, seal_outcome, verify_worker};
use tallow_engine::{AnsweredCall, CacheChange, Changes, Execution, HostError, LogLine};
use tallow_state::{Opening, Proof, ResultsTree, commitment};
use tallow_types::limits::{CALL_ATTEMPTS_MAX, CALL_TAKEOVER_MS, OUTBOX_MAX, WAITING_COMMANDS_MAX};
use tallow_types::{
    AccountId, Answer, BlockDigest, CallError, CodeHash, CommandId, Commitments, Entry, Event, ExternalCall, HttpError,
    OutboxMessage, Outcome, PathStep, Position, SealedCommand, SignedAnswer, decode_exact,
};

/// Milliseconds before an attempt is late at which an answer that must wait for gas gives it more time.
const ANSWER_RENEWED_MS: u64 = CALL_TAKEOVER_MS / 3;

/// Opens envelopes; the shell keeps what it opened when the command arrived, since that costs more than running it.
pub trait Opener {
    /// As [`Cluster::open`].
    fn open(&self, cluster: &Cluster, sealed: &SealedCommand) -> Result<Arc<Opened>, OpenError>;
}

/// Opens each envelope anew.
impl Opener for () {
    fn open(&self, cluster: &Cluster, sealed: &SealedCommand) -> Result<Arc<Opened>, OpenError> {
        cluster.open(sealed).map(Arc::new)
    }
}

/// Why a block cannot be executed.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// An entry is not one a replica may propose: the block is invalid for ever.
    #[error("entry {index} is invalid: {reason}")]
    Invalid {
        /// Which entry.
        index: usize,
        /// Why.
        reason: &'static str,
    },
    /// This host could not execute it; another attempt may succeed.
    #[error("{error}")]
    Host {
        /// Which entry, unless it was a timer's firing.
        entry: Option<usize>,
        /// What it lacks.
        error: HostError,
    },
}

/// A command that a block completed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CompletedCommand {
    /// The command.
    pub command: CommandId,
    /// Its outcome, sealed under its response key.
    pub sealed: Vec<u8>,
    /// Path to the header's results root.
    pub path: Vec<PathStep>,
}

/// Lines that a command's contracts wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContractLog {
    /// The command.
    pub command: CommandId,
    /// The lines.
    pub lines: Vec<LogLine>,
}

/// An entry that had no effect, because the block had no gas left for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deferred {
    /// Which entry.
    pub entry: usize,
    /// On whose account it would have run.
    pub account: AccountId,
    /// Whether that has balance.
    pub funded: bool,
}

/// What a block's execution gives besides the state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BlockOutput {
    /// Commands it ordered for the first time, complete or waiting.
    pub ordered: Vec<CommandId>,
    /// Commands it completed, in order.
    pub completed: Vec<CompletedCommand>,
    /// Events with the commands that caused them, in order: plain, for those who may see them. Outcomes hold them sealed.
    pub events: Vec<(CommandId, Event)>,
    /// Log lines.
    pub logs: Vec<ContractLog>,
    /// Changes of the replica's volatile cache, to be made when the block is final.
    pub cache: Vec<CacheChange>,
    /// External calls that became pending, or passed to another replica.
    pub calls: Vec<PendingCall>,
    /// Messages to the ledger.
    pub outbox: Vec<OutboxMessage>,
    /// Gas used by all runs.
    pub gas_used: u64,
    /// Entries that had to wait for want of gas: without them the block executes to the same.
    pub deferred: Vec<Deferred>,
    /// Answers, by command, call and attempt, that were taken or came to nothing: all but the deferred ones.
    pub answered: Vec<(CommandId, u32, u32)>,
}

impl Cluster {
    /// State before the first block, and what it commits to.
    pub fn genesis_state(&self) -> (State, Commitments) {
        let state = State::genesis(self.keys.blinding.clone(), &self.genesis.balances);
        let commitments = self.commitments(&state, &ResultsTree::new(Vec::new()));
        (state, commitments)
    }

    /// Executes a block on top of `parent`, the state after the block of digest `parent_digest`. Deterministic, but for
    /// [`BlockError::Host`].
    pub fn execute(
        &self,
        (parent, parent_digest): (&State, &BlockDigest),
        at: Position,
        entries: &[Vec<u8>],
        opener: &dyn Opener,
    ) -> Result<(State, Commitments, BlockOutput), BlockError> {
        let mut run = Run::begin(self, parent, parent_digest, at);
        run.fire_due().map_err(|error| BlockError::Host { entry: None, error })?;
        for (index, bytes) in entries.iter().enumerate() {
            run.entry = index;
            run.take(bytes, opener).map_err(|fault| fault.at(index))?;
        }
        // Last, so that no attempt is late whose answer this block holds.
        run.close_overdue();
        Ok(run.finish())
    }

    /// Proof that the block at `height` precedes `state`: the opening of the state's commitment, and the block's digest
    /// under its root.
    pub fn prove_block(&self, state: &State, height: u64) -> (Opening, Proof) {
        let opening = Opening::new(&self.keys.blinding, state.position().height, state.root());
        (opening, state.prove_block(height))
    }

    fn commitments(&self, state: &State, results: &ResultsTree) -> Commitments {
        let height = state.position().height;
        Commitments {
            state: commitment(&self.keys.blinding, height, &state.root()),
            results: results.root(),
            outbox: state.outbox_head(),
        }
    }
}

/// Why an entry cannot be taken.
enum Fault {
    Invalid(&'static str),
    Host(HostError),
}

impl Fault {
    fn at(self, index: usize) -> BlockError {
        match self {
            Self::Invalid(reason) => BlockError::Invalid { index, reason },
            Self::Host(error) => BlockError::Host { entry: Some(index), error },
        }
    }
}

impl From<HostError> for Fault {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

/// A block under execution.
struct Run<'a> {
    cluster: &'a Cluster,
    state: State,
    done: Vec<(CommandId, Vec<u8>)>,
    touched: Vec<CommandId>,
    /// Messages of the inbox that the block took.
    taken: usize,
    budget: Budget,
    /// Which entry is executed.
    entry: usize,
    output: BlockOutput,
}

impl<'a> Run<'a> {
    fn begin(cluster: &'a Cluster, parent: &State, parent_digest: &BlockDigest, at: Position) -> Self {
        let mut state = parent.clone();
        state.advance(at, parent_digest);
        let (budget, output) = (Budget::default(), BlockOutput::default());
        Self { cluster, state, done: Vec::new(), touched: Vec::new(), taken: 0, budget, entry: 0, output }
    }

    fn take(&mut self, entry: &[u8], opener: &dyn Opener) -> Result<(), Fault> {
        match decode_exact(entry).map_err(|_| Fault::Invalid("malformed"))? {
            Entry::Command(sealed) => Ok(self.command(&sealed, opener)?),
            Entry::Answer(answer) => self.answer(&answer),
            Entry::Code(code) => Ok(self.code(&code)?),
            Entry::Inbox(record) => self.inbox(&record).map_err(Fault::Invalid),
        }
    }

    /// Ends waiting commands that expired or whose last attempt is late, and passes others that are late to the next
    /// replica.
    fn close_overdue(&mut self) {
        let now = self.state.position().time_ms;
        while let Some((id, waiting)) = self.state.next_overdue() {
            if waiting.task.expiry_ms() < now || waiting.attempt + 1 >= CALL_ATTEMPTS_MAX {
                let calls = waiting.index() + 1;
                self.state.end_waiting(&id);
                self.complete(id, waiting.task.borrow(), failure(CallError::OutcomeUnknown { calls }, calls));
            } else {
                // Idempotency-Key is equal for all attempts, so a late first attempt does no harm.
                assert!(waiting.since_ms + CALL_TAKEOVER_MS < now, "only a late attempt is overdue");
                let next = Waiting { attempt: waiting.attempt + 1, since_ms: now, ..(*waiting).clone() };
                self.wait(id, next);
            }
        }
        self.state.forget_expired();
    }

    /// Runs a command. What cannot take effect (foreign, replayed, expired, over the block's gas) is passed over: the
    /// first three for ever, the last to be proposed again, since it is not marked as seen.
    fn command(&mut self, sealed: &SealedCommand, opener: &dyn Opener) -> Result<(), HostError> {
        let Ok(opened) = opener.open(self.cluster, sealed) else { return Ok(()) };
        let Opened { id, signed, .. } = &*opened;
        if opened.admit(&self.state, self.state.position().time_ms).is_err() {
            return Ok(());
        }
        let ordered = Ordered::Command(signed);
        let share = self.share_of(ordered);
        if !self.has_room(share, ordered) {
            return Ok(());
        }
        self.state.mark_seen(id, signed.command.expiry_ms);
        self.output.ordered.push(*id);
        self.pay_for_bytes(&ordered.payer(), signed.encoded_size());
        self.run(*id, share, ordered, Vec::new())
    }

    /// The share in which commands and answers run: that of the account they run for.
    fn share_of(&self, ordered: Ordered<'_>) -> Share {
        if self.state.is_funded(&ordered.payer()) { Share::Funded } else { Share::Unfunded }
    }

    /// Whether the block has gas for an entry; else it is deferred.
    fn has_room(&mut self, share: Share, ordered: Ordered<'_>) -> bool {
        let has_room = self.budget.has_room(share, ordered.gas_limit());
        if !has_room {
            let (account, funded) = (ordered.payer(), share == Share::Funded);
            self.output.deferred.push(Deferred { entry: self.entry, account, funded });
        }
        has_room
    }

    /// Records an answer and runs its command again.
    fn answer(&mut self, signed: &SignedAnswer) -> Result<(), Fault> {
        let SignedAnswer { answer, worker, signature } = signed;
        let bytes = answer_signing_bytes(&self.cluster.genesis.cluster, answer);
        if !verify_worker(worker, &bytes, signature) {
            return Err(Fault::Invalid("answer not signed by its worker"));
        }
        let Some(waiting) = self.state.waiting(&answer.command).cloned() else { return Ok(()) };
        let executor = self.cluster.executor(&answer.command, answer.attempt);
        if !waiting.expects(answer.call, answer.attempt) || *worker != executor {
            return Ok(());
        }
        let ordered = waiting.task.borrow();
        let share = self.share_of(ordered);
        if self.renew(answer.command, &waiting, share) || !self.has_room(share, ordered) {
            return Ok(());
        }
        let opened =
            open_answer(&self.cluster.keys.epoch, &answer.command, answer.call, answer.attempt, &answer.sealed)
                .map_err(|_| Fault::Invalid("answer not sealed by this cluster"))?;
        let result: Answer = decode_exact(&opened).map_err(|_| Fault::Invalid("malformed answer"))?;
        self.pay_for_bytes(&ordered.payer(), opened.len());
        let place = (answer.command, answer.call, answer.attempt);
        self.output.answered.push(place);
        self.take_answer(place, share, &waiting, result).map_err(Fault::Host)
    }

    /// Gives an attempt more time whose answer is here but must wait for gas, if it is late soon. Such an entry has an
    /// effect, so it stays in the block.
    fn renew(&mut self, id: CommandId, waiting: &Waiting, share: Share) -> bool {
        let now = self.state.position().time_ms;
        let late_soon = waiting.since_ms + CALL_TAKEOVER_MS < now + ANSWER_RENEWED_MS;
        let renewed = late_soon && !self.budget.has_room(share, waiting.task.borrow().gas_limit());
        if renewed {
            self.state.set_waiting(id, Waiting { since_ms: now, ..waiting.clone() });
        }
        renewed
    }

    fn take_answer(
        &mut self,
        (id, _, attempt): (CommandId, u32, u32),
        share: Share,
        waiting: &Waiting,
        answer: Answer,
    ) -> Result<(), HostError> {
        if may_retry(&waiting.pending, &answer) && waiting.attempt + 1 < CALL_ATTEMPTS_MAX {
            if attempt < waiting.attempt {
                return Ok(()); // a newer attempt is under way, and may do better
            }
            let since_ms = self.state.position().time_ms;
            self.wait(id, Waiting { attempt: waiting.attempt + 1, since_ms, ..waiting.clone() });
            return Ok(());
        }
        let mut answered = waiting.answered.clone();
        answered.push(AnsweredCall { call: waiting.pending.clone(), answer });
        self.state.end_waiting(&id);
        self.run(id, share, waiting.task.borrow(), answered)
    }

    fn code(&mut self, code: &CodeHash) -> Result<(), HostError> {
        if self.cluster.codes.code(code).is_none() {
            return Err(HostError(format!("code {code} is not on this host yet")));
        }
        self.state.add_code(code);
        Ok(())
    }

    fn run(
        &mut self,
        id: CommandId,
        share: Share,
        ordered: Ordered<'_>,
        mut answered: Vec<AnsweredCall>,
    ) -> Result<(), HostError> {
        let Some(reserve) = self.reserve(ordered) else {
            self.cannot_pay(id, ordered, answered.len());
            return Ok(());
        };
        let gas_used = match self.cluster.run(&self.state, id, ordered, answered.as_slice().into())? {
            Ran::Done(ended) => self.complete(id, ordered, *ended),
            Ran::Suspended { index, gas_used, .. } if self.state.waiting_len() >= WAITING_COMMANDS_MAX => {
                let busy = execution(Err(CallError::Busy), gas_used, index, Changes::default());
                self.complete(id, ordered, busy)
            }
            Ran::Suspended { index, call, gas_used } => {
                // A run that asks for something else than last time starts new calls from there on.
                answered.truncate(index as usize);
                let since_ms = self.state.position().time_ms;
                let task = ordered.to_task();
                self.wait(id, Waiting { task, answered, pending: call, attempt: 0, since_ms });
                gas_used
            }
        };
        self.spend(share, gas_used);
        self.settle(&reserve, gas_used);
        Ok(())
    }

    /// Ends what its payer cannot pay for.
    fn cannot_pay(&mut self, id: CommandId, ordered: Ordered<'_>, calls: usize) {
        self.complete(id, ordered, failure(CallError::CannotPay, u32::try_from(calls).unwrap_or(u32::MAX)));
        if let Ordered::Firing(fired) = ordered {
            self.state.end_timer(fired);
        }
    }

    fn spend(&mut self, share: Share, gas: u64) {
        self.budget.spend(share, gas);
        self.output.gas_used = self.output.gas_used.saturating_add(gas);
    }

    fn wait(&mut self, id: CommandId, waiting: Waiting) {
        if let Task::Firing(fired) = &waiting.task {
            self.state.firing_waits(fired, id);
        }
        self.state.set_waiting(id, waiting);
        self.touched.push(id);
    }

    /// Records how a command ended; the gas of its last run.
    fn complete(&mut self, id: CommandId, ordered: Ordered<'_>, ended: impl Into<Ended>) -> u64 {
        let Ended { execution, act } = self.with_room(ended.into());
        let Execution { result, gas_used, calls, changes, events, mut logs, cache } = execution;
        self.tell_ledger(&result, &changes);
        self.state.apply(&changes);
        if let Some(Act::Withdraw { to, amount }) = &act {
            self.output.outbox.push(OutboxMessage::Withdrawal { to: *to, amount: *amount });
        }
        if let Some(act) = act {
            self.state.perform(act);
        }
        let outcome = Outcome { result, gas_used, calls, events };
        if let Ordered::Firing(fired) = ordered {
            let suspended = self.firing_ended(id, fired, &outcome);
            logs.extend(timers::failure_line(fired, &outcome));
            logs.extend(suspended.then(|| timers::suspension_line(fired)));
        }
        if !logs.is_empty() {
            self.output.logs.push(ContractLog { command: id, lines: logs });
        }
        self.output.cache.extend(cache);
        let events = outcome.events.iter().map(|event| (id, event.clone()));
        self.output.events.extend(events);
        let sealed = seal_outcome(&self.cluster.response_key(ordered), &id, &outcome.encode());
        self.done.push((id, sealed));
        gas_used
    }

    /// Ends a withdrawal that the block cannot tell the ledger: what is burnt has to be paid there.
    fn with_room(&self, ended: Ended) -> Ended {
        match ended.act {
            Some(Act::Withdraw { .. }) if !self.outbox_has_room() => failure(CallError::OutboxFull, 0).into(),
            _ => ended,
        }
    }

    /// Whether there is room for another message beside the news of the inbox.
    fn outbox_has_room(&self) -> bool {
        self.output.outbox.len() + 1 < OUTBOX_MAX
    }

    /// Names new contracts and replaced code to the ledger. What exceeds a block's outbox stays unlisted there; the
    /// contract itself works, and a later change of it is listed again.
    fn tell_ledger(&mut self, result: &Result<tallow_types::Output, CallError>, changes: &Changes) {
        if result.is_err() {
            return;
        }
        for (contract, info) in &changes.contracts {
            let Some(info) = info else { continue };
            let (contract, code, deployer) = (*contract, info.code, info.deployer);
            let message = match self.state.contract(&contract) {
                None => OutboxMessage::ContractCreated { contract, code, deployer },
                Some(before) if before.code != code => OutboxMessage::CodeReplaced { contract, code },
                Some(_) => continue,
            };
            if self.outbox_has_room() {
                self.output.outbox.push(message);
            }
        }
    }

    fn finish(mut self) -> (State, Commitments, BlockOutput) {
        self.tell_taken();
        self.state.chain_outbox(&self.output.outbox);
        let leaves = self.done.iter().map(|(id, sealed)| result_leaf(id, sealed)).collect();
        let results = ResultsTree::new(leaves);
        let commitments = self.cluster.commitments(&self.state, &results);
        self.output.completed = self
            .done
            .into_iter()
            .enumerate()
            .map(|(index, (command, sealed))| {
                let path = results.path(index).expect("one leaf for each completed command");
                CompletedCommand { command, sealed, path }
            })
            .collect();
        let (cluster, state) = (self.cluster, &self.state);
        let mut touched = self.touched;
        touched.sort();
        touched.dedup();
        self.output.calls = touched
            .iter()
            .filter_map(|id| state.waiting(id).map(|waiting| cluster.pending_call(id, waiting)))
            .collect();
        (self.state, commitments, self.output)
    }
}

/// Whether another attempt may do better and cannot do harm: the network failed, and every request is one that RFC
/// 9110 section 9.2.2 calls idempotent.
fn may_retry(call: &ExternalCall, answer: &Answer) -> bool {
    let (ExternalCall::Http { requests, .. }, Answer::Http(results)) = (call, answer);
    let idempotent =
        requests.iter().all(|r| matches!(r.method.as_str(), "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS" | "TRACE"));
    let failed = |r: &Result<_, HttpError>| matches!(r, Err(HttpError::NetworkError | HttpError::Timeout));
    idempotent && results.iter().any(failed)
}
