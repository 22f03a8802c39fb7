//! Log lines of contracts, kept for their deployers in bounded rings. Volatile and per replica.
//!
//! Lines of commands and lines of queries have rings of their own, since anybody may query; they share their numbers, so
//! that together they are one log. Contracts that are not in the final state have none: nobody could read it.

use crate::rings::{Bounds, Rings};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};
use tallow_cluster::ContractLog;
use tallow_engine::LogLine;
use tallow_types::limits::{
    LOG_BYTES_MAX, LOG_OF_QUERIES_BYTES_MAX, LOG_OF_QUERIES_RECORDS_MAX, LOG_RECORDS_MAX, LOGS_BYTES_MAX,
    LOGS_SWEPT_PER_BLOCK,
};
use tallow_types::{AccountId, CommandId, LogRecord, Position};

/// Bytes a record counts for besides its text.
const RECORD_OVERHEAD: usize = 64;

/// A line as it was numbered: whose it is, and the command that wrote it, if one did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) contract: AccountId,
    pub(crate) command: Option<CommandId>,
    pub(crate) record: LogRecord,
}

/// Log lines of every contract.
pub(crate) struct Logs(Mutex<Rolls>);

struct Rolls {
    commands: Rings<LogRecord>,
    queries: Rings<LogRecord>,
    /// Number of the next line of each contract that has written one.
    next: BTreeMap<AccountId, u64>,
    /// The contract that was looked at last, to see whether it still is there.
    swept: Option<AccountId>,
}

impl Rolls {
    fn keep(&mut self, at: Position, command: Option<CommandId>, line: &LogLine) -> Line {
        let next = self.next.entry(line.contract).or_default();
        let LogLine { contract, level, text } = line.clone();
        let record = LogRecord { sequence: *next, time_ms: at.time_ms, height: at.height, level, text };
        *next += 1;
        let ring = if command.is_some() { &mut self.commands } else { &mut self.queries };
        ring.push(contract, record.clone(), record.text.len() + RECORD_OVERHEAD);
        Line { contract, command, record }
    }

    fn remove(&mut self, contract: &AccountId) {
        self.commands.remove(contract);
        self.queries.remove(contract);
        self.next.remove(contract);
    }

    /// The next contract to look at; after the last comes the first.
    fn next_to_sweep(&mut self) -> Option<AccountId> {
        let after = self.swept.map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.next.range((after, Bound::Unbounded)).next().map(|(contract, _)| *contract);
        self.swept = next;
        next
    }
}

impl Logs {
    pub(crate) fn new() -> Self {
        let commands = Bounds { items: LOG_RECORDS_MAX, bytes: LOG_BYTES_MAX, total: LOGS_BYTES_MAX };
        let queries =
            Bounds { items: LOG_OF_QUERIES_RECORDS_MAX, bytes: LOG_OF_QUERIES_BYTES_MAX, total: LOGS_BYTES_MAX };
        let (commands, queries) = (Rings::new(commands), Rings::new(queries));
        Self(Mutex::new(Rolls { commands, queries, next: BTreeMap::new(), swept: None }))
    }

