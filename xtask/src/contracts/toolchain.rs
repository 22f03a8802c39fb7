//! The Rust that compiles contracts to Wasm: the one in use with its sources, which rustup has, or else Debian's.
//!
//! Both build `core` and `alloc` from source. The compiled ones that rustup offers for Wasm use instructions beyond the
//! first version of Wasm, and with imported memory they make the linker emit a start function, which hosts of ink!
//! contracts refuse.

use super::sets::Contract;
use crate::process::{Program, cargo, program, root};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";
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
/// Where the sources of `core` are, from the sysroot.
const CORE: &str = "lib/rustlib/src/rust/library/core/Cargo.toml";
const RUSTUP_COMPONENT: &str = "rust-src";
/// Debian's compiler, cargo, the sources of `core` and a linker for Wasm.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_LINKER: &str = "-Clinker=wasm-ld";

/// A toolchain that is there.
pub(crate) struct Toolchain {
    kind: Kind,
    compiler: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The rustc in use, which brings a linker.
    Rustup,
    /// Debian's, which needs LLVM's.
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
        if program("rustup").args(["component", "add", RUSTUP_COMPONENT]).run().is_ok()
            && let Some(found) = Self::find()
        {
            return Ok(found);
        }
        install_debian_packages()?;
        Self::find().context("the packages are installed, and still no toolchain for Wasm was found")
    }

    fn find() -> Option<Self> {
        if has_sources("rustc") && has_own_linker("rustc") {
            return Some(Self { kind: Kind::Rustup, compiler: version("rustc")? });
        }
        let complete = has_sources(DEBIAN_RUSTC) && Path::new(DEBIAN_CARGO).is_file();
        program("wasm-ld").arg("--version").probe()?;
        complete.then_some(())?;
        Some(Self { kind: Kind::Debian, compiler: version(DEBIAN_RUSTC)? })
    }

    /// For example "rustc 1.96.0".
    pub(crate) fn compiler(&self) -> &str {
        &self.compiler
    }

    /// Compiles one contract; returns the Wasm file.
    pub(crate) fn build(&self, contract: &Contract, target_dir: &Path) -> Result<PathBuf> {
        let name = &contract.name;
        self.cargo()
            .dir(contract.set.path())
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags()?.join("\x1f"))
            .env("CARGO_TARGET_DIR", target_dir)
            .args(["build", "--quiet", "--locked", "--release", "--no-default-features", "--target", TARGET])
            .args(["--package", name])
            .args(BUILD_STD)
            .run()?;
        Ok(target_dir.join(TARGET).join("release").join(format!("{}.wasm", name.replace('-', "_"))))
    }

    /// A cargo that can build `core` for Wasm, and the flag that names its linker if it brings none.
    pub(crate) fn tools(&self) -> (Program, Option<&'static str>) {
        (self.cargo(), (self.kind == Kind::Debian).then_some(DEBIAN_LINKER))
    }

    fn cargo(&self) -> Program {
        let cargo = match self.kind {
            Kind::Rustup => cargo(),
            // The variables are of the cargo that runs this program and would mislead the other one.
            Kind::Debian => program(DEBIAN_CARGO)
                .env("RUSTC", DEBIAN_RUSTC)
                .without_env("CARGO")
                .without_env("RUSTUP_TOOLCHAIN")
                .without_env("RUSTC_WRAPPER"),
        };
        // Building `core` from source is not stable.
        cargo.env("RUSTC_BOOTSTRAP", "1")
    }

    fn flags(&self) -> Result<Vec<String>> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        let home = home.context("there is neither CARGO_HOME nor a home directory")?;
        // The module must not tell where it was built.
        let mut flags = vec![
            format!("--remap-path-prefix={}=/tallow", root().display()),
            format!("--remap-path-prefix={}=/cargo", home.display()),
        ];
        flags.extend(FLAGS.map(String::from));
        flags.extend(LINKER_FLAGS.map(|argument| format!("-Clink-arg={argument}")));
        flags.extend(self.tools().1.map(String::from));
        Ok(flags)
    }
}

fn has_sources(rustc: &str) -> bool {
    let sysroot = program(rustc).args(["--print", "sysroot"]).probe();
    sysroot.is_some_and(|sysroot| Path::new(sysroot.trim()).join(CORE).is_file())
}

/// Whether `rust-lld` lies where rustc looks for it.
fn has_own_linker(rustc: &str) -> bool {
    let libraries = program(rustc).args(["--print", "target-libdir"]).probe();
    let binaries = libraries.and_then(|dir| Some(Path::new(dir.trim()).parent()?.join("bin")));
    binaries.is_some_and(|dir| dir.join("rust-lld").is_file())
}

fn version(rustc: &str) -> Option<String> {
    let line = program(rustc).arg("--version").probe()?;
    Some(line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

fn install_debian_packages() -> Result<()> {
    let install = format!("apt-get update && apt-get install -y --no-install-recommends {}", DEBIAN_PACKAGES.join(" "));
    let user = program("id").arg("-u").probe().context("cannot learn who runs this")?;
    if program("apt-get").arg("--version").probe().is_none() {
        bail!(
            "building contracts needs the sources of Rust; install them with `rustup component add {RUSTUP_COMPONENT}`"
        );
    }
    if user.trim() != "0" {
        bail!("building contracts needs `rustup component add {RUSTUP_COMPONENT}`, or as root: {install}");
    }
    println!("installing Rust for Wasm: {install}");
    program("sh").args(["-c", &install]).env("DEBIAN_FRONTEND", "noninteractive").run()
}
