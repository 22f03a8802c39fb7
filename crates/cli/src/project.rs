//! The project around the current folder: its settings in `tallow.toml`, and what was deployed from it.

mod deployments;
mod settings;

pub(crate) use deployments::Deployment;
pub(crate) use settings::{Origin, Profile, Settings};

use crate::failure::Failure;
use anyhow::{Context as _, anyhow};
use std::path::{Path, PathBuf};

/// What makes a folder a project.
pub(crate) const SETTINGS_FILE: &str = "tallow.toml";
/// Bytes of `tallow.toml`; a larger file is not one.
const SETTINGS_BYTES_MAX: u64 = 64 * 1024;

/// A project.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    pub(crate) settings: Settings,
}

impl Project {
    /// The project that the current folder is in.
    ///
    /// # Errors
    /// When its settings cannot be read.
    pub(crate) fn here() -> Result<Option<Self>, Failure> {
        let Ok(here) = std::env::current_dir() else { return Ok(None) };
        match here.ancestors().find(|folder| folder.join(SETTINGS_FILE).is_file()) {
            Some(root) => Self::open(root).map(Some),
            None => Ok(None),
        }
    }

    fn open(root: &Path) -> Result<Self, Failure> {
        let path = root.join(SETTINGS_FILE);
        let read = crate::local::read_bounded(&path, SETTINGS_BYTES_MAX).map_err(anyhow::Error::from);
        let text = read.and_then(|bytes| Ok(String::from_utf8(bytes)?));
        let text = text.with_context(|| format!("cannot read {}", path.display())).map_err(|error| {
            Failure::failed(error).hint(format!("check the permissions of {SETTINGS_FILE}, and that it is text"))
        })?;
        let settings = Settings::parse(&text).map_err(|error| {
            let error = anyhow!("{error}").context(format!("{} is wrong", path.display()));
            Failure::usage(error).hint(format!("correct {SETTINGS_FILE}; docs/cli.md lists its keys"))
        })?;
        Ok(Self { root: root.to_owned(), settings })
    }

    /// What the project's contract is called.
    pub(crate) fn name(&self) -> String {
        let folder = || self.root.file_name().map(|name| name.to_string_lossy().into_owned());
        self.settings.project.name.clone().or_else(folder).unwrap_or_default()
    }

    /// The file that `tallow build` writes and `tallow deploy` deploys.
    pub(crate) fn bundle(&self) -> PathBuf {
        match &self.settings.deploy.file {
            Some(file) => self.root.join(file),
            None => self.root.join("target").join(format!("{}.contract", self.name())),
        }
    }
}
