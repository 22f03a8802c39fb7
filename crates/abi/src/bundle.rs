//! Contract bundles.

use crate::{
    Metadata, MetadataError,
    raw::{RawCode, RawFile, RawSource},
};
use tallow_types::{
    CodeHash,
    limits::{BUNDLE_BYTES_MAX, CODE_BYTES_MAX},
};

/// A contract as its author has it: code, and metadata unless the file was bare Wasm.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The Wasm module.
    pub wasm: Vec<u8>,
    /// Blake2b-256 of the Wasm.
    pub code_hash: CodeHash,
    /// What it takes to speak to the contract by name.
    pub metadata: Option<Metadata>,
}

/// A file is not a usable bundle.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BundleError {
    /// The file exceeds the limit.
    #[error("the file is larger than {BUNDLE_BYTES_MAX} bytes")]
    TooLarge,
    /// The code exceeds the limit.
    #[error("the code is larger than {CODE_BYTES_MAX} bytes; build it in release mode, optimised for size")]
    CodeTooLarge,
    /// Neither Wasm nor JSON, or JSON of another shape.
    #[error("neither a Wasm module nor an ink! bundle: {0}")]
    NotABundle(String),
    /// Metadata without code.
    #[error("the file has no `source.wasm`: it is metadata only; use the `.contract` file of the same build")]
    MissingWasm,
    /// Code of another machine.
    #[error("the bundle's code is for PolkaVM, not Wasm; build the contract with ink! 5 or earlier")]
    NotWasm,
    /// `source.wasm` is not a Wasm module in hexadecimal.
    #[error("`source.wasm` is not a Wasm module in hexadecimal")]
    MalformedWasm,
    /// `source.hash` is missing or not 32 bytes.
    #[error("`source.hash` is not 0x followed by 64 hexadecimal digits")]
    MalformedHash,
    /// `source.hash` is not that of `source.wasm`.
    #[error("`source.hash` is {stated}, but the code's hash is {actual}: the file was altered or badly built")]
    HashMismatch {
        /// What the file says.
        stated: CodeHash,
        /// Blake2b-256 of the code.
        actual: CodeHash,
    },
    /// The file has code but no metadata.
    #[error("the bundle has no metadata")]
    NoMetadata,
    /// The metadata cannot be used.
    #[error("the bundle's metadata: {0}")]
    Metadata(MetadataError),
}

/// What every Wasm module of the core specification starts with.
const WASM_MAGIC: &[u8] = b"\0asm\x01\0\0\0";

impl Bundle {
    /// Reads a `.contract` file, or a bare Wasm module.
    ///
    /// # Errors
    /// [`BundleError`], which says what is wrong with the file and what to do.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        if bytes.starts_with(b"\0asm") {
            return Self::new(bytes.to_vec(), None);
        }
        let mut file = parse_json(bytes).map_err(BundleError::NotABundle)?;
        let source = file.source.take().ok_or(BundleError::MissingWasm)?;
        let (wasm, stated) = code(source)?;
        let metadata = match Metadata::from_raw(file) {
            Err(MetadataError::Missing) => return Err(BundleError::NoMetadata),
            result => result.map_err(BundleError::Metadata)?,
        };
        Self::new(wasm, Some(metadata))?.with_hash(stated)
    }

    /// Puts together what lies in two files: a bare Wasm module, and its metadata.
    ///
    /// # Errors
    /// [`BundleError`]; also when the metadata states the hash of other code.
    pub fn join(wasm: &[u8], metadata: &[u8]) -> Result<Self, BundleError> {
        if wasm.len() > BUNDLE_BYTES_MAX || metadata.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        let mut file = parse_json(metadata).map_err(BundleError::NotABundle)?;
        let stated = file.source.take().and_then(|source| source.hash);
        let metadata = Metadata::from_raw(file).map_err(|error| match error {
            MetadataError::Missing => BundleError::NoMetadata,
            error => BundleError::Metadata(error),
        })?;
        let bundle = Self::new(wasm.to_vec(), Some(metadata))?;
        match stated {
            Some(hash) => bundle.with_hash(hash.parse().map_err(|_| BundleError::MalformedHash)?),
            None => Ok(bundle),
        }
    }

    /// As [`Self::parse`], but does not look at the metadata: for a contract that is called by raw input alone.
    ///
    /// # Errors
    /// [`BundleError`], but none about metadata.
    pub fn parse_code(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > BUNDLE_BYTES_MAX || bytes.starts_with(b"\0asm") {
            return Self::parse(bytes);
        }
        let raw: RawCode = serde_json::from_slice(bytes).map_err(|e| BundleError::NotABundle(e.to_string()))?;
        let (wasm, stated) = code(raw.source.ok_or(BundleError::MissingWasm)?)?;
        Self::new(wasm, None)?.with_hash(stated)
    }

    fn with_hash(self, stated: CodeHash) -> Result<Self, BundleError> {
        if self.code_hash == stated {
            return Ok(self);
        }
        Err(BundleError::HashMismatch { stated, actual: self.code_hash })
    }

    fn new(wasm: Vec<u8>, metadata: Option<Metadata>) -> Result<Self, BundleError> {
        if wasm.len() > CODE_BYTES_MAX {
            return Err(BundleError::CodeTooLarge);
        }
        if !wasm.starts_with(WASM_MAGIC) {
            return Err(BundleError::MalformedWasm);
        }
        let code_hash = CodeHash(tallow_crypto::blake2b_256(&wasm));
        Ok(Self { wasm, code_hash, metadata })
    }
}

/// The code of a bundle, and the hash stated for it.
fn code(source: RawSource) -> Result<(Vec<u8>, CodeHash), BundleError> {
    let Some(wasm) = source.wasm else {
        return Err(if source.contract_binary.is_some() { BundleError::NotWasm } else { BundleError::MissingWasm });
    };
    let wasm = hex::decode(wasm.strip_prefix("0x").unwrap_or(&wasm)).map_err(|_| BundleError::MalformedWasm)?;
    let stated = source.hash.and_then(|hash| hash.parse().ok()).ok_or(BundleError::MalformedHash)?;
    Ok((wasm, stated))
}

/// Parses JSON; its nesting is bounded by the parser (128 levels).
pub(crate) fn parse_json(bytes: &[u8]) -> Result<RawFile, String> {
    serde_json::from_slice(bytes).map_err(|e| e.to_string())
}
