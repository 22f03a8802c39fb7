//! Keeps balance, pays it out, and ends.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod wallet {
    #[ink(storage)]
    pub struct Wallet {
        owner: AccountId,
    }

    #[ink(event)]
    pub struct Paid {
        #[ink(topic)]
        to: AccountId,
        amount: Balance,
        left: Balance,
    }

    impl Wallet {
        #[ink(constructor, payable)]
        pub fn new() -> Self {
            Self { owner: Self::env().caller() }
        }

        #[ink(message, payable, default)]
        pub fn deposit(&self) -> Balance {
            self.env().transferred_value()
        }

        #[ink(message)]
        pub fn balance(&self) -> Balance {
            self.env().balance()
        }

        #[ink(message)]
        pub fn pay(&mut self, to: AccountId, amount: Balance) -> bool {
            self.only_owner();
            if self.env().transfer(to, amount).is_err() {
                return false;
            }
            self.env().emit_event(Paid { to, amount, left: self.env().balance() });
            true
        }

        /// Whatever is left goes to the owner.
        #[ink(message)]
        pub fn end(&mut self) {
            self.only_owner();
            self.env().terminate_contract(self.owner)
        }

        /// Ends, if it can, for somebody else.
        #[ink(message)]
        pub fn end_for(&mut self, heir: AccountId) {
            self.only_owner();
            self.env().terminate_contract(heir)
        }

        fn only_owner(&self) {
            assert_eq!(self.env().caller(), self.owner, "only the owner may");
        }
    }
}
