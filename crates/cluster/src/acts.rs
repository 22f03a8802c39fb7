//! What commands do beside running contracts: transfers, withdrawals, and the acts of owners (ADR 0016).

use crate::command::{execution, failure};
use crate::task::{Ordered, firing};
use crate::{Cluster, State};
use tallow_crypto::account_of;
use tallow_engine::{Changes, ContractInfo, Execution, Invocation, Target};
use tallow_types::limits::{ACT_GAS_MAX, SECRET_BYTES_MAX, SECRETS_MAX};
use tallow_types::{
    AccountId, Action, CallError, ClusterPolicy, CodeHash, Command, Output, SecretValue, is_secret_name,
};

/// Gas of an act: two writes to the state, about what the engine charges a contract for them.
const ACT_GAS: u64 = 10_000_000;
/// Gas of each byte of a secret, as the engine charges a contract that stores it.
const SECRET_BYTE_GAS: u64 = 1_200;

const _: () = assert!(ACT_GAS + SECRET_BYTE_GAS * SECRET_BYTES_MAX as u64 <= ACT_GAS_MAX, "every act may be paid");

/// A change of the state that no contract can make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// A contract has this admin, or none.
    SetAdmin {
        contract: AccountId,
        admin: Option<AccountId>,
    },
    SetSecret {
        contract: AccountId,
        name: String,
        value: SecretValue,
    },
    RemoveSecret {
        contract: AccountId,
        name: String,
    },
    SetSystemContract(Option<AccountId>),
    SetPolicy(ClusterPolicy),
    /// The ledger pays this; the changes beside it burn it here.
    Withdraw {
        to: AccountId,
        amount: u128,
    },
}

/// A command at its end: what contracts did, and what they cannot do.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) execution: Execution,
    /// Takes effect with the execution's changes; never beside a failure.
    pub(crate) act: Option<Act>,
}

impl From<Execution> for Ended {
    fn from(execution: Execution) -> Self {
        Self { execution, act: None }
    }
}

/// How a command is run.
pub(crate) enum Plan {
    /// The engine runs it.
    Run(Invocation, Then),
    /// It is complete without.
    Done(Ended),
}

/// What follows when a contract has run well.
pub(crate) enum Then {
    Nothing,
    /// The contract that was made gets this admin.
    SetAdmin(AccountId),
    /// The contract ran on this code already, and keeps it.
    Replace(AccountId, ContractInfo),
}

impl Then {
    /// The state to run on.
    pub(crate) fn base(&self, state: &State) -> State {
        match self {
            Self::Replace(contract, info) => state.with_contract(contract, info),
            Self::Nothing | Self::SetAdmin(_) => state.clone(),
        }
    }

    pub(crate) fn after(self, mut execution: Execution) -> Ended {
        let Some(output) = execution.result.as_ref().ok().filter(|output| !output.reverted()) else {
            return execution.into();
        };
        match self {
            Self::Nothing => execution.into(),
            Self::SetAdmin(admin) => {
                let act = output.created.map(|contract| Act::SetAdmin { contract, admin: Some(admin) });
                Ended { execution, act }
            }
            Self::Replace(contract, info) => {
                // What the new code made of itself since goes further than this.
                execution.changes.contracts.entry(contract).or_insert(Some(info));
                execution.into()
            }
        }
    }
}

impl Cluster {
    /// Judges by the state what a command is to do.
    pub(crate) fn plan(&self, state: &State, ordered: Ordered<'_>) -> Plan {
        match ordered {
            Ordered::Command(signed) => self.plan_command(state, &signed.command),
            Ordered::Firing(fired) => Plan::Run(firing(fired), Then::Nothing),
        }
    }

    fn plan_command(&self, state: &State, command: &Command) -> Plan {
        let caller = account_of(&command.caller);
        let invocation = |target, input: &[u8]| {
            let (input, value, gas_limit) = (input.to_vec(), command.value, command.gas_limit);
            Invocation { caller, target, input, value, gas_limit }
        };
        match &command.action {
            Action::Call { contract, input } => {
                Plan::Run(invocation(Target::Call { contract: *contract }, input), Then::Nothing)
            }
            Action::Instantiate { code, input, salt, compat, public_events } => {
                let target = Target::Instantiate {
                    code: *code,
                    salt: salt.clone(),
                    compat: *compat,
                    public_events: *public_events,
                };
                Plan::Run(invocation(target, input), Then::Nothing)
            }
            Action::InstantiateUpgradable { code, input, salt, compat, public_events } => {
                let target = Target::Instantiate {
                    code: *code,
                    salt: salt.clone(),
                    compat: *compat,
                    public_events: *public_events,
                };
                Plan::Run(invocation(target, input), Then::SetAdmin(caller))
            }
            Action::Upgrade { contract, code, migrate } => match (upgraded(state, &caller, contract, code), migrate) {
                (Err(error), _) => Plan::Done(failure(error, 0).into()),
                (Ok(info), Some(input)) => {
                    let target = Target::Call { contract: *contract };
                    Plan::Run(invocation(target, input), Then::Replace(*contract, info))
                }
                (Ok(info), None) => {
                    let contracts = [(*contract, Some(info))].into();
                    Plan::Done(paid(command, 0, || Ok((Changes { contracts, ..Changes::default() }, None))))
                }
            },
            Action::Transfer { to } => Plan::Done(paid(command, 0, || Ok((transfer(state, command, to)?, None)))),
            Action::Withdraw { to } => Plan::Done(paid(command, 0, || withdraw(state, command, to))),
            action => {
                let act = || Ok((Changes::default(), Some(self.act(state, &caller, action)?)));
                Plan::Done(paid(command, secret_bytes(action), act))
            }
        }
    }

