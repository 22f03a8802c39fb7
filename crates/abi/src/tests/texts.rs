//! The text form: parser and printer.

use crate::{Fields, Value, parse_value};
use tallow_types::limits::{VALUE_DEPTH_MAX, VALUE_TEXT_BYTES_MAX};

fn variant(name: &str, fields: Fields) -> Value {
    Value::Variant { name: name.to_owned(), fields }
}

#[test]
fn every_form_parses_and_prints() {
    let numbers = vec![Value::UInt(1), Value::UInt(2)];
    let named = Fields::Named(vec![("a".into(), Value::UInt(1)), ("b_2".into(), Value::Bool(false))]);
    let cases = [
        ("true", Value::Bool(true)),
        ("42", Value::UInt(42)),
        ("340282366920938463463374607431768211455", Value::UInt(u128::MAX)),
        ("-1", Value::Int(-1)),
        ("-170141183460469231731687303715884105728", Value::Int(i128::MIN)),
        ("\"te\\\"xt\\n\"", Value::Text("te\"xt\n".into())),
        ("'c'", Value::Char('c')),
        ("'\\''", Value::Char('\'')),
        ("'\\\\'", Value::Char('\\')),
        ("0x", Value::Bytes(vec![])),
        ("0x00ff", Value::Bytes(vec![0, 255])),
        ("[]", Value::Seq(vec![])),
        ("[1, 2]", Value::Seq(numbers.clone())),
        ("()", Value::UNIT),
        ("(1, 2)", Value::Tuple(numbers.clone())),
        ("{ a: 1, b_2: false }", Value::Struct { name: None, fields: named.clone() }),
        ("Name { a: 1, b_2: false }", variant("Name", named)),
        ("Pair(1, 2)", variant("Pair", Fields::Unnamed(numbers))),
        ("None", variant("None", Fields::Unit)),
        ("Some(Ok(()))", variant("Some", Fields::Unnamed(vec![variant("Ok", Fields::Unnamed(vec![Value::UNIT]))]))),
        ("5GrwvaEF5zXb26Fz", Value::Literal("5GrwvaEF5zXb26Fz".into())),
    ];
    for (text, value) in cases {
        assert_eq!(parse_value(text).as_ref(), Ok(&value), "{text}");
        assert_eq!(value.to_string(), text);
    }
}

#[test]
fn other_spellings_parse() {
    let same = [
        ("1_000", "1000"),
        (" [ 1 ,2, ] ", "[1, 2]"),
        ("(a: 1)", "{ a: 1 }"),
        ("Name(a: 1,)", "Name { a: 1 }"),
        ("{\"a\": 1}", "{ a: 1 }"),
        ("'\\'", "'\\\\'"),
        ("'''", "'\\''"),
        ("\"\\u0041\\ud83d\\ude00\\/\"", "\"A\u{1f600}/\""),
    ];
    for (text, plain) in same {
        assert_eq!(parse_value(text), parse_value(plain), "{text}");
        assert!(parse_value(plain).is_ok(), "{plain}");
    }
    assert_eq!(parse_value("+1"), Ok(Value::Int(1)));
}

#[test]
fn what_is_no_value_is_refused_with_its_place() {
    let cases = [
        ("", "a value is missing at character 1"),
        ("[1", "expected `,` or `]` at character 3"),
        ("[1 2]", "expected `,` or `]` at character 4"),
        ("1 2", "unexpected text after the value at character 3"),
        ("{ a 1 }", "expected `:` after `a` at character 5"),
        ("0xabc", "not hexadecimal bytes (Odd number of digits) at character 1"),
        ("-x", "expected digits at character 3"),
        ("340282366920938463463374607431768211456", "the number exceeds 128 bits at character 40"),
        ("\"ä", "the text has no closing `\"` at character 3"),
        ("\"\\x\"", "unknown escape at character 4"),
        ("\"\\ud800\"", "not a character at character 8"),
        ("''", "expected `'` after the character at character 3"),
        ("#", "unexpected `#` at character 1"),
        ("{ : 1 }", "expected the name of a field at character 3"),
    ];
    for (text, problem) in cases {
        assert_eq!(parse_value(text).unwrap_err().to_string(), format!("not a value: {problem}"), "{text}");
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(parse_value(&nested(VALUE_DEPTH_MAX)).is_ok());
    assert!(parse_value(&nested(VALUE_DEPTH_MAX + 2)).unwrap_err().problem.contains("nested deeper"));
    assert!(parse_value(&"(".repeat(1_000_000)).is_err());
    assert!(parse_value(&"A(".repeat(1_000_000)).is_err());
    assert!(parse_value(&"1".repeat(VALUE_TEXT_BYTES_MAX + 1)).unwrap_err().problem.contains("longer"));
}

#[test]
fn deceptive_characters_are_escaped_and_read_back() {
    for text in ["\u{1b}[31m", "a\u{202e}b", "\u{9b}", "\0", "\u{200b}"] {
        let shown = Value::Text(text.into()).to_string();
        assert!(shown.is_ascii(), "{shown}");
        assert_eq!(parse_value(&shown), Ok(Value::Text(text.into())));
    }
}

#[test]
fn json_keeps_everything() {
    let json = |text: &str| parse_value(text).unwrap().to_json().to_string();
    assert_eq!(json("[1, -1, 9007199254740991, 9007199254740992]"), r#"[1,-1,9007199254740991,"9007199254740992"]"#);
    assert_eq!(json("-9007199254740992"), r#""-9007199254740992""#);
    assert_eq!(json("(true, 'c', \"t\", 0x00ff)"), r#"[true,"c","t","0x00ff"]"#);
    assert_eq!(json("()"), "null");
    assert_eq!(json("{ b: 1, a: None }"), r#"{"b":1,"a":"None"}"#);
    assert_eq!(json("Some({ a: 1 })"), r#"{"Some":{"a":1}}"#);
    assert_eq!(json("Pair(1, 2)"), r#"{"Pair":[1,2]}"#);
    assert_eq!(json("Named { a: 1 }"), r#"{"Named":{"a":1}}"#);
}
