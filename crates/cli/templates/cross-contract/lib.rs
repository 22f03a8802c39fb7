//! Contracts that call each other: a chain of numbers, each of which knows the next one and can add them all up.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// What a link of the chain can do. A caller needs this trait alone, not the other contract's code.
#[ink::trait_definition]
pub trait Link {
    /// The sum from here to the end of the chain.
    #[ink(message)]
    fn sum(&self) -> u64;

    /// Adds to the number at the end of the chain and returns the new sum.
    #[ink(message)]
    fn add(&mut self, value: u64) -> u64;
}

#[ink::contract]
mod chain {
    use super::Link;
    use tallow_ink::log;

    #[ink(storage)]
    pub struct Chain {
        value: u64,
        next: Option<AccountId>,
    }

    impl Chain {
        /// A link with this number, before the contract at `next`, if there is one.
        #[ink(constructor)]
        pub fn new(value: u64, next: Option<AccountId>) -> Self {
            Self { value, next }
        }

        /// The number of this link alone.
        #[ink(message)]
        pub fn value(&self) -> u64 {
            self.value
        }
    }

    impl Link for Chain {
        #[ink(message)]
        fn sum(&self) -> u64 {
            let rest = match self.next {
                Some(next) => {
                    let next: ink::contract_ref!(Link) = next.into();
                    next.sum()
                }
                None => 0,
            };
            self.value.saturating_add(rest)
        }

        #[ink(message)]
        fn add(&mut self, value: u64) -> u64 {
            match self.next {
                Some(next) => {
                    let mut next: ink::contract_ref!(Link) = next.into();
                    let rest = next.add(value);
                    log::info!("the next link and those behind it are {rest}");
                    self.value.saturating_add(rest)
                }
                None => {
                    self.value = self.value.saturating_add(value);
                    log::info!("the last link is {}", self.value);
                    self.value
                }
            }
        }
    }
}
