//! A whole network in one process, for development: one validator, a keyholder and one worker with one cluster.
//!
//! It is the real thing at its smallest: the same consensus, disk, sockets and cryptography, n = 1. What is *not* real
//! is listed by [`DevNetwork::development`]: attestation is simulated, the keyholder holds the whole master secret, the
//! validators' key comes from a dealer, well-known accounts are funded, and contracts may reach this machine.

mod genesis;
mod host;
mod ledger;
mod network;
mod removal;
mod space;
mod unusable;

pub use network::{DevConfig, DevNetwork};
pub use removal::Stopped;
pub use space::is_disk_full;
pub use unusable::{Unusable, unusable};
