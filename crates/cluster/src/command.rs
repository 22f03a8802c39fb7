//! One command: opening, checking, running.

use crate::acts::{Ended, Plan};
use crate::task::Ordered;
use crate::{Cluster, State};
use parity_scale_codec::Encode;
use std::sync::Arc;
use tallow_crypto::{AuthorityError, account_of, check_time, command_id, open_command, verify_command};
use tallow_engine::{AnsweredCall, Changes, Execution, HostError, Invocation, Mode, Step};
use tallow_types::limits::{CALLS_PER_COMMAND_MAX, COMMAND_EXPIRY_MS_MAX, COMMAND_GAS_MAX};
use tallow_types::{AccountId, CallError, CommandId, Output, SealedCommand, SignedCommand};

/// Why a sealed command is not one that this cluster can run. Such a command has no effect and no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not sealed to this cluster's epoch key, or altered.
    #[error("the envelope is not sealed to this cluster's current epoch key, or was altered")]
    Envelope,
    /// Meant for another network or cluster.
    #[error("the command is meant for another network or cluster")]
    Foreign,
    /// It is not its caller's.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The gas limit exceeds what one command may ask for.
    #[error("the gas limit exceeds {COMMAND_GAS_MAX}")]
    GasLimit,
    /// It expired.
    #[error("the command expired before it was ordered; it had no effect")]
    Expired,
    /// It expires later than commands may.
    #[error("the expiry lies more than {COMMAND_EXPIRY_MS_MAX} ms ahead of block time")]
    ExpiryTooFar,
    /// The caller's balance in the cluster is too low for its gas limit and its bytes.
    #[error(
        "the cluster takes up to {needed} for this command, and the caller has {balance} in it; give a lower gas \
             limit, or deposit some"
    )]
    CannotPay {
        /// What the caller has.
        balance: u128,
        /// What the command may cost.
        needed: u128,
    },
    /// A command of equal content was ordered before.
    #[error("the command was ordered before")]
    Seen,
}

/// An envelope's content, found good by [`Cluster::open`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The command's id.
    pub id: CommandId,
    /// The command.
    pub signed: SignedCommand,
    /// Who owns the cluster, and pays nothing.
    pub(crate) owner: AccountId,
}

impl Opened {
    /// Block time after which it can no longer be ordered.
    pub fn expiry_ms(&self) -> u64 {
        let SignedCommand { command, authority } = &self.signed;
        authority.delegation().map_or(command.expiry_ms, |delegation| command.expiry_ms.min(delegation.not_after_ms))
    }

    /// Whether it may take effect on `state` in a block of time `time_ms`.
    pub fn admit(&self, state: &State, time_ms: u64) -> Result<(), OpenError> {
        let expiry_ms = self.signed.command.expiry_ms;
        if expiry_ms < time_ms {
            return Err(OpenError::Expired);
        }
        if expiry_ms > time_ms.saturating_add(COMMAND_EXPIRY_MS_MAX) {
            return Err(OpenError::ExpiryTooFar);
        }
        if let Some(delegation) = self.signed.authority.delegation() {
            check_time(delegation, time_ms)?;
        }
        if state.has_seen(&self.id) {
            return Err(OpenError::Seen);
        }
        let (needed, caller) = (self.cost_max(state), account_of(&self.signed.command.caller));
        if needed == 0 || caller == self.owner {
            return Ok(());
        }
        let balance = state.balance(&caller);
        if balance < needed { Err(OpenError::CannotPay { balance, needed }) } else { Ok(()) }
    }

    /// The most that the cluster takes for its first run.
    fn cost_max(&self, state: &State) -> u128 {
        let policy = state.policy();
        let bytes = if policy.byte_price == 0 { 0 } else { self.signed.encoded_size() };
        policy.gas_cost(self.signed.command.gas_limit).saturating_add(policy.bytes_cost(bytes))
    }
}

