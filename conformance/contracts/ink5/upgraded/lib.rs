//! What the upgradeable counter becomes: the same storage, and a migration to more of it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod upgraded {
    use ink::storage::{traits::ManualKey, Lazy};

    #[ink(storage)]
    pub struct Upgraded {
        count: u32,
        owner: AccountId,
        step: Lazy<u32, ManualKey<0x51e9>>,
    }

    impl Upgraded {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self { count: 0, owner: Self::env().caller(), step: Lazy::default() }
        }

        #[ink(message)]
        pub fn migrate(&mut self, step: u32) {
            assert_eq!(self.env().caller(), self.owner, "only the owner migrates");
            self.step.set(&step);
        }

        #[ink(message)]
        pub fn increment(&mut self) -> u32 {
            self.count = self.count.wrapping_add(self.step.get().unwrap_or(10));
            self.count
        }

        #[ink(message)]
        pub fn count(&self) -> u32 {
            self.count
        }
    }
}
