//! Hashes, signatures and what the host knows.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod crypto {
    use ink::{
        env::hash::{Blake2x128, Blake2x256, Keccak256, Sha2x256},
        prelude::{string::String, vec::Vec},
    };

    #[ink(storage)]
    pub struct Crypto {}

    impl Crypto {
        #[ink(constructor, payable)]
        pub fn new() -> Self {
            Self {}
        }

        #[ink(message)]
        pub fn sha2(&self, input: Vec<u8>) -> [u8; 32] {
            self.env().hash_bytes::<Sha2x256>(&input)
        }

        #[ink(message)]
        pub fn keccak(&self, input: Vec<u8>) -> [u8; 32] {
            self.env().hash_bytes::<Keccak256>(&input)
        }

        #[ink(message)]
        pub fn blake2(&self, input: Vec<u8>) -> ([u8; 32], [u8; 16]) {
            (self.env().hash_bytes::<Blake2x256>(&input), self.env().hash_bytes::<Blake2x128>(&input))
        }

        /// The address of the account that signed.
        #[ink(message)]
        pub fn signer(&self, signature: [u8; 65], message: [u8; 32]) -> Result<[u8; 20], String> {
            let key = self.env().ecdsa_recover(&signature, &message).map_err(|_| String::from("no signature"))?;
            self.env().ecdsa_to_eth_address(&key).map_err(|_| String::from("no key"))
        }

        #[ink(message, payable)]
        pub fn surroundings(&self) -> (AccountId, Balance, Balance, BlockNumber, Timestamp, bool) {
            (
                self.env().caller(),
                self.env().balance(),
                self.env().transferred_value(),
                self.env().block_number(),
                self.env().block_timestamp(),
                self.env().caller_is_origin(),
            )
        }

        #[ink(message)]
        pub fn code_is_own(&self, account: AccountId) -> Option<bool> {
            let own = self.env().own_code_hash().ok()?;
            self.env().code_hash(&account).ok().map(|code| code == own)
        }

        #[ink(message)]
        pub fn say(&self, text: String) {
            ink::env::debug_message(&text);
        }
    }
}
