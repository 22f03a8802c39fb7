//! Timers: commands that a cluster sends a contract when their time has come.

use crate::{CallError, CommandId};
use parity_scale_codec::{Decode, Encode};

/// When a timer fires, in block time: milliseconds since the Unix epoch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Schedule {
    /// Once.
    Once {
        /// When; what has passed is due at once.
        at_ms: u64,
    },
    /// Again and again.
    Every {
        /// A time at which it fires; when that has passed, the times that follow from it count.
        first_ms: u64,
        /// Time between two firings.
        period_ms: u64,
    },
    /// By the calendar in UTC: minute, hour, day of month, month, day of week, as in `crontab`.
    Cron(String),
}

/// A timer as its contract sets it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Timer {
    /// Chosen by the contract; a timer that is set under the id of another replaces it.
    pub id: Vec<u8>,
    /// When it fires.
    pub schedule: Schedule,
    /// Selector and SCALE-encoded arguments of the contract's message that it calls.
    pub input: Vec<u8>,
    /// Most gas a firing may use, all its runs counted one by one.
    pub gas_limit: u64,
    /// How many firings are made good, the newest ones, when the cluster could not fire in time; the rest are left out.
    pub catch_up: u32,
}

/// A timer as its contract lists it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ListedTimer {
    /// Its id.
    pub id: Vec<u8>,
    /// When it fires.
    pub schedule: Schedule,
    /// Block time from which on it fires next.
    pub due_ms: u64,
}

/// A timer as its contract's deployer sees it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TimerStatus {
    /// The timer.
    pub timer: Timer,
    /// Block time from which on it fires next.
    pub due_ms: u64,
    /// The firing that waits for an external answer; the next one begins after its end.
    pub waiting: Option<CommandId>,
    /// The firing that ended last.
    pub last: Option<Firing>,
    /// Whether it fires no more until it is set anew, because too many firings in a row ran out of gas.
    pub suspended: bool,
}

/// How a firing ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Firing {
    /// The command that it was.
    pub command: CommandId,
    /// When it was due.
    pub due_ms: u64,
    /// Block time at its end.
    pub ended_ms: u64,
    /// Height of the block that holds its result.
    pub height: u64,
    /// Gas used.
    pub gas_used: u64,
    /// The return flags, or why it did not return.
    pub result: Result<u32, CallError>,
}

/// Why a timer is not set. The numbers are the statuses of the host function, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
pub enum TimerError {
    /// Queries leave nothing behind, so they set and cancel nothing.
    #[error("timers are set and cancelled in commands alone")]
    NotInCommand,
    /// The id is empty or too long.
    #[error("the timer's id is empty or too long")]
    BadId,
    /// The period is too short, or the expression is none, or names a time that never comes.
    #[error("the timer's schedule is none that can be kept")]
    BadSchedule,
    /// The input is too long, or has no selector.
    #[error("the timer's input has no selector or is too long")]
    BadInput,
    /// More gas than a command may use, or none.
    #[error("the timer's gas limit is none, or more than a command may use")]
    BadGasLimit,
    /// More firings are to be made good than may be.
    #[error("too many missed firings are to be made good")]
    BadCatchUp,
    /// The contract has as many timers as it may have.
    #[error("the contract has as many timers as it may have")]
    ContractFull,
    /// The cluster has as many timers as it can keep.
    #[error("the cluster has as many timers as it can keep")]
    ClusterFull,
}

impl TimerError {
    /// The host function's status.
    pub fn status(self) -> u32 {
        self as u32 + 1
    }
}
