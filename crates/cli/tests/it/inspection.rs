//! What there is, and what of it is proven: clusters, contracts, receipts.

use crate::process::{Dev, Machine, bundle};
use serde_json::{Value, json};

#[test]
fn a_cluster_is_shown_with_what_is_proven() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    machine.ok(&dev, &["deploy", &bundle("flipper"), "--args", "true"]);
    let shown = machine.ok(&dev, &["cluster"]);
    let proven = &shown["proven"];
    assert_eq!((&proven["network"], &proven["epoch"]), (&dev.announced["network"], &json!(0)), "{shown}");
    assert_eq!(proven["replicas"].as_array().unwrap().len(), 1);
    assert_eq!(proven["replicas"][0]["attestation"]["simulated"], json!(true), "{shown}");
    assert!(proven["anchor"]["height"].as_u64() > Some(0) && proven["anchor"]["age_ms"].is_u64(), "{shown}");
    assert!(shown["says"]["height"].as_u64() >= proven["anchor"]["height"].as_u64(), "{shown}");

    let status = machine.ok(&dev, &["status"]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!((&status["version"], &status["says"]["version"]), (&json!(version), &json!(version)), "{status}");
    assert!(status["proven"]["anchor"]["age_ms"].as_u64() < Some(600_000), "{status}");
    let text = machine.run(&["status", "--url", &dev.url]).stdout;
    for line in ["replicas         1; survives 0", "ago, at ledger height", "development: simulated"] {
        assert!(text.contains(line), "`{line}` is missing:\n{text}");
    }

    let id = proven["cluster"].as_str().unwrap();
    let named = machine.run(&["cluster", id, "--url", &dev.url]);
    let (before, after) = named.stdout.split_once("said by the worker").unwrap();
    assert!(before.starts_with("proven by the ledger") && before.contains("SIMULATED"), "{before}");
    assert!(after.contains("waiting"), "{after}");
    let unknown = format!("0x{}", "17".repeat(32));
    let ran = machine.run(&["cluster", &unknown, "--url", &dev.url]);
    ran.fails(1, "the ledger lists no cluster 0x1717", "without one");
}

#[test]
fn a_contract_is_shown_with_its_messages() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let deployed = machine.ok(&dev, &["deploy", &bundle("flipper"), "--constructor", "new", "--args", "true"]);
    let contract = deployed["contract"].as_str().unwrap();
    let shown = machine.ok(&dev, &["contract", "show", contract]);
    assert_eq!((&shown["code"], &shown["balance"]), (&deployed["code"], &json!("0")), "{shown}");
    assert!(shown["code_bytes"].as_u64() > Some(0), "{shown}");
    let messages = shown["interface"]["messages"].as_array().unwrap();
    let flip = messages.iter().find(|message| message["name"] == json!("flip")).unwrap();
    assert_eq!((&flip["signature"], &flip["mutates"]), (&json!("flip()"), &json!(true)));
    let text = machine.run(&["contract", "show", contract, "--url", &dev.url]).stdout;
    for line in ["proven by the ledger", "signed by the worker", "constructor  new(value: bool)", "query        get()"]
    {
        assert!(text.contains(line), "`{line}` is missing:\n{text}");
    }
    assert_eq!(shown["says"], json!({ "code": shown["code"], "compat": "tallow", "public_events": false }));
    // Timers are shown to the deployer.
    let timers = |from| machine.ok(&dev, &["contract", "show", contract, "--from", from])["timers"].clone();
    assert_eq!((timers("//Alice"), timers("//Bob")), (json!(0), Value::Null));
    // Another machine knows no messages.
    let stranger = Machine::new();
    assert_eq!(stranger.ok(&dev, &["contract", "show", contract])["interface"], Value::Null);
    let told = stranger.ok(&dev, &["contract", "show", contract, "--metadata", &bundle("flipper")]);
    assert_eq!(told["interface"], shown["interface"]);
}

#[test]
fn a_receipt_is_explained() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let deployed = machine.ok(&dev, &["deploy", &bundle("probe")]);
    let contract = deployed["contract"].as_str().unwrap();
    let other = format!("0x{}", "17".repeat(32));
    let sent = machine.ok(&dev, &["call", contract, "mark", "7", "\"here\"", "--wait-anchored"]);
    let command = sent["command"].as_str().unwrap();
    let receipt = machine.ok(&dev, &["receipt", command]);
    let links = receipt["proof"].as_array().unwrap();
    let names: Vec<_> = links.iter().map(|link| link["link"].as_str().unwrap()).collect();
    let expected =
        ["outcome", "leaf", "path", "header", "certificate", "cluster_record", "ledger_certificate", "anchor"];
    assert_eq!(names, expected);
    assert!(links.iter().all(|link| link["verdict"] == json!("ok")), "{receipt}");
    assert_eq!((&receipt["proven"], &receipt["message"]), (&json!(true), &json!("mark")));
    assert!(receipt["gas_used"].as_u64() > Some(0) && receipt["anchored"].is_u64(), "{receipt}");
    let event = &receipt["events"][0];
    assert_eq!((&event["contract"], &event["decoded"]["fields"]["number"]), (&json!(contract), &json!(7)), "{receipt}");

    let text = machine.run(&["receipt", command, "--url", &dev.url]);
    for line in ["ok   outcome", "ok   ledger certificate", "signed by 1 of 1 replica(s)", "Marked {", "gas used"] {
        assert!(text.stderr.contains(line), "`{line}` is missing:\n{}", text.stderr);
    }
    // To others it is proven and sealed; the wrong key is a broken link.
    let stranger = Machine::new();
    let sealed = stranger.ok(&dev, &["receipt", command]);
    assert_eq!((&sealed["sealed"], &sealed["proof"][0]["verdict"]), (&json!(true), &json!("missing")), "{sealed}");
    let ran = stranger.run(&["receipt", command, "--key", &other, "--url", &dev.url]);
    ran.fails(1, "not proven", "marked `fail`");
    assert!(ran.stderr.contains("fail outcome"), "{}", ran.stderr);
}

#[test]
fn contracts_are_listed_page_by_page() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let url = ["--url", &dev.url];
    let mut deployed: Vec<String> = ["0x01", "0x02", "0x03"]
        .iter()
        .map(|salt| machine.ok(&dev, &["deploy", &bundle("flipper"), "--args", "true", "--salt", salt]))
        .map(|deployed| deployed["contract"].as_str().unwrap().to_owned())
        .collect();
    deployed.sort();
    let mut seen = Vec::new();
    let mut page = machine.ok(&dev, &["contract", "list", "--limit", "2"]);
    loop {
        for contract in page["contracts"].as_array().unwrap() {
            assert_eq!(contract["proven"], json!(true), "{contract}");
            seen.push(contract["contract"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["next"].as_str() else { break };
        page = machine.ok(&dev, &["contract", "list", "--limit", "2", "--after", next]);
    }
    seen.retain(|contract| deployed.contains(contract));
    assert_eq!(seen, deployed);
    let ran = machine.run(&[&["contract", "list", "--limit", "1"][..], &url].concat());
    assert!(ran.stderr.contains("contract list --after") && ran.stdout.contains("  proven"), "{}", ran.stderr);
    assert_eq!(machine.run(&["contract", "list", "--limit", "0"]).code, 2);
}
