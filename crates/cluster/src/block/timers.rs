//! Timers that are due, at the beginning of a block.

use super::{Run, Share};
use crate::task::{FiredTimer, Ordered};
use std::collections::BTreeMap;
use tallow_engine::{HostError, LogLine, schedule};
use tallow_types::limits::{COMMAND_GAS_MAX, FIRING_TIME_MS_MAX, TIMER_OUT_OF_GAS_MAX, TIMERS_PER_BLOCK_MAX};
use tallow_types::{AccountId, CommandId, Firing, Outcome};

/// Level of an error in the log.
const ERROR_LEVEL: u8 = 1;

impl Run<'_> {
    /// Fires what is due: each contract's timers in the order of their times, contracts in turn, until nothing is due or
    /// the block has enough. Then the next one goes on after the contract that came last.
    pub(super) fn fire_due(&mut self) -> Result<(), HostError> {
        let mut due = self.state.due_timers();
        let mut turn = self.state.timer_turn();
        for _ in 0..TIMERS_PER_BLOCK_MAX {
            let Some(contract) = next_after(&due, turn) else { break };
            if !self.budget.has_room(Share::Timers, COMMAND_GAS_MAX) {
                break;
            }
            turn = Some(contract);
            let own = due.get_mut(&contract).expect("the turn is among those that are due");
            if let Some((due_ms, id)) = own.pop_first() {
                own.extend(self.fire(contract, &id, due_ms)?.map(|due_ms| (due_ms, id)));
            }
            if own.is_empty() {
                due.remove(&contract);
            }
        }
        self.state.set_timer_turn(turn.filter(|_| !due.is_empty()));
        Ok(())
    }

    /// Fires a timer, unless a firing before it has cancelled it or set it anew. Gives its next time if it is due again.
    fn fire(&mut self, contract: AccountId, id: &[u8], due_ms: u64) -> Result<Option<u64>, HostError> {
        let Some(kept) = self.state.due_timer(&contract, id, due_ms) else { return Ok(None) };
        let now_ms = self.state.position().time_ms;
        let timer = &kept.timer;
        let occurrence = schedule::fire(&timer.schedule, due_ms, timer.catch_up, now_ms);
        self.state.reschedule(contract, &kept, occurrence.next_ms);
        let fired = FiredTimer {
            contract,
            timer: id.to_vec(),
            serial: kept.serial,
            due_ms: occurrence.due_ms,
            input: timer.input.clone(),
            gas_limit: timer.gas_limit,
            expiry_ms: now_ms.saturating_add(FIRING_TIME_MS_MAX),
        };
        let command = fired.id(&self.cluster.genesis.cluster);
        self.output.ordered.push(command);
        self.run(command, Share::Timers, Ordered::Firing(&fired), Vec::new())?;
        let again = occurrence.next_ms.filter(|next_ms| *next_ms <= now_ms);
        Ok(again.filter(|next_ms| self.state.due_timer(&contract, id, *next_ms).is_some()))
    }

    /// Keeps what became of a firing, for whoever looks at the timer; nobody waits for its receipt. Whether the timer
    /// fires no more, since it only uses up its gas.
    pub(super) fn firing_ended(&mut self, command: CommandId, fired: &FiredTimer, outcome: &Outcome) -> bool {
        let at = self.state.position();
        let Outcome { result, gas_used, .. } = outcome;
        let (due_ms, ended_ms, height) = (fired.due_ms, at.time_ms, at.height);
        let result = result.as_ref().map(|output| output.flags).map_err(Clone::clone);
        self.state.firing_ended(fired, Firing { command, due_ms, ended_ms, height, gas_used: *gas_used, result })
    }
}

/// A line for the log when a firing failed: there is no caller to be told.
pub(super) fn failure_line(fired: &FiredTimer, outcome: &Outcome) -> Option<LogLine> {
    let reason = match &outcome.result {
        Err(error) => error.to_string(),
        Ok(output) if output.reverted() => "reverted".to_owned(),
        Ok(_) => return None,
    };
    let text = format!("timer {} due at {}: {reason}", shown(&fired.timer), fired.due_ms);
    Some(LogLine { contract: fired.contract, level: ERROR_LEVEL, text })
}

/// A line for the log when a timer is suspended.
pub(super) fn suspension_line(fired: &FiredTimer) -> LogLine {
    let id = shown(&fired.timer);
    let text = format!("timer {id} is suspended: it ran out of gas {TIMER_OUT_OF_GAS_MAX} times in a row; set it anew");
    LogLine { contract: fired.contract, level: ERROR_LEVEL, text }
}

/// A timer's id: as text if it is one, else in hexadecimal digits.
fn shown(id: &[u8]) -> String {
    match str::from_utf8(id) {
        Ok(text) if text.chars().all(|c| c.is_ascii_graphic()) => text.to_owned(),
        _ => id.iter().fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}")),
    }
}

/// The contract after `turn`, in order of account, around and around.
fn next_after<T>(due: &BTreeMap<AccountId, T>, turn: Option<AccountId>) -> Option<AccountId> {
    use std::ops::Bound::{Excluded, Unbounded};
    let after = turn.and_then(|turn| due.range((Excluded(turn), Unbounded)).next());
    after.or_else(|| due.first_key_value()).map(|(contract, _)| *contract)
}
