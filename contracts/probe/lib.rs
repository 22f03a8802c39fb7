//! The smallest contract: one stored boolean.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod flipper {
    /// A boolean that anybody can flip.
    #[ink(storage)]
    pub struct Flipper {
        value: bool,
    }

    impl Flipper {
        /// Starts with this value.
        #[ink(constructor)]
        pub fn new(value: bool) -> Self {
            Self { value }
        }

        /// Inverts the value.
        #[ink(message)]
        pub fn flip(&mut self) {
            self.value = !self.value;
        }

        /// The value.
        #[ink(message)]
        pub fn get(&self) -> bool {
            self.value
        }
    }
}
