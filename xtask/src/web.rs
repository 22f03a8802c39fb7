//! `cargo xtask web`: the TypeScript client (`sdk/ts`) and the console (`console/`): built, tested against the `tallow`
//! of this tree, and driven in Chromium.

use crate::process::{Parts, Program, built_tallow, cargo, program, root, target_dir};
use anyhow::{Context as _, Result, bail};
use std::{fs, path::PathBuf};

/// The oldest Node that Vite runs on.
const NODE_MIN: (u32, u32) = (20, 19);
/// Names under which systems have Chromium, or a browser built of it.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const DEBIAN_PACKAGE: &str = "chromium";
/// Workspaces of npm.
const CLIENT: &str = "sdk/ts";
const CONSOLE: &str = "console";

/// Parses the options and runs.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    match options {
        [] => {
            let mut parts = Parts::default();
            add_parts(&mut parts);
            parts.finish()
        }
        ["--build"] => {
            install()?;
            build()?;
            println!("the console is in console/dist; `cargo build --release` puts it into tallow");
            Ok(())
        }
        _ => bail!("no such option: {}; there is --build", options.join(" ")),
    }
}

/// The parts of it, for a longer task.
pub(crate) fn add_parts(parts: &mut Parts) {
    parts.run("web: packages", install);
    parts.run("web: client and console built", build);
    parts.run("web: types", || each(&[CLIENT, CONSOLE], "typecheck"));
    parts.run("web: tallow with the console", tallow);
    parts.run("web: tests of the console's parts", || each(&[CONSOLE], "test"));
    parts.run("web: tests of the client against tallow dev", || {
        npm_run(CLIENT, "test").env("TALLOW_BIN", binary()).run()
    });
    parts.run("web: the console in Chromium", in_chromium);
}

/// Measures the console's first load; figures are in target/bench/console.json.
pub(crate) fn bench() -> Result<()> {
    install()?;
    build()?;
    cargo().args(["build", "--release", "--locked", "--package", "tallow-cli"]).run()?;
    fs::create_dir_all(root().join("target/bench"))?;
    let release = target_dir().join("release/tallow");
    npm_run(CONSOLE, "bench").env("TALLOW_BIN", release).env("CHROMIUM_BIN", chromium()?).run()
}

fn install() -> Result<()> {
    check_node()?;
    program("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).run()
}

fn check_node() -> Result<()> {
    let (major, minor) = NODE_MIN;
    let what =
        format!("needs Node {major}.{minor} or newer with npm (https://nodejs.org; Debian 13: apt-get install npm)");
    let version = program("node").arg("--version").probe().with_context(|| format!("the console {what}"))?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE_MIN {
        bail!("the console {what}; this is {}", version.trim());
    }
    Ok(())
}

fn build() -> Result<()> {
    each(&[CLIENT, CONSOLE], "build")
}

fn tallow() -> Result<()> {
    built_tallow().map(drop)
}

fn in_chromium() -> Result<()> {
    npm_run(CONSOLE, "e2e").env("TALLOW_BIN", binary()).env("CHROMIUM_BIN", chromium()?).run()
}

fn binary() -> PathBuf {
    target_dir().join("debug/tallow")
}

fn each(workspaces: &[&str], script: &str) -> Result<()> {
    workspaces.iter().try_for_each(|workspace| npm_run(workspace, script).run())
}

fn npm_run(workspace: &str, script: &str) -> Program {
    program("npm").args(["run", "--silent", "--workspace", workspace, script])
}

/// A Chromium, installed now if it must be and can be.
fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM_BIN") {
        return Ok(named.into());
    }
    if let Some(found) = find_browser() {
        return Ok(found);
    }
    let install = format!("apt-get update && apt-get install -y --no-install-recommends {DEBIAN_PACKAGE}");
    let user = program("id").arg("-u").probe().context("cannot learn who runs this")?;
    if program("apt-get").arg("--version").probe().is_none() || user.trim() != "0" {
        bail!("testing the console needs Chromium: name one by CHROMIUM_BIN, or as root of Debian: {install}");
    }
    println!("installing Chromium: {install}");
    program("sh").args(["-c", &install]).env("DEBIAN_FRONTEND", "noninteractive").run()?;
    find_browser().context("the package is installed, and still there is no chromium")
}

/// The whole path of a browser: Playwright takes no bare names.
fn find_browser() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let anywhere = |name: &&str| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    BROWSERS.iter().filter_map(anywhere).find(|path| program(path).arg("--version").probe().is_some())
}
