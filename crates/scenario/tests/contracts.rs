//! The scenarios of our own contracts, on their committed bundles.
#![expect(clippy::unwrap_used, reason = "helpers of tests; a file that is missing is a failure")]

use std::{fs, path::PathBuf};
use tallow_engine::{Engine, EngineConfig};
use tallow_scenario::{Codes, Report, Runner, run_cli_style};

fn contracts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts")
}

/// Names and contents of the files of a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(contracts().join(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    paths.into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

fn runner() -> Runner {
    let codes = Codes::load(files("bundles", "contract"));
    assert_eq!(codes.unreadable(), []);
    Runner::new(Engine::new(EngineConfig::default()).unwrap(), codes)
}

/// The contracts whose scenarios this crate vouches for; `xtask test` runs those of every contract.
const CONTRACTS: [&str; 2] = ["btc-bot", "flipper"];

#[test]
fn the_scenarios_of_our_contracts_pass() {
    let mut runner = runner();
    for contract in CONTRACTS {
        let scenarios = files(&format!("{contract}/scenarios"), "json");
        let run = |(name, bytes): &(String, Vec<u8>)| {
            runner.run_file(bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let reports: Vec<Report> = scenarios.iter().flat_map(run).collect();
        assert!(!reports.is_empty(), "{contract} has no scenarios");
        assert!(reports.iter().all(|report| report.passed), "{}", run_cli_style(&reports));
    }
}
