//! The Rust that compiles contracts to Wasm: rustup's target where there is one, or else Debian's packages.

use crate::process::{Program, cargo, program, root};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's compiler, cargo, the sources of `core` and a linker for Wasm.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CORE: &str = "lib/rustlib/src/rust/library/core/Cargo.toml";
/// Stack and memory of a contract, bytes: 64 pages are what every host of Phat contracts grants.
const LINKER: [&str; 3] = ["-zstack-size=65536", "--import-memory", "--max-memory=4194304"];

/// A toolchain that is there.
pub(crate) struct Toolchain {
    kind: Kind,
    compiler: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The rustc in use, with rustup's standard library for Wasm.
    Rustup,
    /// Debian's, which builds `core` and `alloc` from source.
    Debian,
}

impl Toolchain {
    /// The toolchain, installed now if it must be and can be.
    ///
    /// # Errors
    /// Says what to run when there is none and it cannot be installed from here.
    pub(crate) fn find_or_install() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        if program("rustup").args(["target", "add", TARGET]).run().is_ok()
            && let Some(found) = Self::find()
        {
            return Ok(found);
        }
        install_debian_packages()?;
        Self::find().context("the packages are installed, and still no toolchain for Wasm was found")
    }

    fn find() -> Option<Self> {
        let libraries = program("rustc").args(["--print", "target-libdir", "--target", TARGET]).probe();
        if libraries.is_some_and(|dir| Path::new(dir.trim()).is_dir()) {
            return Some(Self { kind: Kind::Rustup, compiler: version("rustc")? });
        }
        let sysroot = program(DEBIAN_RUSTC).args(["--print", "sysroot"]).probe()?;
        let sources = Path::new(sysroot.trim()).join(DEBIAN_CORE);
        let complete = sources.is_file() && Path::new(DEBIAN_CARGO).is_file();
        program("wasm-ld").arg("--version").probe()?;
        complete.then_some(())?;
        Some(Self { kind: Kind::Debian, compiler: version(DEBIAN_RUSTC)? })
    }

    /// For example "rustc 1.96.0".
    pub(crate) fn compiler(&self) -> &str {
        &self.compiler
    }

    /// Compiles one package of `contracts/`; returns the Wasm file.
    pub(crate) fn build(&self, name: &str, target_dir: &Path) -> Result<PathBuf> {
        self.cargo()
            .dir(root().join("contracts"))
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags()?.join("\x1f"))
            .env("CARGO_TARGET_DIR", target_dir)
            .args(["build", "--quiet", "--locked", "--release", "--no-default-features", "--target", TARGET])
            .args(["--package", name])
            .args(self.build_std())
            .run()?;
        Ok(target_dir.join(TARGET).join("release").join(format!("{}.wasm", name.replace('-', "_"))))
    }

    fn cargo(&self) -> Program {
        match self.kind {
            Kind::Rustup => cargo(),
            // The variables are of the cargo that runs this program and would mislead the other one.
            Kind::Debian => program(DEBIAN_CARGO)
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .without_env("CARGO")
                .without_env("RUSTUP_TOOLCHAIN")
                .without_env("RUSTC_WRAPPER"),
        }
    }

    fn flags(&self) -> Result<Vec<String>> {
        let home =
            std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        let home = home.context("there is neither CARGO_HOME nor a home directory")?;
        // The module must not tell where it was built.
        let mut flags: Vec<String> = vec![
            format!("--remap-path-prefix={}=/tallow", root().display()),
            format!("--remap-path-prefix={}=/cargo", home.display()),
            "-Ctarget-cpu=mvp".into(),
            "-Ctarget-feature=+mutable-globals".into(),
        ];
        flags.extend(LINKER.map(|argument| format!("-Clink-arg={argument}")));
        if self.kind == Kind::Debian {
            let linker_and_size =
                ["-Clinker=wasm-ld", "-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none"];
            flags.extend(linker_and_size.map(String::from));
        }
        Ok(flags)
    }

    fn build_std(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Rustup => &[],
            Kind::Debian => &["-Zbuild-std=core,alloc", "-Zbuild-std-features=compiler-builtins-mem,optimize_for_size"],
        }
    }
}

fn version(rustc: &str) -> Option<String> {
    let line = program(rustc).arg("--version").probe()?;
    Some(line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

fn install_debian_packages() -> Result<()> {
    let install = format!("apt-get update && apt-get install -y --no-install-recommends {}", DEBIAN_PACKAGES.join(" "));
    let user = program("id").arg("-u").probe().context("cannot learn who runs this")?;
    if program("apt-get").arg("--version").probe().is_none() {
        bail!("building contracts needs Rust for Wasm; install it with `rustup target add {TARGET}`");
    }
    if user.trim() != "0" {
        bail!("building contracts needs Rust for Wasm; run `rustup target add {TARGET}`, or as root: {install}");
    }
    println!("installing Rust for Wasm: {install}");
    program("sh").args(["-c", &install]).env("DEBIAN_FRONTEND", "noninteractive").run()
}
