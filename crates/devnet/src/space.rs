//! Whether a network ended for lack of space.

use std::io;
use tallow_chain::ChainError;
use tallow_store::StoreError;
use tallow_validator::ValidatorError;

/// Whether an error of [`crate::DevNetwork`] says that the disk is full. Then nothing is damaged: the network goes on
/// from the same data directory when there is space.
pub fn is_disk_full(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let chain = |error: &ChainError| matches!(error, ChainError::Full { .. });
        let store = |error: &StoreError| matches!(error, StoreError::Full { .. });
        let validator = |error: &ValidatorError| match error {
            ValidatorError::Chain(error) => chain(error),
            ValidatorError::Store(error) => store(error),
            _ => false,
        };
        let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        cause.downcast_ref().is_some_and(chain)
            || cause.downcast_ref().is_some_and(store)
            || cause.downcast_ref().is_some_and(validator)
            || cause.downcast_ref().is_some_and(|error: &io::Error| kinds.contains(&error.kind()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context as _, anyhow};

    #[test]
    fn every_way_of_saying_it_is_recognised() {
        let path = std::path::PathBuf::from("/data");
        let chain = || ChainError::Full { path: path.clone(), reason: String::new() };
        let store = || StoreError::Full { path: path.clone() };
        let full = [
            anyhow::Error::new(chain()).context("the cluster log"),
            anyhow::Error::new(store()),
            anyhow::Error::new(ValidatorError::Chain(chain())).context("start"),
            anyhow::Error::new(ValidatorError::Store(store())),
            Err::<(), _>(io::Error::from(io::ErrorKind::StorageFull)).context("writing").unwrap_err(),
        ];
        assert!(full.iter().all(is_disk_full));
        let others = [anyhow!("no space left"), anyhow::Error::new(ChainError::ShutDown)];
        assert!(!others.iter().any(is_disk_full));
    }
}
