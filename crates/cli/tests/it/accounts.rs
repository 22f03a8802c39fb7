//! Accounts and their balance.

use crate::process::{Dev, Machine};
use serde_json::json;

const NOBODY: &str = "0x1717171717171717171717171717171717171717171717171717171717171717";

#[test]
fn balance_moves_between_accounts() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let balance = |account: &[&str]| {
        let shown = machine.ok(&dev, &[&["account", "balance"], account].concat());
        shown["balance"].as_str().unwrap().parse::<u128>().unwrap()
    };
    let before = balance(&[]);
    assert_eq!(balance(&[NOBODY]), 0);
    let moved = machine.ok(&dev, &["account", "transfer", NOBODY, "1_000"]);
    assert!(moved["command"].is_string() && moved["height"].is_u64(), "{moved}");
    assert_eq!((balance(&[]), balance(&[NOBODY])), (before - 1_000, 1_000));

    machine.ok(&dev, &["account", "faucet", NOBODY, "--amount", "5"]);
    assert_eq!((balance(&[]), balance(&[NOBODY])), (before - 1_005, 1_005));
    machine.ok(&dev, &["account", "faucet"]);
    assert_eq!(balance(&[]), before - 1_005 + 1_000_000_000_000, "Bob gives to Alice");

    let url = ["--url", &dev.url];
    let run = |args: &[&str]| machine.run(&[args, &url].concat());
    run(&["account", "transfer", NOBODY, &u128::MAX.to_string()]).fails(1, "(TransferFailed)", "balance");
    assert_eq!(run(&["account", "transfer", NOBODY, "0"]).code, 2);
    let poor = machine.ok(&dev, &["account", "balance", "--from", "//Eve"]);
    assert_eq!(poor["balance"], json!("0"));
}
