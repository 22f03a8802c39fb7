//! A fungible token.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod erc20 {
    use ink::storage::Mapping;

    #[ink(event)]
    pub struct Transfer {
        #[ink(topic)]
        from: Option<AccountId>,
        #[ink(topic)]
        to: Option<AccountId>,
        value: Balance,
    }

    #[ink(event)]
    pub struct Approval {
        #[ink(topic)]
        owner: AccountId,
        #[ink(topic)]
        spender: AccountId,
        value: Balance,
    }

    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        InsufficientBalance { has: Balance, needs: Balance },
        InsufficientAllowance,
        Overflow,
    }

    #[ink(storage)]
    pub struct Erc20 {
        supply: Balance,
        balances: Mapping<AccountId, Balance>,
        allowances: Mapping<(AccountId, AccountId), Balance>,
    }

    impl Erc20 {
        /// All tokens go to whoever makes the contract.
        #[ink(constructor)]
        pub fn new(supply: Balance) -> Self {
            let owner = Self::env().caller();
            let mut balances = Mapping::new();
            balances.insert(owner, &supply);
            Self::env().emit_event(Transfer { from: None, to: Some(owner), value: supply });
            Self { supply, balances, allowances: Mapping::new() }
        }

        #[ink(message)]
        pub fn total_supply(&self) -> Balance {
            self.supply
        }

        #[ink(message)]
        pub fn balance_of(&self, owner: AccountId) -> Balance {
            self.balances.get(owner).unwrap_or_default()
        }

        #[ink(message)]
        pub fn allowance(&self, owner: AccountId, spender: AccountId) -> Balance {
            self.allowances.get((owner, spender)).unwrap_or_default()
        }

        #[ink(message)]
        pub fn transfer(&mut self, to: AccountId, value: Balance) -> Result<(), Error> {
            self.shift(self.env().caller(), to, value)
        }

        #[ink(message)]
        pub fn approve(&mut self, spender: AccountId, value: Balance) {
            let owner = self.env().caller();
            self.allowances.insert((owner, spender), &value);
            self.env().emit_event(Approval { owner, spender, value });
        }

        #[ink(message)]
        pub fn transfer_from(&mut self, from: AccountId, to: AccountId, value: Balance) -> Result<(), Error> {
            let spender = self.env().caller();
            let left = self.allowance(from, spender).checked_sub(value).ok_or(Error::InsufficientAllowance)?;
            self.shift(from, to, value)?;
            self.allowances.insert((from, spender), &left);
            Ok(())
        }

        /// Destroys tokens of the caller; an account without tokens keeps no entry.
        #[ink(message)]
        pub fn burn(&mut self, value: Balance) -> Result<(), Error> {
            let from = self.env().caller();
            self.take(from, value)?;
            self.supply = self.supply.checked_sub(value).ok_or(Error::Overflow)?;
            self.env().emit_event(Transfer { from: Some(from), to: None, value });
            Ok(())
        }

        fn shift(&mut self, from: AccountId, to: AccountId, value: Balance) -> Result<(), Error> {
            self.take(from, value)?;
            let sum = self.balance_of(to).checked_add(value).ok_or(Error::Overflow)?;
            self.balances.insert(to, &sum);
            self.env().emit_event(Transfer { from: Some(from), to: Some(to), value });
            Ok(())
        }

        fn take(&mut self, from: AccountId, value: Balance) -> Result<(), Error> {
            let has = self.balance_of(from);
            match has.checked_sub(value) {
                None => return Err(Error::InsufficientBalance { has, needs: value }),
                Some(0) => self.balances.remove(from),
                Some(left) => drop(self.balances.insert(from, &left)),
            }
            Ok(())
        }
    }
}
