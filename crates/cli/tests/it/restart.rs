//! A network that stops, or is killed, and goes on.

use crate::process::{Dev, Machine, bundle};
use serde_json::json;

#[test]
fn a_network_goes_on_where_it_stopped() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let network = dev.announced["network"].clone();
    let deployed = machine.ok(&dev, &["deploy", &bundle("probe")]);
    let probe = deployed["contract"].as_str().unwrap().to_owned();
    let set = machine.ok(&dev, &["call", &probe, "set", "7"]);
    let command = set["command"].as_str().unwrap().to_owned();
    let before = machine.ok(&dev, &["receipt", &command]);
    assert_eq!(dev.terminate(), Some(0));

    let dev = Dev::start(&machine, &["--data-dir", &data]);
    assert_eq!(dev.announced["network"], network);
    assert_eq!(machine.ok(&dev, &["call", &probe, "get"])["value"], json!(7));
    machine.ok(&dev, &["call", &probe, "set", "8"]);
    dev.kill();

    let dev = Dev::start(&machine, &["--data-dir", &data]);
    assert_eq!(machine.ok(&dev, &["call", &probe, "get"])["value"], json!(8), "an acknowledged command survives");
    let after = machine.ok(&dev, &["receipt", &command]);
    assert_eq!((&after["height"], &after["data"]), (&before["height"], &before["data"]), "no receipt changes");
}

#[test]
fn a_damaged_data_directory_is_reported() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    machine.run(&["dev", "--port", "0", "--data-dir", &data]).fails(1, "cannot be started", "--data-dir");
    assert_eq!(dev.terminate(), Some(0));

    let file = machine.file("plain", b"not a folder");
    machine.run(&["dev", "--port", "0", "--data-dir", &file]).fails(1, "cannot be started", "--data-dir");
    let genesis = std::path::Path::new(&data).join("keys/genesis");
    std::fs::write(genesis, b"damaged").unwrap();
    machine.run(&["dev", "--port", "0", "--data-dir", &data]).fails(1, "is damaged", "--data-dir");
    // The ledger had no balance then.
    std::fs::write(std::path::Path::new(&data).join("FORMAT"), "tallow-data 1\n").unwrap();
    machine.run(&["dev", "--port", "0", "--data-dir", &data]).fails(1, "tallow-data 1", "--data-dir");
}
