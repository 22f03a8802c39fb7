//! `tallow build`

use crate::context::Context;
use crate::failure::Failure;
use anyhow::{Context as _, anyhow};
use serde_json::json;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use tallow_abi::Bundle;
use tallow_build::{BuildError, Built, Options, Project, Stage, Toolchain};
use tallow_types::CodeHash;

/// Where a project's target directory keeps what cargo builds for contracts.
const BUILD_FOLDER: &str = "tallow";
const VERIFY_FOLDER: &str = "tallow-verify";
const BUILDER: &str = concat!("tallow ", env!("CARGO_PKG_VERSION"));

/// What to build.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's folder.
    #[arg(default_value = ".", value_name = "PATH")]
    path: PathBuf,
    /// Build once more from nothing and compare the hashes.
    #[arg(long)]
    verify: bool,
    /// Refuse to change Cargo.lock.
    #[arg(long)]
    locked: bool,
    /// Optimise for size; the only way contracts are built.
    #[arg(long = "release", hide = true)]
    _release: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let project = Project::find(&args.path).map_err(failure)?;
    let toolchain = Toolchain::find(project.folder()).map_err(|missing| failure(missing.into()))?;
    context.output.note(format!("building {} with {}", project.name, toolchain.compiler()));
    context
        .output
        .note("this runs code of the project and of its dependencies as you; it gets no secrets of the environment");
    let folder = project.target_dir.join(BUILD_FOLDER);
    let options = Options {
        target_dir: &folder,
        source_root: &project.workspace,
        locked: args.locked,
        progress: std::io::stderr().is_terminal() && !context.output.json,
        builder: BUILDER,
    };
    let built = tallow_build::build(&project, &toolchain, &options, |stage| tell(context, stage)).map_err(failure)?;
    if args.verify {
        verify(context, &project, &toolchain, &options, built.code_hash)?;
    }
    let files = write(&project, &built)?;
    report(context, &built, &files, args.verify);
    Ok(())
}

fn tell(context: &Context, stage: Stage) {
    context.output.note(match stage {
        Stage::Wasm => "1/2 compiling to Wasm",
        Stage::Metadata => "2/2 asking the contract for its metadata",
    });
}

/// Builds the code again where nothing has been built before.
fn verify(
    context: &Context,
    project: &Project,
    toolchain: &Toolchain,
    options: &Options<'_>,
    first: CodeHash,
) -> Result<(), Failure> {
    context.output.note("building again from nothing, to compare");
    let folder = project.target_dir.join(VERIFY_FOLDER);
    let clean = || match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let error = anyhow::Error::from(error).context(format!("cannot empty {}", folder.display()));
            Err(Failure::failed(error).hint("remove the folder yourself, then build again"))
        }
        _ => Ok(()),
    };
    clean()?;
    let options = Options { target_dir: &folder, ..*options };
    let (wasm, _) = tallow_build::code(project, toolchain, &options).map_err(failure)?;
    clean()?;
    let second = CodeHash(tallow_crypto::blake2b_256(&wasm));
    if second == first {
        return Ok(());
    }
    let error = anyhow!("the same source gives other code when it is built again: {first}, then {second}");
    Err(Failure::failed(error).hint("look for a build script or a macro that uses the time, the place or randomness"))
}

/// The files that were written.
struct Files {
    bundle: PathBuf,
    wasm: PathBuf,
    metadata: PathBuf,
}

/// Writes the bundle, its code alone and its metadata alone, after what reads bundles has read this one.
fn write(project: &Project, built: &Built) -> Result<Files, Failure> {
    let text = built.bundle.to_string() + "\n";
    Bundle::parse(text.as_bytes()).context("the built contract cannot be used").map_err(|error| {
        Failure::failed(error).hint("build with ink! 3, 4 or 5; `cargo update -p ink` takes the newest of a version")
    })?;
    let mut metadata = built.bundle.clone();
    if let Some(source) = metadata["source"].as_object_mut() {
        source.remove("wasm");
    }
    // Wherever cargo builds, this is where the other commands look.
    let folder = project.workspace.join("target");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))
        .map_err(|error| Failure::failed(error).hint("check permissions and free space, then build again"))?;
    let file = |ending: &str| folder.join(format!("{}.{ending}", project.name));
    let files = Files { bundle: file("contract"), wasm: file("wasm"), metadata: file("json") };
    let metadata = metadata.to_string();
    let contents: [(&Path, &[u8]); 3] =
        [(&files.bundle, text.as_bytes()), (&files.wasm, &built.wasm), (&files.metadata, metadata.as_bytes())];
    for (path, bytes) in contents {
        std::fs::write(path, bytes)
            .with_context(|| format!("cannot write {}", path.display()))
            .map_err(|error| Failure::failed(error).hint("check permissions and free space, then build again"))?;
    }
    Ok(files)
}

fn report(context: &Context, built: &Built, files: &Files, verified: bool) {
    let Built { wasm, code_hash, linked_bytes, .. } = built;
    context.output.document(&json!({
        "bundle": files.bundle, "wasm": files.wasm, "metadata": files.metadata,
        "code": code_hash, "bytes": wasm.len(), "linked_bytes": linked_bytes, "verified": verified,
    }));
    let kib = |bytes: usize| format!("{:.1} KiB", bytes as f64 / 1024.0);
    let note = if verified { ", the same when built again" } else { "" };
    context.output.note(format!("Wasm of {} (linked: {}){note}", kib(wasm.len()), kib(*linked_bytes)));
    context.output.note(format!("code {code_hash}"));
    context.output.text(files.bundle.display());
}

/// What went wrong, and what to do about it.
fn failure(error: BuildError) -> Failure {
    let hint = match &error {
        BuildError::NoProject(_) => "give a contract's folder, or make one with `tallow new NAME`".to_owned(),
        BuildError::Manifest { .. } => "correct Cargo.toml".to_owned(),
        BuildError::NotAContract(_) => "give a contract's folder, or make one with `tallow new NAME`".to_owned(),
        BuildError::SeveralContracts(_) => "give the folder of one of them".to_owned(),
        BuildError::Toolchain(missing) => format!("{}; `tallow doctor` checks the rest", missing.install),
        BuildError::Compile { .. } => {
            "the messages above are the compiler's: correct the source, then build again".to_owned()
        }
        BuildError::Module(_) => {
            "the library must be an ink! contract with at least one constructor and message".to_owned()
        }
        BuildError::Metadata(_) => {
            "build with ink! 3, 4 or 5, whose `std` feature the package's `std` turns on".to_owned()
        }
        BuildError::Read { .. } | BuildError::Write { .. } => {
            "check permissions and free space, then build again".to_owned()
        }
    };
    let usage =
        matches!(error, BuildError::NoProject(_) | BuildError::NotAContract(_) | BuildError::SeveralContracts(_));
    let error = anyhow::Error::from(error);
    if usage { Failure::usage(error).hint(hint) } else { Failure::failed(error).hint(hint) }
}
