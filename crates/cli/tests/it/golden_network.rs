//! What is said when a network cannot be started, and when a running one refuses.

use crate::golden::failure;
use crate::process::{Dev, Machine, Ran, bundle};
use std::fs;
use std::path::Path;

const OTHER: &str = "0x2222222222222222222222222222222222222222222222222222222222222222";
const NOWHERE: &str = "0x1717171717171717171717171717171717171717171717171717171717171717";

#[test]
fn golden_networks_that_cannot_be_started() {
    let machine = Machine::new();
    let home = machine.path("");
    let data = machine.path("data");
    let start = |data: &str| machine.run(&["dev", "--port", "0", "--data-dir", data]);
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let port = dev.url.rsplit(':').next().unwrap().to_owned();
    let pid = dev.id().to_string();
    let places = [(home.trim_end_matches('/'), "[HOME]"), (port.as_str(), "[PORT]"), (pid.as_str(), "[PID]")];
    failure("dev-port-taken", &machine.run(&["dev", "--port", &port]), 1, &places);
    failure("dev-folder-taken", &start(&data), 1, &places);
    assert_eq!(dev.terminate(), Some(0));

    failure("dev-folder-is-a-file", &start(&machine.file("plain", b"not a folder")), 1, &places);
    failure("dev-folder-of-others", &start(&home), 1, &places);
    let altered = |file: &str, content: &[u8]| {
        let path = Path::new(&data).join(file);
        let before = fs::read(&path).unwrap();
        fs::write(&path, content).unwrap();
        let ran = start(&data);
        fs::write(path, before).unwrap();
        ran
    };
    failure("dev-later-format", &altered("FORMAT", b"tallow-data 9\n"), 1, &places);
    failure("dev-format-junk", &altered("FORMAT", &[0xfe; 40]), 1, &places);
    failure("dev-genesis-damaged", &altered("keys/genesis", b"damaged"), 1, &places);
    let unharmed = Dev::start(&machine, &["--data-dir", &data]);
    assert_eq!(unharmed.terminate(), Some(0), "what was put back is what there was");
}

/// What failed and what to do, without the warnings of development networks, which other tests look at.
fn told(ran: Ran) -> Ran {
    let noise = ["warning:", "command 0x", "query at height"];
    let told = ran.stderr.lines().filter(|line| !noise.iter().any(|start| line.starts_with(start)));
    Ran { stderr: told.map(|line| format!("{line}\n")).collect(), ..ran }
}

#[test]
fn golden_networks_that_refuse() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let run = |args: &[&str]| told(machine.run(&[args, &["--url", &dev.url]].concat()));
    let deployed = machine.ok(&dev, &["deploy", &bundle("probe")]);
    let probe = deployed["contract"].as_str().unwrap();
    let network = dev.announced["network"].as_str().unwrap();
    let cluster = machine.ok(&dev, &["cluster"]).to_string();
    let cluster = cluster.split("\"cluster\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let places = [(dev.url.as_str(), "[URL]"), (probe, "[PROBE]"), (network, "[NETWORK]"), (cluster, "[CLUSTER]")];
    let flipper = bundle("flipper");
    let cases: [(&str, i32, &[&str]); 15] = [
        ("network-other", 5, &["status", "--network", OTHER]),
        ("contract-unknown", 1, &["call", NOWHERE, "get"]),
        ("contract-unknown-show", 1, &["contract", "show", NOWHERE]),
        ("message-unknown", 2, &["call", probe, "sett", "1"]),
        ("message-bad-argument", 2, &["call", probe, "set", "minus one"]),
        ("message-too-few-arguments", 2, &["call", probe, "set"]),
        ("message-refused", 1, &["call", probe, "set_and_fail", "5"]),
        ("message-trapped", 1, &["call", probe, "set_and_trap", "5"]),
        ("message-out-of-gas", 1, &["call", probe, "spin", "--gas-limit", "1000000000"]),
        ("message-value-not-taken", 2, &["call", probe, "set", "1", "--value", "5"]),
        ("contract-twice", 1, &["deploy", &bundle("probe")]),
        ("constructor-failed", 1, &["deploy", &bundle("probe"), "--constructor", "failing", "--salt", "0x01"]),
        ("upgrade-not-possible", 1, &["contract", "upgrade", probe, &flipper]),
        ("logs-of-others", 3, &["logs", probe, "--from", "//Bob"]),
        ("receipt-unknown", 1, &["receipt", NOWHERE]),
    ];
    for (name, code, args) in cases {
        failure(name, &run(args), code, &places);
    }
    let metadata = run(&["call", probe, "flip", "--metadata", &flipper]);
    failure("metadata-of-another", &metadata, 1, &places);
}
