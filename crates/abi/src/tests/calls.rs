//! Arguments and results of real types, whose registry `scale-info` makes and whose bytes `parity-scale-codec` makes.

use crate::{Metadata, parse_value};
use parity_scale_codec::{Compact, Encode};
use proptest::prelude::*;
use scale_info::{MetaType, PortableRegistry, Registry, TypeInfo};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Encode, TypeInfo, Clone, Debug)]
struct AccountId([u8; 32]);

#[derive(Encode, TypeInfo, Clone, Debug)]
struct Meters(u32);

#[derive(Encode, TypeInfo, Clone, Debug)]
struct Empty;

#[derive(Encode, TypeInfo, Clone, Debug)]
struct User {
    id: AccountId,
    age: u8,
    height: Meters,
    tags: Vec<String>,
}

#[derive(Encode, TypeInfo, Clone, Debug)]
enum Shape {
    Nothing,
    Circle(u64),
    Named {
        code: Vec<u8>,
        corners: [i16; 3],
    },
    #[codec(index = 9)]
    Tree(Box<Shape>, Empty),
}

#[derive(Encode, TypeInfo, Clone, Debug)]
struct Everything {
    user: User,
    shape: Option<Shape>,
    outcome: Result<(), Shape>,
    map: BTreeMap<String, (bool, u16)>,
    set: BTreeSet<i128>,
    #[codec(compact)]
    small: u128,
    signed: (i8, i16, i32, i64),
    nested: Option<Option<u16>>,
    unit: (),
    single: (u8,),
}

/// Metadata whose message `echo` takes and returns a `T`, wrapped as ink! 5 does.
fn metadata<T: TypeInfo + 'static>() -> Metadata {
    let mut registry = Registry::new();
    let id = registry.register_type(&MetaType::new::<T>()).id;
    let types = serde_json::to_value(PortableRegistry::from(registry)).unwrap();
    let message = |label: &str, args: &[&str]| {
        let args: Vec<_> = args.iter().map(|label| json!({ "label": label, "type": { "type": id } })).collect();
        json!({ "label": label, "selector": "0x01020304", "args": args, "returnType": { "type": id } })
    };
    let messages = [message("echo", &["value"]), message("Trait::pair", &["left", "right"])];
    let spec = json!({ "constructors": [], "messages": messages, "events": [] });
    let file = json!({ "version": 5, "spec": spec, "types": types["types"] });
    Metadata::parse(file.to_string().as_bytes()).unwrap()
}

fn encoded<T: TypeInfo + 'static>(text: &str) -> Vec<u8> {
    metadata::<T>().encode_call("echo", &[text.to_owned()]).unwrap()[4..].to_vec()
}

fn refused<T: TypeInfo + 'static>(text: &str) -> String {
    metadata::<T>().encode_call("echo", &[text.to_owned()]).unwrap_err().to_string()
}

fn everything() -> impl Strategy<Value = Everything> {
    let shape = prop_oneof![
        Just(Shape::Nothing),
        any::<u64>().prop_map(Shape::Circle),
        any::<(Vec<u8>, [i16; 3])>().prop_map(|(code, corners)| Shape::Named { code, corners }),
    ];
    let shape = shape.prop_recursive(3, 8, 1, |inner| inner.prop_map(|inner| Shape::Tree(Box::new(inner), Empty)));
    let user = any::<([u8; 32], u8, u32, Vec<String>)>().prop_map(|(id, age, height, tags)| User {
        id: AccountId(id),
        age,
        height: Meters(height),
        tags,
    });
    let plain =
        any::<(BTreeMap<String, (bool, u16)>, BTreeSet<i128>, u128, (i8, i16, i32, i64), Option<Option<u16>>, u8)>();
    (user, proptest::option::of(shape.clone()), proptest::option::of(shape), plain).prop_map(
        |(user, shape, failure, (map, set, small, signed, nested, single))| Everything {
            user,
            shape,
            outcome: failure.map_or(Ok(()), Err),
            map,
            set,
            small,
            signed,
            nested,
            unit: (),
            single: (single,),
        },
    )
}

