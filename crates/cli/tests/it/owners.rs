//! What owners do with contracts beside calling them: secrets, upgrades, the system contract.

use crate::process::{Dev, Machine, Ran, bundle};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

/// Functions of the chain extensions: a secret by name, and the address of the system contract.
const SECRET_GET: u32 = 0x1_0010;
const SYSTEM_CONTRACT: u32 = 15;
const NOWHERE: &str = "0x1717171717171717171717171717171717171717171717171717171717171717";

/// Calls the function of the chain extension that its input's first word names with the rest of it; in later code it answers that it is later, and marks its storage, and
/// reverts when its input begins with 0xff.
fn code(later: bool) -> Vec<u8> {
    let call = if later {
        r#"(drop (call $set (i32.const 40) (i32.const 1) (i32.const 44) (i32.const 1)))
           (call $return (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 255)) (i32.const 44) (i32.const 5))"#
    } else {
        r#"(i32.store (i32.const 32) (i32.const 20000))
           (drop (call $ext (i32.load (i32.const 1024)) (i32.const 1028)
               (i32.sub (i32.load (i32.const 0)) (i32.const 4)) (i32.const 20480) (i32.const 32)))
           (call $return (i32.const 0) (i32.const 20480) (i32.load (i32.const 32)))"#
    };
    let text = format!(
        r#"(module
            (import "env" "memory" (memory 2 16))
            (import "seal0" "input" (func $input (param i32 i32)))
            (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
            (import "seal2" "set_storage" (func $set (param i32 i32 i32 i32) (result i32)))
            (import "seal0" "call_chain_extension" (func $ext (param i32 i32 i32 i32 i32) (result i32)))
            (data (i32.const 44) "later")
            (func (export "deploy"))
            (func (export "call")
                (i32.store (i32.const 0) (i32.const 16000))
                (call $input (i32.const 1024) (i32.const 0))
                {call}))"#
    );
    wat::parse_str(text).unwrap()
}

struct World {
    machine: Machine,
    dev: Dev,
    contract: String,
}

impl World {
    fn new(args: &[&str]) -> Self {
        let machine = Machine::new();
        let dev = Dev::start(&machine, args);
        Self::on(machine, dev, &["--upgradable"])
    }

    fn on(machine: Machine, dev: Dev, args: &[&str]) -> Self {
        let file = machine.file("first.wasm", &code(false));
        let deployed = machine.ok(&dev, &[&["deploy", &file, "--data", "0x"], args].concat());
        let contract = deployed["contract"].as_str().unwrap().to_owned();
        Self { machine, dev, contract }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.machine.run(&[args, &["--url", &self.dev.url]].concat())
    }

    fn ok(&self, args: &[&str]) -> Value {
        self.machine.ok(&self.dev, args)
    }

    /// Runs with this on standard input.
    fn with_input(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut command = self.machine.command(&[args, &["--url", &self.dev.url]].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// What the contract reads by this name.
    fn reads(&self, name: &str) -> Option<Vec<u8>> {
        let input = [&SECRET_GET.to_le_bytes()[..], &[(name.len() as u8) << 2], name.as_bytes()].concat();
        let read = self.ok(&["call", &self.contract, "--data", &format!("0x{}", hex::encode(input)), "--query"]);
        let data = hex::decode(read["data"].as_str().unwrap().trim_start_matches("0x")).unwrap();
        tallow_types::decode_exact(&data).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let listed = self.ok(&["secret", "list", &self.contract]);
        let name = |secret: &Value| secret["name"].as_str().unwrap().to_owned();
        listed["secrets"].as_array().unwrap().iter().map(name).collect()
    }
}

#[test]
fn a_contract_reads_the_secrets_of_its_owner() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let mut world = World::on(machine, dev, &[]);
    let contract = world.contract.clone();
    let set = ["secret", "set", &contract];
    let ran = world.with_input(&[&set[..], &["TOKEN"]].concat(), b"hush\n");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("hush") && !ran.stdout.contains("hush"), "{}{}", ran.stderr, ran.stdout);
    assert_eq!(world.reads("TOKEN"), Some(b"hush".to_vec()));
    assert_eq!(world.reads("OTHER"), None);

