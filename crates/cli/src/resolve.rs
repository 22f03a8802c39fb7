//! From names to bytes and back: metadata of a contract, inputs, returned values.

use crate::bytes::{Hex, to_hex};
use crate::context::Context;
use crate::failure::{Failure, call_hint};
use crate::local::read_bounded;
use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};
use std::path::Path;
use tallow_abi::{Bundle, BundleError, Message, Metadata, ReturnError};
use tallow_client::Client;
use tallow_types::limits::BUNDLE_BYTES_MAX;
use tallow_types::{AccountId, CallError, CodeHash, ContractRecord, Output};

/// Times a contract that the ledger does not list yet is asked for again; it is listed with the next anchor.
const LISTING_ATTEMPTS: u32 = 20;
const LISTING_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// Reads a contract: a bundle, or a Wasm file, or the file of metadata beside it. Returns the file of its metadata too.
///
/// For a raw input the metadata may be missing or unusable.
pub(crate) fn bundle(path: &Path, raw_input: bool) -> Result<(Bundle, Vec<u8>), Failure> {
    let bytes = read_file(path)?;
    let bundle = match Bundle::parse(&bytes) {
        Ok(bundle) if bundle.metadata.is_none() => return Ok(with_metadata_beside(path, bundle)),
        Err(BundleError::MissingWasm) if let Some(code) = read_beside(path, "wasm") => Bundle::join(&code, &bytes),
        Err(BundleError::NoMetadata | BundleError::Metadata(_)) if raw_input => Bundle::parse_code(&bytes),
        parsed => parsed,
    };
    let bundle = bundle.with_context(|| format!("{} is not a usable contract", path.display()));
    let hint = "give the .contract file that `tallow build` or `cargo contract build --release` makes, or a .wasm file with --data";
    Ok((bundle.map_err(|error| Failure::failed(error).hint(hint))?, bytes))
}

/// Bare code with its metadata, if that lies beside it: `name.json`, or else `metadata.json`, unless it says that it
/// belongs to other code.
fn with_metadata_beside(path: &Path, bundle: Bundle) -> (Bundle, Vec<u8>) {
    let named = read_beside(path, "json");
    let common = read_bounded(&path.with_file_name("metadata.json"), BUNDLE_BYTES_MAX as u64).ok();
    for metadata in [named, common].into_iter().flatten() {
        if let Ok(whole) = Bundle::join(&bundle.wasm, &metadata) {
            return (whole, metadata);
        }
    }
    let wasm = bundle.wasm.clone();
    (bundle, wasm)
}

/// The file of the same name with another ending.
fn read_beside(path: &Path, ending: &str) -> Option<Vec<u8>> {
    read_bounded(&path.with_extension(ending), BUNDLE_BYTES_MAX as u64).ok()
}

/// Reads a file of metadata or a bundle.
pub(crate) fn metadata_file(path: &Path) -> Result<Metadata, Failure> {
    parse_metadata(&read_file(path)?, &path.display().to_string())
}

pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    read_bounded(path, BUNDLE_BYTES_MAX as u64)
        .with_context(|| format!("cannot read {}", path.display()))
        .map_err(|error| Failure::failed(error).hint("check the path and the permissions of the file"))
}

fn parse_metadata(bytes: &[u8], name: &str) -> Result<Metadata, Failure> {
    Metadata::parse(bytes).with_context(|| format!("{name} is not usable metadata")).map_err(|error| {
        Failure::failed(error).hint("give the .contract or .json file that was built with the contract, by --metadata")
    })
}

/// The code of a contract, from the proven registry.
pub(crate) async fn code_of(client: &Client, contract: AccountId) -> Result<CodeHash, Failure> {
    Ok(listed(client, contract).await?.code)
}

/// What the ledger lists of a contract. One that was just made is listed in a moment.
pub(crate) async fn listed(client: &Client, contract: AccountId) -> Result<ContractRecord, Failure> {
    for _ in 0..LISTING_ATTEMPTS {
        if let Some(record) = client.contract(contract).await? {
            return Ok(record);
        }
        tokio::time::sleep(LISTING_PAUSE).await;
    }
    let error = anyhow!("the ledger lists no contract {contract} in cluster {}", client.cluster_id());
    Err(Failure::failed(error).hint("check the address; `tallow deploy FILE` makes a contract and prints it"))
}

/// The metadata of a contract: the file that was given, or what was kept when its code was deployed from here.
pub(crate) async fn metadata_of(
    context: &Context,
    client: &Client,
    contract: AccountId,
    file: Option<&Path>,
) -> Result<Metadata, Failure> {
    if let Some(path) = file {
        return metadata_file(path);
    }
    let code = code_of(client, contract).await?;
    kept_metadata(context, code)?.ok_or_else(|| {
        Failure::usage(anyhow!("the metadata of code {code} is not known on this machine"))
            .hint("give the contract's .contract file by --metadata, or the raw input by --data")
    })
}