/// How a run of a command ended.
pub(crate) enum Ran {
    /// It is complete.
    Done(Box<Ended>),
    /// It needs an answer that is not in the log.
    Suspended { index: u32, call: tallow_types::ExternalCall, gas_used: u64 },
}

impl Cluster {
    /// Opens a sealed command and checks all that does not depend on the state: costly, and the same for ever.
    pub fn open(&self, sealed: &SealedCommand) -> Result<Opened, OpenError> {
        if sealed.epoch != self.genesis.epoch {
            return Err(OpenError::Envelope);
        }
        let (network, cluster) = (&self.genesis.network, &self.genesis.cluster);
        let signed =
            open_command(&self.keys.epoch_transport, network, cluster, sealed).map_err(|_| OpenError::Envelope)?;
        let command = &signed.command;
        if command.network != *network || command.cluster != *cluster {
            return Err(OpenError::Foreign);
        }
        if command.gas_limit > COMMAND_GAS_MAX {
            return Err(OpenError::GasLimit);
        }
        verify_command(&signed)?;
        Ok(Opened { id: command_id(command), signed, owner: self.genesis.owner })
    }

    /// Runs a command from its start with the answers so far.
    pub(crate) fn run(
        &self,
        state: &State,
        id: CommandId,
        ordered: Ordered<'_>,
        answers: Arc<[AnsweredCall]>,
    ) -> Result<Ran, HostError> {
        let (invocation, then) = match self.plan(state, ordered) {
            Plan::Run(invocation, then) => (invocation, then),
            Plan::Done(ended) => return Ok(Ran::Done(Box::new(ended))),
        };
        let world = then.base(state).world(self.codes.clone());
        let environment = self.environment(state);
        let mut run = self.engine.run(world.clone(), environment, Mode::Command { id, answers }, invocation)?;
        let step = self.step_to_end(&mut run)?;
        if world.missing_code() {
            return Err(HostError("code that the log lists is not on this host".to_owned()));
        }
        Ok(match step {
            Step::Done(execution) => Ran::Done(Box::new(then.after(*execution))),
            Step::External { index, gas_used, .. } if index >= CALLS_PER_COMMAND_MAX => {
                let ended = execution(Err(CallError::TooManyCalls), gas_used, index, Changes::default());
                Ran::Done(Box::new(ended.into()))
            }
            Step::External { index, call, gas_used } => Ran::Suspended { index, call, gas_used },
            Step::Yield => unreachable!("commands run to their end"),
        })
    }

    /// Steps a command to its end, in slices, so that it can be interrupted.
    fn step_to_end(&self, run: &mut tallow_engine::Run) -> Result<Step, HostError> {
        loop {
            if self.is_interrupted() {
                return Err(HostError("the replica is about to stop".to_owned()));
            }
            match run.step(None)? {
                Step::Yield => (),
                step => return Ok(step),
            }
        }
    }

    /// Runs an invocation as a command would, on a snapshot; effects are for the caller to drop.
    pub fn estimate(&self, state: &State, invocation: Invocation) -> Result<Execution, HostError> {
        let world = state.world(self.codes.clone());
        let environment = self.environment(state);
        match self.engine.run_to_end(world, environment, Mode::Estimate, invocation)? {
            Step::Done(execution) => Ok(*execution),
            Step::External { index, .. } => Ok(failure(CallError::TooManyCalls, index)),
            Step::Yield => unreachable!("estimates run to their end"),
        }
    }
}

/// An execution that ended by the cluster's rules rather than the contract's.
pub(crate) fn failure(error: CallError, calls: u32) -> Execution {
    execution(Err(error), 0, calls, Changes::default())
}

/// An execution in which no contract ran.
pub(crate) fn execution(result: Result<Output, CallError>, gas_used: u64, calls: u32, changes: Changes) -> Execution {
    Execution { result, gas_used, calls, changes, events: Vec::new(), logs: Vec::new(), cache: Vec::new() }
}