    let file = world.machine.file("key.bin", b"\x00\xff\n");
    world.ok(&[&set[..], &["KEY", "--file", &file]].concat());
    assert_eq!(world.reads("KEY"), Some(vec![0, 0xff, b'\n']), "a file is taken as it is");
    let file = world.machine.file("env", b"# two\nTOKEN='new one'\nURL=https://x/#y\n");
    assert_eq!(world.run(&[&set[..], &["--env-file", &file]].concat()).code, 0);
    assert_eq!((world.reads("TOKEN"), world.reads("URL")), (Some(b"new one".to_vec()), Some(b"https://x/#y".to_vec())));
    assert_eq!(world.names(), ["KEY", "TOKEN", "URL"]);
    let listed = world.run(&["secret", "list", &contract]);
    assert!(listed.stdout.contains("TOKEN") && !listed.stdout.contains("new one"), "{}", listed.stdout);

    world.ok(&["secret", "rm", &contract, "URL"]);
    world.run(&["secret", "rm", &contract, "URL"]).fails(1, "(SecretNotFound)", "secret list");
    refused(&world, &set);

    world.dev.kill();
    world.dev = Dev::start(&world.machine, &["--data-dir", &data]);
    assert_eq!((world.reads("TOKEN"), world.reads("URL")), (Some(b"new one".to_vec()), None), "they survive");
}

/// Wrong callers, names, sizes and files.
fn refused(world: &World, set: &[&str]) {
    let bob = ["--from", "//Bob"];
    world.with_input(&[set, &["TOKEN"], &bob].concat(), b"x").fails(1, "(NotPermitted)", "--from");
    world.run(&[&["secret", "list", &world.contract], &bob[..]].concat()).fails(3, "not permitted", "--from");
    world.with_input(&["secret", "set", NOWHERE, "TOKEN"], b"x").fails(1, "(ContractNotFound)", "tallow deploy");
    world.with_input(&[set, &["1A"]].concat(), b"x").fails(2, "cannot name a secret", "API_TOKEN");
    world.with_input(&[set, &["A"]].concat(), b"").fails(2, "no value on standard input", "--file");
    world.with_input(&[set, &["A"]].concat(), &[b'x'; 17_000]).fails(2, "larger than", "storage");
    let bad = world.machine.file("bad.env", b"A='hidden");
    let ran = world.run(&[set, &["--env-file", &bad]].concat());
    ran.fails(2, "line 1", "NAME=value");
    assert!(!ran.stderr.contains("hidden"), "{}", ran.stderr);
    world.run(&[set, &["A", "--file", "/nowhere"]].concat()).fails(1, "cannot read", "path");
    assert_eq!(world.run(set).code, 2, "a name or a file");
}

#[test]
fn an_upgradable_contract_gets_new_code_until_it_is_frozen() {
    let world = World::new(&[]);
    let contract = &world.contract;
    let shown = world.ok(&["contract", "show", contract]);
    assert_eq!(shown["admin"], shown["deployer"]);
    let file = world.machine.file("later.wasm", &code(true));
    let upgrade = ["contract", "upgrade", contract.as_str(), file.as_str()];
    let dry = world.ok(&[&upgrade[..], &["--dry-run"]].concat());
    assert_eq!((&dry["registered"], &dry["old_code"]), (&json!(false), &shown["code"]));
    world.run(&[&upgrade[..], &["--from", "//Bob"]].concat()).fails(1, "(NotPermitted)", "--from");
    world.run(&["contract", "upgrade", NOWHERE, &file]).fails(1, "there is no contract", "tallow deploy");
    assert_eq!(world.ok(&["contract", "show", contract])["code"], shown["code"]);

    let upgraded = world.ok(&upgrade);
    let called = world.ok(&["call", contract, "--data", "0x00"]);
    assert_eq!(called["data"], json!(format!("0x{}", hex::encode("later"))), "{upgraded}");
    world.ok(&["call", contract, "--data", "0x00", "--command", "--wait-anchored"]);
    assert_eq!(world.ok(&["contract", "show", contract])["code"], upgraded["code"], "the ledger lists it");

    world.run(&["contract", "freeze", contract]).fails(2, "for ever", "--yes");
    world.ok(&["contract", "freeze", contract, "--yes"]);
    world.run(&upgrade).fails(1, "(NotUpgradable)", "--upgradable");
    world.run(&["contract", "freeze", contract, "--yes"]).fails(1, "(NotUpgradable)", "--upgradable");
    assert_eq!(world.ok(&["contract", "show", contract])["admin"], Value::Null);
}

