//! Blobs by the hash of their content.

use crate::{StoreError, disk};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as Key};
use std::path::{Path, PathBuf};
use tallow_crypto::code_hash;
use tallow_types::{CodeHash, limits::CODE_BYTES_MAX};

/// Contract code, content-addressed: what is read is what the hash names, whoever wrote the file.
#[derive(Debug)]
pub struct Blobs {
    dir: PathBuf,
    store: LocalFileSystem,
}

impl Blobs {
    /// Opens the blobs in `dir`, which this process must have for itself.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, StoreError> {
        let dir = dir.as_ref().to_owned();
        Ok(Self { store: disk::open(&dir)?, dir })
    }

    /// Keeps code; it is on stable storage when this returns.
    ///
    /// Code that is there is written again: its file may be damaged, or not yet synced by a process that was killed.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] for code above [`CODE_BYTES_MAX`]; [`StoreError::Full`] and others of the disk.
    pub async fn put_code(&self, wasm: &[u8]) -> Result<CodeHash, StoreError> {
        check_size(wasm.len() as u64)?;
        let hash = code_hash(wasm);
        let payload = PutPayload::from_bytes(Bytes::copy_from_slice(wasm));
        self.store.put(&key(&hash), payload).await.map_err(|error| StoreError::backend(&self.path(&hash), error))?;
        Ok(hash)
    }

    /// Code by its hash, or `None` when it is not here.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the file is not what the hash names.
    pub async fn get_code(&self, hash: &CodeHash) -> Result<Option<Vec<u8>>, StoreError> {
        let failed = |error| StoreError::backend(&self.path(hash), error);
        let found = match self.store.get(&key(hash)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let damaged = |what| StoreError::Damaged { path: self.path(hash), what };
        check_size(found.meta.size).map_err(|_| damaged("larger than any code"))?;
        let bytes = found.bytes().await.map_err(failed)?;
        if code_hash(&bytes) == *hash { Ok(Some(bytes.into())) } else { Err(damaged("not the code of its name")) }
    }

    /// Hashes of all code that is here, sorted. Files of other names are passed over.
    ///
    /// # Errors
    /// Those of the disk.
    pub async fn codes(&self) -> Result<Vec<CodeHash>, StoreError> {
        let listed: Vec<_> =
            self.store.list(None).try_collect().await.map_err(|error| StoreError::backend(&self.dir, error))?;
        let name = |location: &Key| location.filename().and_then(|name| format!("0x{name}").parse().ok());
        let mut codes: Vec<CodeHash> = listed.iter().filter_map(|object| name(&object.location)).collect();
        codes.sort();
        Ok(codes)
    }

    fn path(&self, hash: &CodeHash) -> PathBuf {
        self.dir.join(hex::encode(hash))
    }
}

fn key(hash: &CodeHash) -> Key {
    Key::from(hex::encode(hash))
}

fn check_size(bytes: u64) -> Result<(), StoreError> {
    let limit = CODE_BYTES_MAX as u64;
    if bytes > limit { Err(StoreError::TooLarge { bytes, limit }) } else { Ok(()) }
}
