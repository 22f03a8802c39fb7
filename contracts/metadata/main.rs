//! Prints the bundle (`.contract`) of the contract that was chosen as a feature, in the form of `cargo contract`.
//!
//! Arguments: the Wasm file, then the contract's name and version, then the compiler.

use serde_json::json;

#[cfg(feature = "btc-bot")]
use btc_bot as _;
#[cfg(feature = "flipper")]
use flipper as _;
#[cfg(feature = "probe")]
use probe as _;

/// The ink! version of this workspace, pinned in `contracts/Cargo.toml`.
const LANGUAGE: &str = "ink! 5.1.1";

extern "Rust" {
    fn __ink_generate_metadata() -> ink::metadata::InkProject;
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [wasm, name, version, compiler] = &arguments[..] else {
        return Err("usage: contract-metadata WASM NAME VERSION COMPILER".into());
    };
    let wasm = std::fs::read(wasm)?;
    let mut hash = [0; 32];
    ink::env::hash_bytes::<ink::env::hash::Blake2x256>(&wasm, &mut hash);
    let mut bundle = json!({
        "source": {
            "hash": hex(&hash),
            "language": LANGUAGE,
            "compiler": compiler,
            "wasm": hex(&wasm),
            "build_info": { "build_mode": "Release", "builder": "cargo xtask contracts" },
        },
        "contract": { "name": name, "version": version, "authors": ["The Tallow developers"] },
        "image": null,
    });
    // SAFETY: `#[ink::contract]` defines the function with this signature in the contract linked here.
    let metadata = serde_json::to_value(unsafe { __ink_generate_metadata() })?;
    let parts = bundle.as_object_mut().ok_or("a bundle is an object")?;
    parts.extend(metadata.as_object().cloned().ok_or("metadata is an object")?);
    println!("{}", serde_json::to_string(&bundle)?);
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}
