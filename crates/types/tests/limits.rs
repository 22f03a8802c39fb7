//! `docs/limits.md`, which `cargo xtask docs` makes of the text of `limits.rs`, says what the compiler makes of it.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

const SOURCE: &str = include_str!("../src/limits.rs");
const DOCUMENT: &str = include_str!("../../../docs/limits.md");

#[test]
fn values_are_those_of_the_program() {
    use tallow_types::limits::*;
    let row = |name: &str| DOCUMENT.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap().to_owned();
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
    assert_eq!(DOCUMENT.matches("\n| `").count(), SOURCE.matches("\npub const ").count(), "every limit has its row");
}
