//! The Rust that compiles contracts to Wasm: the one in use with its sources, which rustup has, or else Debian's.
//!
//! Both build `core` and `alloc` from source. The compiled ones that rustup offers for Wasm use instructions beyond the
//! first version of Wasm, and with imported memory they make the linker emit a start function, which hosts of ink!
//! contracts refuse.

use crate::Program;
use std::path::{Path, PathBuf};

/// The target of all contracts.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// What rustup must add.
pub const RUSTUP_COMPONENT: &str = "rust-src";
/// Debian's compiler, cargo, the sources of `core` and a linker for Wasm.
pub const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// Where the sources of `core` are, from the sysroot.
const CORE: &str = "lib/rustlib/src/rust/library/core/Cargo.toml";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_LINKER: &str = "-Clinker=wasm-ld";

/// A toolchain that is there.
#[derive(Clone, Debug)]
pub struct Toolchain {
    kind: Kind,
    compiler: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// The rustc in use, which brings a linker.
    Rustup,
    /// Debian's, which needs LLVM's.
    Debian,
}

/// No toolchain can build contracts.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this machine cannot build contracts yet: {lacks}")]
pub struct Missing {
    /// What is not there.
    pub lacks: String,
    /// The commands that install it, each with who it is for.
    pub install: String,
}

impl Toolchain {
    /// The toolchain that is in use in a folder, which may pin its own.
    ///
    /// # Errors
    /// [`Missing`] says what to install.
    pub fn find(dir: &Path) -> Result<Self, Missing> {
        let own = Survey::of("rustc", dir);
        if let (Some(compiler), true, true) = (&own.compiler, own.sources, own.linker) {
            return Ok(Self { kind: Kind::Rustup, compiler: compiler.clone() });
        }
        let debian = Survey::of(DEBIAN_RUSTC, dir);
        let linker = Program::new("wasm-ld").arg("--version").probe().is_some();
        match debian.compiler {
            Some(compiler) if debian.sources && linker && Path::new(DEBIAN_CARGO).is_file() => {
                Ok(Self { kind: Kind::Debian, compiler })
            }
            _ => Err(own.missing()),
        }
    }

    /// For example "rustc 1.96.0".
    pub fn compiler(&self) -> &str {
        &self.compiler
    }

    /// Whose it is, in words.
    pub fn origin(&self) -> &'static str {
        match self.kind {
            Kind::Rustup => "the Rust in use, with its sources",
            Kind::Debian => "Debian's packages",
        }
    }

    /// A cargo that can build `core` for Wasm, and the flag that names its linker if it brings none.
    pub fn tools(&self) -> (Program, Option<&'static str>) {
        (self.cargo(), (self.kind == Kind::Debian).then_some(DEBIAN_LINKER))
    }

    /// A cargo that can build `core` for Wasm.
    pub(crate) fn cargo(&self) -> Program {
        let cargo = match self.kind {
            Kind::Rustup => Program::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
            Kind::Debian => Program::new(DEBIAN_CARGO).env("RUSTC", DEBIAN_RUSTC),
        };
        self.undisturbed(cargo)
    }

    /// The target that is this machine.
    pub(crate) fn host(&self, dir: &Path) -> Option<String> {
        let said = self.rustc().dir(dir).arg("-vV").probe()?;
        said.lines().find_map(|line| Some(line.strip_prefix("host: ")?.to_owned()))
    }

    /// The compiler, for programs of this machine.
    pub(crate) fn rustc(&self) -> Program {
        let rustc = if self.kind == Kind::Rustup { "rustc" } else { DEBIAN_RUSTC };
        self.undisturbed(Program::new(rustc))
    }

    fn undisturbed(&self, program: Program) -> Program {
        // Building `core` from source is not stable.
        let program = program.without_secrets().env("RUSTC_BOOTSTRAP", "1");
        match self.kind {
            Kind::Rustup => program,
            // The variables are of the cargo that runs this program and would mislead the other one.
            Kind::Debian => program.without_env("CARGO").without_env("RUSTUP_TOOLCHAIN").without_env("RUSTC_WRAPPER"),
        }
    }
}

/// What is there of a compiler.
struct Survey {
    compiler: Option<String>,
    sources: bool,
    linker: bool,
}

impl Survey {
    fn of(rustc: &str, dir: &Path) -> Self {
        let ask = |arguments: &[&str]| Program::new(rustc).without_secrets().dir(dir).args(arguments).probe();
        let version = ask(&["--version"]);
        let sysroot = ask(&["--print", "sysroot"]);
        let libraries = ask(&["--print", "target-libdir"]);
        // `rust-lld` must lie where rustc looks for it.
        let binaries = libraries.and_then(|dir| Some(Path::new(dir.trim()).parent()?.join("bin")));
        Self {
            compiler: version.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")),
            sources: sysroot.is_some_and(|sysroot| Path::new(sysroot.trim()).join(CORE).is_file()),
            linker: binaries.is_some_and(|dir| dir.join("rust-lld").is_file()),
        }
    }

    fn missing(&self) -> Missing {
        let rustup = Program::new("rustup").arg("--version").probe().is_some();
        let lacks = match &self.compiler {
            None => "there is no rustc".to_owned(),
            Some(compiler) if !self.sources => format!("{compiler} has no sources of its `core` library"),
            Some(compiler) => format!("{compiler} has no linker for Wasm"),
        };
        let debian = format!("apt-get install {}", DEBIAN_PACKAGES.join(" "));
        let install = match (&self.compiler, rustup) {
            (None, false) => format!("install Rust from https://rustup.rs, or on Debian run as root: {debian}"),
            (_, true) => format!("run `rustup component add {RUSTUP_COMPONENT}`"),
            (Some(_), false) => format!("on Debian run as root: {debian}; elsewhere use Rust from https://rustup.rs"),
        };
        Missing { lacks, install }
    }
}

/// Where cargo keeps the sources of dependencies.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}
