//! Balance between the ledger and the cluster: there and back, once each, also when the network is killed in between.

use crate::process::{Dev, Machine};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};

const NOBODY: &str = "0x1717171717171717171717171717171717171717171717171717171717171717";
const SOMEBODY: &str = "0x1818181818181818181818181818181818181818181818181818181818181818";
/// Times the network is killed while balance is under way.
const KILLS: u64 = 8;

fn amount(document: &Value, field: &str) -> u128 {
    document[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {document}")).parse().unwrap()
}

/// What an account has in the cluster and on the ledger.
fn balances(machine: &Machine, dev: &Dev, account: &[&str]) -> (u128, u128) {
    let shown = machine.ok(dev, &[&["account", "balance"], account].concat());
    (amount(&shown, "balance"), amount(&shown, "ledger_balance"))
}

#[test]
fn balance_goes_into_the_cluster_and_comes_back() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let (cluster, ledger) = balances(&machine, &dev, &[]);
    assert!(cluster > 0 && ledger > 0, "a funded account has both");
    assert_eq!(balances(&machine, &dev, &[NOBODY]), (0, 0));
    let text = machine.run(&["account", "balance", "--url", &dev.url]);
    assert_eq!(text.stdout, format!("{cluster} in the cluster\n{ledger} on the ledger\n"));

    let deposited = machine.ok(&dev, &["account", "deposit", "1_000"]);
    assert_eq!((&deposited["credited"], amount(&deposited, "amount")), (&json!(true), 1_000), "{deposited}");
    assert_eq!(amount(&deposited, "balance"), cluster + 1_000);
    assert_eq!(balances(&machine, &dev, &[]), (cluster + 1_000, ledger - 1_000));
    machine.ok(&dev, &["account", "deposit", "5", "--to", NOBODY]);
    assert_eq!(balances(&machine, &dev, &[NOBODY]), (5, 0));
    assert_eq!(balances(&machine, &dev, &[]), (cluster + 1_000, ledger - 1_005));

    let withdrawn = machine.ok(&dev, &["account", "withdraw", "400"]);
    assert_eq!(amount(&withdrawn, "ledger_balance"), ledger - 605, "{withdrawn}");
    assert_eq!(balances(&machine, &dev, &[]), (cluster + 600, ledger - 605));
    machine.ok(&dev, &["account", "withdraw", "7", "--to", SOMEBODY]);
    assert_eq!(balances(&machine, &dev, &[SOMEBODY]), (0, 7));
    let receipt = machine.ok(&dev, &["receipt", withdrawn["command"].as_str().unwrap()]);
    assert!(receipt["anchored"].is_u64(), "{receipt}");

    resources(&dev, ledger - 605);
    refusals(&machine, &dev);
    assert_eq!(balances(&machine, &dev, &[]), (cluster + 593, ledger - 605), "what is refused moves nothing");
}

/// What the API shows to everybody.
fn resources(dev: &Dev, ledger: u128) {
    let alice = tallow_client::Keypair::from_uri("//Alice").unwrap().account();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let get = |path: String| -> Value {
        let url = format!("{}/v1/{path}", dev.url);
        let text = runtime.block_on(async { reqwest::get(url).await.unwrap().text().await.unwrap() });
        serde_json::from_str(&text).unwrap()
    };
    let account = get(format!("accounts/{alice}"));
    assert_eq!(amount(&account, "ledger_balance"), ledger);
    assert!(account.get("balance").is_none(), "what it has in the cluster is not for everybody: {account}");
    let cluster = &get("clusters".to_owned())["items"][0];
    assert_eq!(cluster["inbox_taken"], json!(6), "four deposits at the start, and two: {cluster}");
}

fn refusals(machine: &Machine, dev: &Dev) {
    let url = ["--url", &dev.url];
    let run = |args: &[&str]| machine.run(&[&["account"], args, &url].concat());
    run(&["deposit", &u128::MAX.to_string()]).fails(3, "on the ledger, less than", "balance");
    run(&["deposit", "1", "--from", "//Eve"]).fails(3, "has 0 on the ledger, less than 1", "balance");
    run(&["withdraw", &u128::MAX.to_string()]).fails(1, "(TransferFailed)", "balance");
    run(&["withdraw", "1", "--from", "//Eve"]).fails(1, "(TransferFailed)", "balance");
}

/// All that the tests' accounts have: it moves, and does not change once everything has arrived.
fn sum(machine: &Machine, dev: &Dev) -> u128 {
    let accounts: [&[&str]; 3] = [&[], &[NOBODY], &[SOMEBODY]];
    accounts.iter().map(|account| balances(machine, dev, account)).map(|(cluster, ledger)| cluster + ledger).sum()
}

/// Starts a deposit and a withdrawal, and kills the network some milliseconds later. Says what was acknowledged.
fn interrupted(machine: &Machine, dev: Dev, after: Duration) -> (bool, bool) {
    let begin = |args: &[&str]| {
        let mut command = machine.command(&[&["account"], args, &["--url", &dev.url]].concat());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut deposit = begin(&["deposit", "1000", "--to", NOBODY]);
    let mut withdrawal = begin(&["withdraw", "7", "--to", SOMEBODY, "--from", "//Alice"]);
    std::thread::sleep(after);
    dev.kill();
    (deposit.wait().unwrap().success(), withdrawal.wait().unwrap().success())
}

#[test]
fn balance_under_way_survives_kills() {
    let machine = Machine::new();
    let data = machine.path("data");
    let start = || Dev::start(&machine, &["--data-dir", &data, "--anchor-interval", "50"]);
    let all = sum(&machine, &start());
    let mut acknowledged = (0, 0);
    for round in 0..KILLS {
        let (deposit, withdrawal) = interrupted(&machine, start(), Duration::from_millis(20 + round * 35));
        acknowledged = (acknowledged.0 + u128::from(deposit), acknowledged.1 + u128::from(withdrawal));
    }
    let dev = start();
    let began = Instant::now();
    while sum(&machine, &dev) != all {
        assert!(began.elapsed() < Duration::from_secs(20), "{} of {all}", sum(&machine, &dev));
        std::thread::sleep(Duration::from_millis(100));
    }
    let (deposited, withdrawn) = (balances(&machine, &dev, &[NOBODY]).0, balances(&machine, &dev, &[SOMEBODY]).1);
    assert_eq!((deposited % 1_000, withdrawn % 7), (0, 0), "each whole");
    let (deposits, withdrawals) = (deposited / 1_000, withdrawn / 7);
    assert!((acknowledged.0..=u128::from(KILLS)).contains(&deposits), "{acknowledged:?}, {deposits}");
    assert!((acknowledged.1..=u128::from(KILLS)).contains(&withdrawals), "{acknowledged:?}, {withdrawals}");
    assert!(deposits > 0 && withdrawals > 0, "some of it arrived: {deposits}, {withdrawals}");
}
