//! A disk that is as bad as disks may be, for tests of whole processes.
//!
//! The library in `shim/` is loaded into a process before libc (`LD_PRELOAD`). It writes every change below one
//! directory to a journal outside of it, with every sync, and it can play a full disk. After the process was killed,
//! [`Disk`] makes of the journal what a disk that lost its power may still hold: [`Loss`] says how cruel it is. The two
//! are apart because whoever links the shim has its own file functions replaced.
//!
//! What is believed of a disk is what POSIX, ext4 and xfs promise, and no more:
//!
//! - Bytes and length of a file are there after `fsync` or `fdatasync` of that file, those written with `RWF_DSYNC`
//!   without. Of all others, any sectors of [`SECTOR`] bytes may be there.
//! - Entries of a directory (a file made, renamed or removed) are there after `fsync` of that directory. Of those since,
//!   as many as came first may be there, since metadata is journalled in order. `fsync` of a new file does not make its
//!   entry durable, though ext4 does that too.
//! - A rename inside a directory is done or not done.
//! - `syncfs` makes everything durable.
//!
//! A sync covers what was written before it began, not what others wrote while it ran.

mod disk;
mod imports;
mod record;
mod shim;

pub use disk::{Disk, Loss, ReplayError, SECTOR, Tree};
pub use imports::unwatched;
pub use record::{Kind, Record, journal};
pub use shim::{FULL, JOURNAL, ROOT, Shim, Space};
