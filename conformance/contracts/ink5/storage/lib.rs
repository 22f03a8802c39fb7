//! Every form of storage that ink! 5 has.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod storage {
    use ink::{
        prelude::{collections::BTreeMap, string::String, vec::Vec},
        storage::{traits::ManualKey, Lazy, Mapping, StorageVec},
    };

    /// Kept apart from the rest of the contract, under a key of its own.
    #[derive(Debug, Default, Clone, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Profile {
        pub name: String,
        pub scores: BTreeMap<u8, u64>,
    }

    #[ink(storage)]
    pub struct Storage {
        counter: u64,
        profile: Lazy<Profile>,
        owner: Lazy<AccountId, ManualKey<0x1000>>,
        words: Mapping<u32, String>,
        nested: Mapping<(AccountId, u8), Vec<u8>, ManualKey<0x2000>>,
        list: StorageVec<u64, ManualKey<0x3000>>,
    }

    impl Storage {
        #[ink(constructor)]
        pub fn new() -> Self {
            let mut owner = Lazy::new();
            owner.set(&Self::env().caller());
            Self {
                counter: 0,
                profile: Lazy::default(),
                owner,
                words: Mapping::default(),
                nested: Mapping::default(),
                list: StorageVec::default(),
            }
        }

        #[ink(message)]
        pub fn increment(&mut self) -> u64 {
            self.counter = self.counter.wrapping_add(1);
            self.counter
        }

        #[ink(message)]
        pub fn owner(&self) -> Option<AccountId> {
            self.owner.get()
        }

        #[ink(message)]
        pub fn set_profile(&mut self, profile: Profile) {
            self.profile.set(&profile);
        }

        #[ink(message)]
        pub fn profile(&self) -> Option<Profile> {
            self.profile.get()
        }

        /// The size of the entry that was there.
        #[ink(message)]
        pub fn set_word(&mut self, at: u32, word: String) -> Option<u32> {
            self.words.insert(at, &word)
        }

        #[ink(message)]
        pub fn word(&self, at: u32) -> (Option<String>, bool, Option<u32>) {
            (self.words.get(at), self.words.contains(at), self.words.size(at))
        }

        #[ink(message)]
        pub fn take_word(&mut self, at: u32) -> Option<String> {
            self.words.take(at)
        }

        #[ink(message)]
        pub fn remove_word(&mut self, at: u32) {
            self.words.remove(at);
        }

        #[ink(message)]
        pub fn set_nested(&mut self, key: u8, value: Vec<u8>) -> Option<u32> {
            self.nested.insert((self.env().caller(), key), &value)
        }

        #[ink(message)]
        pub fn nested(&self, key: u8) -> Option<Vec<u8>> {
            self.nested.get((self.env().caller(), key))
        }

        #[ink(message)]
        pub fn push(&mut self, number: u64) -> u32 {
            self.list.push(&number);
            self.list.len()
        }

        #[ink(message)]
        pub fn pop(&mut self) -> Option<u64> {
            self.list.pop()
        }

        #[ink(message)]
        pub fn at(&self, index: u32) -> Option<u64> {
            self.list.get(index)
        }

        #[ink(message)]
        pub fn clear(&mut self) {
            self.list.clear();
        }

        /// Whether a value of this length would fit ink!'s buffer.
        #[ink(message)]
        pub fn fits(&mut self, at: u32, length: u32) -> bool {
            let word: String = core::iter::repeat('x').take(length as usize).collect();
            self.words.try_insert(at, &word).is_ok()
        }
    }
}
