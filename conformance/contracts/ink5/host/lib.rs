//! What the host knows and computes.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod host {
    use ink::{
        env::hash::{Blake2x128, Blake2x256, Keccak256, Sha2x256},
        prelude::{string::String, vec::Vec},
    };

    #[ink(storage)]
    #[derive(Default)]
    pub struct Host {}

    impl Host {
        #[ink(constructor, payable)]
        pub fn new() -> Self {
            Self::default()
        }

        #[ink(message)]
        pub fn hashes(&self, input: Vec<u8>) -> ([u8; 32], [u8; 32], [u8; 32], [u8; 16]) {
            (
                self.env().hash_bytes::<Sha2x256>(&input),
                self.env().hash_bytes::<Keccak256>(&input),
                self.env().hash_bytes::<Blake2x256>(&input),
                self.env().hash_bytes::<Blake2x128>(&input),
            )
        }

        #[ink(message)]
        pub fn hash_encoded(&self, text: String, number: u64) -> [u8; 32] {
            self.env().hash_encoded::<Blake2x256, _>(&(text, number))
        }

        #[ink(message)]
        pub fn recover(&self, signature: [u8; 65], message: [u8; 32]) -> Option<[u8; 33]> {
            self.env().ecdsa_recover(&signature, &message).ok()
        }

        #[ink(message)]
        pub fn eth_address(&self, key: [u8; 33]) -> Option<[u8; 20]> {
            self.env().ecdsa_to_eth_address(&key).ok()
        }

        #[ink(message)]
        pub fn caller(&self) -> (AccountId, bool) {
            (self.env().caller(), self.env().caller_is_origin())
        }

        #[ink(message)]
        pub fn block(&self) -> (BlockNumber, Timestamp) {
            (self.env().block_number(), self.env().block_timestamp())
        }

        #[ink(message, payable)]
        pub fn money(&self) -> (Balance, Balance, Balance) {
            (self.env().balance(), self.env().transferred_value(), self.env().minimum_balance())
        }

        /// Whether less is left after some work, and there was some.
        #[ink(message)]
        pub fn gas_falls(&self) -> bool {
            let before = self.env().gas_left();
            let _ = self.env().hash_bytes::<Sha2x256>(&[0; 64]);
            self.env().gas_left() < before
        }

        #[ink(message)]
        pub fn fee(&self, gas: u64) -> Balance {
            self.env().weight_to_fee(gas)
        }

        #[ink(message)]
        pub fn is_contract(&self, account: AccountId) -> bool {
            self.env().is_contract(&account)
        }

        /// Whether the account runs the same code as this contract; `None` when it runs none.
        #[ink(message)]
        pub fn same_code(&self, account: AccountId) -> Option<bool> {
            let own = self.env().own_code_hash().ok()?;
            Some(self.env().code_hash(&account).ok()? == own)
        }

        #[ink(message)]
        pub fn debug(&self, text: String) {
            ink::env::debug_message(&text);
        }
    }
}
