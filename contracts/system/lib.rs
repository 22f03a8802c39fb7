//! The system contract of a cluster: where Phat contracts look up drivers, code and balances.
//!
//! Selectors and types are those that contracts built with `pink` call. What Phala's had beyond this belongs to things
//! that Tallow does not have (SideVM, block hooks, weights, versions of the runtime): calls of it are not understood.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod system {
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::Mapping,
    };
    use tallow_ink::context;

    /// Of the interface: Phala's last, whose messages these are.
    const VERSION: (u16, u16, u16) = (1, 2, 0);
    /// Changes of one driver that are remembered; the first ones are forgotten.
    const HISTORY_MAX: usize = 100;

    /// A refusal, numbered as contracts know it.
    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        PermissionDenied,
        DriverNotFound,
        CodeNotFound,
        ConditionNotMet,
    }

    /// Whose code is asked for.
    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum CodeType {
        Ink,
        Sidevm,
    }

    /// A contract, and the block since which it is a driver.
    type Since = (BlockNumber, AccountId);

    #[ink(event)]
    pub struct DriverChanged {
        #[ink(topic)]
        name: String,
        driver: AccountId,
    }

    #[ink(event)]
    pub struct AdminGranted {
        #[ink(topic)]
        contract: AccountId,
    }

    #[ink(storage)]
    pub struct System {
        owner: AccountId,
        admins: Mapping<AccountId, ()>,
        drivers: Mapping<String, Vec<Since>>,
    }

    impl System {
        /// Belongs to whoever makes it.
        #[ink(constructor, selector = 0xed4b9d1b)]
        pub fn default() -> Self {
            Self { owner: Self::env().caller(), admins: Mapping::new(), drivers: Mapping::new() }
        }

        #[ink(message, selector = 0xfeaea4fa)]
        pub fn owner(&self) -> AccountId {
            self.owner
        }

        #[ink(message, selector = 0x87c98a8d)]
        pub fn version(&self) -> (u16, u16, u16) {
            VERSION
        }

        /// The owner alone may.
        #[ink(message, selector = 0x67612061)]
        pub fn grant_admin(&mut self, contract: AccountId) -> Result<(), Error> {
            if self.env().caller() != self.owner {
                return Err(Error::PermissionDenied);
            }
            self.admins.insert(contract, &());
            self.env().emit_event(AdminGranted { contract });
            Ok(())
        }

        #[ink(message, selector = 0xf06f050a)]
        pub fn is_admin(&self, contract: AccountId) -> bool {
            self.admins.contains(contract)
        }

        /// The owner and the administrators may.
        #[ink(message, selector = 0xaa1e2030)]
        pub fn set_driver(&mut self, name: String, driver: AccountId) -> Result<(), Error> {
            let caller = self.env().caller();
            if caller != self.owner && !self.is_admin(caller) {
                return Err(Error::PermissionDenied);
            }
            let mut history = self.drivers.get(&name).unwrap_or_default();
            history.drain(..(history.len() + 1).saturating_sub(HISTORY_MAX));
            history.push((self.env().block_number(), driver));
            self.drivers.insert(&name, &history);
            self.env().emit_event(DriverChanged { name, driver });
            Ok(())
        }

        #[ink(message, selector = 0x2740cf0a)]
        pub fn get_driver(&self, name: String) -> Option<AccountId> {
            self.get_driver2(name).map(|(_, driver)| driver)
        }

        /// The driver, and the block since which it is.
        #[ink(message, selector = 0xc0f28223)]
        pub fn get_driver2(&self, name: String) -> Option<Since> {
            self.drivers.get(name)?.last().copied()
        }

        /// All drivers of this name, the present one last.
        #[ink(message, selector = 0xd519dbec)]
        pub fn driver_history(&self, name: String) -> Option<Vec<Since>> {
            self.drivers.get(name)
        }

        #[ink(message, selector = 0x6fc58436)]
        pub fn code_exists(&self, code: Hash, kind: CodeType) -> bool {
            context::code_exists(code, kind == CodeType::Sidevm)
        }

        #[ink(message, selector = 0x916fdb44)]
        pub fn code_hash(&self, account: AccountId) -> Option<Hash> {
            self.env().code_hash(&account).ok()
        }

        #[ink(message, selector = 0x5a98f226)]
        pub fn total_balance_of(&self, account: AccountId) -> Balance {
            context::balance_of(account).total
        }

        #[ink(message, selector = 0x8a0d40d7)]
        pub fn free_balance_of(&self, account: AccountId) -> Balance {
            context::balance_of(account).free
        }

        #[ink(message, selector = 0xe14655d3)]
        pub fn current_event_chain_head(&self) -> (u64, Hash) {
            context::event_chain_head()
        }
    }
}
