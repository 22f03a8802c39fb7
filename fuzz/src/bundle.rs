//! Bundles and metadata.

use tallow_abi::{Bundle, Metadata};

/// Messages tried of one bundle.
const MESSAGES_MAX: usize = 16;

/// Reads any bytes as a bundle and as metadata. What is accepted is used: its messages are encoded and decoded with
/// text and bytes of the same input, and its code hash is that of its code.
pub fn bundle(data: &[u8]) {
    if let Ok(bundle) = Bundle::parse(data) {
        assert_eq!(bundle.code_hash, tallow_crypto::code_hash(&bundle.wasm));
        bundle.metadata.iter().for_each(|metadata| exercise(metadata, data));
    }
    let _ = Bundle::parse_code(data).map(|bundle| assert!(bundle.wasm.starts_with(b"\0asm")));
    let _ = Metadata::parse(data).map(|metadata| exercise(&metadata, data));
}

fn exercise(metadata: &Metadata, data: &[u8]) {
    for message in metadata.messages().iter().take(MESSAGES_MAX) {
        let texts: Vec<String> = message.args.iter().map(|arg| sample(&arg.type_name).to_owned()).collect();
        if let Ok(input) = metadata.encode_call(&message.label, &texts) {
            assert!(input.starts_with(&message.selector));
        }
        let _ = metadata.decode_return(&message.label, data);
        let _ = metadata.decode_return(&message.label, &[0; 64]);
    }
    for constructor in metadata.constructors().iter().take(MESSAGES_MAX) {
        let _ = metadata.decode_constructed(&constructor.label, data);
    }
    let _ = metadata.decode_event(&[], data);
}

/// A text that values of many types accept.
fn sample(type_name: &str) -> &'static str {
    match type_name {
        "bool" => "true",
        "String" => "\"text\"",
        "AccountId" | "Hash" => "0x0101010101010101010101010101010101010101010101010101010101010101",
        name if name.starts_with("Vec") => "[]",
        name if name.starts_with("Option") => "None",
        _ => "1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_bundles_and_altered_ones() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts/bundles");
        for entry in std::fs::read_dir(dir).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(Bundle::parse(&bytes).unwrap().metadata.is_some());
            bundle(&bytes);
            for at in (0..bytes.len()).step_by(bytes.len() / 40) {
                let mut altered = bytes.clone();
                altered[at] ^= 1;
                bundle(&altered);
                bundle(&bytes[..at]);
            }
        }
    }
}
