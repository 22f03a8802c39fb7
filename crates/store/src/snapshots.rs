//! Sealed snapshots of a cluster's state.
//!
//! A file is a head and chunks, each preceded by its length and sealed for its place: chain, height, this very file and
//! its index in it. So a file can be neither cut, nor put together from others, nor shown as another's.

use crate::{StoreError, disk};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{
    MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as Key,
};
use parity_scale_codec::{Decode, Encode};
use std::path::{Path, PathBuf};
use tallow_crypto::{Label, Secret, open_blob, random_bytes, seal_blob};
use tallow_types::{
    BlockDigest, Hash, decode_exact,
    limits::{SNAPSHOT_CHUNK_BYTES, SNAPSHOTS_KEPT},
};

const SUFFIX: &str = ".snapshot";
/// Bytes of the length in front of a sealed piece.
const LENGTH_BYTES: u64 = 4;
/// Bytes that sealing may add to a piece, with room to spare.
const SEAL_BYTES_MAX: u64 = 256;

/// A cluster's state after a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The block's height.
    pub height: u64,
    /// The block's digest.
    pub digest: BlockDigest,
    /// The encoded state.
    pub bytes: Vec<u8>,
}

/// The snapshots of one chain.
pub struct Snapshots {
    dir: PathBuf,
    store: LocalFileSystem,
    chain: Hash,
    key: Secret<[u8; 32]>,
    /// Bytes that are sealed at once; tests take less than [`SNAPSHOT_CHUNK_BYTES`].
    pub(crate) chunk: usize,
}

/// What a snapshot file holds, sealed as its first piece.
#[derive(Clone, Copy, Encode, Decode)]
struct Head {
    height: u64,
    digest: BlockDigest,
    bytes: u64,
    /// Random: tells this file's chunks from those of another file of the same height.
    file: [u8; 16],
}

impl Snapshots {
    /// Opens the snapshots of `chain` in `dir`, which this process must have for itself, sealed under `key`
    /// (`ClusterSecrets::epoch_snapshot_key`).
    pub fn open(dir: impl AsRef<Path>, chain: Hash, key: Secret<[u8; 32]>) -> Result<Self, StoreError> {
        let dir = dir.as_ref().to_owned();
        Ok(Self { store: disk::open(&dir)?, dir, chain, key, chunk: SNAPSHOT_CHUNK_BYTES })
    }

    /// Keeps a snapshot and the one before it. It is on stable storage when this returns; when it fails, the earlier
    /// ones are untouched.
    ///
    /// # Errors
    /// [`StoreError::Full`] and others of the disk.
    pub async fn save(&self, height: u64, digest: BlockDigest, bytes: &[u8]) -> Result<(), StoreError> {
        let failed = |error| StoreError::backend(&self.path(height), error);
        let mut upload = self.store.put_multipart(&key(height)).await.map_err(failed)?;
        match self.upload(upload.as_mut(), height, digest, bytes).await {
            Ok(()) => self.prune(height).await,
            Err(error) => {
                // What cannot be removed now is removed when the store is opened again.
                let _ = upload.abort().await;
                Err(failed(error))
            }
        }
    }

    /// The newest snapshot that can be read; `None` when there is none at all.
    ///
    /// # Errors
    /// [`StoreError::NoSnapshot`] when there are some and none can be read: starting from nothing then is for the
    /// operator to decide.
    pub async fn latest(&self) -> Result<Option<Snapshot>, StoreError> {
        let mut newest_error = None;
        for height in self.heights().await?.into_iter().rev() {
            match self.load(height).await {
                Ok(snapshot) => return Ok(Some(snapshot)),
                Err(error) => {
                    tracing::warn!(height, %error, "a snapshot cannot be read; trying the one before it");
                    newest_error.get_or_insert(error);
                }
            }
        }
        match newest_error {
            None => Ok(None),
            Some(error) => Err(StoreError::NoSnapshot { path: self.dir.clone(), what: error.to_string() }),
        }
    }

    async fn upload(
        &self,
        upload: &mut dyn MultipartUpload,
        height: u64,
        digest: BlockDigest,
        bytes: &[u8],
    ) -> object_store::Result<()> {
        let head = Head { height, digest, bytes: bytes.len() as u64, file: random_bytes() };
        let mut part = piece(&seal_blob(&self.key, &self.head_aad(height), &head.encode()));
        for (index, chunk) in bytes.chunks(self.chunk).enumerate() {
            part.extend(piece(&seal_blob(&self.key, &self.chunk_aad(&head, index as u64), chunk)));
            upload.put_part(PutPayload::from_bytes(Bytes::from(std::mem::take(&mut part)))).await?;
        }
        if !part.is_empty() {
            upload.put_part(PutPayload::from_bytes(Bytes::from(part))).await?;
        }
        upload.complete().await.map(drop)
    }

