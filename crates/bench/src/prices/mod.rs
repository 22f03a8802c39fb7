//! What gas is worth: adversarial micro-kernels, each with its real time over its price.
//!
//! A kernel is one piece of code, repeated as often as its input says; what is measured is the difference between few
//! and many repetitions, so that instantiation and preparation count only where they are the point. No kernel may be
//! slower than [`RATIO_MAX`] times its price.

#![allow(clippy::too_many_lines, clippy::useless_format, reason = "tables of kernels, most of them made by templates")]

mod control;
mod host;
mod kernel;
mod memory;
mod operators;
mod starts;
mod world;

use crate::report::Report;
use kernel::Kernel;
use world::Bed;

/// Real time over the nominal time that gas stands for, at most.
const RATIO_MAX: f64 = 2.0;

/// Measures all kernels, or those whose name begins so.
pub(crate) fn run(report: &mut Report, only: &str) -> anyhow::Result<()> {
    println!("\nprices: nanoseconds and gas of one repetition, real time over nominal (<= {RATIO_MAX})");
    let mut worst = (0.0, String::new());
    for kernel in kernels().into_iter().filter(|kernel| kernel.name.starts_with(only)) {
        let cost = Bed::new(&kernel)?.measure()?;
        let ratio = cost.ns * 1e3 / cost.gas;
        let mark = if ratio > RATIO_MAX { " !" } else { "" };
        println!("{:<44} {:>12.2} {:>14.0} {ratio:>9.2}{mark}", kernel.name, cost.ns, cost.gas);
        report.with_target(&format!("price {}_ratio", kernel.name), ratio, format!("<= {RATIO_MAX}"));
        if ratio > worst.0 {
            worst = (ratio, kernel.name);
        }
    }
    println!("the dearest for what it pays: {} at {:.2} of its price", worst.1, worst.0);
    Ok(())
}

fn kernels() -> Vec<Kernel> {
    [control::kernels(), operators::kernels(), memory::kernels(), starts::kernels(), host::kernels()].concat()
}
