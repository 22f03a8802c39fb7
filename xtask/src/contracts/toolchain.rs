//! The toolchain for Wasm, installed when it is missing: tasks of this project may do that, `tallow build` never does.

use crate::process::{program, root};
use anyhow::{Context as _, Result, bail};
use tallow_build::{DEBIAN_PACKAGES, RUSTUP_COMPONENT, Toolchain};

/// The toolchain, installed now if it must be and can be.
///
/// # Errors
/// Says what to run when there is none and it cannot be installed from here.
pub(crate) fn find_or_install() -> Result<Toolchain> {
    if let Ok(found) = Toolchain::find(root()) {
        return Ok(found);
    }
    if program("rustup").args(["component", "add", RUSTUP_COMPONENT]).run().is_ok()
        && let Ok(found) = Toolchain::find(root())
    {
        return Ok(found);
    }
    install_debian_packages()?;
    Toolchain::find(root()).context("the packages are installed, and still no toolchain for Wasm was found")
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
