//! Traces of commands on this replica: from where a client's request was taken until there is a receipt. They end with
//! the process; a command that an earlier run took is in none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;
use tallow_cluster::BlockOutput;
use tallow_telemetry::span;
use tallow_types::limits::TRACED_COMMANDS_MAX;
use tallow_types::{CommandId, Position};
use tracing::Span;

/// Commands whose traces somebody wants. When there are too many, the one of which nothing was heard longest makes room.
#[derive(Default)]
pub(crate) struct Traces {
    commands: Mutex<BTreeMap<CommandId, Traced>>,
    /// How many they are, so that nothing is locked where nobody wants any.
    count: AtomicUsize,
}

struct Traced {
    /// From admission to receipt.
    span: Span,
    /// When what it waits for began.
    since: SystemTime,
    /// The newest block that ran it.
    height: u64,
}

impl Traces {
    /// Begins the trace of a command, as a part of the current span; nothing when it has one.
    pub(crate) fn begin(&self, id: CommandId) {
        if !tallow_telemetry::is_sampled(&Span::current()) {
            return;
        }
        let mut commands = self.lock();
        if commands.contains_key(&id) {
            return;
        }
        if commands.len() >= TRACED_COMMANDS_MAX {
            let oldest = commands.iter().min_by_key(|(_, traced)| traced.since).map(|(id, _)| *id);
            oldest.and_then(|id| commands.remove(&id));
        }
        // The request may be answered before there is a receipt: it is not kept open by what it began.
        let span = span!(parent: None, "command", tallow.command = %id);
        tallow_telemetry::set_parent(&span, &Span::current());
        commands.insert(id, Traced { span, since: SystemTime::now(), height: 0 });
        self.count.store(commands.len(), Ordering::Release);
    }

    /// The command is refused after all.
    pub(crate) fn forget(&self, id: &CommandId) {
        if self.any() {
            let mut commands = self.lock();
            commands.remove(id);
            self.count.store(commands.len(), Ordering::Release);
        }
    }

    /// Notes the execution of a block.
    pub(crate) fn executed(&self, at: Position, entries: usize, output: &BlockOutput, began: SystemTime) {
        if !self.any() {
            return;
        }
        let (ended, mut commands) = (SystemTime::now(), self.lock());
        for id in ran(output) {
            // A block can be executed more than once: as a proposal, and when it is voted on.
            let Some(traced) = commands.get_mut(id).filter(|traced| traced.height != at.height) else { continue };
            let counts = [("tallow.height", at.height), ("tallow.block.entries", entries as u64)];
            tallow_telemetry::record(&traced.span, "order", traced.since..began, &[]);
            tallow_telemetry::record(&traced.span, "execute", began..ended, &counts);
            (traced.since, traced.height) = (ended, at.height);
        }
    }

    /// Notes that a block is final: those of its commands that completed have their receipts.
    pub(crate) fn finalized(&self, at: Position, output: &BlockOutput) {
        if !self.any() {
            return;
        }
        let (now, mut commands) = (SystemTime::now(), self.lock());
        for id in ran(output) {
            if let Some(traced) = commands.get_mut(id).filter(|traced| traced.height == at.height) {
                tallow_telemetry::record(&traced.span, "certify", traced.since..now, &[("tallow.height", at.height)]);
                traced.since = now;
            }
        }
        for completed in &output.completed {
            commands.remove(&completed.command);
        }
        self.count.store(commands.len(), Ordering::Release);
    }

    /// The span of a command's external call, which begins; disabled when there is no trace.
    pub(crate) fn call(&self, id: &CommandId) -> Span {
        if !self.any() {
            return Span::none();
        }
        let commands = self.lock();
        commands.get(id).map_or_else(Span::none, |traced| span!(parent: &traced.span, "call", otel.kind = "client"))
    }

    /// Notes that the answer to a command's external call is on its way into the log.
    pub(crate) fn answered(&self, id: &CommandId) {
        if self.any()
            && let Some(traced) = self.lock().get_mut(id)
        {
            traced.since = SystemTime::now();
        }
    }

    fn any(&self) -> bool {
        self.count.load(Ordering::Acquire) > 0
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CommandId, Traced>> {
        self.commands.lock().expect("no code panics while it holds the traces")
    }
}

/// Commands that a block ran: for the first time, to a new wait, or to their end.
fn ran(output: &BlockOutput) -> BTreeSet<&CommandId> {
    let completed = output.completed.iter().map(|completed| &completed.command);
    output.ordered.iter().chain(completed).chain(output.calls.iter().map(|call| &call.command)).collect()
}
