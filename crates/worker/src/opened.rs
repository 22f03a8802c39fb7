//! Envelopes that were opened when they arrived, so that execution does not open them again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tallow_cluster::{Cluster, OpenError, Opened, Opener};
use tallow_crypto::blake2b_256;
use tallow_types::SealedCommand;
use tallow_types::limits::MEMPOOL_COMMANDS_MAX;

/// Bounded: the oldest are forgotten, and opened again if a block still names them.
pub(crate) struct OpenedCache(Mutex<Entries>);

#[derive(Default)]
#[allow(clippy::disallowed_types, reason = "looked up by key only, never iterated")]
struct Entries {
    by_envelope: std::collections::HashMap<[u8; 32], Arc<Opened>>,
    order: VecDeque<[u8; 32]>,
}

impl OpenedCache {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Opens an envelope, or finds it opened. The key covers the whole envelope: another ciphertext is another key.
    pub(crate) fn open(&self, cluster: &Cluster, sealed: &SealedCommand) -> Result<Arc<Opened>, OpenError> {
        let key = envelope_key(sealed);
        if let Some(opened) = self.lock().by_envelope.get(&key) {
            return Ok(opened.clone());
        }
        let opened = Arc::new(cluster.open(sealed)?);
        self.lock().insert(key, opened.clone());
        Ok(opened)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0.lock().expect("no code panics while it holds the cache")
    }
}

impl Entries {
    fn insert(&mut self, key: [u8; 32], opened: Arc<Opened>) {
        if self.by_envelope.insert(key, opened).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > MEMPOOL_COMMANDS_MAX {
            let oldest = self.order.pop_front().expect("it is not empty");
            self.by_envelope.remove(&oldest);
        }
    }
}

impl Opener for OpenedCache {
    fn open(&self, cluster: &Cluster, sealed: &SealedCommand) -> Result<Arc<Opened>, OpenError> {
        OpenedCache::open(self, cluster, sealed)
    }
}

fn envelope_key(sealed: &SealedCommand) -> [u8; 32] {
    use parity_scale_codec::Encode;
    blake2b_256(&sealed.encode())
}