    /// An owner's act, if the caller has the right to it.
    fn act(&self, state: &State, caller: &AccountId, action: &Action) -> Result<Act, CallError> {
        match action {
            Action::Freeze { contract } => {
                check_admin(state, caller, contract)?;
                Ok(Act::SetAdmin { contract: *contract, admin: None })
            }
            Action::SetSecret { contract, name, value } => {
                check_deployer(state, caller, contract)?;
                check_secret(state, contract, name, value)?;
                Ok(Act::SetSecret { contract: *contract, name: name.clone(), value: value.clone() })
            }
            Action::RemoveSecret { contract, name } => {
                check_deployer(state, caller, contract)?;
                let known = state.secret(contract, name).is_some();
                let act = Act::RemoveSecret { contract: *contract, name: name.clone() };
                if known { Ok(act) } else { Err(CallError::SecretNotFound) }
            }
            Action::SetSystemContract { contract } => {
                if *caller != self.genesis().owner {
                    return Err(CallError::NotPermitted);
                }
                let known = contract.is_none_or(|contract| state.contract(&contract).is_some());
                if known { Ok(Act::SetSystemContract(*contract)) } else { Err(CallError::ContractNotFound) }
            }
            Action::SetPolicy { policy } if *caller == self.genesis().owner => Ok(Act::SetPolicy(*policy)),
            _ => Err(CallError::NotPermitted),
        }
    }
}

/// Performs what costs gas but runs no contract.
fn paid(command: &Command, bytes: usize, perform: impl FnOnce() -> Result<(Changes, Option<Act>), CallError>) -> Ended {
    let gas_used = ACT_GAS.saturating_add(SECRET_BYTE_GAS.saturating_mul(bytes as u64));
    if command.gas_limit < gas_used {
        return failure(CallError::OutOfGas, 0).into();
    }
    match perform() {
        Err(error) => failure(error, 0).into(),
        Ok((changes, act)) => {
            let result = Ok(Output { flags: 0, data: Vec::new(), created: None });
            Ended { execution: execution(result, gas_used, 0, changes), act }
        }
    }
}

fn secret_bytes(action: &Action) -> usize {
    if let Action::SetSecret { value, .. } = action { value.0.len() } else { 0 }
}

fn transfer(state: &State, command: &Command, to: &AccountId) -> Result<Changes, CallError> {
    let from = account_of(&command.caller);
    let (source, target) = (state.balance(&from), state.balance(to));
    let left = source.checked_sub(command.value).ok_or(CallError::TransferFailed)?;
    let sum = target.checked_add(command.value).ok_or(CallError::TransferFailed)?;
    let mut changes = Changes::default();
    if from != *to {
        changes.balances.extend([(from, left), (*to, sum)]);
    }
    Ok(changes)
}

/// Burns what is withdrawn, if the ledger can pay it.
fn withdraw(state: &State, command: &Command, to: &AccountId) -> Result<(Changes, Option<Act>), CallError> {
    let (from, amount) = (account_of(&command.caller), command.value);
    if amount == 0 {
        return Err(CallError::ZeroAmount);
    }
    let left = state.balance(&from).checked_sub(amount).ok_or(CallError::TransferFailed)?;
    if amount > state.backing() {
        return Err(CallError::NotBacked);
    }
    let balances = [(from, left)].into();
    Ok((Changes { balances, ..Changes::default() }, Some(Act::Withdraw { to: *to, amount })))
}

/// The contract with its new code, if the caller may replace it.
fn upgraded(
    state: &State,
    caller: &AccountId,
    contract: &AccountId,
    code: &CodeHash,
) -> Result<ContractInfo, CallError> {
    let info = check_admin(state, caller, contract)?;
    if state.has_code(code) { Ok(ContractInfo { code: *code, ..info }) } else { Err(CallError::CodeNotFound) }
}

fn check_admin(state: &State, caller: &AccountId, contract: &AccountId) -> Result<ContractInfo, CallError> {
    let info = state.contract(contract).ok_or(CallError::ContractNotFound)?;
    match state.admin(contract) {
        Some(admin) if admin == *caller => Ok(info),
        Some(_) => Err(CallError::NotPermitted),
        None => Err(CallError::NotUpgradable),
    }
}

fn check_deployer(state: &State, caller: &AccountId, contract: &AccountId) -> Result<(), CallError> {
    let info = state.contract(contract).ok_or(CallError::ContractNotFound)?;
    if info.deployer == *caller { Ok(()) } else { Err(CallError::NotPermitted) }
}

fn check_secret(state: &State, contract: &AccountId, name: &str, value: &SecretValue) -> Result<(), CallError> {
    if !is_secret_name(name) {
        return Err(CallError::InvalidSecretName);
    }
    if value.0.len() > SECRET_BYTES_MAX {
        return Err(CallError::ValueTooLarge);
    }
    let others = state.secrets(contract).iter().filter(|secret| secret.name != name).count();
    if others < SECRETS_MAX { Ok(()) } else { Err(CallError::TooManySecrets) }
}
