//! How long the consensus engine alone takes from `wake` to `finalized`, for one participant and empty blocks.
//!
//! `empty_block DIRECTORY [SAMPLES]` prints one line of JSON.

use std::{
    io::Write as _,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};
use tallow_chain::{Application, Config, Finalized, Invalid, start_ed25519};
use tallow_crypto::{Keypair, Secret};
use tallow_types::{Commitments, Hash, Position};

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

    fn execute(
        &self,
        (): &(),
        _: &tallow_types::BlockDigest,
        _: Position,
        _: &[Vec<u8>],
    ) -> Result<((), Commitments), Invalid> {
        Ok(((), Commitments::default()))
    }

    fn finalized(&self, _: Finalized<'_>, (): &()) {
        let _ = self.0.send(Instant::now());
    }
}

/// Wakes the chain once and waits for the block. A heartbeat in between is waited out by the pause before.
fn sample(wake: &dyn Fn(), finals: &Receiver<Instant>) -> Option<Duration> {
    while finals.try_recv().is_ok() {}
    let start = Instant::now();
    wake();
    finals.recv_timeout(Duration::from_secs(10)).ok().map(|end| end.saturating_duration_since(start))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("usage: empty_block DIRECTORY [SAMPLES]")?);
    let samples: usize = arguments.next().map_or(Ok(500), |text| text.parse())?;
    let seed = Secret::new([7; 32]);
    let member = Keypair::ed25519_from_seed(&seed).worker().ok_or("not an ed25519 key")?;
    let (sender, finals) = channel();
    let config = Config::solo(Hash([1; 32]), directory);
    let chain = start_ed25519(config, &seed, &[member], Arc::new(Empty(sender)), None)?;
    futures::executor::block_on(chain.ready())?;
    let wake = || chain.wake();
    sample(&wake, &finals).ok_or("no first block")?;
    let mut times = Vec::with_capacity(samples);
    for _ in 0..samples {
        times.push(sample(&wake, &finals).ok_or("no block within 10 s")?);
        std::thread::sleep(Duration::from_millis(2));
    }
    times.sort();
    let at = |fraction: usize| times[(times.len() - 1) * fraction / 100].as_secs_f64() * 1e3;
    writeln!(
        std::io::stdout(),
        "{{\"empty_block_p50_ms\":{:.3},\"empty_block_p99_ms\":{:.3},\"samples\":{samples}}}",
        at(50),
        at(99)
    )?;
    chain.shutdown();
    Ok(())
}
