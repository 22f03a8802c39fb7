//! What a contract costs once: its upload, and its first call after a restart.

use crate::{
    clock::{process_time, time_ms},
    tallow::{Tallow, returned},
};
use anyhow::Context as _;
use std::time::Instant;
use tallow_abi::Bundle;

const SAMPLES: usize = 9;
const ADDRESS: [u8; 32] = [3; 32];
/// Input of the RSA kernel, the shortest.
const INPUT: [u8; 9] = [5, 1, 0, 0, 0, 0, 0, 0, 0];

/// Milliseconds of wall time; compiling uses all cores, so beside other programs it takes longer.
pub(crate) struct Figures {
    /// Code, by the name of its contract.
    pub(crate) uploads: Vec<Upload>,
    /// Setting up an engine.
    pub(crate) engine_ms: f64,
    /// From an engine that has not seen the code, but has it on disk, to the end of the first call.
    pub(crate) first_call_ms: f64,
    /// The same call when the code is loaded.
    pub(crate) later_call_ms: f64,
}

/// What it takes to validate, rewrite and compile code.
pub(crate) struct Upload {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
    pub(crate) wall_ms: f64,
    /// CPU time of all threads.
    pub(crate) cpu_ms: f64,
}

/// Measures with the contract of the kernels and a large ink! contract.
pub(crate) fn run(wasm: &[u8], ink: &[u8]) -> anyhow::Result<Figures> {
    let uploads = vec![upload("kernels", wasm)?, upload("ink", &Bundle::parse(ink)?.wasm)?];
    let dir = tempfile::tempdir()?;
    Tallow::new(Some(dir.path()))?.upload(wasm)?;
    let engine_ms = median(|| wall_ms(|| Tallow::new(Some(dir.path())).map(drop)))?;
    let first_call_ms = median(|| {
        let tallow = Tallow::new(Some(dir.path()))?;
        wall_ms(|| {
            tallow.place(ADDRESS, wasm)?;
            returned(&tallow.command(ADDRESS, &INPUT)?).map(drop)
        })
    })?;
    let tallow = Tallow::new(Some(dir.path()))?;
    tallow.place(ADDRESS, wasm)?;
    let later_call_ms = time_ms(100, || drop(tallow.command(ADDRESS, &INPUT)));
    Ok(Figures { uploads, engine_ms, first_call_ms, later_call_ms })
}

fn upload(name: &'static str, wasm: &[u8]) -> anyhow::Result<Upload> {
    let compile = || {
        let tallow = Tallow::new(None)?;
        wall_ms(|| tallow.upload(wasm).map(drop))
    };
    let before = process_time();
    let wall_ms = median(compile)?;
    let cpu_ms = (process_time() - before).as_secs_f64() * 1e3 / SAMPLES as f64;
    Ok(Upload { name, bytes: wasm.len(), wall_ms, cpu_ms })
}

fn wall_ms(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

fn median(sample: impl Fn() -> anyhow::Result<f64>) -> anyhow::Result<f64> {
    let mut samples = (0..SAMPLES).map(|_| sample()).collect::<anyhow::Result<Vec<_>>>().context("a sample")?;
    samples.sort_by(f64::total_cmp);
    Ok(samples[samples.len() / 2])
}
