//! Every layout of metadata, hand-written after what the versions of ink! produce.

use crate::{Layout, Metadata, MetadataError, Value};
use serde_json::{Value as Json, json};
use tallow_types::Hash;

fn parse(file: &Json) -> Result<Metadata, MetadataError> {
    Metadata::parse(file.to_string().as_bytes())
}

/// Types as the first layout has them: no ids, which count from 1.
fn types_v0() -> Json {
    json!([
        { "def": { "primitive": "u128" } },
        { "def": { "composite": { "fields": [{ "type": 3 }] } }, "path": ["ink_env", "types", "AccountId"] },
        { "def": { "array": { "len": 32, "type": 4 } } },
        { "def": { "primitive": "u8" } },
        { "def": { "variant": { "variants": [
            { "name": "Red", "discriminant": 3 }, { "name": "Blue", "discriminant": 7 },
        ] } }, "path": ["demo", "Color"] },
        { "def": { "phantom": {} }, "params": [1], "path": ["PhantomData"] },
    ])
}

fn spec_v0() -> Json {
    let amount = json!({ "name": "amount", "type": { "displayName": ["Balance"], "type": 1 } });
    let to = json!({ "name": "to", "type": { "displayName": ["AccountId"], "type": 2 } });
    json!({
        "constructors": [{ "args": [], "docs": ["Makes it."], "name": ["new"], "selector": "0xd183512b" }],
        "messages": [
            { "args": [to, amount], "docs": [], "mutates": true, "name": ["Token", "transfer"], "payable": false,
              "returnType": { "displayName": ["Color"], "type": 5 }, "selector": "0x84a15da1" },
            { "args": [], "docs": [], "mutates": false, "name": ["get"], "payable": false,
              "returnType": null, "selector": "0x2f865bd9" },
        ],
        "events": [{ "args": [
            { "name": "from", "indexed": true, "type": { "displayName": ["AccountId"], "type": 2 }, "docs": [] },
        ], "docs": [], "name": "Sent" }],
        "docs": [],
    })
}

/// Types of the later layouts, with the registry's own ids.
fn types() -> Json {
    let result = |ok: u32, err: u32| {
        json!({ "def": { "variant": { "variants": [
            { "name": "Ok", "index": 0, "fields": [{ "type": ok }] },
            { "name": "Err", "index": 1, "fields": [{ "type": err }] },
        ] } }, "path": ["Result"], "params": [{ "name": "T", "type": ok }, { "name": "E", "type": err }] })
    };
    let lang_error = json!({ "def": { "variant": { "variants": [{ "name": "CouldNotReadInput", "index": 1 }] } },
        "path": ["ink_primitives", "LangError"] });
    json!([
        { "id": 0, "type": { "def": { "primitive": "bool" } } },
        { "id": 1, "type": { "def": { "primitive": "u32" } } },
        { "id": 2, "type": { "def": { "tuple": [] } } },
        { "id": 5, "type": lang_error },
        { "id": 6, "type": result(0, 5) },
        { "id": 7, "type": result(2, 5) },
        { "id": 8, "type": { "def": { "composite": {} }, "path": ["demo", "Failed"] } },
        { "id": 9, "type": result(2, 8) },
        { "id": 10, "type": result(9, 5) },
    ])
}

fn message(label: &str, selector: &str, ty: u32) -> Json {
    json!({ "args": [], "default": false, "docs": [], "label": label, "mutates": false, "payable": false,
        "returnType": { "displayName": ["ink", "MessageResult"], "type": ty }, "selector": selector })
}

fn modern(version: Json, events: Json) -> Json {
    let init = json!({ "label": "init_value", "type": { "displayName": ["bool"], "type": 0 } });
    json!({
        "source": { "hash": "0x00", "language": "ink! 5.1.1", "compiler": "rustc 1.80.0" },
        "contract": { "name": "flipper", "version": "0.1.0", "authors": [] },
        "spec": {
            "constructors": [
                { "args": [init], "default": false, "docs": [], "label": "new", "payable": false, "selector": "0x9bae9d5e",
                  "returnType": { "displayName": ["ink_primitives", "ConstructorResult"], "type": 7 } },
                { "args": [], "default": true, "docs": [], "label": "starting", "payable": true, "selector": "0xed4b9d1b",
                  "returnType": { "displayName": ["ink_primitives", "ConstructorResult"], "type": 10 } },
            ],
            "messages": [message("flip", "0x633aa551", 7), message("Flip::get", "0x2f865bd9", 6)],
            "events": events,
            "docs": [],
            "lang_error": { "displayName": ["ink", "LangError"], "type": 5 },
            "environment": { "accountId": { "type": 1 }, "maxEventTopics": 4 },
        },
        "storage": { "root": { "layout": { "struct": {} } } },
        "types": types(),
        "version": version,
    })
}

fn event(topic: Json) -> Json {
    json!({ "label": "Flipped", "args": [
        { "label": "value", "indexed": true, "type": { "type": 0 } },
        { "label": "count", "indexed": false, "type": { "type": 1 } },
    ], "docs": [], "module_path": "flipper", "signature_topic": topic })
}

