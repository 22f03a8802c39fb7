//! `tallow new`

use crate::context::Context;
use crate::failure::Failure;
use crate::template::{self, Template};
use anyhow::{Context as _, anyhow};
use serde_json::json;
use std::path::PathBuf;

/// What to make.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's name: small letters, digits, - and _.
    name: String,
    /// What to begin with.
    #[arg(long, value_enum, default_value_t = Template::Counter)]
    template: Template,
    /// Folder to make the project's folder in; the current one when not given.
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let name = &args.name;
    template::check_name(name).map_err(|reason| {
        let error = anyhow!("`{}` cannot be the name of a project: {reason}", crate::output::plain(name));
        Failure::usage(error).hint("choose another name, such as my-counter")
    })?;
    let folder = args.path.clone().unwrap_or_default().join(name);
    if folder.symlink_metadata().is_ok() {
        let error = anyhow!("{} is already there", folder.display());
        return Err(Failure::usage(error).hint("choose another name, or another folder by --path"));
    }
    let files = args
        .template
        .files(name)
        .map_err(|error| Failure::failed(error).hint("this program is built wrongly: reinstall tallow"))?;
    template::write(&folder, &files).with_context(|| format!("cannot write {}", folder.display())).map_err(
        |error| Failure::failed(error).hint("check permissions and space, or choose another folder by --path"),
    )?;
    context.output.document(&json!({ "name": name, "path": folder, "files": files.len() }));
    context.output.note(format!("made {}", folder.display()));
    context.output.note(format!(
        "next:\n  cd {}\n  tallow build\n  tallow test\n  tallow dev        # in another terminal\n  tallow deploy",
        folder.display()
    ));
    Ok(())
}
