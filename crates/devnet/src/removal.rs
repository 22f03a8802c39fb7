//! Removing a network that does not run.

use std::path::Path;
use tallow_store::{DataDir, StoreError};

/// The data directory of a network that does not run, and cannot start while this is held.
#[derive(Debug)]
pub struct Stopped(DataDir);

impl Stopped {
    /// Takes the directory of a network.
    ///
    /// # Errors
    /// When it holds something else, or the network runs.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        DataDir::open(path).map(Self)
    }

    /// Removes the network; other files in the directory stay.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn remove(self) -> Result<(), StoreError> {
        self.0.remove()
    }
}
