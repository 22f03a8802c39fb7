//! Loads the shim into a process.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::SystemTime,
};

/// Environment variable: the directory that is watched, as an absolute path without symbolic links.
pub const ROOT: &str = "TALLOW_FAULTFS_ROOT";
/// Environment variable: the journal's file; none is kept without.
pub const JOURNAL: &str = "TALLOW_FAULTFS_JOURNAL";
/// Environment variable: the file whose content says how full the disk is ([`Space`]); without it there is space.
pub const FULL: &str = "TALLOW_FAULTFS_FULL";

const PACKAGE: &str = "tallow-faultfs-shim";
const LIBRARY: &str = "libtallow_faultfs_shim.so";

/// How much room the disk has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Space {
    /// As much as there is.
    Enough,
    /// It says that nothing is free, and takes what is written all the same.
    Low,
    /// Nothing is free: no file is made or grows.
    Full,
}

/// The shim for one directory.
#[derive(Clone, Debug)]
pub struct Shim {
    library: PathBuf,
    root: PathBuf,
    journal: PathBuf,
    full: PathBuf,
}

impl Shim {
    /// For the directory `root`, which is there; the journal and what it is told are kept in `beside`.
    ///
    /// # Errors
    /// Those of the file system, and of building the shim.
    pub fn new(root: &Path, beside: &Path) -> io::Result<Self> {
        let library = library()?;
        let (root, beside) = (root.canonicalize()?, beside.canonicalize()?);
        Ok(Self { library, root, journal: beside.join("faultfs.journal"), full: beside.join("faultfs.space") })
    }

    /// The library itself.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// Has a process watched. The journal begins anew.
    ///
    /// # Errors
    /// When the old journal cannot be removed.
    pub fn watch(&self, command: &mut Command) -> io::Result<()> {
        match fs::remove_file(&self.journal) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.limit(command);
        command.env(JOURNAL, &self.journal);
        Ok(())
    }

    /// Has a process see as much space as [`Shim::set`] says, without a journal.
    pub fn limit(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env(ROOT, &self.root).env(FULL, &self.full);
    }

    /// What was written down since [`Shim::watch`].
    ///
    /// # Errors
    /// When it cannot be read: then nothing was watched.
    pub fn journal(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.journal)
    }

    /// Sets how much room the disk has, at once.
    ///
    /// # Errors
    /// Those of writing it.
    pub fn set(&self, space: Space) -> io::Result<()> {
        let staged = self.full.with_extension("tmp");
        let text = match space {
            Space::Enough => "enough",
            Space::Low => "low",
            Space::Full => "full",
        };
        fs::write(&staged, text)?;
        fs::rename(&staged, &self.full)
    }
}

/// The shim, built if need be: no crate may link it, so Cargo does not build it for one either.
fn library() -> io::Result<PathBuf> {
    let profile = profile_dir()?;
    let library = profile.join(LIBRARY);
    if fs::metadata(&library).and_then(|built| built.modified()).is_ok_and(|built| newest_source() < built) {
        return Ok(library);
    }
    let name = profile.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--package", PACKAGE])
        .args(["--profile", if name == "debug" { "dev" } else { name }])
        .args(["--manifest-path".as_ref(), Path::new(env!("CARGO_MANIFEST_DIR")).join("shim/Cargo.toml").as_os_str()])
        .arg("--target-dir")
        .arg(profile.parent().unwrap_or(&profile))
        .stdin(Stdio::null())
        .status()?;
    if !built.success() || !library.is_file() {
        return Err(io::Error::other(format!("`cargo build -p {PACKAGE}` did not make {}", library.display())));
    }
    Ok(library)
}

/// Where Cargo puts what belongs to the running test: `target/debug` of `target/debug/deps/it-1a2b`.
fn profile_dir() -> io::Result<PathBuf> {
    let test = env::current_exe()?;
    let dir = test.ancestors().find(|dir| dir.file_name().is_some_and(|name| name == "deps"));
    let profile = dir.and_then(Path::parent).ok_or_else(|| io::Error::other("not run by Cargo"))?;
    Ok(profile.to_owned())
}

/// When the newest source was changed; now, when that cannot be told.
fn newest_source() -> SystemTime {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let in_dir = |dir: &str| -> io::Result<Vec<SystemTime>> {
        fs::read_dir(root.join(dir))?.map(|entry| modified(&entry?.path())).collect()
    };
    let times = in_dir("src").and_then(|mut times| {
        times.extend(in_dir("shim/src")?);
        times.push(modified(&root.join("shim/Cargo.toml"))?);
        Ok(times)
    });
    times.ok().and_then(|times| times.into_iter().max()).unwrap_or_else(SystemTime::now)
}
