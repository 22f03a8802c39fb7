//! The `.contract` file, in the form of `cargo contract`.

use super::sets::Contract;
use anyhow::{Context as _, Result};
use blake2::{Blake2b256, Digest};
use serde_json::{Value, json};

/// Puts a module and what ink! says of it into one file.
pub(super) fn assemble(contract: &Contract, wasm: &[u8], compiler: &str, metadata: &Value) -> Result<String> {
    let mut bundle = json!({
        "source": {
            "hash": hex(&Blake2b256::digest(wasm)),
            "language": contract.set.language()?,
            "compiler": compiler,
            "wasm": hex(wasm),
            "build_info": { "build_mode": "Release", "builder": "cargo xtask contracts" },
        },
        "contract": { "name": contract.name, "version": contract.version, "authors": ["The Tallow developers"] },
        "image": null,
    });
    let metadata = metadata.as_object().context("metadata is an object")?;
    bundle.as_object_mut().expect("made as an object").extend(metadata.clone());
    Ok(serde_json::to_string(&bundle)? + "\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}
