//! `docs/limits.md` says what `limits.rs` says.
//!
//! After a change of a limit, run this test with `TALLOW_WRITE_DOCS=1`.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use std::collections::BTreeMap;

const SOURCE: &str = include_str!("../src/limits.rs");
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/limits.md");
const HEAD: &str = "# Limits

Every size, count and time that bounds something. What is full refuses, with an error that says so; nothing grows without
one of these. Made from the comments of `crates/types/src/limits.rs`; a test checks that it is current.
";

/// The value of an expression of numbers and earlier constants: `+`, `*`, and `*` before `+`.
fn value(expression: &str, known: &BTreeMap<String, u64>) -> u64 {
    let factor = |text: &str| {
        let text = text.trim().trim_end_matches(" as u64").trim();
        let number = text.replace('_', "").parse().ok();
        number.or_else(|| known.get(text).copied()).unwrap_or_else(|| panic!("`{text}` in `{expression}`"))
    };
    let quotient = |text: &str| text.split('/').map(factor).reduce(|a, b| a / b).unwrap();
    expression.split('+').map(|term| term.split('*').map(quotient).product::<u64>()).sum()
}

/// A number in the unit that its name tells.
fn shown(name: &str, value: u64) -> String {
    let scaled = |units: &[(&str, u64)]| {
        let (unit, size) = units.iter().find(|(_, size)| value >= *size && value.is_multiple_of(*size)).unwrap();
        format!("{} {unit}", grouped(value / size))
    };
    if name.contains("BYTES") {
        scaled(&[("MiB", 1 << 20), ("KiB", 1 << 10), ("bytes", 1)])
    } else if name.contains("_MS") {
        scaled(&[("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)])
    } else if name.contains("SECONDS") {
        scaled(&[("days", 86_400), ("h", 3_600), ("s", 1)])
    } else {
        grouped(value)
    }
}

fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let parts: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
    parts.join(" ")
}

fn document() -> String {
    let mut known = BTreeMap::new();
    let constants: Vec<_> = SOURCE.lines().filter_map(|line| line.strip_prefix("pub const ")).collect();
    // Some name others that come later in the file.
    for _ in 0..constants.len() {
        for constant in &constants {
            let (name, rest) = constant.split_once(':').unwrap();
            let expression = rest.split_once('=').unwrap().1.trim_end_matches(';');
            let waits = expression
                .split([' ', '*', '+', '/'])
                .any(|word| word.starts_with(|first: char| first.is_ascii_uppercase()) && !known.contains_key(word));
            if !waits {
                known.insert(name.to_owned(), value(expression, &known));
            }
        }
    }
    let (mut text, mut comment, mut open) = (HEAD.to_owned(), Vec::new(), false);
    for line in SOURCE.lines() {
        if let Some(words) = line.strip_prefix("/// ") {
            comment.push(words);
        } else if let Some(constant) = line.strip_prefix("pub const ") {
            let name = constant.split_once(':').unwrap().0;
            if !open {
                text.push_str("\n| limit | value | what it bounds |\n|---|---|---|\n");
                open = true;
            }
            text.push_str(&format!("| `{name}` | {} | {} |\n", shown(name, known[name]), comment.join(" ")));
            comment.clear();
        } else if line.is_empty() {
            open = false;
        }
    }
    text
}

#[test]
fn the_document_is_current() {
    if std::env::var_os("TALLOW_WRITE_DOCS").is_some() {
        std::fs::write(PATH, document()).unwrap();
    }
    let current = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(current == document(), "docs/limits.md is not current: run this test with TALLOW_WRITE_DOCS=1");
}

#[test]
fn values_are_those_of_the_program() {
    use tallow_types::limits::*;
    let document = document();
    let row = |name: &str| document.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap().to_owned();
    assert_eq!(COMMAND_BYTES_MAX, 256 << 10);
    assert!(row("COMMAND_BYTES_MAX").contains("| 256 KiB |"));
    assert_eq!(DISK_RESERVE_BYTES, 256 << 20);
    assert!(row("DISK_RESERVE_BYTES").contains("| 256 MiB |"));
    assert_eq!(CALL_TAKEOVER_MS, 15_000);
    assert!(row("CALL_TAKEOVER_MS").contains("| 15 s |"));
    assert_eq!(SESSION_OPEN_BYTES_MAX, 1536);
    assert!(row("SESSION_OPEN_BYTES_MAX").contains("| 1 536 bytes |"));
    assert_eq!(COMMAND_GAS_MAX, 500_000_000_000);
    assert!(row("COMMAND_GAS_MAX").contains("| 500 000 000 000 |"));
    assert_eq!(document.matches("\n| `").count(), SOURCE.matches("\npub const ").count(), "every limit has its row");
}
