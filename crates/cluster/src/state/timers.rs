//! Timers in the state, in the order in which they are due.

use super::{Key, State};
use crate::FiredTimer;
use parity_scale_codec::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tallow_engine::{Changes, DueTimer};
use tallow_types::limits::TIMER_OUT_OF_GAS_MAX;
use tallow_types::{AccountId, CallError, CommandId, Firing, ListedTimer, Timer, TimerStatus};

/// A timer as the map holds it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct KeptTimer {
    pub(crate) timer: Timer,
    /// Its number among all that the cluster ever had: tells it from one that had its id before.
    pub(crate) serial: u64,
    pub(crate) due_ms: u64,
    /// The firing that waits for an external answer. Until it ends the timer is not due.
    pub(crate) waiting: Option<CommandId>,
    pub(crate) last: Option<Firing>,
    /// How many firings in a row ran out of gas, up to the last one.
    pub(crate) out_of_gas: u32,
}

impl KeptTimer {
    /// Whether it fires no more until it is set anew.
    fn is_suspended(&self) -> bool {
        self.out_of_gas >= TIMER_OUT_OF_GAS_MAX
    }

    /// Whether it fires when its time comes.
    fn fires(&self) -> bool {
        self.waiting.is_none() && !self.is_suspended()
    }

    fn listed(&self) -> ListedTimer {
        let Timer { id, schedule, .. } = &self.timer;
        ListedTimer { id: id.clone(), schedule: schedule.clone(), due_ms: self.due_ms }
    }

    fn status(&self) -> TimerStatus {
        let suspended = self.is_suspended();
        let Self { timer, due_ms, waiting, last, .. } = self.clone();
        TimerStatus { timer, due_ms, waiting, last, suspended }
    }
}

type OfContract = imbl::OrdMap<Vec<u8>, Arc<KeptTimer>>;

/// Timers that are due, by contract; each contract's in the order of their times.
pub(crate) type Due = BTreeMap<AccountId, BTreeSet<(u64, Vec<u8>)>>;

/// The index: all that follows from the map's timers.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Timers {
    by_contract: imbl::OrdMap<AccountId, OfContract>,
    /// (due time, contract, id) of every timer that neither waits nor is suspended.
    due: imbl::OrdSet<(u64, AccountId, Vec<u8>)>,
    len: usize,
}

impl Timers {
    pub(super) fn insert(&mut self, contract: AccountId, kept: KeptTimer) {
        let id = kept.timer.id.clone();
        self.remove(&contract, &id);
        if kept.fires() {
            self.due.insert((kept.due_ms, contract, id.clone()));
        }
        self.by_contract.entry(contract).or_default().insert(id, Arc::new(kept));
        self.len += 1;
    }

    fn remove(&mut self, contract: &AccountId, id: &[u8]) {
        let Some(own) = self.by_contract.get_mut(contract) else { return };
        let Some(kept) = own.remove(id) else { return };
        if own.is_empty() {
            self.by_contract.remove(contract);
        }
        self.due.remove(&(kept.due_ms, *contract, id.to_vec()));
        self.len -= 1;
    }

    fn get(&self, contract: &AccountId, id: &[u8]) -> Option<&Arc<KeptTimer>> {
        self.by_contract.get(contract)?.get(id)
    }

    fn of(&self, contract: &AccountId) -> impl Iterator<Item = &KeptTimer> {
        self.by_contract.get(contract).into_iter().flat_map(|own| own.values()).map(|kept| &**kept)
    }
}

impl State {
    /// Block time from which on a timer is due.
    pub fn next_timer_ms(&self) -> Option<u64> {
        self.timers.due.get_min().map(|(due_ms, _, _)| *due_ms)
    }

    /// A contract's timers, by id.
    pub fn timers(&self, contract: &AccountId) -> Vec<TimerStatus> {
        self.timers.of(contract).map(KeptTimer::status).collect()
    }

    /// How many timers there are.
    pub fn timers_len(&self) -> usize {
        self.timers.len
    }

    pub(super) fn listed_timers(&self, contract: &AccountId) -> Vec<ListedTimer> {
        self.timers.of(contract).map(KeptTimer::listed).collect()
    }

    pub(super) fn has_timer(&self, contract: &AccountId, id: &[u8]) -> bool {
        self.timers.get(contract, id).is_some()
    }

    /// How many timers a contract has, and all together.
    pub(super) fn count_timers(&self, contract: &AccountId) -> (usize, usize) {
        (self.timers.by_contract.get(contract).map_or(0, |own| own.len()), self.timers.len)
    }