#[test]
fn messages_that_disappear_are_named_and_a_migration_is_atomic() {
    let world = World::new(&[]);
    let deployed = world.ok(&["deploy", &bundle("flipper"), "--constructor", "new", "--args", "true", "--upgradable"]);
    let flipper = deployed["contract"].as_str().unwrap();
    let upgrade = ["contract", "upgrade", flipper, &bundle("probe")];
    world.run(&upgrade).fails(2, "messages would disappear: ", "--force");
    let dry = world.ok(&[&upgrade[..], &["--dry-run"]].concat());
    assert!(dry["messages_gone"].as_array().is_some_and(|gone| gone.contains(&json!("flip"))), "{dry}");
    let migrate = |message: &str| {
        let args = ["--force", "--migrate", message, "--args", "7"];
        world.machine.json(&world.dev, &[&upgrade[..], &args].concat())
    };
    for message in ["set_and_fail", "set_and_trap"] {
        let (code, failed) = migrate(message);
        assert!(code == 1 && failed["error"].is_string(), "{failed}");
        assert_eq!(world.ok(&["call", flipper, "get"])["value"], json!(true), "the old code stays");
    }
    world.run(&[&upgrade[..], &["--force", "--migrate", "nope"]].concat()).fails(2, "nope", "source");
}

#[test]
fn a_cluster_has_the_system_contract_that_its_owner_names() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let mut world = World::on(machine, dev, &[]);
    let system = world.ok(&["deploy", &bundle("system")])["contract"].as_str().unwrap().to_owned();
    let asked = format!("0x{}", hex::encode(SYSTEM_CONTRACT.to_le_bytes()));
    let named = |world: &World| world.ok(&["cluster", "system-contract"])["system_contract"].clone();
    assert_eq!(named(&world), Value::Null);
    let contract = world.contract.clone();
    let ask = ["call", &contract, "--data", &asked];
    world.run(&ask).fails(1, "(SystemContractMissing)", "");
    let set = ["cluster", "system-contract", &system];
    world.run(&[&set[..], &["--from", "//Bob"]].concat()).fails(1, "(NotPermitted)", "--from");
    world.run(&["cluster", "system-contract", NOWHERE]).fails(1, "(ContractNotFound)", "tallow deploy");
    world.ok(&set);

    world.dev.kill();
    world.dev = Dev::start(&world.machine, &["--data-dir", &data]);
    assert_eq!(named(&world), json!(system));
    assert_eq!(world.ok(&ask)["data"], json!(system), "as a query");
    assert_eq!(world.ok(&[&ask[..], &["--command"]].concat())["data"], json!(system), "as a command");
    drivers(&world, &system);
    world.ok(&["cluster", "system-contract", "--none"]);
    assert_eq!(named(&world), Value::Null);
    world.run(&ask).fails(1, "(SystemContractMissing)", "");
}

/// The contract that was found knows drivers, code and balances.
fn drivers(world: &World, system: &str) {
    let call = |args: &[&str]| world.ok(&[&["call", system], args].concat())["value"].to_string();
    call(&["set_driver", "\"PinkLogger\"", &world.contract]);
    assert!(call(&["get_driver", "\"PinkLogger\""]).contains(&world.contract));
    assert!(!call(&["get_driver", "\"Nothing\""]).contains("0x"));
    let shown = world.ok(&["contract", "show", system]);
    let (code, deployer) = (shown["code"].as_str().unwrap(), shown["deployer"].as_str().unwrap());
    assert_eq!(
        (call(&["code_exists", code, "Ink"]), call(&["code_exists", NOWHERE, "Ink"])),
        ("true".into(), "false".into())
    );
    let balance = world.ok(&["account", "balance"])["balance"].as_str().unwrap().to_owned();
    assert!(call(&["free_balance_of", deployer]).contains(&balance));
}
