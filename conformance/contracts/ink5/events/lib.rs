//! Events of every kind.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

use ink::prelude::vec::Vec;

/// Defined outside of the contract, as events that several contracts share are.
#[ink::event]
pub struct Shared {
    #[ink(topic)]
    pub number: u32,
    pub bytes: Vec<u8>,
}

/// Its first topic is this, instead of a hash of its definition.
#[ink::event(signature_topic = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a")]
pub struct Signed {
    #[ink(topic)]
    pub flag: bool,
}

#[ink::event(anonymous)]
pub struct Anonymous {
    #[ink(topic)]
    pub number: u64,
    pub rest: [u8; 3],
}

#[ink::contract]
mod events {
    use super::{Anonymous, Shared, Signed, Vec};
    use ink::prelude::string::String;

    /// As many topics as there may be, one of them longer than a hash.
    #[ink(event)]
    pub struct Crowded {
        #[ink(topic)]
        a: u8,
        #[ink(topic)]
        b: Option<AccountId>,
        #[ink(topic)]
        text: String,
        plain: i128,
    }

    #[ink(event)]
    pub struct Nothing {}

    #[ink(storage)]
    pub struct Events {}

    impl Events {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self::env().emit_event(Nothing {});
            Self {}
        }

        #[ink(message)]
        pub fn shared(&self, number: u32, bytes: Vec<u8>) {
            self.env().emit_event(Shared { number, bytes });
        }

        #[ink(message)]
        pub fn signed(&self, flag: bool) {
            ink::env::emit_event::<ink::env::DefaultEnvironment, _>(Signed { flag });
        }

        #[ink(message)]
        pub fn anonymous(&self, number: u64) {
            self.env().emit_event(Anonymous { number, rest: [1, 2, 3] });
        }

        #[ink(message)]
        pub fn crowded(&self, a: u8, b: Option<AccountId>, text: String, plain: i128) {
            self.env().emit_event(Crowded { a, b, text, plain });
        }

        #[ink(message)]
        pub fn many(&self, count: u32) {
            for number in 0..count {
                self.env().emit_event(Shared { number, bytes: Vec::new() });
            }
        }

        /// Emits, and then refuses: nothing is emitted.
        #[ink(message)]
        pub fn refused(&self) -> Result<(), ()> {
            self.env().emit_event(Nothing {});
            Err(())
        }
    }
}
