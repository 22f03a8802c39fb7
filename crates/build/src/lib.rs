//! From a contract's source to its bundle: finds the package and a toolchain, compiles to Wasm, keeps of the module
//! what hosts of ink! contracts accept, and adds what ink! says of the interface.
//!
//! It installs nothing and uses no network but cargo's.

mod bundle;
mod metadata;
mod program;
mod project;
mod toolchain;
mod wasm;

pub use program::Program;
pub use project::{Project, locked_version};
pub use toolchain::{DEBIAN_PACKAGES, Missing, RUSTUP_COMPONENT, TARGET, Toolchain};

use serde_json::Value;
use std::path::{Path, PathBuf};
use tallow_types::CodeHash;

/// Flags of the compiler: the first version of Wasm, and small code. A panic is a trap, as ink!'s handler makes it.
const FLAGS: [&str; 5] = [
    "-Ctarget-cpu=mvp",
    "-Ctarget-feature=+mutable-globals",
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
];
/// Stack and memory of a contract, bytes: 64 pages are what every host of Phat contracts grants.
const LINKER_FLAGS: [&str; 3] = ["-zstack-size=65536", "--import-memory", "--max-memory=4194304"];
const BUILD_STD: [&str; 2] = ["-Zbuild-std=core,alloc", "-Zbuild-std-features=compiler-builtins-mem,optimize_for_size"];
/// What a contract's release profile is where its workspace does not say otherwise: small, and checked.
const PROFILE: [(&str, &str); 6] = [
    ("opt-level", "z"),
    ("lto", "true"),
    ("codegen-units", "1"),
    ("panic", "abort"),
    ("strip", "symbols"),
    ("overflow-checks", "true"),
];

/// How to build.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Where cargo builds.
    pub target_dir: &'a Path,
    /// The folder above all sources; the module does not tell its place.
    pub source_root: &'a Path,
    /// Refuse to change the lock file.
    pub locked: bool,
    /// Whether cargo shows what it does; errors and warnings are always shown.
    pub progress: bool,
    /// The program that builds, as the bundle names it.
    pub builder: &'a str,
}

/// What a build does now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Compiling to Wasm.
    Wasm,
    /// Compiling for this machine, to ask for the metadata.
    Metadata,
}

/// A built contract.
#[derive(Clone, Debug)]
pub struct Built {
    /// The module, as it is deployed.
    pub wasm: Vec<u8>,
    /// Its hash.
    pub code_hash: CodeHash,
    /// Bytes of the module as the linker made it.
    pub linked_bytes: usize,
    /// The `.contract` file.
    pub bundle: Value,
}

/// A contract cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No package at the path.
    #[error("there is no cargo package at {}", .0.display())]
    NoProject(PathBuf),
    /// Cargo cannot read the package.
    #[error("cargo cannot read {}: {said}", manifest.display())]
    Manifest {
        /// The package's manifest.
        manifest: PathBuf,
        /// Cargo's words.
        said: String,
    },
    /// The package does not use ink!.
    #[error("{} is not an ink! contract: it needs a dependency on `ink` and a feature `ink-as-dependency`", .0.display())]
    NotAContract(PathBuf),
    /// A workspace of several.
    #[error("there are several contracts here: {}", .0.join(", "))]
    SeveralContracts(Vec<String>),
    /// No toolchain.
    #[error(transparent)]
    Toolchain(#[from] Missing),
    /// The compiler or cargo refused; it has said why.
    #[error("the contract does not compile for {target}")]
    Compile {
        /// For what it was compiled.
        target: &'static str,
    },
    /// The linker's module is not what a contract is.
    #[error("the compiled module is no contract: {0}")]
    Module(String),
    /// ink! gave no metadata.
    #[error("the contract's metadata cannot be generated: {0}")]
    Metadata(String),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Builds a contract and tells of each stage.
///
/// # Errors
/// [`BuildError`]; what a compiler has to say, it has said on standard error.
pub fn build(
    project: &Project,
    toolchain: &Toolchain,
    options: &Options<'_>,
    mut tell: impl FnMut(Stage),
) -> Result<Built, BuildError> {
    tell(Stage::Wasm);
    let (wasm, linked_bytes) = code(project, toolchain, options)?;
    tell(Stage::Metadata);
    let metadata = metadata::generate(project, toolchain, options)?;
    let code_hash = CodeHash(tallow_crypto::blake2b_256(&wasm));
    let built_by = (toolchain.compiler(), options.builder);
    let bundle = bundle::assemble(project, (&wasm, code_hash), built_by, metadata)?;
    Ok(Built { wasm, code_hash, linked_bytes, bundle })
}

/// Builds the module alone: as it is deployed, and how large the linker made it.
///
/// # Errors
/// As [`build`].
pub fn code(project: &Project, toolchain: &Toolchain, options: &Options<'_>) -> Result<(Vec<u8>, usize), BuildError> {
    let profile = project.release_profile();
    let cargo =
        PROFILE.iter().filter(|(key, _)| !profile.contains_key(*key)).fold(toolchain.cargo(), |cargo, (key, value)| {
            cargo.env(&format!("CARGO_PROFILE_RELEASE_{}", key.replace('-', "_").to_uppercase()), value)
        });
    let cargo = cargo
        .dir(project.folder())
        .env("CARGO_ENCODED_RUSTFLAGS", flags(toolchain, options).join("\x1f"))
        .env("CARGO_TARGET_DIR", options.target_dir)
        .args(["rustc", "--release", "--lib", "--crate-type", "cdylib", "--no-default-features", "--target", TARGET])
        .args(["--manifest-path".as_ref(), project.manifest.as_os_str()])
        .args(BUILD_STD);
    options.cargo(cargo).run().map_err(|_| BuildError::Compile { target: "Wasm" })?;
    let path = options.target_dir.join(TARGET).join("release").join(format!("{}.wasm", project.library));
    let linked = std::fs::read(&path).map_err(|source| BuildError::Read { path, source })?;
    let wasm = wasm::strip(&linked).map_err(|error| BuildError::Module(error.to_string()))?;
    Ok((wasm, linked.len()))
}

impl Options<'_> {
    /// What every run of cargo takes.
    fn cargo(&self, cargo: Program) -> Program {
        let cargo = if self.locked { cargo.arg("--locked") } else { cargo };
        if self.progress { cargo } else { cargo.arg("--quiet") }
    }
}

fn flags(toolchain: &Toolchain, options: &Options<'_>) -> Vec<String> {
    // The module must not tell where it was built.
    let home = toolchain::cargo_home();
    let places = [(Some(options.source_root), "/tallow"), (home.as_deref(), "/cargo")];
    let places = places.into_iter().filter_map(|(place, name)| Some((place?, name)));
    let mut flags: Vec<String> =
        places.map(|(place, name)| format!("--remap-path-prefix={}={name}", place.display())).collect();
    flags.extend(FLAGS.map(String::from));
    flags.extend(LINKER_FLAGS.map(|argument| format!("-Clink-arg={argument}")));
    flags.extend(toolchain.tools().1.map(String::from));
    flags
}
