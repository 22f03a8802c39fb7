//! `tallow test`

use crate::context::Context;
use crate::failure::Failure;
use crate::local::read_bounded;
use crate::project::Project;
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
    /// Scenario files; those of the project, with its own contract, when none is given.
    #[arg(value_name = "FILE.json")]
    files: Vec<PathBuf>,
    /// Folder with the .contract and .wasm files that scenarios use; may be given several times.
    #[arg(long, value_name = "DIR")]
    codes: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let mut files = Vec::new();
    let scenarios = match args.files.as_slice() {
        [] => {
            let project = project(context)?;
            files.push(own_bundle(project, context)?);
            scenarios(project)?
        }
        given => given.to_vec(),
    };
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
    for path in &scenarios {
        let bytes = read_file(path)?;
        let name = path.display().to_string();
        reports.extend(runner.run_file(&bytes).unwrap_or_else(|error| vec![Report::unreadable(&name, &error)]));
    }
    show(context, &reports)
}

fn project(context: &Context) -> Result<&Project, Failure> {
    context.project.as_ref().ok_or_else(|| {
        Failure::usage(anyhow!("which scenarios? this folder is in no project"))
            .hint("give scenario files, or go to a project; `tallow new NAME` makes one")
    })
}

/// The project's contract, as it was built.
fn own_bundle(project: &Project, context: &Context) -> Result<(String, Vec<u8>), Failure> {
    let path = project.bundle();
    let bytes = read_bounded(&path, BUNDLE_BYTES_MAX as u64).map_err(|error| {
        Failure::failed(anyhow!(error).context(format!("cannot read {}", path.display())))
            .hint("build the contract first, with `tallow build`")
    })?;
    if is_older_than_sources(&path, &project.root) {
        context.output.warn("the source has changed since the contract was built: `tallow build` builds it anew");
    }
    Ok((path.display().to_string(), bytes))
}

/// Whether a source in the project's folder is newer than the file.
fn is_older_than_sources(file: &Path, folder: &Path) -> bool {
    let modified = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let sources = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let sources = sources
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") || path.ends_with("Cargo.toml"));
    let built = modified(file);
    sources.filter_map(|path| modified(&path)).any(|source| built.is_some_and(|built| source > built))
}

/// The scenario files of the project, by name.
fn scenarios(project: &Project) -> Result<Vec<PathBuf>, Failure> {
    let folder = project.root.join("scenarios");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    files.sort();
    if files.is_empty() {
        let error = anyhow!("there are no scenarios in {}", folder.display());
        return Err(Failure::failed(error).hint("write one: docs/scenarios.md has the format"));
    }
    Ok(files)
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
