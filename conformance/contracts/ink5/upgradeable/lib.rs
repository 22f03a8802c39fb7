//! A counter whose code can be exchanged.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod upgradeable {
    #[ink(storage)]
    pub struct Upgradeable {
        count: u32,
        owner: AccountId,
    }

    impl Upgradeable {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self { count: 0, owner: Self::env().caller() }
        }

        #[ink(message)]
        pub fn increment(&mut self) -> u32 {
            self.count = self.count.wrapping_add(1);
            self.count
        }

        #[ink(message)]
        pub fn count(&self) -> u32 {
            self.count
        }

        /// From the next call on the other code runs.
        #[ink(message)]
        pub fn upgrade(&mut self, code: Hash) -> Result<(), ink::prelude::string::String> {
            if self.env().caller() != self.owner {
                return Err("not the owner".into());
            }
            let before = self.env().own_code_hash().ok();
            self.env().set_code_hash(&code).map_err(|_| ink::prelude::string::String::from("no such code"))?;
            assert!(self.env().own_code_hash().ok() != before || before == Some(code), "the code is exchanged");
            Ok(())
        }
    }
}