#[test]
fn the_first_layout_counts_types_from_one() {
    let flat = json!({ "metadataVersion": "0.1.0", "spec": spec_v0(), "types": types_v0() });
    let keyed = json!({ "V0": { "spec": spec_v0(), "types": types_v0() } });
    for file in [flat, keyed] {
        let metadata = parse(&file).unwrap();
        assert_eq!(metadata.layout(), Layout::Ink3);
        let transfer = metadata.message("Token::transfer").unwrap();
        assert_eq!(transfer, metadata.message("transfer").unwrap());
        assert_eq!((transfer.selector, transfer.mutates), ([0x84, 0xa1, 0x5d, 0xa1], true));
        assert_eq!(transfer.args[0].type_name, "AccountId");
        assert_eq!(transfer.args[1].type_name, "u128");

        let account = format!("0x{}", "11".repeat(32));
        let input = metadata.encode_call("transfer", &[account, "5".into()]).unwrap();
        assert_eq!(hex::encode(input), format!("84a15da1{}05{}", "11".repeat(32), "00".repeat(15)));
        assert_eq!(metadata.decode_return("transfer", &[7]).unwrap().to_string(), "Blue");
        assert_eq!(metadata.decode_return("get", &[]).unwrap(), Value::UNIT);

        let constructor = metadata.default_constructor().unwrap();
        assert!(constructor.payable && constructor.mutates, "constructors of this layout do not say");
        assert_eq!(constructor.docs, ["Makes it."]);
        let event = metadata.decode_event(&[], &[&[0][..], &[0x22; 32]].concat()).unwrap();
        assert_eq!(event.to_string(), format!("Sent {{ from: 0x{} }}", "22".repeat(32)));
    }
}

#[test]
fn the_layouts_of_ink_3_have_ids_of_their_own() {
    for key in ["V1", "V2", "V3"] {
        let label = if key == "V1" { "name" } else { "label" };
        let name = if key == "V1" { json!(["get"]) } else { json!("get") };
        let message = json!({ label: name, "args": [], "selector": "0x2f865bd9", "mutates": false, "payable": false,
            "returnType": { "type": 0, "displayName": ["bool"] }, "docs": [] });
        let spec = json!({ "constructors": [], "messages": [message], "events": [], "docs": [] });
        let types = json!([{ "id": 0, "type": { "def": { "primitive": "bool" } } }]);
        let file = json!({ "source": {}, "contract": {}, key: { "spec": spec, "types": types } });
        let metadata = parse(&file).unwrap();
        assert_eq!(metadata.layout(), Layout::Ink3);
        assert_eq!(metadata.decode_return("get", &[1]).unwrap(), Value::Bool(true), "ink! 3 returns the bare value");
        assert_eq!(metadata.encode_return("get", "true"), Ok(vec![1]));
    }
}

#[test]
fn ink_4_and_5_wrap_results() {
    for (version, layout) in [(json!("4"), Layout::Ink4), (json!("5"), Layout::Ink5), (json!(5), Layout::Ink5)] {
        let metadata = parse(&modern(version, json!([]))).unwrap();
        assert_eq!(metadata.layout(), layout);
        assert_eq!(metadata.decode_return("get", &[0, 1]).unwrap(), Value::Bool(true));
        assert_eq!(metadata.decode_return("flip", &[0]).unwrap(), Value::UNIT);
        assert_eq!(metadata.encode_return("get", "true"), Ok(vec![0, 1]));
        let error = metadata.decode_return("flip", &[1, 1]).unwrap_err();
        assert_eq!(error.to_string(), "the contract did not understand the call: CouldNotReadInput");
        for malformed in [&[][..], &[0, 2], &[0, 1, 1], &[2, 1], &[1, 9]] {
            assert!(metadata.decode_return("get", malformed).is_err(), "{malformed:?}");
        }
        assert_eq!(metadata.default_constructor().unwrap().label, "starting");
        assert_eq!(metadata.encode_constructor("new", &["true".into()]), Ok(vec![0x9b, 0xae, 0x9d, 0x5e, 1]));
        let failed = metadata.decode_constructed("starting", &[0, 1]).unwrap();
        assert_eq!(failed.to_string(), "Err(Failed)");
        assert_eq!(metadata.encode_constructed("starting", "Err(Failed)"), Ok(vec![0, 1]));
    }
}

