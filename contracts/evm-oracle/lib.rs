//! Asks an exchange for the price of bitcoin and posts it to a contract on an EVM chain (`PriceFeed.sol`), each post
//! exactly once.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod evm_oracle {
    use ink::prelude::{
        format,
        string::{String, ToString},
        vec::Vec,
    };
    use serde::Deserialize;
    use tallow_ink::{
        evm::{self, abi, Account, Address, Call, Outcome, Pending},
        http, log,
    };
    /// Transactions that are remembered until they are mined.
    const PENDING_MAX: usize = 64;

    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        NotOwner,
        BadAddress,
        FeedIsSet,
        NoFeed,
        BadPrice,
        Http(http::Error),
        Evm(evm::Error),
    }

    #[derive(Deserialize)]
    struct Answer {
        data: Spot,
    }
    #[derive(Deserialize)]
    struct Spot {
        amount: String,
    }

    #[ink(storage)]
    pub struct EvmOracle {
        owner: AccountId,
        price_url: String,
        rpc_url: String,
        chain_id: u64,
        confirmations: u64,
        feed: Option<Address>,
        /// The oldest first.
        pending: Vec<Pending>,
    }

    impl EvmOracle {
        /// A transaction counts as mined with so many blocks on top. The URL of the node may hold an access token: it
        /// is safe here, since constructors are sealed commands, and storage is private.
        #[ink(constructor)]
        pub fn new(price_url: String, rpc_url: String, chain_id: u64, confirmations: u64) -> Self {
            let owner = Self::env().caller();
            Self { owner, price_url, rpc_url, chain_id, confirmations, feed: None, pending: Vec::new() }
        }

        /// The account on the EVM chain that posts, and that needs funds there to do so.
        #[ink(message)]
        pub fn address(&self) -> String {
            self.account().address().to_string()
        }

        /// Posts to this contract from now on. Once only: a command under way must not find another one.
        #[ink(message)]
        pub fn set_feed(&mut self, feed: String) -> Result<(), Error> {
            self.only_owner()?;
            if self.feed.is_some() {
                return Err(Error::FeedIsSet);
            }
            self.feed = Some(feed.parse().map_err(|_| Error::BadAddress)?);
            Ok(())
        }

        /// The exchange's price now, in US cents.
        #[ink(message)]
        pub fn price(&self) -> Result<u64, Error> {
            let url = format!("{}/v2/prices/BTC-USD/spot", self.price_url);
            let amount = http::get_json::<Answer>(&url).map_err(Error::Http)?.data.amount;
            let (dollars, cents) = amount.split_once('.').unwrap_or((&amount, ""));
            format!("{dollars}{cents:0<2.2}").parse().ok().filter(|cents| *cents > 0).ok_or(Error::BadPrice)
        }

        /// The price on the EVM chain now, in US cents.
        #[ink(message)]
        pub fn posted(&self) -> Result<u64, Error> {
            let call = Call { to: self.feed()?, value: 0, data: abi::call("cents()", &[]) };
            let output = self.account().rpc().call(&call).map_err(Error::Evm)?;
            let cents = match abi::decode(&[abi::Kind::Uint], &output).ok().as_deref() {
                Some([abi::Value::Uint(cents)]) => cents.to_u128(),
                _ => None,
            };
            cents.and_then(|cents| cents.try_into().ok()).ok_or(Error::Evm(evm::Error::BadAnswer))
        }

        /// Fetches the price and posts it. Until the transaction is sent, only that part of storage is looked at which
        /// does not change: this runs again for each answer.
        #[ink(message)]
        pub fn post(&mut self) -> Result<Outcome, Error> {
            self.only_owner()?;
            let cents = self.price()?;
            let data = abi::call("post(uint256)", &[cents.into()]);
            let sent = self.account().send(&Call { to: self.feed()?, value: 0, data }).map_err(Error::Evm)?;
            log::info!("posted {cents}");
            match &sent {
                Outcome::Pending(pending) if self.pending.len() < PENDING_MAX => self.pending.push(pending.clone()),
                Outcome::Pending(_) => log::warn!("too many are pending: the receipt alone has this one"),
                Outcome::Mined(_) => {}
            }
            Ok(sent)
        }

        /// Looks after the oldest transaction that is not known to be mined.
        #[ink(message)]
        pub fn confirm(&mut self) -> Result<Option<Outcome>, Error> {
            self.only_owner()?;
            let Some(oldest) = self.pending.first() else { return Ok(None) };
            let outcome = self.account().resume(oldest).map_err(Error::Evm)?;
            match &outcome {
                Outcome::Mined(_) => drop(self.pending.remove(0)),
                Outcome::Pending(pending) => self.pending[0] = pending.clone(),
            }
            Ok(Some(outcome))
        }

        /// Transactions that are not known to be mined, the oldest first.
        #[ink(message)]
        pub fn pending(&self) -> Vec<Pending> {
            self.pending.clone()
        }

        fn account(&self) -> Account {
            Account::new(&self.rpc_url, self.chain_id, b"oracle").confirmations(self.confirmations)
        }

        fn feed(&self) -> Result<Address, Error> {
            self.feed.ok_or(Error::NoFeed)
        }

        fn only_owner(&self) -> Result<(), Error> {
            (self.env().caller() == self.owner).then_some(()).ok_or(Error::NotOwner)
        }
    }
}