proptest! {
    #[test]
    fn real_values_round_trip(value in everything()) {
        let metadata = metadata::<Everything>();
        let bytes = value.encode();
        let shown = metadata.decode_return("echo", &bytes).unwrap();
        prop_assert_eq!(&metadata.encode_return("echo", &shown.to_string()).unwrap(), &bytes, "{}", shown);
        prop_assert!(shown.to_json().is_object());
    }
}

#[test]
fn text_encodes_as_the_codec_does() {
    assert_eq!(encoded::<u128>("1_000"), 1000u128.encode());
    assert_eq!(encoded::<i8>("-128"), (-128i8).encode());
    assert_eq!(encoded::<i128>("-170141183460469231731687303715884105728"), i128::MIN.encode());
    assert_eq!(encoded::<Compact<u64>>("16384"), Compact(16384u64).encode());
    assert_eq!(encoded::<Option<Option<bool>>>("Some(None)"), Some(None::<bool>).encode());
    assert_eq!(encoded::<Vec<u8>>("0x0102"), vec![1u8, 2].encode());
    assert_eq!(encoded::<Vec<u8>>("[1, 2]"), vec![1u8, 2].encode());
    assert_eq!(encoded::<Vec<u8>>("\"grün\""), "grün".encode());
    assert_eq!(encoded::<[u8; 2]>("0x0102"), [1u8, 2]);
    assert_eq!(encoded::<char>("'ß'"), u32::from('ß').encode());
    assert_eq!(encoded::<(u8, String)>("(1, \"a\")"), (1u8, "a").encode());
    assert_eq!(encoded::<BTreeMap<u8, bool>>("[(1, true)]"), BTreeMap::from([(1u8, true)]).encode());
    assert_eq!(encoded::<Empty>("Empty"), [0u8; 0]);
    let shape = Shape::Named { code: vec![1], corners: [-1, 0, 1] };
    assert_eq!(encoded::<Shape>("Named { corners: [-1, 0, 1], code: 0x01 }"), shape.encode());
    assert_eq!(encoded::<Shape>("Tree(Circle(5), ())"), Shape::Tree(Box::new(Shape::Circle(5)), Empty).encode());
    for text in ["Meters(5)", "5", "(5)"] {
        assert_eq!(encoded::<Meters>(text), 5u32.encode(), "{text}");
    }
    let user = User { id: AccountId([7; 32]), age: 1, height: Meters(2), tags: vec!["x".into()] };
    let id = hex::encode([7; 32]);
    for text in ["User { id: 0xID, age: 1, height: Meters(2), tags: [\"x\"] }", "(0xID, 1, 2, [\"x\"])"] {
        assert_eq!(encoded::<User>(&text.replace("ID", &id)), user.encode(), "{text}");
    }
}

#[test]
fn account_ids_may_be_addresses() {
    // Alice's key as every Substrate tool shows it: generic, Polkadot and Kusama prefixes.
    let alice = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
    let addresses = [
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
        "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F",
        &format!("0x{alice}"),
    ];
    for address in addresses {
        assert_eq!(hex::encode(encoded::<AccountId>(address)), alice, "{address}");
    }
    for wrong in ["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", "5GrwvaEF", "1", "0x00", "Alice"] {
        assert!(refused::<AccountId>(wrong).starts_with("argument 1 `value`: expected"), "{wrong}");
    }
}