    /// The timers whose time this block has reached.
    pub(crate) fn due_timers(&self) -> Due {
        let now_ms = self.position.time_ms;
        let mut due = Due::new();
        for (due_ms, contract, id) in self.timers.due.iter().take_while(|(due_ms, _, _)| *due_ms <= now_ms) {
            due.entry(*contract).or_default().insert((*due_ms, id.clone()));
        }
        due
    }

    /// A timer that is still due at this time.
    pub(crate) fn due_timer(&self, contract: &AccountId, id: &[u8], due_ms: u64) -> Option<Arc<KeptTimer>> {
        let kept = self.timers.get(contract, id)?;
        (kept.fires() && kept.due_ms == due_ms).then(|| kept.clone())
    }

    fn put_timer(&mut self, contract: AccountId, kept: KeptTimer) {
        self.write(&Key::Timer(contract, kept.timer.id.clone()), Some(kept.encode()));
        self.timers.insert(contract, kept);
    }

    fn drop_timer(&mut self, contract: &AccountId, id: &[u8]) {
        self.write(&Key::Timer(*contract, id.to_vec()), None);
        self.timers.remove(contract, id);
    }

    /// Sets and cancels timers, after contracts have been made and terminated.
    pub(super) fn apply_timers(&mut self, changes: &Changes) {
        for (address, info) in &changes.contracts {
            if info.is_none() {
                let ids: Vec<_> = self.timers.of(address).map(|kept| kept.timer.id.clone()).collect();
                ids.iter().for_each(|id| self.drop_timer(address, id));
            }
        }
        for ((contract, id), timer) in &changes.timers {
            match timer {
                Some(DueTimer { timer, due_ms }) => self.set_timer(*contract, timer.clone(), *due_ms),
                None => self.drop_timer(contract, id),
            }
        }
    }

    fn set_timer(&mut self, contract: AccountId, timer: Timer, due_ms: u64) {
        let serial = self.read(&Key::TimerSerial).unwrap_or(0u64);
        self.write(&Key::TimerSerial, Some((serial + 1).encode()));
        let last = self.timers.get(&contract, &timer.id).and_then(|before| before.last.clone());
        self.put_timer(contract, KeptTimer { timer, serial, due_ms, waiting: None, last, out_of_gas: 0 });
    }

    /// Moves a timer on to its next time, or drops it after its last.
    pub(crate) fn reschedule(&mut self, contract: AccountId, kept: &KeptTimer, next_ms: Option<u64>) {
        match next_ms {
            Some(due_ms) => self.put_timer(contract, KeptTimer { due_ms, ..kept.clone() }),
            None => self.drop_timer(&contract, &kept.timer.id),
        }
    }

    /// Ends the timer of a firing that its contract cannot pay for: it would make block after block for nothing.
    pub(crate) fn end_timer(&mut self, fired: &FiredTimer) {
        if self.timers.get(&fired.contract, &fired.timer).is_some_and(|kept| kept.serial == fired.serial) {
            self.drop_timer(&fired.contract, &fired.timer);
        }
    }

    /// Notes that a firing waits.
    pub(crate) fn firing_waits(&mut self, fired: &FiredTimer, command: CommandId) {
        let kept = self.timers.get(&fired.contract, &fired.timer).filter(|kept| kept.serial == fired.serial);
        if let Some(kept) = kept.filter(|kept| kept.waiting.is_none()) {
            let kept = KeptTimer { waiting: Some(command), ..(**kept).clone() };
            self.put_timer(fired.contract, kept);
        }
    }

    /// Notes how a firing ended: whether the timer is suspended by it. The timer may have been cancelled meanwhile, or set
    /// anew under its id.
    pub(crate) fn firing_ended(&mut self, fired: &FiredTimer, last: Firing) -> bool {
        let Some(kept) = self.timers.get(&fired.contract, &fired.timer) else { return false };
        let is_other = kept.serial != fired.serial;
        let waiting = kept.waiting.filter(|_| is_other);
        let out_of_gas = match last.result {
            _ if is_other => kept.out_of_gas,
            Err(CallError::OutOfGas) => kept.out_of_gas + 1,
            _ => 0,
        };
        let kept = KeptTimer { waiting, last: Some(last), out_of_gas, ..(**kept).clone() };
        let suspended = kept.is_suspended() && !is_other;
        self.put_timer(fired.contract, kept);
        suspended
    }

    /// The contract after which the timers' turn was cut off.
    pub(crate) fn timer_turn(&self) -> Option<AccountId> {
        self.read(&Key::TimerTurn)
    }

    /// Notes where it was cut off, if it was.
    pub(crate) fn set_timer_turn(&mut self, turn: Option<AccountId>) {
        if turn != self.timer_turn() {
            self.write(&Key::TimerTurn, turn.map(|turn| turn.encode()));
        }
    }
}
