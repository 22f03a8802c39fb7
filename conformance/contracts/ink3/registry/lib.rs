//! Names with owners and a fee: a mapping, payments, and errors.
#![cfg_attr(not(feature = "std"), no_std)]

use ink_lang as ink;

#[ink::contract]
mod registry {
    use ink_prelude::{string::String, vec::Vec};
    use ink_storage::{
        traits::{PackedLayout, SpreadAllocate, SpreadLayout},
        Mapping,
    };

    #[derive(Debug, Clone, PartialEq, Eq, scale::Encode, scale::Decode, SpreadLayout, PackedLayout)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo, ink_storage::traits::StorageLayout))]
    pub struct Record {
        owner: AccountId,
        values: Vec<(String, String)>,
    }

    #[derive(Debug, PartialEq, Eq, scale::Encode, scale::Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
    pub enum Error {
        Taken { by: AccountId },
        Unknown,
        NotOwner,
        TooCheap(Balance),
    }

    #[ink(event, anonymous)]
    pub struct Registered {
        #[ink(topic)]
        name: String,
        owner: AccountId,
    }

    #[ink(storage)]
    #[derive(SpreadAllocate)]
    pub struct Registry {
        records: Mapping<String, Record>,
        names: Vec<String>,
        fee: Balance,
    }

    impl Registry {
        #[ink(constructor)]
        pub fn new(fee: Balance) -> Self {
            ink_lang::utils::initialize_contract(|registry: &mut Self| registry.fee = fee)
        }

        #[ink(message, payable)]
        pub fn register(&mut self, name: String) -> Result<(), Error> {
            if self.env().transferred_value() < self.fee {
                return Err(Error::TooCheap(self.fee));
            }
            if let Some(record) = self.records.get(&name) {
                return Err(Error::Taken { by: record.owner });
            }
            let owner = self.env().caller();
            self.records.insert(&name, &Record { owner, values: Vec::new() });
            self.names.push(name.clone());
            self.env().emit_event(Registered { name, owner });
            Ok(())
        }

        #[ink(message)]
        pub fn set(&mut self, name: String, key: String, value: String) -> Result<u32, Error> {
            let mut record = self.records.get(&name).ok_or(Error::Unknown)?;
            if record.owner != self.env().caller() {
                return Err(Error::NotOwner);
            }
            record.values.push((key, value));
            Ok(self.records.insert_return_size(&name, &record).unwrap_or(0))
        }

        #[ink(message)]
        pub fn get(&self, name: String) -> Option<Record> {
            self.records.get(name)
        }

        #[ink(message)]
        pub fn names(&self) -> Vec<String> {
            self.names.clone()
        }

        #[ink(message)]
        pub fn release(&mut self, name: String) -> bool {
            let known = self.records.contains(&name);
            self.records.remove(&name);
            known
        }
    }
}
