//! Properties over random values, types and bytes.

use crate::{Fields, Metadata, Value, parse_value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Metadata with one message `echo(value: T) -> T`, where `T` is the last of the types.
fn echo(types: Vec<Json>) -> Metadata {
    let last = types.len() as u32 - 1;
    let types: Vec<Json> = types.into_iter().enumerate().map(|(id, ty)| json!({ "id": id, "type": ty })).collect();
    let args = json!([{ "label": "value", "type": { "type": last, "displayName": [] } }]);
    let returns = json!({ "type": last, "displayName": [] });
    let message = json!({ "label": "echo", "selector": "0x00000000", "args": args, "returnType": returns });
    let spec = json!({ "constructors": [], "messages": [message], "events": [] });
    let file = json!({ "version": 5, "spec": spec, "types": types });
    Metadata::parse(file.to_string().as_bytes()).unwrap()
}

fn fields(count: u32) -> impl Strategy<Value = Json> {
    (any::<bool>(), proptest::collection::vec(0..count, 0..4)).prop_map(|(named, ids)| {
        let field = |(i, id): (usize, u32)| match named {
            true => json!({ "name": format!("f{i}"), "type": id }),
            false => json!({ "type": id }),
        };
        ids.into_iter().enumerate().map(field).collect::<Vec<_>>().into()
    })
}

/// Any type; it may name itself or any other of `count` types.
fn any_type(count: u32) -> impl Strategy<Value = Json> {
    let primitives = ["bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "u256", "i8", "i64", "i128", "i256"];
    let path = prop_oneof![Just(json!([])), Just(json!(["A"])), Just(json!(["BTreeMap"])), Just(json!(["m", "B"]))];
    let variants = proptest::collection::vec(fields(count), 0..4).prop_map(|all| {
        let variant = |(i, fields)| json!({ "name": format!("V{i}"), "index": i * 3, "fields": fields });
        all.into_iter().enumerate().map(variant).collect::<Vec<Json>>()
    });
    prop_oneof![
        4 => proptest::sample::select(primitives.to_vec()).prop_map(|name| json!({ "def": { "primitive": name } })),
        1 => (0..count).prop_map(|id| json!({ "def": { "sequence": { "type": id } } })),
        1 => (0..count, 0u32..5).prop_map(|(id, len)| json!({ "def": { "array": { "type": id, "len": len } } })),
        1 => (0..count).prop_map(|id| json!({ "def": { "compact": { "type": id } } })),
        1 => proptest::collection::vec(0..count, 0..4).prop_map(|ids| json!({ "def": { "tuple": ids } })),
        2 => (path.clone(), fields(count))
            .prop_map(|(path, fields)| json!({ "path": path, "def": { "composite": { "fields": fields } } })),
        2 => (path, variants)
            .prop_map(|(path, variants)| json!({ "path": path, "def": { "variant": { "variants": variants } } })),
    ]
}

fn any_registry() -> impl Strategy<Value = Vec<Json>> {
    (1u32..9).prop_flat_map(|count| proptest::collection::vec(any_type(count), count as usize))
}

fn any_value() -> impl Strategy<Value = Value> {
    let name =
        || "[A-Za-z_][a-z0-9_]{0,4}".prop_filter("not a word of its own", |name| name != "true" && name != "false");
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<char>().prop_map(Value::Char),
        any::<u128>().prop_map(Value::UInt),
        (i128::MIN..0).prop_map(Value::Int),
        any::<String>().prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        name().prop_map(|name| Value::Variant { name, fields: Fields::Unit }),
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let items = || proptest::collection::vec(inner.clone(), 0..4);
        let some = || proptest::collection::vec(inner.clone(), 1..4);
        let entries = || proptest::collection::vec((name(), inner.clone()), 0..4).prop_map(Fields::Named);
        prop_oneof![
            items().prop_map(Value::Seq),
            items().prop_map(Value::Tuple),
            (name(), some()).prop_map(|(name, items)| Value::Variant { name, fields: Fields::Unnamed(items) }),
            (name(), entries()).prop_map(|(name, fields)| Value::Variant { name, fields }),
            entries().prop_map(|fields| Value::Struct { name: None, fields }),
        ]
    })
}

proptest! {
    #[test]
    fn printed_values_parse_to_themselves(value in any_value()) {
        prop_assert_eq!(parse_value(&value.to_string()), Ok(value));
    }

    #[test]
    fn no_text_panics(text in any::<String>(), shuffled in "[-+0-9xa-cN_:,(){}\\[\\]\"'\\\\ ]{0,40}") {
        let _ = parse_value(&text);
        let _ = parse_value(&shuffled);
    }

    /// Whatever decodes is shown as text that encodes to the same bytes, for any types, cyclic ones included.
    #[test]
    fn decoded_bytes_encode_to_themselves(types in any_registry(), data in proptest::collection::vec(prop_oneof![0u8..9, any::<u8>()], 0..40)) {
        let metadata = echo(types);
        if let Ok(value) = metadata.decode_return("echo", &data) {
            let encoded = metadata.encode_return("echo", &value.to_string());
            prop_assert_eq!(encoded, Ok(data), "{}", value);
        }
    }

    #[test]
    fn no_value_panics_the_encoder(types in any_registry(), value in any_value()) {
        let _ = echo(types).encode_call("echo", &[value.to_string()]);
    }

    /// What was encoded decodes; needs no luck with the bytes, unlike the property above.
    #[test]
    fn encoded_values_decode(types in any_registry(), value in any_value()) {
        let metadata = echo(types);
        if let Ok(input) = metadata.encode_call("echo", &[value.to_string()]) {
            let shown = metadata.decode_return("echo", &input[4..]).unwrap().to_string();
            prop_assert_eq!(metadata.encode_call("echo", &[shown]), Ok(input));
        }
    }

    #[test]
    fn no_file_panics(bytes in any::<Vec<u8>>()) {
        let _ = Metadata::parse(&bytes);
        let _ = crate::Bundle::parse(&[b"\0asm", &bytes[..]].concat());
    }
}
