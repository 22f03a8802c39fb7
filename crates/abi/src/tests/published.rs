//! Metadata as the published releases of `ink_metadata` write it: one contract, described with each.
//!
//! The files come from 3.0.0-rc1 (`v0-first`), 3.0.0-rc4 (`v0`), 3.0.0-rc7 (`v1`) and 3.4.0 (`v3`).

use crate::{Argument, Layout, Metadata, Value};
use parity_scale_codec::{Compact, Encode};
use tallow_types::Hash;

const FILES: [(&str, &str); 4] = [
    ("v0-first", include_str!("layouts/v0-first.json")),
    ("v0", include_str!("layouts/v0.json")),
    ("v1", include_str!("layouts/v1.json")),
    ("v3", include_str!("layouts/v3.json")),
];

/// A value of the type that `echo` takes, and what SCALE makes of it.
const EVERYTHING: &str = "Everything { account: 0x0707070707070707070707070707070707070707070707070707070707070707, \
    unit: Unit, shape: Named { at: Point { x: -5, y: 9 }, tags: [\"a\"] }, color: Green, maybe: Some(None), \
    outcome: Err(Circle(1)), list: [(1, -1)], array: [-2, 3], bytes: 0x0102, small: 16384 }";

/// The first release knew no compact fields, and described them as if they were not.
fn everything(compact: bool) -> Vec<u8> {
    let small = if compact { Compact(16384u128).encode() } else { 16384u128.encode() };
    let named = (2u8, -5i128, 9u16, vec!["a"]).encode();
    // A circle is variant 1 of the error, which is variant 1 of the result.
    let outcome = (1u8, 1u8, 1u64);
    let rest = (Some(None::<bool>), outcome, vec![(1u8, -1i64)], [-2i16, 3], vec![1u8, 2]);
    [vec![7; 32], named, vec![7], rest.encode(), small].concat()
}

fn each(check: impl Fn(&str, &Metadata)) {
    for (name, file) in FILES {
        let metadata = Metadata::parse(file.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(metadata.layout(), Layout::Ink3, "{name}");
        check(name, &metadata);
    }
}

#[test]
fn messages_are_the_same_in_each() {
    each(|name, metadata| {
        let labels: Vec<&str> = metadata.messages().iter().map(|message| message.label.as_str()).collect();
        assert_eq!(labels, ["Token::transfer", "echo", "color"], "{name}");
        let transfer = metadata.message("transfer").unwrap();
        assert_eq!(transfer.selector, [0x84, 0xa1, 0x5d, 0xa1], "{name}");
        assert!(transfer.mutates && transfer.payable && !transfer.default, "{name}");
        assert_eq!(transfer.docs, ["Moves."], "{name}");
        let shown = |args: &[Argument]| args.iter().map(|arg| format!("{}: {}", arg.label, arg.type_name)).collect();
        let args: Vec<String> = shown(&transfer.args);
        assert_eq!(args, ["to: AccountId", "value: u128"], "{name}");
        assert!(!metadata.message("echo").unwrap().mutates, "{name}");
        let new = metadata.default_constructor().unwrap();
        assert_eq!((new.label.as_str(), new.payable, new.mutates), ("new", true, true), "{name}");
        assert_eq!(metadata.encode_constructor("new", &["7".into()]).unwrap()[..5], [0xd1, 0x83, 0x51, 0x2b, 7]);
    });
}

#[test]
fn values_of_every_type_pass_through_each() {
    each(|name, metadata| {
        let bytes = everything(name != "v0-first");
        let input =
            metadata.encode_call("echo", &[EVERYTHING.into()]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(input, [&[1, 2, 3, 4][..], &bytes].concat(), "{name}");
        let shown = metadata.decode_return("echo", &bytes).unwrap();
        assert_eq!(shown.to_string(), EVERYTHING, "{name}");
    });
}

#[test]
fn results_and_events_are_read_from_each() {
    each(|name, metadata| {
        assert_eq!(metadata.decode_return("transfer", &[0]).unwrap().to_string(), "Ok(())", "{name}");
        assert_eq!(metadata.decode_return("transfer", &[1, 3]).unwrap().to_string(), "Err(Red)", "{name}");
        assert_eq!(metadata.decode_return("color", &[]), Ok(Value::UNIT), "{name}");
        assert_eq!(metadata.encode_call("color", &["Blue".into()]).unwrap(), [1, 2, 3, 5, 2], "{name}");
        let data = (0u8, Some([8u8; 32]), 5u128).encode();
        let event = metadata.decode_event(&[Hash([1; 32])], &data).unwrap();
        assert_eq!(event.to_string(), format!("Sent {{ from: Some(0x{}), value: 5 }}", "08".repeat(32)), "{name}");
    });
}