#[test]
fn wrong_arguments_are_named_with_the_type_they_should_have() {
    let cases = [
        (refused::<u128>("\"x\""), "argument 1 `value`: expected u128, got \"x\""),
        (refused::<u128>("-1"), "argument 1 `value`: expected u128, got -1"),
        (refused::<u8>("256"), "argument 1 `value`: expected u8, got 256"),
        (refused::<i8>("128"), "argument 1 `value`: expected i8, got 128"),
        (refused::<i8>("-129"), "argument 1 `value`: expected i8, got -129"),
        (refused::<Compact<u8>>("256"), "argument 1 `value`: expected Compact<u8>, got 256"),
        (refused::<String>("hello"), "argument 1 `value`: expected str, got hello; text needs double quotes around it"),
        (refused::<[u8; 4]>("0x00"), "argument 1 `value`: expected 4 bytes, got 1"),
        (refused::<[u16; 2]>("[1]"), "argument 1 `value`: expected [u16; 2], got [1]"),
        (refused::<Vec<u16>>("[1, true]"), "argument 1 `value[1]`: expected u16, got true"),
        (refused::<(u8, bool)>("(1)"), "argument 1 `value`: expected (u8, bool), got (1)"),
        (refused::<Option<u8>>("1"), "argument 1 `value`: expected Option<u8>, got 1; its variants are None, Some"),
        (
            refused::<Shape>("Cube"),
            "argument 1 `value`: Shape has no variant `Cube`; its variants are Nothing, Circle, Named, Tree",
        ),
        (refused::<Shape>("Circle"), "argument 1 `value`: expected 1 field (u64), got none"),
        (
            refused::<Shape>("Named { code: 0x }"),
            "argument 1 `value`: expected 2 fields (code: Vec<u8>, corners: [i16; 3]); `corners` is missing",
        ),
        (refused::<User>("{ id: 1 }"), "argument 1 `value.id`: expected [u8; 32], got 1"),
        (refused::<Meters>("Feet(1)"), "argument 1 `value`: expected u32, got Feet(1)"),
        (
            refused::<u8>("(1"),
            "argument 1 `value`: expected u8, got `(1`: not a value: expected `,` or `)` at character 3",
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(error, expected);
    }
    let id = hex::encode([7; 32]);
    let user = |rest: &str| refused::<User>(&format!("{{ id: 0x{id}, age: 1, height: 2, {rest} }}"));
    assert_eq!(
        user("tags: [1]"),
        "argument 1 `value.tags[0]`: expected str, got 1; text needs double quotes around it"
    );
    assert!(user("tags: [], tags: []").contains("field `tags` is given twice"));
    assert!(user("tags: [], size: 1").contains("unknown field `size`; expected 4 fields"));
}

#[test]
fn counts_and_names_are_checked() {
    let metadata = metadata::<u32>();
    let error = metadata.encode_call("pair", &["1".into()]).unwrap_err();
    assert_eq!(error.to_string(), "`Trait::pair` takes 2 arguments (left: u32, right: u32), got 1");
    let error = metadata.encode_call("ecko", &[]).unwrap_err();
    assert_eq!(error.to_string(), "no message `ecko`; did you mean `echo`?; there are: echo, Trait::pair");
    let error = metadata.encode_constructor("new", &[]).unwrap_err();
    assert_eq!(error.to_string(), "no constructor `new`; there are none");
    assert_eq!(metadata.message_of(&[1, 2, 3, 4, 5]).map(|message| message.label.as_str()), Some("echo"));
    assert!(metadata.message_of(&[1, 2, 3]).is_none() && metadata.constructor_of(&[1, 2, 3, 4]).is_none());
    assert_eq!(metadata.message("something_else").unwrap_err().closest, None);
    assert_eq!(metadata.encode_call("pair", &["1".into(), "2".into()]).unwrap()[4..], (1u32, 2u32).encode());
}

fn unsupported(ty: &str) -> String {
    format!("the returned data is not what the metadata says: {ty} is not supported")
}

/// Metadata whose message `m` takes and returns bits, kept in words of so many bits, the first one lowest or highest.
fn bits(word: u32, order: &str) -> Metadata {
    let types = json!([
        { "id": 0, "type": { "def": { "bitsequence": { "bit_store_type": 1, "bit_order_type": 2 } } } },
        { "id": 1, "type": { "def": { "primitive": format!("u{word}") } } },
        { "id": 2, "type": { "def": { "composite": {} }, "path": ["bitvec", "order", order] } },
    ]);
    let message = json!({ "label": "m", "selector": "0x00000000", "returnType": { "type": 0 },
        "args": [{ "label": "a", "type": { "type": 0 } }] });
    let file = json!({ "version": 5, "spec": { "messages": [message] }, "types": types });
    Metadata::parse(file.to_string().as_bytes()).unwrap()
}

/// Against the encoding of the `bitvec` crate, worked out by hand from its description.
#[test]
fn bits_are_lists_of_truth_values() {
    let list = |bits: &str| {
        let bits: Vec<&str> = bits.chars().map(|bit| if bit == '1' { "true" } else { "false" }).collect();
        format!("[{}]", bits.join(", "))
    };
    let cases: [(u32, &str, &str, &[u8]); 7] = [
        (8, "Lsb0", "", &[0]),
        (8, "Lsb0", "1", &[4, 0b1]),
        (8, "Lsb0", "1010000001", &[40, 0b101, 0b10]),
        (8, "Msb0", "1010000001", &[40, 0b1010_0000, 0b0100_0000]),
        (16, "Lsb0", "100000000000000111", &[72, 1, 0x80, 0b11, 0]),
        (16, "Msb0", "1", &[4, 0, 0x80]),
        (32, "Lsb0", "01", &[8, 0b10, 0, 0, 0]),
    ];
    for (word, order, text, bytes) in cases {
        let metadata = bits(word, order);
        let text = list(text);
        assert_eq!(metadata.encode_call("m", std::slice::from_ref(&text)).unwrap()[4..], *bytes, "{word} {order}");
        assert_eq!(metadata.decode_return("m", bytes).unwrap().to_string(), text, "{word} {order}");
    }
    let metadata = bits(8, "Lsb0");
    assert_eq!(metadata.encode_call("m", &["[1, 0]".into()]).unwrap()[4..], [8, 1]);
    assert!(metadata.encode_call("m", &["[2]".into()]).unwrap_err().to_string().contains("expected a bit"));
    for malformed in [&[4][..], &[4, 0b10], &[40, 1], &[4, 1, 0]] {
        assert!(metadata.decode_return("m", malformed).is_err(), "{malformed:?}");
    }
    assert!(metadata.decode_return("m", &Compact(u32::MAX).encode()).is_err());
}

/// Types without size and types that contain themselves must cost neither stack nor memory.
#[test]
fn hostile_types_are_bounded() {
    let types = |defs: &[serde_json::Value]| {
        let types: Vec<_> =
            defs.iter().enumerate().map(|(id, def)| json!({ "id": id, "type": { "def": def } })).collect();
        let message = json!({ "label": "m", "selector": "0x00000000", "returnType": { "type": 0 },
            "args": [{ "label": "a", "type": { "type": 0 } }] });
        let file = json!({ "version": 5, "spec": { "messages": [message] }, "types": types });
        Metadata::parse(file.to_string().as_bytes()).unwrap()
    };
    let itself = types(&[json!({ "composite": { "fields": [{ "type": 0 }] } })]);
    assert!(itself.decode_return("m", &[]).is_err());
    assert!(itself.encode_call("m", &["1".into()]).is_err());
    let compact = types(&[json!({ "compact": { "type": 0 } })]);
    assert!(compact.decode_return("m", &[1]).is_err());
    assert!(compact.encode_call("m", &["1".into()]).is_err());
    let wrapped = types(&[json!({ "compact": { "type": 1 } }), json!({ "composite": { "fields": [{ "type": 1 }] } })]);
    assert!(wrapped.decode_return("m", &[1]).is_err());
    let nothings = types(&[json!({ "sequence": { "type": 1 } }), json!({ "tuple": [] })]);
    assert!(nothings.decode_return("m", &Compact(u32::MAX).encode()).is_err());
    let array = types(&[json!({ "array": { "type": 1, "len": u32::MAX } }), json!({ "tuple": [] })]);
    assert!(array.decode_return("m", &[]).is_err());
    // Each level doubles what it contains: 2^40 units out of no bytes.
    let doubling: Vec<_> =
        (0..40).map(|id| json!({ "tuple": [id + 1, id + 1] })).chain([json!({ "tuple": [] })]).collect();
    let doubling = types(&doubling);
    assert!(doubling.decode_return("m", &[]).is_err());
    assert!(doubling.messages()[0].args[0].type_name.len() < 1_000);
    let bits = types(&[json!({ "bitsequence": { "bit_order_type": 0, "bit_store_type": 0 } })]);
    assert_eq!(bits.decode_return("m", &[0]).unwrap_err().to_string(), unsupported("BitVec"));
    let error = bits.encode_call("m", &["[]".into()]).unwrap_err();
    assert_eq!(error.to_string(), "argument 1 `a`: BitVec of this order is not supported");
    assert!(parse_value(&format!("0x{}", "00".repeat(1_000_000))).is_ok());
}
