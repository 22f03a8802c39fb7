//! What owners keep in a cluster's state: admins and secrets of contracts, the system contract.

use super::{Key, State};
use crate::acts::Act;
use parity_scale_codec::{Decode, Encode};
use tallow_engine::ContractInfo;
use tallow_types::{AccountId, ClusterPolicy, ContractStatus, SecretInfo, SecretValue};

/// A secret as the state keeps it.
#[derive(Encode, Decode)]
struct KeptSecret {
    set_ms: u64,
    value: SecretValue,
}

impl State {
    /// Who may replace a contract's code; nobody but itself when `None`.
    pub fn admin(&self, contract: &AccountId) -> Option<AccountId> {
        self.read(&Key::Admin(*contract))
    }

    /// A contract with all that is public of it.
    pub fn contract_status(&self, contract: &AccountId) -> Option<ContractStatus> {
        let ContractInfo { code, deployer, compat, .. } = self.contract(contract)?;
        Some(ContractStatus { code, deployer, compat, admin: self.admin(contract) })
    }

    /// A contract's secret.
    pub fn secret(&self, contract: &AccountId, name: &str) -> Option<SecretValue> {
        self.kept_secret(contract, name).map(|kept| kept.value)
    }

    /// A contract's secrets, by name.
    pub fn secrets(&self, contract: &AccountId) -> Vec<SecretInfo> {
        let info = |name: String| {
            let KeptSecret { set_ms, value } = self.kept_secret(contract, &name)?;
            let bytes = u32::try_from(value.0.len()).unwrap_or(u32::MAX);
            Some(SecretInfo { name, bytes, set_ms })
        };
        self.secret_names(contract).into_iter().filter_map(info).collect()
    }

    /// The cluster's system contract.
    pub fn system_contract(&self) -> Option<AccountId> {
        self.read(&Key::SystemContract)
    }

    /// What the cluster takes for its work.
    pub fn policy(&self) -> ClusterPolicy {
        self.policy
    }

    /// Whether an account has enough to send commands on its own account.
    pub fn is_funded(&self, account: &AccountId) -> bool {
        self.balance(account) >= self.policy.funded_min
    }

    /// The state in which the contract is this.
    pub(crate) fn with_contract(&self, address: &AccountId, info: &ContractInfo) -> Self {
        let mut state = self.clone();
        state.write(&Key::Contract(*address), Some(info.encode()));
        state
    }

    pub(crate) fn perform(&mut self, act: Act) {
        match act {
            Act::SetAdmin { contract, admin } => {
                self.write(&Key::Admin(contract), admin.map(|admin| admin.encode()));
            }
            Act::SetSecret { contract, name, value } => {
                let kept = KeptSecret { set_ms: self.position.time_ms, value };
                let mut names = self.secret_names(&contract);
                if let Err(place) = names.binary_search(&name) {
                    names.insert(place, name.clone());
                    self.write(&Key::SecretNames(contract), Some(names.encode()));
                }
                self.write(&Key::Secret(contract, name), Some(kept.encode()));
            }
            Act::RemoveSecret { contract, name } => {
                let mut names = self.secret_names(&contract);
                names.retain(|other| *other != name);
                self.write(&Key::SecretNames(contract), (!names.is_empty()).then(|| names.encode()));
                self.write(&Key::Secret(contract, name), None);
            }
            Act::Withdraw { amount, .. } => self.pay_out(amount),
            Act::SetPolicy(policy) => {
                self.policy = policy;
                self.write(&Key::Policy, Some(policy.encode()));
            }
            Act::SetSystemContract(contract) => {
                self.write(&Key::SystemContract, contract.map(|contract| contract.encode()));
            }
        }
    }

    /// Takes away what was a terminated contract's: one that is made again at its address must not find it.
    pub(super) fn disown(&mut self, contract: &AccountId) {
        for name in self.secret_names(contract) {
            self.write(&Key::Secret(*contract, name), None);
        }
        self.write(&Key::SecretNames(*contract), None);
        self.write(&Key::Admin(*contract), None);
    }

    fn secret_names(&self, contract: &AccountId) -> Vec<String> {
        self.read(&Key::SecretNames(*contract)).unwrap_or_default()
    }

    fn kept_secret(&self, contract: &AccountId, name: &str) -> Option<KeptSecret> {
        self.read(&Key::Secret(*contract, name.to_owned()))
    }
}