    async fn load(&self, height: u64) -> Result<Snapshot, StoreError> {
        let mut file = Reader::open(self, height).await?;
        let head: Head = decode_exact(&file.next(&self.head_aad(height)).await?).map_err(|_| file.damaged("head"))?;
        if head.height != height || head.bytes > file.end {
            return Err(file.damaged("head"));
        }
        let mut bytes = Vec::with_capacity(head.bytes as usize);
        for index in 0.. {
            if bytes.len() as u64 >= head.bytes {
                break;
            }
            bytes.extend(file.next(&self.chunk_aad(&head, index)).await?);
        }
        if bytes.len() as u64 != head.bytes || file.offset != file.end {
            return Err(file.damaged("length"));
        }
        Ok(Snapshot { height, digest: head.digest, bytes })
    }

    /// Removes all but the newest, and never the one just saved.
    async fn prune(&self, saved: u64) -> Result<(), StoreError> {
        let heights = self.heights().await?;
        let old = heights.len().saturating_sub(SNAPSHOTS_KEPT);
        for height in heights.into_iter().take(old).filter(|height| *height != saved) {
            self.store.delete(&key(height)).await.map_err(|error| StoreError::backend(&self.path(height), error))?;
        }
        Ok(())
    }

    /// Heights of the snapshots, lowest first.
    async fn heights(&self) -> Result<Vec<u64>, StoreError> {
        let listed: Vec<_> =
            self.store.list(None).try_collect().await.map_err(|error| StoreError::backend(&self.dir, error))?;
        let height = |name: &str| name.strip_suffix(SUFFIX)?.parse().ok();
        let mut heights: Vec<u64> = listed.iter().filter_map(|object| height(object.location.as_ref())).collect();
        heights.sort_unstable();
        Ok(heights)
    }

    fn head_aad(&self, height: u64) -> Vec<u8> {
        (Label::Snapshot.text(), self.chain, height).encode()
    }

    fn chunk_aad(&self, head: &Head, index: u64) -> Vec<u8> {
        (Label::Snapshot.text(), self.chain, head.height, head.file, index).encode()
    }

    fn path(&self, height: u64) -> PathBuf {
        self.dir.join(name(height))
    }
}

/// Reads the pieces of a snapshot file one after the other.
struct Reader<'a> {
    snapshots: &'a Snapshots,
    height: u64,
    offset: u64,
    end: u64,
}

impl<'a> Reader<'a> {
    async fn open(snapshots: &'a Snapshots, height: u64) -> Result<Self, StoreError> {
        let failed = |error| StoreError::backend(&snapshots.path(height), error);
        let end = snapshots.store.head(&key(height)).await.map_err(failed)?.size;
        Ok(Self { snapshots, height, offset: 0, end })
    }

    async fn next(&mut self, aad: &[u8]) -> Result<Vec<u8>, StoreError> {
        let length = self.take(LENGTH_BYTES).await?;
        let length = u64::from(length[..].try_into().map(u32::from_le_bytes).map_err(|_| self.damaged("length"))?);
        if length > SNAPSHOT_CHUNK_BYTES as u64 + SEAL_BYTES_MAX {
            return Err(self.damaged("length"));
        }
        let sealed = self.take(length).await?;
        open_blob(&self.snapshots.key, aad, &sealed).map_err(|_| self.damaged("seal"))
    }

    async fn take(&mut self, length: u64) -> Result<Bytes, StoreError> {
        let range = self.offset..self.offset + length;
        if range.is_empty() || range.end > self.end {
            return Err(self.damaged("cut off"));
        }
        self.offset = range.end;
        let failed = |error| StoreError::backend(&self.snapshots.path(self.height), error);
        self.snapshots.store.get_range(&key(self.height), range).await.map_err(failed)
    }

    fn damaged(&self, what: &'static str) -> StoreError {
        StoreError::Damaged { path: self.snapshots.path(self.height), what }
    }
}

fn piece(sealed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(sealed.len()).expect("a chunk is far below 4 GiB");
    [&length.to_le_bytes(), sealed].concat()
}

fn name(height: u64) -> String {
    format!("{height:020}{SUFFIX}")
}

fn key(height: u64) -> Key {
    Key::from(name(height))
}
