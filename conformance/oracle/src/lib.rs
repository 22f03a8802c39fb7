//! The oracle: Tallow's engine and pallet-contracts run the same contracts and calls, and everything that can be seen
//! from outside is compared after every step.
//!
//! - [`Program`] is a list of modules and steps, [`compare`] runs it on both sides and says where they differ.
//! - [`Differences`] has what is meant to differ, and reports whatever else does.
//! - Most programs are made of [`script`]s: one module, [`script::module`], calls host functions as its input tells it.

pub mod cases;
mod compare;
mod differences;
pub mod functions;
mod program;
pub mod script;
mod sides;

pub use compare::{Comparison, Mismatch, compare, compare_with};
pub use differences::{Differences, Entry, Report};
pub use program::{Accounts, Entrance, Program, Step};
pub use sides::{Observed, Pallet, Side, State, Tallow};
