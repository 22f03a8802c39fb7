//! Timers. Time stands still in a scenario but for its `set` steps: what is due after one fires at that step.

use super::Play;
use tallow_engine::{DueTimer, Execution, Invocation, Target, schedule};
use tallow_types::AccountId;

impl Play<'_> {
    /// Fires what is due, in the order of the times, and says what failed: name, expected, got.
    pub(super) fn fire_due(&mut self, index: usize) -> Vec<(String, String, String)> {
        let mut failed = Vec::new();
        for number in 0.. {
            let Some((contract, due)) = self.world.due_timer(self.surroundings.now_ms) else { break };
            let name = format!("timer {} due at {}", shown(&due.timer.id), due.due_ms);
            let fired = self.fire(&format!("step {index} firing {number}"), contract, due);
            if let Some(got) = fired.map_or_else(Some, |execution| failure(&execution)) {
                failed.push((name, "to return".to_owned(), got));
            }
        }
        failed
    }

    fn fire(&mut self, name: &str, contract: AccountId, due: DueTimer) -> Result<Box<Execution>, String> {
        let DueTimer { timer, due_ms } = due;
        let occurrence = schedule::fire(&timer.schedule, due_ms, timer.catch_up, self.surroundings.now_ms);
        let place = (contract, timer.id.clone());
        let (input, gas_limit) = (timer.input.clone(), timer.gas_limit);
        let timers = &mut std::sync::Arc::make_mut(&mut self.world).timers;
        match occurrence.next_ms {
            Some(due_ms) => drop(timers.insert(place, DueTimer { timer, due_ms })),
            None => drop(timers.remove(&place)),
        }
        let target = Target::Call { contract };
        self.command(name, Invocation { caller: contract, target, input, value: 0, gas_limit })
    }
}

fn failure(execution: &Execution) -> Option<String> {
    match &execution.result {
        Ok(output) if output.reverted() => Some(format!("reverted with 0x{}", hex::encode(&output.data))),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}

fn shown(id: &[u8]) -> String {
    String::from_utf8(id.to_vec()).unwrap_or_else(|_| format!("0x{}", hex::encode(id)))
}
