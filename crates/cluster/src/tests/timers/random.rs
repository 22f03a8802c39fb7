//! Timers against a model: every firing that is due, no other, each exactly once, whatever the blocks' times and however
//! often the state is restored.

use super::{every, set};
use crate::Snapshot;
use crate::tests::fixture::*;
use parity_scale_codec::{Decode, Encode};
use proptest::prelude::*;
use std::collections::BTreeSet;
use tallow_types::{CommandId, Timer};

/// An interval timer as anybody would write it down.
#[derive(Clone, Debug)]
struct Model {
    next_ms: u64,
    period_ms: u64,
    catch_up: usize,
}

impl Model {
    /// How often it fires in a block.
    fn fire(&mut self, now_ms: u64) -> usize {
        let mut passed = 0;
        while self.next_ms <= now_ms {
            self.next_ms += self.period_ms;
            passed += 1;
        }
        passed.min(1 + self.catch_up)
    }
}

fn timers() -> impl Strategy<Value = Vec<(u64, u64, u32)>> {
    proptest::collection::vec((200u64..5_000, 100u64..3_000, 0u32..4), 1..6)
}

/// Milliseconds to the next block, and whether the state is restored before it.
fn blocks() -> impl Strategy<Value = Vec<(u64, bool)>> {
    proptest::collection::vec((1u64..4_000, any::<bool>()), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_due_firing_happens_exactly_once(timers in timers(), blocks in blocks()) {
        let (mut fixture, contract) = Fixture::deployed();
        let now_ms = fixture.state.position().time_ms + SECOND; // when they are set
        let timer = |(number, (after, period_ms, catch_up)): (usize, &(u64, u64, u32))| Timer {
            catch_up: *catch_up,
            ..every(&[number as u8], now_ms + after, *period_ms)
        };
        let given: Vec<Timer> = timers.iter().enumerate().map(timer).collect();
        set(&mut fixture, contract, &given);
        let mut models: Vec<Model> = timers
            .iter()
            .map(|(after, period_ms, catch_up)| {
                Model { next_ms: now_ms + after, period_ms: *period_ms, catch_up: *catch_up as usize }
            })
            .collect();
        let mut seen = BTreeSet::<CommandId>::new();
        for (pause, restored) in blocks {
            if restored {
                let snapshot = Snapshot::decode(&mut &fixture.state.snapshot().encode()[..]).unwrap();
                fixture.state = fixture.cluster.restore(snapshot).unwrap();
            }
            let output = fixture.block_after(pause, vec![]);
            let now_ms = fixture.state.position().time_ms;
            let expected: usize = models.iter_mut().map(|model| model.fire(now_ms)).sum();
            prop_assert_eq!(output.completed.len(), expected);
            for completed in output.completed {
                prop_assert!(seen.insert(completed.command), "twice");
            }
            prop_assert_eq!(fixture.counter(&contract), seen.len() as u64);
            let next = models.iter().map(|model| model.next_ms).min();
            prop_assert_eq!(fixture.state.next_timer_ms(), next);
        }
    }
}
