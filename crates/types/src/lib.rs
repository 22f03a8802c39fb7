//! Vocabulary of Tallow: identifiers, commands, entries, blocks, receipts, the registry, and every limit.
//!
//! Types here have a canonical SCALE encoding and no behaviour beyond it. They know no algorithm (`tallow-crypto`
//! does), no clock, no network and no disk.

pub mod limits;

mod authority;
mod block;
mod command;
mod decode;
mod entry;
mod external;
mod feed;
mod ids;
mod outcome;
mod policy;
mod registry;
mod session;
mod timer;

pub use authority::*;
pub use block::*;
pub use command::*;
pub use decode::*;
pub use entry::*;
pub use external::*;
pub use feed::*;
pub use ids::*;
pub use outcome::*;
pub use policy::*;
pub use registry::*;
pub use session::*;
pub use timer::*;