#[test]
fn events_are_found_by_number_or_topic() {
    let data = [1, 7, 0, 0, 0];
    let shown = "Flipped { value: true, count: 7 }";
    let ink4 = parse(&modern(json!("4"), json!([event(Json::Null)]))).unwrap();
    assert_eq!(ink4.decode_event(&[], &[&[0][..], &data].concat()).unwrap().to_string(), shown);
    assert!(ink4.decode_event(&[], &[&[1][..], &data].concat()).is_err());
    assert!(ink4.decode_event(&[], &[]).is_err());

    let topic = json!(format!("0x{}", "b5".repeat(32)));
    let ink5 = parse(&modern(json!(5), json!([event(topic)]))).unwrap();
    assert_eq!(ink5.decode_event(&[Hash([0xb5; 32]), Hash([1; 32])], &data).unwrap().to_string(), shown);
    assert!(ink5.decode_event(&[Hash([0xb6; 32])], &data).is_err());
    assert!(ink5.decode_event(&[Hash([0xb5; 32])], &data[..4]).is_err());

    let anonymous = parse(&modern(json!(5), json!([event(Json::Null)]))).unwrap();
    assert_eq!(anonymous.decode_event(&[], &data).unwrap().to_string(), shown);
    let twice = parse(&modern(json!(5), json!([event(Json::Null), event(Json::Null)]))).unwrap();
    assert!(twice.decode_event(&[], &data).is_err(), "it could be either");
}

#[test]
fn what_makes_no_sense_is_refused() {
    type Change = fn(&mut Json);
    let cases: [(Change, &str); 11] = [
        (|file| file["version"] = json!(6), "version 6 is not known; versions of ink! 3, 4 and 5 are"),
        (|file| file["version"] = json!("x"), "invalid value: string \"x\", expected a version number"),
        (|file| file["types"] = Json::Null, "no metadata: `spec` and `types` are missing"),
        (|file| file["types"][0]["id"] = json!(1), "type 1 is defined twice"),
        (|file| file["types"][2]["type"]["def"] = json!({ "tuple": [99] }), "type 99 is not defined"),
        (|file| file["types"][0]["type"]["def"] = json!({ "primitive": "u7" }), "type 0 is malformed"),
        (|file| file["spec"]["lang_error"]["type"] = json!(98), "type 98 is not defined"),
        (|file| file["spec"]["messages"][0]["selector"] = json!("0x633a"), "the selector of `flip` is not 0x followed"),
        (|file| file["spec"]["messages"][0]["label"] = json!("a\u{1b}[2J"), "`a\\u{1b}[2J` is not a name"),
        (|file| file["types"][6]["type"]["path"] = json!(["true"]), "`true` is not a name"),
        (|file| file["spec"]["messages"][0]["args"] = json!(3), "not ink! metadata: invalid type"),
    ];
    for (change, problem) in cases {
        let mut file = modern(json!(5), json!([]));
        change(&mut file);
        let error = parse(&file).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
    let nested = "[".repeat(100_000);
    assert!(matches!(Metadata::parse(nested.as_bytes()), Err(MetadataError::NotMetadata(_))));
    let deep = format!("{{\"version\": 5, \"storage\": {nested}");
    assert!(matches!(Metadata::parse(deep.as_bytes()), Err(MetadataError::NotMetadata(_))));
}

#[test]
fn selectors_come_in_several_forms() {
    let forms = [
        json!("0x633aa551"),
        json!("633aa551"),
        json!("0x633AA551"),
        json!([0x63, 0x3a, 0xa5, 0x51]),
        json!(["0x63", "0x3A", "0xa5", "51"]),
        json!("[\"0x63\",\"0x3A\",\"0xA5\",\"0x51\"]"),
    ];
    for form in forms {
        let mut file = modern(json!(5), json!([]));
        file["spec"]["messages"][0]["selector"] = form.clone();
        let metadata = parse(&file).unwrap_or_else(|error| panic!("{form}: {error}"));
        assert_eq!(metadata.message("flip").unwrap().selector, [0x63, 0x3a, 0xa5, 0x51], "{form}");
    }
    for form in [json!(""), json!("0x"), json!("[]"), json!([1, 2, 3]), json!([1, 2, 3, 4, 5]), json!("0x633aa55")] {
        let mut file = modern(json!(5), json!([]));
        file["spec"]["messages"][0]["selector"] = form.clone();
        assert_eq!(parse(&file).unwrap_err(), MetadataError::InvalidSelector("flip".into()), "{form}");
    }
    for form in [json!([256, 0, 0, 0]), json!(["zz", "0", "0", "0"]), json!(7), json!({})] {
        let mut file = modern(json!(5), json!([]));
        file["spec"]["messages"][0]["selector"] = form.clone();
        assert!(matches!(parse(&file), Err(MetadataError::NotMetadata(_))), "{form}");
    }
}

#[test]
fn arguments_without_a_name_have_their_place_for_one() {
    let mut file = modern(json!(4), json!([]));
    file["spec"]["constructors"][0]["args"][0]["label"] = json!("");
    let metadata = parse(&file).unwrap();
    assert_eq!(metadata.constructor("new").unwrap().args[0].label, "arg0");
}

#[test]
fn the_error_of_the_dispatch_is_found_by_its_name_too() {
    let mut file = modern(json!("4"), json!([]));
    file["spec"].as_object_mut().unwrap().remove("lang_error");
    let metadata = parse(&file).unwrap();
    assert_eq!(metadata.decode_return("get", &[0, 1]).unwrap(), Value::Bool(true));
    assert!(metadata.decode_return("get", &[1, 1]).unwrap_err().to_string().contains("CouldNotReadInput"));
}
