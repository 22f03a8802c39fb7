//! One shell around the consensus engine, for the ledger and for every cluster log.
//!
//! A chain orders opaque entries into blocks, has an [`Application`] execute each block before it is voted for, and
//! hands final blocks over with the certificate that proves them final. It is generic over the application and over
//! the kind of certificate: ed25519 signatures ([`start_ed25519`]) or a threshold signature under one static group
//! key ([`start_threshold`]). A chain of one participant is the same code without a network.
//!
//! Each chain runs on a thread and runtime of its own and is supervised: whatever ends it, be it an error, a panic or
//! a corrupt disk, is reported by [`Handle::failed`].

mod ahead;
mod application;
mod automaton;
mod block;
mod branches;
mod config;
mod engine;
mod epoch;
mod error;
mod finalizer;
mod gathered;
#[cfg(any(test, feature = "testing"))]
pub mod group;
mod handle;
mod inert;
mod journal;
mod keys;
mod machine;
mod network;
mod reporter;
mod space;
mod start;
mod status;
mod store;
#[cfg(test)]
mod tests;

pub use application::{Application, ExecuteError, Finalized, Invalid, Recovery};
pub use branches::Tip;
pub use config::{Config, NetworkConfig};
pub use error::ChainError;
pub use handle::Handle;
pub use keys::{Dealt, ThresholdKeys, deal};
pub use start::{start_ed25519, start_threshold};
