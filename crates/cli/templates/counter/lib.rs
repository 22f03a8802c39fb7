//! A number that anybody can count up.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod counter {
    use tallow_ink::log;

    /// The number does not fit any more.
    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        Overflow,
    }

    /// Tells the world that somebody counted.
    #[ink(event)]
    pub struct Counted {
        #[ink(topic)]
        by: AccountId,
        value: u64,
    }

    #[ink(storage)]
    pub struct Counter {
        value: u64,
    }

    impl Counter {
        /// Starts with this number.
        #[ink(constructor)]
        pub fn new(value: u64) -> Self {
            Self { value }
        }

        /// Adds one and returns the new number. This is a command: it is ordered, certified and has a receipt.
        #[ink(message)]
        pub fn inc(&mut self) -> Result<u64, Error> {
            self.value = self.value.checked_add(1).ok_or(Error::Overflow)?;
            log::info!("counted to {}", self.value);
            self.env().emit_event(Counted { by: self.env().caller(), value: self.value });
            Ok(self.value)
        }

        /// The number. This is a query: it reads the newest final state and leaves no trace.
        #[ink(message)]
        pub fn get(&self) -> u64 {
            self.value
        }
    }
}
