//! The application as the consensus engine sees it: when to propose, and what to vote for.

use crate::{
    Application, ExecuteError,
    block::{Block, Ctx, from_engine},
    machine::{Base, Machine},
};
use commonware_consensus::{Application as Consensus, marshal::ancestry::Ancestry, simplex::scheme::Scheme};
use commonware_cryptography::{Digested, Digestible as _, ed25519::PublicKey};
use commonware_macros::select;
use commonware_runtime::{Clock, Spawner};
use futures::StreamExt as _;
use std::{
    marker::PhantomData,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tallow_types::limits::BLOCK_TIME_SKEW_MS_MAX;

/// Milliseconds between the beginnings of two blocks, the first of which had several entries.
const BUSY_BLOCK_MS: u64 = 4;

/// Adapter from [`Application`] to the engine's.
pub(crate) struct Automaton<A: Application, S> {
    machine: Arc<Machine<A>>,
    heartbeat: Duration,
    scheme: PhantomData<fn() -> S>,
}

impl<A: Application, S> Automaton<A, S> {
    pub(crate) const fn new(machine: Arc<Machine<A>>, heartbeat: Duration) -> Self {
        Self { machine, heartbeat, scheme: PhantomData }
    }
}

impl<A: Application, S> Clone for Automaton<A, S> {
    fn clone(&self) -> Self {
        Self::new(self.machine.clone(), self.heartbeat)
    }
}

impl<E, A, S> Consensus<E> for Automaton<A, S>
where
    E: Spawner + Clock,
    A: Application,
    S: Scheme<crate::block::Digest, PublicKey = PublicKey>,
{
    type SigningScheme = S;
    type Context = Ctx;
    type Block = Block;
    type Input = ();

    async fn propose(
        &mut self,
        (runtime, context): (E, Ctx),
        ancestry: impl Ancestry<Block>,
        (): (),
    ) -> Option<Digested<Block>> {
        let parent = ancestry.peek()?.clone();
        let pace = runtime.sleep(self.heartbeat);
        let base = self.machine.base(ancestry).await;
        if !self.machine.has_begun(&from_engine(&context.parent.1)) {
            select! {
                _ = self.machine.wanted() => {},
                _ = pace => {},
            }
        }
        gather(&runtime, parent.inner()).await;
        let proposal = match base {
            Some(base) => build(runtime.child("build"), self.machine.clone(), context, parent, base).await,
            None => None,
        };
        if proposal.is_none() {
            // A declined view is given up at once: without a pause a persistent reason would burn a core.
            runtime.sleep(self.heartbeat).await;
        }
        proposal
    }

    async fn verify(&mut self, (runtime, _): (E, Ctx), mut ancestry: impl Ancestry<Block>) -> bool {
        let (Some(block), Some(parent)) = (ancestry.next().await, ancestry.peek().cloned()) else {
            return futures::future::pending().await;
        };
        if !self.machine.plausible(block.inner().header(), parent.inner().header()) {
            return false;
        }
        wait_for_time(&runtime, block.inner().header().position.time_ms).await;
        let Some(base) = self.machine.base(ancestry).await else {
            // Not on top of what we know to be final, or too far ahead: abstain rather than judge.
            return futures::future::pending().await;
        };
        let machine = self.machine.clone();
        let verdict = runtime.child("execute").shared(true).spawn(move |_| async move {
            machine.settle(base).and_then(|state| machine.replay(&state, &block.inner_shared())).map(drop)
        });
        match verdict.await {
            Ok(Ok(())) => true,
            Ok(Err(ExecuteError::Invalid(invalid))) => {
                tracing::warn!(%invalid, "refused a proposal");
                false
            }
            Ok(Err(ExecuteError::NotNow(reason))) => {
                tracing::warn!(%reason, "does not vote on a proposal that it cannot execute now");
                futures::future::pending().await
            }
            // The runtime is shutting down.
            Err(_) => futures::future::pending().await,
        }
    }
}

/// Builds on a thread of its own, so that a long execution delays no vote.
async fn build<E: Spawner + Clock, A: Application>(
    runtime: E,
    machine: Arc<Machine<A>>,
    context: Ctx,
    parent: Digested<Block>,
    base: Base<A::State>,
) -> Option<Digested<Block>> {
    let now_ms = millis(runtime.current());
    let work = runtime.shared(true).spawn(move |_| async move {
        let state = machine.settle(base).map_err(|error| tracing::error!(%error, "cannot build on parent")).ok()?;
        machine.build(&context, parent.inner().header(), &state, now_ms)
    });
    let block = work.await.ok()??;
    let digest = block.digest();
    Some(Digested::precomputed(block, digest))
}

/// Lets entries gather before the block after `parent`.
async fn gather(clock: &impl Clock, parent: &Block) {
    let wait = pause(is_busy(parent), parent.header().position.time_ms, millis(clock.current()));
    if wait > 0 {
        clock.sleep(Duration::from_millis(wait)).await;
    }
}

/// Whether a block had several entries: then more are on their way, and the next one waits for them.
pub(crate) fn is_busy(block: &Block) -> bool {
    block.entries().len() > 1
}

/// Milliseconds from `now_ms` until [`BUSY_BLOCK_MS`] after a busy block. Blocks
/// made as fast as the disk allows would keep all processors busy with a few entries each, and every hiccup would delay
/// many.
const fn pause(busy: bool, time_ms: u64, now_ms: u64) -> u64 {
    if !busy {
        return 0;
    }
    // The leader's clock may be ahead of this one.
    let wait = time_ms.saturating_add(BUSY_BLOCK_MS).saturating_sub(now_ms);
    if wait < BUSY_BLOCK_MS { wait } else { BUSY_BLOCK_MS }
}

/// Waits until a block's time is not too far ahead. Clocks differ, so an early block is delayed, never refused.
async fn wait_for_time(clock: &impl Clock, time_ms: u64) {
    let earliest = time_ms.saturating_sub(BLOCK_TIME_SKEW_MS_MAX);
    let wait = earliest.saturating_sub(millis(clock.current()));
    if wait > 0 {
        clock.sleep(Duration::from_millis(wait)).await;
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_busy_block_delays_the_next_and_never_for_long() {
        assert_eq!(pause(false, 100, 100), 0);
        assert_eq!([100, 103, 105, 900].map(|now_ms| pause(true, 100, now_ms)), [4, 1, 0, 0]);
        assert_eq!(
            [u64::MAX, 2_000].map(|time_ms| pause(true, time_ms, 100)),
            [BUSY_BLOCK_MS; 2],
            "a clock ahead of this one"
        );
    }
}
