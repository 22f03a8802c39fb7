//! Constructors and messages that fail in every way.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod errors {
    use ink::{
        env::{return_value, ReturnFlags},
        prelude::string::String,
    };

    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        Zero,
        TooBig { value: u8, most: u8 },
        Text(String),
    }

    #[ink(storage)]
    pub struct Errors {
        value: u8,
    }

    impl Errors {
        #[ink(constructor)]
        pub fn new(value: u8) -> Result<Self, Error> {
            match value {
                0 => Err(Error::Zero),
                value if value > 100 => Err(Error::TooBig { value, most: 100 }),
                value => Ok(Self { value }),
            }
        }

        #[ink(constructor)]
        pub fn panicking() -> Self {
            panic!("no contract today")
        }

        #[ink(message)]
        pub fn value(&self) -> u8 {
            self.value
        }

        #[ink(message)]
        pub fn set(&mut self, value: u8) -> Result<u8, Error> {
            let old = core::mem::replace(&mut self.value, value);
            if value == 0 {
                return Err(Error::Zero);
            }
            Ok(old)
        }

        #[ink(message)]
        pub fn text(&self, text: String) -> Result<(), Error> {
            Err(Error::Text(text))
        }

        /// Overflows, which traps.
        #[ink(message)]
        pub fn overflow(&mut self, by: u8) -> u8 {
            self.value += by;
            self.value
        }

        #[ink(message)]
        pub fn divide(&self, by: u8) -> u8 {
            self.value / by
        }

        #[ink(message)]
        pub fn index(&self, at: u32) -> u8 {
            [1, 2, 3][at as usize]
        }

        /// Returns at once, with these flags, and bytes that are not of the message's type.
        #[ink(message)]
        pub fn raw(&mut self, revert: bool) -> u64 {
            self.value = 77;
            ink::env::set_contract_storage(&0xAAu32, &true);
            return_value(if revert { ReturnFlags::REVERT } else { ReturnFlags::empty() }, &(1u8, "raw"))
        }

        #[ink(message)]
        pub fn raw_happened(&self) -> Option<bool> {
            ink::env::get_contract_storage(&0xAAu32).ok().flatten()
        }

        /// Takes no value, unlike the next.
        #[ink(message)]
        pub fn free(&self) {}

        #[ink(message, payable)]
        pub fn paid(&self) -> Balance {
            self.env().transferred_value()
        }
    }
}
