//! The `.contract` file, in the form of `cargo contract`.

use crate::{BuildError, Project};
use serde_json::{Value, json};
use tallow_types::CodeHash;

/// Puts a module and what ink! says of it into one file.
pub(crate) fn assemble(
    project: &Project,
    code: (&[u8], CodeHash),
    built_by: (&str, &str),
    metadata: Value,
) -> Result<Value, BuildError> {
    let ((wasm, hash), (compiler, builder)) = (code, built_by);
    let mut bundle = json!({
        "source": {
            "hash": hash,
            "language": project.language()?,
            "compiler": compiler,
            "wasm": hex(wasm),
            "build_info": { "build_mode": "Release", "builder": builder },
        },
        "contract": { "name": project.name, "version": project.version, "authors": project.authors },
        "image": null,
    });
    match (bundle.as_object_mut(), metadata) {
        (Some(bundle), Value::Object(metadata)) => bundle.extend(metadata),
        _ => return Err(BuildError::Metadata("it is not an object".to_owned())),
    }
    Ok(bundle)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::from("0x"), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
