//! Bundle files.

use crate::{Bundle, BundleError};
use serde_json::{Value as Json, json};
use tallow_types::{
    CodeHash,
    limits::{BUNDLE_BYTES_MAX, CODE_BYTES_MAX},
};

const WASM: &[u8] = b"\0asm\x01\0\0\0";

fn bundle() -> Json {
    let hash = CodeHash(tallow_crypto::blake2b_256(WASM));
    json!({
        "source": { "hash": hash, "wasm": format!("0x{}", hex::encode(WASM)), "language": "ink! 5.1.1" },
        "spec": { "constructors": [], "messages": [], "events": [] },
        "types": [],
        "version": 5,
    })
}

fn parse(file: &Json) -> Result<Bundle, BundleError> {
    Bundle::parse(file.to_string().as_bytes())
}

#[test]
fn a_bundle_has_code_and_metadata() {
    let parsed = parse(&bundle()).unwrap();
    assert_eq!(parsed.wasm, WASM);
    assert_eq!(parsed.code_hash.0, tallow_crypto::blake2b_256(WASM));
    assert!(parsed.metadata.is_some());
}

#[test]
fn bare_wasm_has_no_metadata() {
    let parsed = Bundle::parse(WASM).unwrap();
    assert_eq!(parsed.code_hash.0, tallow_crypto::blake2b_256(WASM));
    assert!(parsed.metadata.is_none());
}

#[test]
fn other_files_are_refused_with_the_reason() {
    type Change = fn(&mut Json);
    let cases: [(Change, BundleError); 7] = [
        (|file| file["source"]["wasm"] = Json::Null, BundleError::MissingWasm),
        (|file| file["source"] = Json::Null, BundleError::MissingWasm),
        (|file| file["source"]["wasm"] = json!("0xzz"), BundleError::MalformedWasm),
        (|file| file["source"]["wasm"] = json!("0x0011"), BundleError::MalformedWasm),
        (|file| file["source"]["hash"] = json!("0x00"), BundleError::MalformedHash),
        (|file| file["spec"] = Json::Null, BundleError::NoMetadata),
        (|file| file["source"] = json!({ "contract_binary": "0x" }), BundleError::NotWasm),
    ];
    for (change, expected) in cases {
        let mut file = bundle();
        change(&mut file);
        assert_eq!(parse(&file).unwrap_err(), expected);
    }
    let mut altered = bundle();
    altered["source"]["wasm"] = json!("0x0061736d01000000ff");
    assert!(matches!(parse(&altered), Err(BundleError::HashMismatch { .. })));
    let mut inconsistent = bundle();
    inconsistent["types"] = json!([{ "id": 0, "type": { "def": { "tuple": [1] } } }]);
    assert_eq!(parse(&inconsistent).unwrap_err().to_string(), "the bundle's metadata: type 1 is not defined");
    for text in ["", "hello", "[]", "7", "{", "\u{feff}{}"] {
        let error = Bundle::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(error, BundleError::NotABundle(_)), "{text}: {error}");
    }
    assert_eq!(Bundle::parse(b"{}").unwrap_err(), BundleError::MissingWasm);
    assert_eq!(Bundle::parse(b"\0asm").unwrap_err(), BundleError::MalformedWasm);
}

#[test]
fn code_can_be_had_without_its_metadata() {
    let mut broken = bundle();
    broken["types"] = json!("?");
    assert!(parse(&broken).is_err());
    let parsed = Bundle::parse_code(broken.to_string().as_bytes()).unwrap();
    assert_eq!((parsed.wasm.as_slice(), parsed.metadata.is_none()), (WASM, true));
    broken["source"]["wasm"] = json!("0x0061736d01000000ff");
    assert!(matches!(Bundle::parse_code(broken.to_string().as_bytes()), Err(BundleError::HashMismatch { .. })));
    assert_eq!(Bundle::parse_code(b"{}").unwrap_err(), BundleError::MissingWasm);
}

#[test]
fn sizes_are_bounded() {
    assert_eq!(Bundle::parse(&vec![b' '; BUNDLE_BYTES_MAX + 1]).unwrap_err(), BundleError::TooLarge);
    let mut wasm = WASM.to_vec();
    wasm.resize(CODE_BYTES_MAX + 1, 0);
    assert_eq!(Bundle::parse(&wasm).unwrap_err(), BundleError::CodeTooLarge);
}

#[test]
fn code_and_metadata_may_lie_in_two_files() {
    let mut metadata = bundle();
    metadata["source"].as_object_mut().unwrap().remove("wasm");
    let join = |metadata: &Json| Bundle::join(WASM, metadata.to_string().as_bytes());
    assert!(join(&metadata).unwrap().metadata.is_some());
    metadata["source"]["hash"] = json!(CodeHash([1; 32]));
    assert!(matches!(join(&metadata), Err(BundleError::HashMismatch { .. })));
    metadata["source"]["hash"] = json!("0x1");
    assert_eq!(join(&metadata).unwrap_err(), BundleError::MalformedHash);
    metadata["source"] = Json::Null;
    assert!(join(&metadata).is_ok(), "files of the first versions may state none");
    metadata["types"] = Json::Null;
    assert_eq!(join(&metadata).unwrap_err(), BundleError::NoMetadata);
    assert_eq!(Bundle::join(b"\0asn", bundle().to_string().as_bytes()).unwrap_err(), BundleError::MalformedWasm);
    assert!(matches!(Bundle::join(WASM, b"["), Err(BundleError::NotABundle(_))));
}
