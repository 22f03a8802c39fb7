//! What ink! says of a contract's interface: the contract is compiled for this machine, linked with a small program
//! that asks it, and that program is run.

use crate::{BuildError, Options, Program, Project, Toolchain};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const PROGRAM: &str = include_str!("../host/metadata.rs");
/// As fast to compile as can be: it runs once. The profile is that of the Wasm build, so that macros are shared.
const PROFILE: [(&str, &str); 8] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_PANIC", "unwind"),
    ("CARGO_PROFILE_RELEASE_STRIP", "none"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"),
    ("CARGO_PROFILE_RELEASE_INCREMENTAL", "false"),
];

/// Compiles and asks.
pub(crate) fn generate(project: &Project, toolchain: &Toolchain, options: &Options<'_>) -> Result<Value, BuildError> {
    // With a target the libraries are told apart from those that macros are made of, in versions with other features.
    let host = toolchain
        .host(project.folder())
        .ok_or_else(|| BuildError::Metadata("rustc does not say what this machine is".to_owned()))?;
    let cargo = PROFILE.iter().fold(toolchain.cargo(), |cargo, (name, value)| cargo.env(name, value));
    let cargo = cargo
        .dir(project.folder())
        .env("CARGO_ENCODED_RUSTFLAGS", "")
        .env("CARGO_TARGET_DIR", options.target_dir)
        .args(["rustc", "--release", "--lib", "--crate-type", "rlib", "--message-format=json-render-diagnostics"])
        .args(["--target", &host])
        .args(["--manifest-path".as_ref(), project.manifest.as_os_str()]);
    let printed = options.cargo(cargo).output().map_err(|_| BuildError::Compile { target: "this machine" })?;
    let artifacts = Artifacts::read(&printed, &options.target_dir.join(&host));
    let folder = options.target_dir.join("metadata");
    let program = link(project, toolchain, &artifacts, &folder)?;
    let printed =
        Program::new(program).without_secrets().dir(project.folder()).quiet_output().map_err(BuildError::Metadata)?;
    serde_json::from_str(&printed).map_err(|error| BuildError::Metadata(error.to_string()))
}

/// Compiles the program that asks.
fn link(project: &Project, toolchain: &Toolchain, artifacts: &Artifacts, folder: &Path) -> Result<PathBuf, BuildError> {
    let absent = |name: &str| BuildError::Metadata(format!("the contract does not use the crate {name} with `std`"));
    let library = |name: &str| artifacts.library(name).ok_or_else(|| absent(name));
    let written = |source| BuildError::Write { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(written)?;
    let (source, program) = (folder.join("main.rs"), folder.join(&project.library));
    fs::write(&source, PROGRAM).map_err(written)?;
    let external = |name: &str, path: &Path| format!("--extern={name}={}", path.display());
    let mut rustc = toolchain
        .rustc()
        .dir(project.folder())
        .args(["--edition=2021", "--crate-name=metadata", "--cap-lints=allow", "--check-cfg=cfg(before_ink4)", "-o"])
        .arg(&program)
        .arg(&source)
        .arg(external("contract", library(&project.library)?))
        .arg(external("ink_metadata", library("ink_metadata")?))
        .arg(external("serde", library("serde")?));
    if artifacts.library("ink_lang").is_some() {
        rustc = rustc.arg("--cfg=before_ink4");
    }
    for folder in &artifacts.folders {
        rustc = rustc.arg("-L").arg(format!("dependency={}", folder.display()));
    }
    for path in &artifacts.native {
        rustc = rustc.arg("-L").arg(path);
    }
    rustc.quiet_output().map_err(BuildError::Metadata)?;
    Ok(program)
}

/// What cargo has built.
#[derive(Default)]
struct Artifacts {
    /// Rust libraries, each with its crate's name.
    libraries: Vec<(String, PathBuf)>,
    /// Where libraries and macros are.
    folders: BTreeSet<PathBuf>,
    /// Where libraries of other languages are.
    native: BTreeSet<String>,
}

impl Artifacts {
    /// Reads cargo's messages, one a line, and keeps the libraries of one folder.
    fn read(messages: &str, of: &Path) -> Self {
        let mut artifacts = Self::default();
        for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let texts = |list: &Value| -> Vec<String> {
                list.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
            };
            match message["reason"].as_str() {
                Some("compiler-artifact") => {
                    let name = message["target"]["name"].as_str().unwrap_or_default().replace('-', "_");
                    let files = texts(&message["filenames"]).into_iter().map(PathBuf::from).collect::<Vec<_>>();
                    artifacts.folders.extend(files.iter().filter_map(|file| Some(file.parent()?.to_owned())));
                    let libraries = files.into_iter().filter(|file| {
                        file.extension().is_some_and(|extension| extension == "rlib") && file.starts_with(of)
                    });
                    artifacts.libraries.extend(libraries.map(|file| (name.clone(), file)));
                }
                Some("build-script-executed") => artifacts.native.extend(texts(&message["linked_paths"])),
                _ => {}
            }
        }
        artifacts
    }

    /// The library of a crate; of several versions that which was built last, which the contract is nearest to.
    fn library(&self, name: &str) -> Option<&Path> {
        self.libraries.iter().rev().find(|(library, _)| library == name).map(|(_, path)| path.as_path())
    }
}

#[cfg(test)]
mod tests {
    use super::Artifacts;
    use std::path::Path;

    #[test]
    fn cargo_s_messages_name_libraries() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"my-contract"},"filenames":["/t/libmy.rlib","/t/libmy.rmeta"]}
words between
{"reason":"build-script-executed","linked_paths":["native=/n"]}
{"reason":"compiler-artifact","target":{"name":"serde"},"filenames":["/t/d/libserde.rlib"]}
{"reason":"compiler-artifact","target":{"name":"syn"},"filenames":["/host/libsyn.rlib"]}"#;
        let artifacts = Artifacts::read(messages, Path::new("/t"));
        assert_eq!(artifacts.library("my_contract"), Some(Path::new("/t/libmy.rlib")));
        assert_eq!(artifacts.library("syn"), None, "a library of macros");
        assert_eq!(artifacts.folders.len(), 3, "those of macros too");
        assert!(artifacts.native.contains("native=/n"));
    }
}
