//! Scenarios: deterministic tests of compiled contracts, run inside the engine alone.
//!
//! A scenario is a JSON file (`docs/scenarios.md`): steps that instantiate and call contracts, and what each must
//! answer. There is no network, no clock and no disk here: the caller reads the files, HTTP answers come from the
//! scenario, and block and time are what it says.

mod case;
mod check;
mod codes;
mod file;
mod http;
mod json;
mod references;
mod report;
mod run;
mod world;

pub use codes::Codes;
pub use json::ScenarioError;
pub use report::{Mismatch, Report, run_cli_style};
pub use run::Runner;

#[cfg(test)]
mod tests;
