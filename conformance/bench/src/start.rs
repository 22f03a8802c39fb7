//! What a contract costs once: its upload, and its first call after a restart.

use crate::{
    clock::time_ms,
    tallow::{Tallow, returned},
};
use anyhow::Context as _;
use std::time::Instant;

const SAMPLES: usize = 9;
const ADDRESS: [u8; 32] = [3; 32];
/// Input of the RSA kernel, the shortest.
const INPUT: [u8; 9] = [5, 1, 0, 0, 0, 0, 0, 0, 0];

/// Milliseconds.
pub(crate) struct Figures {
    /// Bytes of the contract.
    pub(crate) bytes: usize,
    /// Validating, rewriting and compiling it.
    pub(crate) upload_ms: f64,
    /// Setting up an engine.
    pub(crate) engine_ms: f64,
    /// From an engine that has not seen the code, but has it on disk, to the end of the first call.
    pub(crate) first_call_ms: f64,
    /// The same call when the code is loaded.
    pub(crate) later_call_ms: f64,
}

/// Measures with the contract of the kernels.
pub(crate) fn run(wasm: &[u8]) -> anyhow::Result<Figures> {
    let upload_ms = median(|| {
        let tallow = Tallow::new(None)?;
        wall_ms(|| tallow.upload(wasm).map(drop))
    })?;
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
    Ok(Figures { bytes: wasm.len(), upload_ms, engine_ms, first_call_ms, later_call_ms })
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
