//! The consensus engine alone: one participant, empty blocks, on disk.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use tallow_chain::{Application, Config, ExecuteError, Finalized, start_ed25519};
use tallow_crypto::{Keypair, Secret};
use tallow_types::{BlockDigest, Commitments, Hash, Position};

/// Blocks measured.
const SAMPLES: usize = 150;
/// No block takes as long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nothing to execute; tells when a block is final.
struct Empty(Sender<Instant>);

impl Application for Empty {
    type State = ();

    fn genesis(&self) -> ((), Commitments) {
        ((), Commitments::default())
    }

    fn propose(&self, (): &(), _: Position) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn execute(&self, (): &(), _: &BlockDigest, _: Position, _: &[Vec<u8>]) -> Result<((), Commitments), ExecuteError> {
        Ok(((), Commitments::default()))
    }

    fn finalized(&self, _: Finalized<'_>, (): &()) {
        let _ = self.0.send(Instant::now());
    }
}

/// Median from waking the engine to the final block, milliseconds.
pub(crate) async fn empty_block_p50_ms() -> anyhow::Result<f64> {
    let directory = tempfile::tempdir()?;
    let seed = Secret::new([7; 32]);
    let member = Keypair::ed25519_from_seed(&seed).worker().expect("an ed25519 key");
    let (sender, finals) = channel();
    let config = Config::solo(Hash([1; 32]), directory.path().join("log"));
    let chain = start_ed25519(config, &seed, &[member], Arc::new(Empty(sender)), None)?;
    chain.ready().await?;
    tokio::task::spawn_blocking(move || {
        let wake = || chain.wake();
        sample(&wake, &finals)?;
        let mut samples = (0..SAMPLES).map(|_| sample(&wake, &finals)).collect::<anyhow::Result<Vec<_>>>()?;
        chain.shutdown();
        samples.sort();
        Ok(samples[SAMPLES / 2].as_secs_f64() * 1_000.0)
    })
    .await?
}

/// One block that nothing else asked for.
fn sample(wake: &dyn Fn(), finals: &Receiver<Instant>) -> anyhow::Result<Duration> {
    std::thread::sleep(Duration::from_millis(2));
    while finals.try_recv().is_ok() {}
    let started = Instant::now();
    wake();
    Ok(finals.recv_timeout(PATIENCE)?.saturating_duration_since(started))
}
