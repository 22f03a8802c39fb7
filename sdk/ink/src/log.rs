//! Log lines. They are kept whatever becomes of the call, and only the contract's owner can read them.
//!
//! ```ignore
//! use tallow_ink::log;
//! log::warn!("price {price} looks odd");
//! ```

use crate::host::{call, Function, SMALL};
use alloc::string::String;

/// How important a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Level {
    /// Something failed.
    Error = 1,
    /// Something is odd.
    Warn = 2,
    /// Something happened.
    Info = 3,
    /// For developers.
    Debug = 4,
    /// For developers in despair.
    Trace = 5,
}

/// Writes a line; the macros are the usual way.
pub fn line(level: Level, text: String) {
    call(Function::Log, &(level as u8, text), SMALL)
}

#[doc(hidden)]
#[macro_export]
macro_rules! __line {
    ($level:ident, $($arg:tt)+) => {
        $crate::log::line($crate::log::Level::$level, $crate::log::__format!($($arg)+))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __error { ($($arg:tt)+) => { $crate::__line!(Error, $($arg)+) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __warn { ($($arg:tt)+) => { $crate::__line!(Warn, $($arg)+) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __info { ($($arg:tt)+) => { $crate::__line!(Info, $($arg)+) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __debug { ($($arg:tt)+) => { $crate::__line!(Debug, $($arg)+) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __trace { ($($arg:tt)+) => { $crate::__line!(Trace, $($arg)+) }; }

/// Logs a line for developers, formatted as by `format!`.
#[doc(inline)]
pub use crate::__debug as debug;
/// Logs an error, formatted as by `format!`.
#[doc(inline)]
pub use crate::__error as error;
/// Logs information, formatted as by `format!`.
#[doc(inline)]
pub use crate::__info as info;
/// Logs a detailed line for developers, formatted as by `format!`.
#[doc(inline)]
pub use crate::__trace as trace;
/// Logs a warning, formatted as by `format!`.
#[doc(inline)]
pub use crate::__warn as warn;
#[doc(hidden)]
pub use alloc::format as __format;
