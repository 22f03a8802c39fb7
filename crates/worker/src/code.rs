//! Contract code on this host: stored blobs, and what the engine prepared of them.

use std::collections::BTreeMap;
use std::sync::RwLock;
use tallow_cluster::Codes;
use tallow_engine::{Code, CodeError, Engine};
use tallow_store::{Blobs, StoreError};
use tallow_types::CodeHash;

/// Why code cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    #[error(transparent)]
    Code(#[from] CodeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Prepared code, by hash; all of it is in memory, since compiled modules are mapped and shared.
pub(crate) struct CodeShelf {
    engine: Engine,
    blobs: Blobs,
    /// With the bytes of its Wasm.
    prepared: RwLock<BTreeMap<CodeHash, (Code, u64)>>,
}

impl CodeShelf {
    /// Prepares all stored code: the compile cache makes that a matter of milliseconds.
    pub(crate) async fn load(engine: Engine, blobs: Blobs) -> Result<Self, ShelfError> {
        let shelf = Self { engine, blobs, prepared: RwLock::default() };
        for hash in shelf.blobs.codes().await? {
            if let Some(wasm) = shelf.blobs.get_code(&hash).await? {
                shelf.keep(hash, shelf.engine.prepare(&wasm)?, wasm.len());
            }
        }
        Ok(shelf)
    }

    /// Validates, compiles and stores code durably.
    pub(crate) async fn add(&self, wasm: Vec<u8>) -> Result<CodeHash, ShelfError> {
        let hash = tallow_crypto::code_hash(&wasm);
        if self.has(&hash) {
            return Ok(hash);
        }
        let engine = self.engine.clone();
        let (wasm, code) = tokio::task::spawn_blocking(move || engine.prepare(&wasm).map(|code| (wasm, code)))
            .await
            .unwrap_or_else(|panic| Err(CodeError::Host(format!("compiling the code failed: {panic}"))))?;
        self.blobs.put_code(&wasm).await?;
        self.keep(hash, code, wasm.len());
        Ok(hash)
    }

    /// Whether the code is here.
    pub(crate) fn has(&self, hash: &CodeHash) -> bool {
        self.code(hash).is_some()
    }

    /// Bytes of its Wasm, if it is here.
    pub(crate) fn size(&self, hash: &CodeHash) -> Option<u64> {
        self.prepared.read().expect("no code panics while it holds the shelf").get(hash).map(|(_, bytes)| *bytes)
    }

    /// How many codes are ready.
    pub(crate) fn count(&self) -> usize {
        self.prepared.read().expect("no code panics while it holds the shelf").len()
    }

    fn keep(&self, hash: CodeHash, code: Code, bytes: usize) {
        self.prepared.write().expect("no code panics while it holds the shelf").insert(hash, (code, bytes as u64));
    }
}

impl Codes for CodeShelf {
    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.prepared.read().expect("no code panics while it holds the shelf").get(hash).map(|(code, _)| code.clone())
    }
}
