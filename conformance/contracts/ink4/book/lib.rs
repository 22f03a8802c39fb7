//! An address book: lazy values and mappings, under automatic keys and keys of their own.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod book {
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::{traits::ManualKey, Lazy, Mapping},
    };

    #[derive(Debug, Default, Clone, PartialEq, Eq, scale::Encode, scale::Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo, ink::storage::traits::StorageLayout))]
    pub struct Entry {
        pub name: String,
        pub phones: Vec<(u8, u64)>,
        pub friend: Option<AccountId>,
    }

    /// A part of storage that is kept as one.
    #[ink::storage_item]
    #[derive(Default)]
    pub struct Statistics {
        reads: Lazy<u32>,
        writes: u32,
    }

    #[ink(storage)]
    #[derive(Default)]
    pub struct Book {
        entries: Mapping<AccountId, Entry>,
        index: Mapping<String, AccountId, ManualKey<0x1d>>,
        title: Lazy<String, ManualKey<0x71>>,
        statistics: Statistics,
    }

    impl Book {
        #[ink(constructor)]
        pub fn new(title: String) -> Self {
            let mut book = Self::default();
            book.title.set(&title);
            book
        }

        #[ink(message)]
        pub fn title(&self) -> Option<String> {
            self.title.get()
        }

        #[ink(message)]
        pub fn write(&mut self, entry: Entry) -> Option<u32> {
            let caller = self.env().caller();
            self.statistics.writes += 1;
            self.index.insert(&entry.name, &caller);
            self.entries.insert(caller, &entry)
        }

        #[ink(message)]
        pub fn read(&mut self, name: String) -> Option<Entry> {
            self.statistics.reads.set(&(self.statistics.reads.get().unwrap_or(0) + 1));
            self.entries.get(self.index.get(name)?)
        }

        #[ink(message)]
        pub fn statistics(&self) -> (u32, u32) {
            (self.statistics.reads.get().unwrap_or(0), self.statistics.writes)
        }

        #[ink(message)]
        pub fn forget(&mut self) -> Option<Entry> {
            let entry = self.entries.take(self.env().caller())?;
            self.index.remove(&entry.name);
            Some(entry)
        }

        #[ink(message)]
        pub fn known(&self, account: AccountId) -> (bool, Option<u32>) {
            (self.entries.contains(account), self.entries.size(account))
        }
    }
}
