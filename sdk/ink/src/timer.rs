//! Timers: messages of the contract that its cluster calls when their time has come. On Tallow alone.
//!
//! A timer is set by a command and belongs to its effects: a message that returns an error sets none. It stays until it
//! has fired for the last time, is cancelled, or the contract terminates; restarts of the cluster and a new code of the
//! contract do not touch it. When it fires, the contract is its own caller, so a message for timers alone begins with
//! `self.env().caller() == self.env().account_id()`.
//!
//! ```ignore
//! use tallow_ink::timer::Timer;
//! Timer::every(60_000).call(ink::selector_bytes!("report"), &()).set("report")?;
//! Timer::cron("0 9 * * MON-FRI").call(ink::selector_bytes!("open"), &(42u32,)).set("open")?;
//! ```

use crate::context::untrusted_millis_since_unix_epoch;
use crate::host::{call, try_call, Function, SMALL};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use parity_scale_codec::{Decode, Encode};

/// Gas of a firing unless told otherwise.
pub const GAS_LIMIT: u64 = 100_000_000_000;

/// When a timer fires, in block time: milliseconds since the Unix epoch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Schedule {
    /// Once.
    Once {
        /// When.
        at_ms: u64,
    },
    /// Again and again.
    Every {
        /// A time at which it fires.
        first_ms: u64,
        /// Time between two firings.
        period_ms: u64,
    },
    /// By the calendar in UTC.
    Cron(String),
}

/// Why a timer is not set or cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Error {
    /// This is a query, which leaves nothing behind.
    NotInCommand,
    /// The id is empty or longer than 32 bytes.
    BadId,
    /// The period is shorter than 100 ms; or the cron expression is none, is longer than 64 bytes or names a time that
    /// never comes.
    BadSchedule,
    /// No message is called, or its arguments are longer than 1 KiB.
    BadInput,
    /// The gas limit is zero or more than a command may use.
    BadGasLimit,
    /// More than 100 missed firings are to be made good.
    BadCatchUp,
    /// The contract has 64 timers.
    ContractFull,
    /// The cluster has as many timers as it can keep.
    ClusterFull,
    /// An error that this crate does not know.
    Unknown(u32),
}

impl Error {
    /// The error of a status code, which is its index plus one.
    fn from_status(code: u32) -> Self {
        let index = code.checked_sub(1).and_then(|index| u8::try_from(index).ok());
        index.and_then(|index| Self::decode(&mut &[index][..]).ok()).unwrap_or(Self::Unknown(code))
    }
}

/// A timer that is not set yet.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use = "a timer is set by `set`"]
pub struct Timer {
    schedule: Schedule,
    input: Vec<u8>,
    gas_limit: u64,
    catch_up: u32,
}

impl Timer {
    /// Fires once, at a block time in milliseconds; at once when that has passed.
    pub fn once(at_ms: u64) -> Self {
        Self::of(Schedule::Once { at_ms })
    }

    /// Fires again and again, for the first time one period from now.
    pub fn every(period_ms: u64) -> Self {
        Self::every_from(untrusted_millis_since_unix_epoch().saturating_add(period_ms), period_ms)
    }

    /// Fires again and again from a time on. When that has passed, the times that follow from it count:
    /// `every_from(0, 60_000)` fires at each full minute.
    pub fn every_from(first_ms: u64, period_ms: u64) -> Self {
        Self::of(Schedule::Every { first_ms, period_ms })
    }

    /// Fires by the calendar in UTC: minute, hour, day of month, month, day of week, as in `crontab`.
    pub fn cron(expression: &str) -> Self {
        Self::of(Schedule::Cron(expression.to_owned()))
    }

    fn of(schedule: Schedule) -> Self {
        Self { schedule, input: Vec::new(), gas_limit: GAS_LIMIT, catch_up: 0 }
    }

    /// The message that it calls, by its selector, and the message's arguments as a tuple.
    pub fn call(mut self, selector: [u8; 4], arguments: &impl Encode) -> Self {
        self.input = selector.to_vec();
        arguments.encode_to(&mut self.input);
        self
    }

    /// Most gas a firing may use.
    pub fn gas_limit(self, gas_limit: u64) -> Self {
        Self { gas_limit, ..self }
    }

    /// How many firings are made good when the cluster stood still: the newest ones, beside the one that is due. None
    /// unless told otherwise.
    pub fn catch_up(self, catch_up: u32) -> Self {
        Self { catch_up, ..self }
    }

    /// Sets it, in place of the contract's timer of this id, if there is one. A number serves as an id by its
    /// `to_le_bytes`.
    ///
    /// # Errors
    /// [`Error`]; then nothing has changed.
    pub fn set(self, id: impl AsRef<[u8]>) -> Result<(), Error> {
        let Self { schedule, input, gas_limit, catch_up } = self;
        let timer = (id.as_ref(), schedule, input, gas_limit, catch_up);
        try_call(Function::TimerSet, &timer, SMALL).map_err(Error::from_status)
    }
}

/// Cancels a timer; tells whether there was one. A firing of it that waits for an answer goes on.
///
/// # Errors
/// [`Error::NotInCommand`].
pub fn cancel(id: impl AsRef<[u8]>) -> Result<bool, Error> {
    try_call(Function::TimerCancel, &id.as_ref(), SMALL).map_err(Error::from_status)
}

/// A timer that is set.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Listed {
    /// Its id.
    pub id: Vec<u8>,
    /// When it fires.
    pub schedule: Schedule,
    /// When it fires next, in milliseconds since the Unix epoch.
    pub due_ms: u64,
}

/// The contract's timers, by id.
pub fn list() -> Vec<Listed> {
    call(Function::TimerList, &(), SMALL)
}
