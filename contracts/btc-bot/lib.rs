//! Asks an exchange for the price of bitcoin, remembers it and reports it to a Telegram chat.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod btc_bot {
    use ink::prelude::{format, string::String, vec::Vec};
    use serde::{Deserialize, Serialize};
    use tallow_ink::{http, log};
    const HISTORY_MAX: usize = 100;

    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        NotOwner,
        BadPrice,
        Http(http::Error),
    }

    /// A price in US cents, and the block time (milliseconds since the Unix epoch) at which it was reported.
    #[derive(Debug, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Record {
        time: u64,
        cents: u64,
    }

    #[derive(Deserialize)]
    struct Answer {
        data: Spot,
    }
    #[derive(Deserialize)]
    struct Spot {
        amount: String,
    }
    #[derive(Serialize)]
    struct SendMessage<'a> {
        chat_id: &'a str,
        text: &'a str,
    }

    #[ink(storage)]
    pub struct BtcBot {
        owner: AccountId,
        price_url: String,
        telegram_url: String,
        bot_token: String,
        chat_id: String,
        history: Vec<Record>,
    }

    impl BtcBot {
        /// The token is safe here: constructors are sealed commands, and storage is private.
        #[ink(constructor)]
        pub fn new(price_url: String, telegram_url: String, bot_token: String, chat_id: String) -> Self {
            Self { owner: Self::env().caller(), price_url, telegram_url, bot_token, chat_id, history: Vec::new() }
        }

        /// The price now, in US cents.
        #[ink(message)]
        pub fn price(&self) -> Result<u64, Error> {
            let url = format!("{}/v2/prices/BTC-USD/spot", self.price_url);
            let amount = http::get_json::<Answer>(&url).map_err(Error::Http)?.data.amount;
            let (dollars, cents) = amount.split_once('.').unwrap_or((&amount, ""));
            format!("{dollars}{cents:0<2.2}").parse().ok().filter(|cents| *cents > 0).ok_or(Error::BadPrice)
        }

        /// Fetches the price, remembers it, sends it to the chat and returns it.
        #[ink(message)]
        pub fn report(&mut self) -> Result<u64, Error> {
            self.only_owner()?;
            let cents = self.price()?;
            let text = format!("BTC-USD {}.{:02}", cents / 100, cents % 100);
            let url = format!("{}/bot{}/sendMessage", self.telegram_url, self.bot_token);
            http::post_json(&url, &SendMessage { chat_id: &self.chat_id, text: &text }).map_err(Error::Http)?;
            log::info!("reported {text}");
            self.history.drain(..(self.history.len() + 1).saturating_sub(HISTORY_MAX));
            self.history.push(Record { time: self.env().block_timestamp(), cents });
            Ok(cents)
        }

        /// Prices reported so far, the newest last.
        #[ink(message)]
        pub fn history(&self) -> Vec<Record> {
            self.history.clone()
        }

        /// Reports to another chat from now on.
        #[ink(message)]
        pub fn set_chat(&mut self, chat_id: String) -> Result<(), Error> {
            self.only_owner()?;
            self.chat_id = chat_id;
            Ok(())
        }

        fn only_owner(&self) -> Result<(), Error> {
            (self.env().caller() == self.owner).then_some(()).ok_or(Error::NotOwner)
        }
    }
}
