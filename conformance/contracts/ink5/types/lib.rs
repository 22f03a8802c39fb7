//! Takes and returns values of every type, small and big.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod types {
    use ink::{
        prelude::{
            boxed::Box,
            collections::{BTreeMap, BTreeSet},
            string::String,
            vec::Vec,
        },
        scale::Compact,
    };

    #[derive(Debug, PartialEq, Eq, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub struct Unit;

    #[derive(Debug, PartialEq, Eq, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub struct Meters(u32);

    /// An address of Ethereum.
    #[derive(Debug, PartialEq, Eq, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub struct H160([u8; 20]);

    #[derive(Debug, PartialEq, Eq, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Tree {
        Leaf,
        Number(i64),
        Named { name: String, at: (u8, u16) },
        Branch(Vec<Tree>),
        Boxed(Box<Tree>),
    }

    #[derive(Debug, PartialEq, Eq, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub struct Everything {
        unit: Unit,
        length: Meters,
        tree: Tree,
        maybe: Option<Option<bool>>,
        outcome: Result<u8, String>,
        map: BTreeMap<u16, String>,
        set: BTreeSet<u8>,
        array: [i16; 3],
        bytes: [u8; 4],
    }

    #[ink(storage)]
    pub struct Types {}

    impl Types {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self {}
        }

        #[ink(message)]
        pub fn unsigned(&self, a: u8, b: u16, c: u32, d: u64, e: u128) -> (u8, u16, u32, u64, u128) {
            (a, b, c, d, e)
        }

        #[ink(message)]
        pub fn signed(&self, a: i8, b: i16, c: i32, d: i64, e: i128) -> (i8, i16, i32, i64, i128) {
            (a, b, c, d, e)
        }

        #[ink(message)]
        pub fn compact(
            &self,
            a: Compact<u8>,
            b: Compact<u64>,
            c: Compact<u128>,
        ) -> (Compact<u8>, Compact<u64>, Compact<u128>) {
            (a, b, c)
        }

        #[ink(message)]
        pub fn accounts(&self, account: AccountId, hash: Hash, address: H160) -> (AccountId, Hash, H160) {
            (account, hash, address)
        }

        #[ink(message)]
        pub fn text(&self, text: String, flag: bool) -> (String, bool) {
            (text, flag)
        }

        #[ink(message)]
        pub fn everything(&self, value: Everything) -> Everything {
            value
        }

        #[ink(message)]
        pub fn tree(&self, tree: Tree) -> Tree {
            tree
        }

        #[ink(message)]
        pub fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
            bytes
        }

        /// So many bytes: up to what ink!'s own buffer holds.
        #[ink(message)]
        pub fn big(&self, length: u32) -> Vec<u8> {
            (0..length).map(|i| i as u8).collect()
        }

        /// How many bytes there are, and their sum.
        #[ink(message)]
        pub fn weigh(&self, bytes: Vec<u8>) -> (u32, u64) {
            (bytes.len() as u32, bytes.iter().map(|byte| u64::from(*byte)).sum())
        }
    }
}
