//! `cargo xtask docs-test`: runs the command blocks of the README, the tutorial and every template, as a reader would.
//!
//! Blocks marked `console` are run in order, in one shell session per page, in a temporary folder, with the built
//! program in the path. Lines that begin with `$ ` are commands; every other line must be among what the command before
//! it prints. `tallow dev` is started as in another terminal, and runs until the page ends.

use crate::process::{built_tallow, root, target_dir};
use anyhow::{Context as _, Result, bail, ensure};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

/// The pages whose blocks are run, each in a folder of its own.
const PAGES: [&str; 2] = ["README.md", "docs/tutorial.md"];
/// The templates of `tallow new`, whose own pages are followed too, and whether their calls need the Internet.
const TEMPLATES: [(&str, bool); 5] =
    [("counter", false), ("price-bot", true), ("erc20", false), ("cross-contract", false), ("timer", false)];
/// What is started in the background.
const NETWORK: &str = "tallow dev";

/// A command, and what its output must have.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) expected: Vec<String>,
}

/// Builds the program and follows the pages and templates of these names; all without names.
pub(crate) fn run(names: &[&str]) -> Result<()> {
    let known = |name: &&&str| PAGES.contains(name) || TEMPLATES.iter().any(|(template, _)| template == *name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        bail!("no page and no template is named {unknown}");
    }
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    let tallow = built_tallow()?;
    let programs = tallow.parent().context("a program is in a folder")?;
    for page in PAGES.into_iter().filter(|page| wanted(page)) {
        let text = fs::read_to_string(root().join(page)).with_context(|| format!("cannot read {page}"))?;
        let steps = steps(&text);
        ensure!(!steps.is_empty(), "{page} has no console blocks: nothing would be tested");
        let began = Instant::now();
        Reader::new(page, programs)?.follow(&steps).with_context(|| page.to_owned())?;
        println!("{page}: {} commands, {:.1} s", steps.len(), began.elapsed().as_secs_f64());
    }
    TEMPLATES.iter().filter(|(template, _)| wanted(template)).try_for_each(|(template, online)| {
        follow_template(template, *online, programs).with_context(|| format!("template {template}"))
    })
}

/// Makes a project and does what its page says.
fn follow_template(template: &str, online: bool, programs: &Path) -> Result<()> {
    let began = Instant::now();
    let mut reader = Reader::new(template, programs)?;
    let alone = |command: String| Step { command, expected: Vec::new() };
    reader.follow(&[
        alone(format!("tallow new my-{template} --template {template}")),
        alone(format!("cd my-{template}")),
    ])?;
    let mut steps = steps(&fs::read_to_string(reader.here.join("README.md"))?);
    ensure!(steps.iter().any(|step| step.command == "tallow deploy"), "its page does not deploy it");
    // What a service of the Internet answers is not this test's matter.
    steps.retain(|step| !(online && step.command.starts_with("tallow call")));
    reader.follow(&steps)?;
    println!("template {template}: {} commands, {:.1} s", steps.len(), began.elapsed().as_secs_f64());
    Ok(())
}

/// The commands of all `console` blocks, in order.
pub(crate) fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (inside, line.strip_prefix("$ ")) {
            (_, None) if line.starts_with("```") => inside = !inside && line == "```console",
            (true, Some(command)) => steps.push(Step { command: command.to_owned(), expected: Vec::new() }),
            (true, None) if !line.trim().is_empty() => {
                if let Some(step) = steps.last_mut() {
                    step.expected.push(line.to_owned());
                }
            }
            _ => {}
        }
    }
    steps
}

/// Who follows a page.
struct Reader {
    folder: PathBuf,
    /// The folder that the shell is in.
    here: PathBuf,
    path: std::ffi::OsString,
    network: Option<Child>,
}

impl Reader {
    fn new(page: &str, programs: &Path) -> Result<Self> {
        let folder =
            std::env::temp_dir().join(format!("tallow-docs-{}-{}", std::process::id(), page.replace('/', "-")));
        fs::create_dir_all(&folder)?;
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(programs.to_owned()).chain(std::env::split_paths(&paths)))?;
        Ok(Self { here: folder.clone(), folder, path, network: None })
    }

    fn follow(&mut self, steps: &[Step]) -> Result<()> {
        steps.iter().try_for_each(|step| {
            println!("$ {}", step.command);
            if step.command == NETWORK { self.start() } else { self.step(step) }
        })
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.here).env("PATH", &self.path);
        command.env("TALLOW_HOME", self.folder.join(".home")).stdin(Stdio::null());
        // What one project has built, another one need not build again.
        command.env("CARGO_TARGET_DIR", target_dir().join("docs-test"));
        command
    }

    /// Runs one command in a shell, which then says where it is.
    fn step(&mut self, Step { command, expected }: &Step) -> Result<()> {
        let line = format!("{{ {command}\n}} 2>&1 && pwd > \"$TALLOW_HOME.pwd\"");
        let output = self.command("sh", &["-ec", &line]).output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "`{command}` failed: {}\n{printed}", output.status);
        for line in expected {
            ensure!(printed.contains(line.trim()), "`{command}` does not print `{line}`, but:\n{printed}");
        }
        let here = fs::read_to_string(self.folder.join(".home.pwd"))?;
        self.here = here.trim_end().into();
        Ok(())
    }

    /// Starts the network and waits until it announces itself.
    fn start(&mut self) -> Result<()> {
        let mut network = self.command("tallow", &["dev"]).stderr(Stdio::piped()).spawn().context("cannot start it")?;
        let messages = network.stderr.take().context("its messages are piped")?;
        self.network = Some(network);
        let mut lines = BufReader::new(messages).lines();
        for line in lines.by_ref() {
            if line?.contains("Ctrl-C ends it") {
                // Whatever else it says must find a reader.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(());
            }
        }
        bail!("`{NETWORK}` ended before it announced itself; is its port taken?")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(mut network) = self.network.take() {
            drop(network.kill());
            drop(network.wait());
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}

#[cfg(test)]
mod tests {
    use super::{PAGES, Step, steps};
    use crate::process::root;

    #[test]
    fn blocks_are_commands_and_what_they_print() {
        let page = "text\n```console\n$ one\nout\n$ two\n```\n```toml\n$ no\n```\n```console\n$ three\n```\n";
        let step = |command: &str, expected: &[&str]| Step {
            command: command.into(),
            expected: expected.iter().map(|line| (*line).to_owned()).collect(),
        };
        assert_eq!(steps(page), [step("one", &["out"]), step("two", &[]), step("three", &[])]);
    }

    #[test]
    fn the_pages_have_commands_to_run() {
        for page in PAGES {
            let text = std::fs::read_to_string(root().join(page)).expect("readable");
            assert!(steps(&text).len() > 2, "{page}");
        }
    }
}