    fn lock(&self) -> MutexGuard<'_, Rolls> {
        self.0.lock().expect("no code panics while it holds the logs")
    }

    /// Keeps the lines of a block's commands, of contracts that are there after it, and drops logs of contracts that are
    /// not.
    pub(crate) fn append(&self, at: Position, logs: &[ContractLog], exists: impl Fn(&AccountId) -> bool) -> Vec<Line> {
        let mut rolls = self.lock();
        for _ in 0..LOGS_SWEPT_PER_BLOCK {
            if let Some(contract) = rolls.next_to_sweep().filter(|contract| !exists(contract)) {
                rolls.remove(&contract);
            }
        }
        let lines = logs.iter().flat_map(|log| log.lines.iter().map(|line| (log.command, line)));
        let lines = lines.filter(|(_, line)| exists(&line.contract));
        lines.map(|(command, line)| rolls.keep(at, Some(command), line)).collect()
    }

    /// Keeps lines that a query wrote on the state at a height, by the replica's clock, of contracts that are there.
    pub(crate) fn append_query(
        &self,
        at: Position,
        lines: &[LogLine],
        exists: impl Fn(&AccountId) -> bool,
    ) -> Vec<Line> {
        if lines.is_empty() {
            return Vec::new();
        }
        let mut rolls = self.lock();
        lines.iter().filter(|line| exists(&line.contract)).map(|line| rolls.keep(at, None, line)).collect()
    }

    /// Records of a contract from `from` on, of commands and queries in the order of their numbers.
    pub(crate) fn read(&self, contract: &AccountId, from: u64, limit: u32) -> Vec<LogRecord> {
        let rolls = self.lock();
        let records = rolls.commands.of(contract).chain(rolls.queries.of(contract));
        let mut records: Vec<&LogRecord> = records.filter(|record| record.sequence >= from).collect();
        records.sort_by_key(|record| record.sequence);
        records.into_iter().take(limit as usize).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallow_types::limits::DEBUG_BYTES_MAX;

    const OWN: AccountId = AccountId([1; 32]);
    const AT: Position = Position { height: 3, time_ms: 30 };

    fn line(contract: AccountId, text: &str) -> LogLine {
        LogLine { contract, level: 3, text: text.to_owned() }
    }

    fn command(line: LogLine) -> [ContractLog; 1] {
        [ContractLog { command: CommandId([2; 32]), lines: vec![line] }]
    }

    fn texts(logs: &Logs, from: u64) -> Vec<(u64, String)> {
        logs.read(&OWN, from, 9).into_iter().map(|record| (record.sequence, record.text)).collect()
    }

    #[test]
    fn queries_of_anybody_leave_the_lines_of_commands() {
        let logs = Logs::new();
        logs.append(AT, &command(line(OWN, "deployed")), |_| true);
        let flood = vec![line(OWN, &"x".repeat(DEBUG_BYTES_MAX))];
        (0..40).for_each(|_| drop(logs.append_query(AT, &flood, |_| true)));
        logs.append(AT, &command(line(OWN, "called")), |_| true);
        let read: Vec<_> = texts(&logs, 0).into_iter().map(|(number, text)| (number, text.len())).collect();
        assert_eq!(read, [(0, 8), (40, DEBUG_BYTES_MAX), (41, 6)], "in the order of their numbers");
        assert_eq!(texts(&logs, 41), [(41, "called".to_owned())]);
    }

    #[test]
    fn contracts_that_are_not_there_have_no_log() {
        let logs = Logs::new();
        assert!(logs.append(AT, &command(line(OWN, "a")), |_| false).is_empty());
        assert!(logs.append_query(AT, &[line(OWN, "b")], |_| false).is_empty());
        assert!(logs.lock().next.is_empty());
        logs.append(AT, &command(line(OWN, "c")), |_| true);
        logs.append_query(AT, &[line(OWN, "d")], |_| true);
        assert_eq!(texts(&logs, 0).len(), 2);
        logs.append(AT, &[], |_| false);
        assert!(texts(&logs, 0).is_empty() && logs.lock().next.is_empty(), "it has ended, and its log with it");
    }

    #[test]
    fn every_contract_comes_to_be_looked_at() {
        let logs = Logs::new();
        let many = LOGS_SWEPT_PER_BLOCK as u8 * 3 + 1;
        let contract = |number| AccountId([number; 32]);
        (0..many).for_each(|number| drop(logs.append(AT, &command(line(contract(number), "x")), |_| true)));
        let last = contract(many - 1);
        (0..5).for_each(|_| drop(logs.append(AT, &[], |contract| *contract == last)));
        assert_eq!(logs.lock().next.len(), 1);
    }
}
