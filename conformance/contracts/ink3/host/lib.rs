//! What the host of an ink! 3 contract knows and computes.
#![cfg_attr(not(feature = "std"), no_std)]

use ink_lang as ink;

#[ink::contract]
mod host {
    use ink_env::hash::{Blake2x128, Blake2x256, Keccak256, Sha2x256};
    use ink_prelude::{string::String, vec::Vec};

    #[ink(storage)]
    pub struct Host {
        made_at: Timestamp,
    }

    impl Host {
        #[ink(constructor, payable)]
        pub fn new() -> Self {
            Self { made_at: Self::env().block_timestamp() }
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
        pub fn recover(&self, signature: [u8; 65], message: [u8; 32]) -> Option<[u8; 33]> {
            self.env().ecdsa_recover(&signature, &message).ok()
        }

        #[ink(message)]
        pub fn eth_address(&self, key: [u8; 33]) -> Option<[u8; 20]> {
            self.env().ecdsa_to_eth_address(&key).ok()
        }

        #[ink(message)]
        pub fn block(&self) -> (BlockNumber, Timestamp, bool) {
            let now = self.env().block_timestamp();
            (self.env().block_number(), now, now >= self.made_at)
        }

        #[ink(message, payable)]
        pub fn money(&self) -> (AccountId, Balance, Balance, Balance) {
            (self.env().caller(), self.env().balance(), self.env().transferred_value(), self.env().minimum_balance())
        }

        #[ink(message)]
        pub fn gas_falls(&self) -> bool {
            let before = self.env().gas_left();
            let _ = self.env().hash_bytes::<Keccak256>(&[0; 64]);
            self.env().gas_left() < before
        }

        #[ink(message)]
        pub fn is_contract(&self, account: AccountId) -> (bool, bool) {
            (self.env().is_contract(&account), self.env().caller_is_origin())
        }

        #[ink(message)]
        pub fn same_code(&self, account: AccountId) -> Option<bool> {
            let own = self.env().own_code_hash().ok()?;
            Some(self.env().code_hash(&account).ok()? == own)
        }

        #[ink(message)]
        pub fn pay(&mut self, to: AccountId, amount: Balance) -> bool {
            self.env().transfer(to, amount).is_ok()
        }

        #[ink(message)]
        pub fn end(&mut self, heir: AccountId) {
            self.env().terminate_contract(heir)
        }

        #[ink(message)]
        pub fn debug(&self, text: String) {
            ink_env::debug_message(&text);
        }
    }
}
