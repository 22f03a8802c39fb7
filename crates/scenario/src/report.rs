//! What came of a scenario.

use crate::ScenarioError;
use std::fmt::Write;

/// The result of one scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// Whether all that had to hold did.
    pub passed: bool,
    /// What failed it.
    pub mismatches: Vec<Mismatch>,
    /// Mismatches in steps that cannot fail it.
    pub notes: Vec<Mismatch>,
}

/// An expectation that did not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The step, from 0; `None` when the scenario could not begin.
    pub step: Option<usize>,
    /// The step's label; empty when it has none.
    pub label: String,
    /// What was compared: `data`, `flags`, `events` ...
    pub what: String,
    /// What the scenario expects.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl Report {
    /// The report of a file that holds no scenario, so that it counts as a failure beside the others.
    pub fn unreadable(file: &str, error: &ScenarioError) -> Self {
        let mismatch = Mismatch {
            step: None,
            label: String::new(),
            what: "file".to_owned(),
            expected: "scenarios".to_owned(),
            got: error.to_string(),
        };
        Self { name: file.to_owned(), passed: false, mismatches: vec![mismatch], notes: Vec::new() }
    }
}

/// The lines that `tallow test` prints: one for each scenario, the details of each mismatch, and on the last line how
/// many passed and failed.
pub fn run_cli_style(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        let verdict = if report.passed { "ok" } else { "FAILED" };
        line(&mut text, format_args!("{} ... {verdict}", one_line(&report.name)));
        report.mismatches.iter().for_each(|mismatch| details(&mut text, "", mismatch));
        report.notes.iter().for_each(|note| details(&mut text, "note: ", note));
    }
    let passed = reports.iter().filter(|report| report.passed).count();
    line(&mut text, format_args!("{passed} passed, {} failed", reports.len() - passed));
    text
}

fn details(text: &mut String, kind: &str, mismatch: &Mismatch) {
    let label = if mismatch.label.is_empty() { String::new() } else { format!(" ({})", one_line(&mismatch.label)) };
    match mismatch.step {
        Some(step) => line(text, format_args!("  {kind}step {step}{label}: {}", mismatch.what)),
        None => line(text, format_args!("  {kind}{}", mismatch.what)),
    }
    line(text, format_args!("    expected: {}", one_line(&mismatch.expected)));
    line(text, format_args!("    got:      {}", one_line(&mismatch.got)));
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{content}");
}

/// Text of contracts and files without what would break the line or act on a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
