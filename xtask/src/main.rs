//! The project's own tasks: `cargo xtask <task>`. `cargo xtask ci` is all that CI runs.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its user")]

mod api_fuzz;
mod attacks;
mod bench;
mod ci;
mod conformance;
mod contracts;
mod docs;
mod docs_test;
mod evm;
mod fuzz;
mod kernels;
mod process;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

const HELP: &str = "\
Tasks of the Tallow project. Usage: cargo xtask <task>

  test                 install what is missing, then run every test: workspace, contracts, scenarios
  ci                   what CI runs: fmt, clippy, tidy, test, demo
  tidy                 house rules: file length, dependency table, ADR index, lints, forbidden words, generated docs
  contracts [NAME...]  build contracts to Wasm and write their bundles; without names, the examples in contracts/
      --all            all contracts, those of conformance/ too
      --rotate         some of those of conformance/, chosen by the commit
      --check          write to the target directory instead, and run the scenarios on what was built
  docs-test [NAME...]  run the command blocks of the README, the tutorial and the templates, or of some of them
  conformance          the engine beside pallet-contracts: all cases, and how many are equal
      clippy           look at its own crates with clippy instead
  docs                 write the pages of docs/ that are made of the code
      --check          only say which are not current
  evm                  contracts/evm-oracle on an EVM chain (anvil), through kills of the worker; needs npm
  fuzz [TARGET...]     look for inputs that crash: module, bundle, text, envelope, host_calls
      --runs N         inputs tried of each, 20000 unless said otherwise
  attacks [NAME...]    attacks on a real worker, one at a time, and what their victims see
  api-fuzz             the API under schemathesis, by its own OpenAPI document; needs Python 3.10
      --seconds N      time it takes, 100 unless said otherwise
  web                  the client sdk/ts and the console: built, tested, driven in Chromium; needs Node
      --build          build alone, for `cargo build` to put into tallow
  bench NAME           measure; `bench` alone lists the names
  help                 this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match &arguments[..] {
        ["test"] => test::run(),
        ["ci"] => ci::run(),
        ["tidy"] => tidy::run(),
        ["contracts", options @ ..] => contracts::run(options),
        ["docs-test", names @ ..] => docs_test::run(names),
        ["conformance"] => conformance::run(),
        ["conformance", "clippy"] => conformance::clippy(),
        ["docs", options @ ..] => docs::run(options),
        ["evm"] => evm::run(),
        ["fuzz", options @ ..] => fuzz::run(options),
        ["attacks", names @ ..] => attacks::run(names),
        ["api-fuzz", options @ ..] => api_fuzz::run(options),
        ["web", options @ ..] => web::run(options),
        ["bench", options @ ..] => bench::run(options),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