/// Metadata that was kept when the code was deployed from here.
pub(crate) fn kept_metadata(context: &Context, code: CodeHash) -> Result<Option<Metadata>, Failure> {
    let bytes = context.local.metadata(code);
    bytes.map(|bytes| parse_metadata(&bytes, "the metadata kept on this machine")).transpose()
}

/// What to call, and how.
pub(crate) struct Input {
    pub(crate) bytes: Vec<u8>,
    /// The message or constructor, when metadata names one.
    pub(crate) message: Option<Message>,
}

/// Encodes a call of a message or constructor by name.
pub(crate) fn encode(
    metadata: &Metadata,
    name: &str,
    args: &[String],
    constructor: bool,
    value: u128,
) -> Result<Input, Failure> {
    let found = if constructor { metadata.constructor(name) } else { metadata.message(name) };
    let message =
        found.map_err(|error| Failure::usage(error.into()).hint("names are those of the contract's source"))?;
    let encoded = if constructor { metadata.encode_constructor(name, args) } else { metadata.encode_call(name, args) };
    let bytes = encoded.map_err(|error| {
        Failure::usage(error.into())
            .hint("arguments are written as in Rust: 42, true, \"text\", 0x00ff, [1, 2], Some(1), { field: 1 }")
    })?;
    if value > 0 && !message.payable {
        let error = anyhow!("`{name}` takes no value, and would refuse the call");
        return Err(Failure::usage(error).hint("leave --value out"));
    }
    Ok(Input { bytes, message: Some(message.clone()) })
}

/// A raw input; metadata, if there is any, may know which message it is for.
pub(crate) fn raw(data: &Hex, metadata: Option<&Metadata>, constructor: bool) -> Input {
    let all = metadata.map(|metadata| if constructor { metadata.constructors() } else { metadata.messages() });
    let message = all.into_iter().flatten().find(|message| data.0.starts_with(&message.selector));
    Input { bytes: data.0.clone(), message: message.cloned() }
}

/// What a contract returned, in words.
pub(crate) struct Returned {
    /// The value in text form, or the raw data when nothing is known of it.
    pub(crate) text: String,
    /// The value as JSON; null when nothing is known of it.
    pub(crate) value: Value,
    pub(crate) flags: u32,
    pub(crate) data: String,
    /// Why the call failed, with what to do about it.
    pub(crate) error: Option<(String, String)>,
}

impl Returned {
    /// Reads what a message or constructor returned.
    pub(crate) fn read(
        result: &Result<Output, CallError>,
        metadata: Option<&Metadata>,
        message: Option<&Message>,
        constructor: bool,
    ) -> Self {
        let output = match result {
            Ok(output) => output,
            Err(error) => return Self::failed(error),
        };
        let data = to_hex(&output.data);
        let empty = Self { text: data.clone(), value: Value::Null, flags: output.flags, data, error: None };
        let decoded = metadata.zip(message).map(|(metadata, message)| match constructor {
            true => metadata.decode_constructed(&message.label, &output.data),
            false => metadata.decode_return(&message.label, &output.data),
        });
        let hint = "the contract's source says when it returns this".to_owned();
        match decoded {
            Some(Ok(value)) => {
                let error = output.reverted().then(|| (format!("the contract refused: {value}"), hint));
                Self { text: value.to_string(), value: value.to_json(), error, ..empty }
            }
            Some(Err(error @ ReturnError::Lang(_))) => {
                let hint = "check message and arguments, and that --metadata belongs to the contract's code";
                Self { error: Some((error.to_string(), hint.to_owned())), ..empty }
            }
            // A constructor that cannot fail returns one `Ok` more than its metadata says (ink! 4 and 5).
            Some(Err(_)) if constructor && !output.reverted() => empty,
            Some(Err(error)) => {
                let hint = "check that --metadata belongs to the contract's code";
                Self { error: Some((error.to_string(), hint.to_owned())), ..empty }
            }
            None => {
                let error = output.reverted().then(|| (format!("the contract reverted with {}", empty.data), hint));
                Self { error, ..empty }
            }
        }
    }

    fn failed(error: &CallError) -> Self {
        let text = format!("the call failed: {error} ({})", error.name());
        let error = Some((crate::output::plain(&text), call_hint(error).to_owned()));
        Self { text: String::new(), value: Value::Null, flags: 0, data: "0x".to_owned(), error }
    }

    /// The fields that every document about a call has.
    pub(crate) fn document(&self) -> Value {
        let mut document = json!({ "value": self.value, "flags": self.flags, "data": self.data });
        if let Some((error, _)) = &self.error {
            document["error"] = json!(error);
        }
        document
    }

    /// Prints the document or the value; a failed call becomes a failure.
    pub(crate) fn report(self, context: &Context, document: Value) -> Result<(), Failure> {
        match self.error {
            None => {
                context.output.text(&self.text);
                context.output.document(&document);
                Ok(())
            }
            Some((error, hint)) => Err(Failure::failed(anyhow!(error)).hint(hint).document(document)),
        }
    }
}
