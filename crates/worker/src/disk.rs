//! How much room the worker's disk has. When there is little, nothing new is taken, and everything else goes on.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tallow_store::{StoreError, free_bytes};
use tallow_types::limits::{DISK_CHECK_MS, DISK_RESERVE_BYTES};

/// Why nothing new is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the worker's disk has {} MiB left, and it takes nothing new below {}: its operator must free some space, and then \
     it goes on by itself. This had no effect. Queries, receipts and logs are served as before; another worker may \
     have space",
    .free >> 20, DISK_RESERVE_BYTES >> 20
)]
pub(crate) struct DiskFull {
    /// Bytes that can still be written.
    pub(crate) free: u64,
}

/// The disks of the worker's directories, usually one.
#[derive(Debug)]
pub(crate) struct Disk {
    dirs: Vec<PathBuf>,
    free: AtomicU64,
}

impl Disk {
    /// Looks at the disks of `dirs`, which are there.
    pub(crate) fn open(dirs: Vec<PathBuf>) -> Result<Self, StoreError> {
        let disk = Self { dirs, free: AtomicU64::new(0) };
        disk.look()?;
        Ok(disk)
    }

    /// Looks again at intervals for as long as the worker lives.
    pub(crate) async fn watch(&self) {
        let mut ticks = tokio::time::interval(Duration::from_millis(DISK_CHECK_MS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look() {
                tracing::warn!(%error, "the free space is not known; going on with what it was");
            }
        }
    }

    fn look(&self) -> Result<(), StoreError> {
        let mut least = u64::MAX;
        for dir in &self.dirs {
            least = least.min(free_bytes(dir)?);
        }
        let (before, now) = (self.free.swap(least, Ordering::Relaxed) < DISK_RESERVE_BYTES, least < DISK_RESERVE_BYTES);
        if now && !before {
            tracing::warn!(
                free_bytes = least,
                "the disk is full: new commands and code are refused until there is space"
            );
        }
        Ok(())
    }

    /// Bytes that could be written when it was last looked at.
    pub(crate) fn free(&self) -> u64 {
        self.free.load(Ordering::Relaxed)
    }

    /// Whether something new can be taken.
    pub(crate) fn room(&self) -> Result<(), DiskFull> {
        self.room_for(0)
    }

    /// Whether `bytes` can be written without touching the reserve.
    pub(crate) fn room_for(&self, bytes: u64) -> Result<(), DiskFull> {
        let free = self.free();
        if free.saturating_sub(bytes) < DISK_RESERVE_BYTES { Err(DiskFull { free }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
