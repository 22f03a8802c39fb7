//! The text form of arguments and results.

use std::sync::OnceLock;
use tallow_abi::{Bundle, Metadata, parse_value};

/// Parses any text as a value; what is a value keeps its meaning when it is written and parsed again. Then encodes the
/// text as argument and as result of every message of a real contract; what a type accepts comes back equal.
pub fn text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(value) = parse_value(text) {
        let written = value.to_string();
        let again = parse_value(&written).expect("what was written can be parsed");
        assert_eq!(again.to_string(), written);
        let _ = value.to_json();
    }
    for message in metadata().messages() {
        let arguments = vec![text.to_owned(); message.args.len()];
        if let Ok(input) = metadata().encode_call(&message.label, &arguments) {
            assert!(input.starts_with(&message.selector));
        }
        if let Ok(encoded) = metadata().encode_return(&message.label, text) {
            returns(&message.label, &encoded);
        }
        if let Ok(value) = metadata().decode_return(&message.label, data) {
            let _ = value.to_json();
        }
    }
}

/// What was encoded decodes, and its text encodes to the same bytes.
fn returns(message: &str, encoded: &[u8]) {
    let value = metadata().decode_return(message, encoded).expect("what was encoded can be decoded");
    let again = metadata().encode_return(message, &value.to_string()).expect("what was decoded can be encoded");
    assert_eq!(again, encoded, "{value}");
}

/// The contract with the most kinds of types.
fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| {
        let file = include_bytes!("../../contracts/bundles/probe.contract");
        Bundle::parse(file).expect("a committed bundle").metadata.expect("with metadata")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind() {
        let texts = [
            "true",
            "42",
            "-7",
            "'x'",
            "\"a\\\"b\"",
            "0x00ff",
            "[1, 2]",
            "(1, (2, 3))",
            "()",
            "None",
            "Some(1)",
            "Ok(())",
            "{ a: 1 }",
            "Name { a: [0x01], b: () }",
            "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
            "[",
            "Some(",
            "\"",
        ];
        texts.iter().for_each(|text| super::text(text.as_bytes()));
    }

    #[test]
    fn a_result_goes_both_ways() {
        let taken = ["true", "7", "()", "\"x\"", "Ok(())", "0x0102"].iter().filter(|text| {
            metadata().messages().iter().any(|message| metadata().encode_return(&message.label, text).is_ok())
        });
        assert!(taken.count() >= 3);
    }
}
