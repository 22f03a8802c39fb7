//! The code that scenarios use, found by hash.

use std::collections::BTreeMap;
use tallow_abi::{Bundle, Metadata};
use tallow_types::CodeHash;

/// Bundles and bare Wasm by the hash of their code.
#[derive(Clone, Default, Debug)]
pub struct Codes {
    bundles: BTreeMap<CodeHash, Loaded>,
    /// The code of each file, by its name.
    names: Vec<(String, CodeHash)>,
    /// Files that could not be read, with the reason.
    unreadable: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Loaded {
    wasm: Vec<u8>,
    /// The metadata, or why there is none.
    metadata: Result<Metadata, String>,
}

impl Codes {
    /// Reads `.contract` and `.wasm` files, given as name and content. A file that is neither is remembered as
    /// [`Self::unreadable`]; a bundle with unusable metadata can still be called by raw input.
    pub fn load(files: Vec<(String, Vec<u8>)>) -> Self {
        let mut codes = Self::default();
        for (name, bytes) in files {
            match read(&bytes) {
                Ok((hash, loaded)) => {
                    codes.add(hash, loaded);
                    codes.names.push((name, hash));
                }
                Err(reason) => codes.unreadable.push((name, reason)),
            }
        }
        codes
    }

    /// Keeps what has metadata when the same code comes twice.
    fn add(&mut self, hash: CodeHash, loaded: Loaded) {
        let keeps = self.bundles.get(&hash).is_some_and(|known| known.metadata.is_ok());
        if !keeps {
            self.bundles.insert(hash, loaded);
        }
    }

    /// Files that are neither bundle nor Wasm, with the reason.
    pub fn unreadable(&self) -> &[(String, String)] {
        &self.unreadable
    }

    /// The hashes of all code that was found.
    pub fn hashes(&self) -> impl Iterator<Item = &CodeHash> {
        self.bundles.keys()
    }

    /// The code of the first file whose name ends in this path and `.contract`.
    pub(crate) fn named(&self, path: &str) -> Option<CodeHash> {
        let ends_so = |name: &str| {
            let folder = name.strip_suffix(".contract").and_then(|stem| stem.strip_suffix(path));
            folder.is_some_and(|folder| folder.is_empty() || folder.ends_with(['/', '\\']))
        };
        self.names.iter().find(|(name, _)| ends_so(name)).map(|(_, hash)| *hash)
    }

    pub(crate) fn wasm(&self, hash: &CodeHash) -> Option<&[u8]> {
        self.bundles.get(hash).map(|loaded| loaded.wasm.as_slice())
    }

    /// The metadata of a code, or why there is none.
    pub(crate) fn metadata(&self, hash: &CodeHash) -> Result<&Metadata, String> {
        let loaded = self.bundles.get(hash).ok_or_else(|| format!("code {hash} is not among the files"))?;
        loaded.metadata.as_ref().map_err(Clone::clone)
    }
}

fn read(bytes: &[u8]) -> Result<(CodeHash, Loaded), String> {
    let problem = match Bundle::parse(bytes) {
        Ok(Bundle { wasm, code_hash, metadata }) => {
            let metadata = metadata.ok_or_else(|| "there is only bare Wasm, without metadata".to_owned());
            return Ok((code_hash, Loaded { wasm, metadata }));
        }
        Err(problem) => problem.to_string(),
    };
    let Bundle { wasm, code_hash, .. } = Bundle::parse_code(bytes).map_err(|_| problem.clone())?;
    Ok((code_hash, Loaded { wasm, metadata: Err(problem) }))
}
