//! The scenarios of our own contracts, and the cases by which engines are compared, on the committed bundles.
#![expect(clippy::unwrap_used, reason = "helpers of tests; a file that is missing is a failure")]

use std::{fs, path::PathBuf};
use tallow_engine::{Engine, EngineConfig};
use tallow_scenario::{Codes, Report, Runner, run_cli_style};

/// Names and contents of the files of a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entries = fs::read_dir(root.join(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    paths.into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

fn runner() -> Runner {
    let bundles = ["contracts/bundles", "conformance/bundles"].map(|folder| files(folder, "contract")).concat();
    let codes = Codes::load(bundles);
    assert_eq!(codes.unreadable(), []);
    Runner::new(Engine::new(EngineConfig::default()).unwrap(), codes)
}

/// Where scenarios are whose contracts this crate vouches for; `xtask test` runs those of every contract.
const FOLDERS: [&str; 6] = [
    "contracts/btc-bot/scenarios",
    "contracts/flipper/scenarios",
    "contracts/pulse/scenarios",
    "contracts/system/scenarios",
    "conformance/cases",
    "conformance/scenarios",
];

#[test]
fn the_scenarios_and_cases_of_our_contracts_pass() {
    let mut runner = runner();
    for folder in FOLDERS {
        let scenarios = files(folder, "json");
        let run = |(name, bytes): &(String, Vec<u8>)| {
            runner.run_file(bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let reports: Vec<Report> = scenarios.iter().flat_map(run).collect();
        assert!(!reports.is_empty(), "{folder} has no scenarios");
        assert!(reports.iter().all(|report| report.passed), "{}", run_cli_style(&reports));
    }
}
