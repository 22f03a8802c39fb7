//! The command line: help, wrong arguments, no server.

use crate::process::Machine;

const ADDRESS: &str = "0x0101010101010101010101010101010101010101010101010101010101010101";

#[test]
fn wrong_arguments_are_usage_errors() {
    let machine = Machine::new();
    let wrong: [(&[&str], &str); 9] = [
        (&[], "Usage: tallow"),
        (&["fly"], "unrecognized subcommand 'fly'"),
        (&["call"], "<CONTRACT>"),
        (&["call", "0x12", "get"], "expected 0x followed by 64 hexadecimal digits"),
        (&["call", ADDRESS], "which message?"),
        (&["call", ADDRESS, "get", "--query", "--command"], "cannot be used with"),
        (&["call", ADDRESS, "--data", "zz"], "expected 0x followed by hexadecimal digits"),
        (&["call", ADDRESS, "get", "--gas-limit", "0"], "0 is not in"),
        (&["test"], "in no project"),
    ];
    for (args, expected) in wrong {
        let ran = machine.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{args:?}: messages go to standard error");
    }
}

#[test]
fn an_unknown_account_is_not_repeated() {
    let ran = Machine::new().run(&["call", ADDRESS, "get", "--from", "my secret phrase"]);
    ran.fails(2, "--from does not name an account", "//Alice");
    assert!(!ran.stderr.contains("secret phrase"), "{}", ran.stderr);
}

#[test]
fn no_server_says_how_to_start_one() {
    let machine = Machine::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    for args in [&["status"][..], &["call", ADDRESS, "get"], &["logs", ADDRESS], &["receipt", ADDRESS]] {
        let ran = machine.run(&[args, &["--url", &url]].concat());
        ran.fails(4, &format!("cannot reach a worker at {url}"), "`tallow dev`");
    }
    let ran = machine.run(&["status", "--json", "--url", &url]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(document["error"].as_str().unwrap().starts_with("cannot reach a worker"), "{document}");
}

#[test]
fn something_that_is_no_url_is_a_usage_error() {
    Machine::new().run(&["status", "--url", "ftp://x"]).fails(2, "is not a URL of a worker", "--url");
}

#[test]
fn live_needs_its_variables() {
    Machine::new().run(&["demo", "--live"]).fails(2, "TELEGRAM_BOT_TOKEN", "@BotFather");
}
