//! A number that other contracts add to.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

pub use self::accumulator::{Accumulator, AccumulatorRef, Error};

#[ink::contract]
mod accumulator {
    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        Odd,
        TooMuch,
    }

    #[ink(storage)]
    pub struct Accumulator {
        value: i32,
        received: Balance,
    }

    impl Accumulator {
        #[ink(constructor, payable)]
        pub fn new(value: i32) -> Self {
            Self { value, received: Self::env().transferred_value() }
        }

        /// Only even numbers will do.
        #[ink(constructor, payable)]
        pub fn even(value: i32) -> Result<Self, Error> {
            if value % 2 != 0 {
                return Err(Error::Odd);
            }
            Ok(Self::new(value))
        }

        #[ink(message, payable)]
        pub fn add(&mut self, by: i32) -> Result<i32, Error> {
            self.received = self.received.saturating_add(self.env().transferred_value());
            self.value = self.value.checked_add(by).ok_or(Error::TooMuch)?;
            Ok(self.value)
        }

        #[ink(message)]
        pub fn value(&self) -> i32 {
            self.value
        }

        #[ink(message)]
        pub fn received(&self) -> Balance {
            self.received
        }

        #[ink(message)]
        pub fn caller(&self) -> (AccountId, bool) {
            (self.env().caller(), self.env().caller_is_origin())
        }

        /// Panics.
        #[ink(message)]
        pub fn fail(&mut self) {
            self.value = 0;
            panic!("on purpose")
        }
    }
}
