//! What a run and its driver share: the pending external call, its answer, the log lines.

use crate::{LogLine, Memory};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tallow_types::{
    AccountId, Answer, ExternalCall,
    limits::{DEBUG_BYTES_MAX, LOG_RECORDS_MAX},
};

/// Shared by a run's future and its driver. It outlives the future, so that log lines survive a run that is cut off.
#[derive(Default)]
pub(crate) struct Exchange(Mutex<State>);

#[derive(Default)]
struct State {
    asked: Option<(u32, ExternalCall)>,
    answer: Option<Answer>,
    calls: u32,
    logs: Vec<LogLine>,
    log_bytes: usize,
    memory: Option<Arc<dyn Memory>>,
}

impl Exchange {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave the state half-written: every method writes it in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The driver says where the run's memory is counted.
    pub(crate) fn count_in(&self, memory: Arc<dyn Memory>) {
        self.state().memory = Some(memory);
    }

    /// Where the run's memory is counted, if anywhere.
    pub(crate) fn memory(&self) -> Option<Arc<dyn Memory>> {
        self.state().memory.clone()
    }

    /// The contract asks.
    pub(crate) fn ask(&self, index: u32, call: ExternalCall) {
        let mut state = self.state();
        state.asked = Some((index, call));
        state.answer = None;
    }

    /// What the contract waits for.
    pub(crate) fn asked(&self) -> Option<(u32, ExternalCall)> {
        self.state().asked.clone()
    }

    /// The driver answers; without a question the answer is dropped.
    pub(crate) fn answer(&self, answer: Answer) {
        let mut state = self.state();
        if state.asked.is_some() {
            state.answer = Some(answer);
        }
    }

    /// The contract takes the answer.
    pub(crate) fn take_answer(&self) -> Option<Answer> {
        let mut state = self.state();
        let answer = state.answer.take()?;
        state.asked = None;
        Some(answer)
    }

    /// Counts an external call and returns its number.
    pub(crate) fn count_call(&self) -> u32 {
        let mut state = self.state();
        let index = state.calls;
        state.calls += 1;
        index
    }

    /// External calls so far.
    pub(crate) fn calls(&self) -> u32 {
        self.state().calls
    }

    /// Keeps a line, or as much of it as the limits leave room for.
    pub(crate) fn log(&self, contract: AccountId, level: u8, text: &str) {
        let mut state = self.state();
        let room = DEBUG_BYTES_MAX - state.log_bytes;
        if state.logs.len() >= LOG_RECORDS_MAX || (room == 0 && !text.is_empty()) {
            return;
        }
        let end = (0..=room.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        state.log_bytes += end;
        state.logs.push(LogLine { contract, level, text: text[..end].to_owned() });
    }

    /// What a run that has ended leaves: how many external calls it made, and its lines.
    pub(crate) fn end(&self) -> (u32, Vec<LogLine>) {
        let mut state = self.state();
        (state.calls, std::mem::take(&mut state.logs))
    }
}
