//! Log lines of contracts, kept for their deployers in bounded rings. Volatile and per replica.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use tallow_cluster::ContractLog;
use tallow_engine::LogLine;
use tallow_types::limits::{LOG_BYTES_MAX, LOG_RECORDS_MAX};
use tallow_types::{AccountId, LogRecord, Position};

#[derive(Default)]
struct Ring {
    next: u64,
    bytes: usize,
    records: VecDeque<LogRecord>,
}

impl Ring {
    /// Numbers and keeps a record; the oldest make room.
    fn push(&mut self, record: LogRecord) -> LogRecord {
        let record = LogRecord { sequence: self.next, ..record };
        self.bytes += record.text.len();
        self.records.push_back(record.clone());
        self.next += 1;
        while self.records.len() > LOG_RECORDS_MAX || self.bytes > LOG_BYTES_MAX {
            let Some(oldest) = self.records.pop_front() else { break };
            self.bytes -= oldest.text.len();
        }
        record
    }
}

/// Log lines of every contract.
pub(crate) struct Logs(Mutex<BTreeMap<AccountId, Ring>>);

impl Logs {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Keeps the lines of a block's commands, and gives their records.
    pub(crate) fn append(&self, at: Position, logs: &[ContractLog]) -> Vec<LogRecord> {
        logs.iter().flat_map(|log| self.append_lines(at.height, at.time_ms, &log.lines)).collect()
    }

    /// Keeps lines written at `time_ms` on the state at `height`, and gives their records.
    pub(crate) fn append_lines(&self, height: u64, time_ms: u64, lines: &[LogLine]) -> Vec<LogRecord> {
        if lines.is_empty() {
            return Vec::new();
        }
        let mut rings = self.0.lock().expect("no code panics while it holds the logs");
        let mut keep = |line: &LogLine| {
            let record = LogRecord { sequence: 0, time_ms, height, level: line.level, text: line.text.clone() };
            rings.entry(line.contract).or_default().push(record)
        };
        lines.iter().map(&mut keep).collect()
    }

    /// Records of a contract from `from` on.
    pub(crate) fn read(&self, contract: &AccountId, from: u64, limit: u32) -> Vec<LogRecord> {
        let rings = self.0.lock().expect("no code panics while it holds the logs");
        let Some(ring) = rings.get(contract) else { return Vec::new() };
        ring.records.iter().filter(|record| record.sequence >= from).take(limit as usize).cloned().collect()
    }
}
