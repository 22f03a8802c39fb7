//! A disk that fills up: what is new is refused with a clear error, and everything else goes on; when the log itself
//! cannot be written, the network ends with a clear message and goes on when there is space.

use crate::operate::get;
use crate::process::{Dev, Machine, bundle};
use crate::traffic::Traffic;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use tallow_client::{Client, Code, CommandDraft, Keypair, Trust};
use tallow_faultfs::{Shim, Space};
use tallow_types::{AccountId, Action};

/// Times the disk fills up under load.
const TIMES: u64 = 4;
/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A data directory on a disk of which the test says how full it is.
struct Disk {
    data: PathBuf,
    shim: Shim,
}

impl Disk {
    fn new(machine: &Machine) -> Self {
        let data = PathBuf::from(machine.path("data"));
        fs::create_dir(&data).unwrap();
        let shim = Shim::new(&data, data.parent().unwrap()).unwrap();
        Self { data, shim }
    }

    fn command(&self, machine: &Machine) -> Command {
        let mut command = Dev::command(machine, &["--data-dir", self.data.to_str().unwrap()]);
        self.shim.limit(&mut command);
        command
    }
}

fn wait_until(what: &str, mut reached: impl FnMut() -> bool) {
    let began = Instant::now();
    while !reached() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_disk_with_little_space_takes_nothing_new_and_serves_what_it_has() {
    let machine = Machine::new();
    let disk = Disk::new(&machine);
    let dev = Dev::spawn(&mut disk.command(&machine));
    let says_full = |machine: &Machine| machine.ok(&dev, &["status"])["says"]["disk_full"] == json!(true);
    let deployed = machine.ok(&dev, &["deploy", &bundle("probe")]);
    let probe = deployed["contract"].as_str().unwrap();
    let set = machine.ok(&dev, &["call", probe, "set", "7"]);
    assert!(!says_full(&machine));
    assert_eq!(get(&dev, "/ready").0, 200);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = runtime.block_on(Client::connect(&dev.url, Trust::OnFirstUse)).unwrap();
    let (alice, to) = (Keypair::from_uri("//Alice").unwrap(), AccountId([5; 32]));
    let draft = CommandDraft::new(Action::Transfer { to }).value(1);
    let before = runtime.block_on(client.prepare(&alice, draft)).unwrap();
    let receipt = runtime.block_on(client.send(&before)).unwrap().receipt;

    disk.shim.set(Space::Low).unwrap();
    wait_until("the worker sees it", || says_full(&machine));
    let refused = |args: &[&str]| {
        let ran = machine.run(&[args, &["--url", &dev.url]].concat());
        ran.fails(3, "its operator must free some space", "free some space, or use another worker");
    };
    refused(&["call", probe, "set", "8"]);
    refused(&["deploy", &bundle("flipper"), "--args", "true"]);
    let code = format!("code?code=0x{}", "07".repeat(32));
    for path in ["commands", &code, "ledger"] {
        runtime.block_on(refused_with_507(&client, &dev.url, path));
    }

    let (status, body) = get(&dev, "/ready");
    let readiness: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &readiness["ready"], &readiness["reasons"][0]["code"]),
        (503, &json!(false), &json!("disk_full"))
    );
    assert_eq!(get(&dev, "/health").0, 200, "it lives");
    assert_eq!(machine.ok(&dev, &["call", probe, "get"])["value"], json!(7), "queries go on");
    machine.ok(&dev, &["receipt", set["command"].as_str().unwrap()]);
    assert_eq!(machine.run(&["logs", probe, "--url", &dev.url]).code, 0);
    let status = machine.run(&["status", "--url", &dev.url]);
    assert!(status.stdout.contains("FULL, 0 MiB free"), "{}", status.stdout);
    let again = runtime.block_on(client.send(&before)).unwrap().receipt;
    assert_eq!(again, receipt, "what was taken before has its receipt, also when it is sent again");

    disk.shim.set(Space::Enough).unwrap();
    wait_until("the worker sees it", || !says_full(&machine));
    machine.ok(&dev, &["call", probe, "set", "9"]);
    machine.ok(&dev, &["deploy", &bundle("flipper"), "--args", "true"]);
    assert_eq!(dev.terminate(), Some(0));
}

/// Posts something new by hand.
async fn refused_with_507(client: &Client, url: &str, path: &str) {
    let alice = Keypair::from_uri("//Alice").unwrap();
    if path == "commands" {
        let draft = CommandDraft::new(Action::Transfer { to: AccountId([6; 32]) }).value(1);
        let error = client.command(&alice, draft).await.unwrap_err();
        assert_eq!(error.code(), Some(Code::DiskFull), "{error}");
        return;
    }
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(format!("{url}/v1/{path}")).body(b"\0asm\x01\0\0\0".to_vec()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::INSUFFICIENT_STORAGE);
    let problem: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(problem["code"], json!("disk_full"), "{problem}");
}

#[test]
fn a_disk_that_fills_up_under_load_ends_the_network_and_loses_nothing() {
    let machine = Machine::new();
    let disk = Disk::new(&machine);
    let said = PathBuf::from(machine.path("stderr"));
    let mut traffic = Traffic::new();
    for time in 0..TIMES {
        disk.shim.set(Space::Enough).unwrap();
        let mut dev = Dev::spawn(disk.command(&machine).stderr(File::create(&said).unwrap()));
        let client = traffic.check(&dev);
        traffic.run(&client, || {
            std::thread::sleep(Duration::from_millis(100 + 130 * time));
            disk.shim.set(Space::Full).unwrap();
            assert_eq!(dev.ended(PATIENCE), Some(1), "it ends by itself");
        });
        let said = fs::read_to_string(&said).unwrap();
        let line = |start: &str| said.lines().find(|line| line.starts_with(start)).unwrap_or_default();
        assert!(line("error: ").contains("is full: free some space and start again"), "{said}");
        assert!(line("hint: ").contains("free some space"), "{said}");
        starts_not(&machine, &disk);
    }
    disk.shim.set(Space::Enough).unwrap();
    let dev = Dev::spawn(&mut disk.command(&machine));
    let (transfers, contracts) = traffic.check_all(&dev);
    assert!(transfers as u64 > TIMES && contracts > 0, "the load was real: {transfers} and {contracts}");
}

/// A start on a full disk says so.
fn starts_not(machine: &Machine, disk: &Disk) {
    let ran = Machine::ran(&mut disk.command(machine));
    let told = ran.stderr.contains("no space left") || ran.stderr.contains("is full: free some space");
    assert!(told, "{}", ran.stderr);
    ran.fails(1, "the network cannot be started", "free some space on the disk");
}

#[test]
fn a_first_start_on_a_full_disk_says_so() {
    let machine = Machine::new();
    let disk = Disk::new(&machine);
    disk.shim.set(Space::Full).unwrap();
    starts_not(&machine, &disk);
    disk.shim.set(Space::Enough).unwrap();
    let dev = Dev::spawn(&mut disk.command(&machine));
    assert_eq!(dev.terminate(), Some(0));
}
