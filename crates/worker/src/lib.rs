//! A worker: hosts a replica of a cluster. It orders and executes commands, performs external calls, answers queries,
//! anchors, and serves the public API.
//!
//! A shell: the rules are in `tallow-cluster`, consensus in `tallow-chain`. [`Worker::start`] puts them together.

mod anchor;
mod app;
mod clock;
mod code;
mod context;
mod disk;
mod executor;
mod feed;
mod final_state;
mod http;
mod inbox;
mod ledger;
mod logs;
mod metrics;
mod opened;
mod progress;
mod query;
mod rings;
mod shares;
mod start;
mod timers;
mod traces;

pub use http::{ApiConfig, Pages, Readers};
pub use ledger::{Ledger, LedgerError, VerifiedLedger};
pub use start::{Dirs, Worker, WorkerConfig, WorkerError};
