//! `cargo xtask bench engine`: Tallow's engine beside native code and pallet-contracts, in one process.
//!
//! Times are CPU time of the measuring thread, medians of rounds in which the sides take turns.

mod calls;
mod clock;
mod contracts;
mod entry_points;
mod host_calls;
mod kernels;
mod measure;
mod reference;
mod report;
mod start;
mod table;
mod tallow;

use anyhow::Context as _;
use std::{fs, path::Path};

/// Usage, for who starts it by hand.
const USAGE: &str = "\
    usage: conformance-bench KERNELS.wasm KERNELS_WIDE.wasm KERNELS_MVP.wasm ERC20.contract LARGE.contract \
                     OUT.json [kernels|calls|gas|start|KERNEL]";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [fast, wide, mvp, erc20, large, out, part @ ..] = &arguments[..] else { anyhow::bail!(USAGE) };
    let read = |path: &String| fs::read(path).with_context(|| format!("reading {path}"));
    let (fast, wide, mvp) = (read(fast)?, read(wide)?, read(mvp)?);
    let (erc20, large) = (read(erc20)?, read(large)?);
    let part = part.first().map(String::as_str);
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    let mut report = report::Report::default();
    let one = part.filter(|part| !["kernels", "calls", "gas", "start"].contains(part));
    if wanted("kernels") || one.is_some() {
        table::kernels(&mut report, &kernels::run([&fast, &wide, &mvp], one)?);
    }
    if wanted("calls") {
        table::calls(&mut report, &calls::run(&erc20)?);
    }
    if wanted("gas") {
        table::host_calls(&mut report, &host_calls::run()?);
    }
    if wanted("start") {
        table::start(&mut report, &start::run(&wide, &large)?);
    }
    report.write(Path::new(out))
}
