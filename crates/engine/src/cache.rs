//! Compiled code on disk. Loading it runs it, so every file is authenticated first; what does not verify is ignored.

use crate::{config::CodeCache, prepare::REWRITE_VERSION};
use std::{
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};
use tallow_crypto::{Label, authenticate, blake2b_256, verify_tag};
use tallow_types::CodeHash;
use wasmtime::{Engine, Module};

/// Bytes of the tag in front of a file.
const TAG_BYTES: usize = 32;
/// Bytes of a file that are read at most: compiled code is a few times its Wasm.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The module compiled before, if there is a file of it that this engine wrote.
pub(crate) fn load(cache: &CodeCache, engine: &Engine, code: &CodeHash) -> Option<Module> {
    let name = name(engine, code);
    let path = path(cache, &name);
    if fs::metadata(&path).ok()?.len() > FILE_BYTES_MAX {
        return None;
    }
    let file = fs::read(&path).ok()?;
    let (tag, artifact) = file.split_first_chunk::<TAG_BYTES>()?;
    if !verify_tag(&cache.key, Label::CompiledCode, &authenticated(&name, artifact), tag) {
        return None;
    }
    // SAFETY: `deserialize` asks for unmodified output of `Module::serialize` of a compatible engine. The tag, made with
    // a key that only this host has, proves that `store` wrote exactly these bytes for exactly this code, engine
    // version, configuration and processor, all of which are in the name.
    unsafe { Module::deserialize(engine, artifact) }.ok()
}

/// Keeps a compiled module. A disk that fails costs the next start a compilation, nothing else.
pub(crate) fn store(cache: &CodeCache, engine: &Engine, code: &CodeHash, module: &Module) {
    let name = name(engine, code);
    let Ok(artifact) = module.serialize() else { return };
    let tag = authenticate(&cache.key, Label::CompiledCode, &authenticated(&name, &artifact));
    let file = [&tag[..], &artifact].concat();
    // A failure leaves no file, or an old one; both are handled by `load`.
    let _ = write(&path(cache, &name), &file);
}

/// Writes beside the file and renames, so that no half of it is ever seen under its name.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{write}", std::process::id()));
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let result = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        // Best effort: it may not even exist.
        let _ = fs::remove_file(&beside);
    }
    result
}

fn authenticated(name: &[u8; 32], artifact: &[u8]) -> Vec<u8> {
    [name, artifact].concat()
}

fn path(cache: &CodeCache, name: &[u8; 32]) -> PathBuf {
    cache.dir.join(format!("{}.cwasm", tallow_types::Hash(*name)))
}

/// Digest of all that decides the compiler's output.
fn name(engine: &Engine, code: &CodeHash) -> [u8; 32] {
    let mut bytes = Bytes(vec![REWRITE_VERSION]);
    engine.precompile_compatibility_hash().hash(&mut bytes);
    bytes.0.extend(code.0);
    blake2b_256(&bytes.0)
}

/// Collects what a `Hash` feeds, to be hashed by a function that is the same in every build.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend((bytes.len() as u64).to_le_bytes());
        self.0.extend(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
