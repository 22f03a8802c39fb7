//! `tallow test`

use crate::context::Context;
use crate::failure::Failure;
use crate::local::read_bounded;
use crate::resolve::read_file;
use anyhow::anyhow;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tallow_engine::{Engine, EngineConfig};
use tallow_scenario::{Codes, Mismatch, Report, Runner, run_cli_style};
use tallow_types::limits::BUNDLE_BYTES_MAX;

/// Folders inside a folder of code that are looked into.
const FOLDER_DEPTH_MAX: usize = 8;
/// Files of code that are loaded; more than any project has.
const CODE_FILES_MAX: usize = 4_096;

/// Which scenarios to run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Scenario files.
    #[arg(required = true, value_name = "FILE.json")]
    files: Vec<PathBuf>,
    /// Folder with the .contract and .wasm files that scenarios use; may be given several times.
    #[arg(long, value_name = "DIR")]
    codes: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let mut files = Vec::new();
    for folder in &args.codes {
        collect(folder, FOLDER_DEPTH_MAX, &mut files).map_err(|error| {
            Failure::usage(anyhow!(error).context(format!("cannot read the folder {}", folder.display())))
                .hint("give a folder with .contract or .wasm files by --codes")
        })?;
    }
    let engine = Engine::new(EngineConfig::default()).map_err(|error| {
        Failure::failed(anyhow!("the Wasm engine cannot be set up: {error}"))
            .hint("this machine offers too little address space or memory")
    })?;
    let mut runner = Runner::new(engine, Codes::load(files));
    let mut reports = Vec::new();
    for path in &args.files {
        let bytes = read_file(path)?;
        let name = path.display().to_string();
        reports.extend(runner.run_file(&bytes).unwrap_or_else(|error| vec![Report::unreadable(&name, &error)]));
    }
    show(context, &reports)
}

fn show(context: &Context, reports: &[Report]) -> Result<(), Failure> {
    let failed = reports.iter().filter(|report| !report.passed).count();
    context.output.text(run_cli_style(reports).trim_end());
    let document = json!({
        "passed": reports.len() - failed,
        "failed": failed,
        "scenarios": reports.iter().map(document).collect::<Vec<_>>(),
    });
    if failed == 0 {
        context.output.document(&document);
        return Ok(());
    }
    let error = anyhow!("{failed} of {} scenarios failed", reports.len());
    Err(Failure::failed(error).hint("the lines above say which step differs, and how").document(document))
}

fn document(report: &Report) -> Value {
    let list = |mismatches: &[Mismatch]| {
        let one = |mismatch: &Mismatch| {
            let Mismatch { step, label, what, expected, got } = mismatch;
            json!({ "step": step, "label": label, "what": what, "expected": expected, "got": got })
        };
        mismatches.iter().map(one).collect::<Vec<_>>()
    };
    json!({
        "name": report.name,
        "passed": report.passed,
        "mismatches": list(&report.mismatches),
        "notes": list(&report.notes),
    })
}

/// The code files under a folder, in the order of their names.
fn collect(folder: &Path, depth: usize, files: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_code = path.extension().is_some_and(|extension| extension == "contract" || extension == "wasm");
        if entry.file_type()?.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, files)?;
            }
        } else if is_code && files.len() < CODE_FILES_MAX {
            files.push((path.display().to_string(), read_bounded(&path, BUNDLE_BYTES_MAX as u64)?));
        }
    }
    Ok(())
}
