//! Asks an exchange for the price of bitcoin, remembers it, and tells it to a chat of Telegram.
//!
//! Telegram is told when there is a token: `tallow secret set CONTRACT TELEGRAM_TOKEN`, and `TELEGRAM_CHAT`. Both are
//! sealed for the contract: neither its storage nor the command line nor any log has them.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod price_bot {
    use ink::prelude::{format, string::String, vec::Vec};
    use serde::{Deserialize, Serialize};
    use tallow_ink::{
        http, log, secret,
        timer::{self, Timer},
    };

    /// Prices that are remembered; the oldest goes first.
    const HISTORY_MAX: usize = 100;
    /// The bot's token, as Telegram's @BotFather gives it; and the chat, such as `@my_channel` or a number.
    const TOKEN: &str = "TELEGRAM_TOKEN";
    const CHAT: &str = "TELEGRAM_CHAT";
    /// The id of the contract's timer.
    const RECORD: &str = "record";

    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        /// Only the account that deployed the contract may do this.
        NotOwner,
        /// The exchange answered something else than a price.
        BadPrice,
        /// The exchange could not be asked.
        Http(http::Error),
        /// There is a token for Telegram, and no chat: set the secret TELEGRAM_CHAT too.
        NoChat,
        /// Telegram could not be told.
        Telegram(http::Error),
        /// The timer cannot be set or cancelled.
        Timer(timer::Error),
    }

    /// A price in US cents, and the block time (milliseconds since the Unix epoch) at which it was recorded.
    #[derive(Debug, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Record {
        time: u64,
        cents: u64,
    }

    // What is needed of the exchange's answer; other fields are skipped.
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
    pub struct PriceBot {
        owner: AccountId,
        url: String,
        history: Vec<Record>,
    }

    impl PriceBot {
        /// Asks the exchange at this URL, such as `https://api.coinbase.com`. The URL stays private: constructors are
        /// sealed commands, and nobody can read storage.
        #[ink(constructor)]
        pub fn new(url: String) -> Self {
            Self { owner: Self::env().caller(), url, history: Vec::new() }
        }

        /// The price now, in US cents.
        #[ink(message)]
        pub fn price(&self) -> Result<u64, Error> {
            let url = format!("{}/v2/prices/BTC-USD/spot", self.url);
            let amount = http::get_json::<Answer>(&url).map_err(Error::Http)?.data.amount;
            let (dollars, cents) = amount.split_once('.').unwrap_or((&amount, ""));
            format!("{dollars}{cents:0<2.2}").parse().ok().filter(|cents| *cents > 0).ok_or(Error::BadPrice)
        }

        /// Fetches the price, tells it to the chat if there is one, remembers it and returns it. HTTP in a command
        /// happens once, whatever fails meanwhile: the answer is recorded before the command goes on.
        #[ink(message)]
        pub fn record(&mut self) -> Result<u64, Error> {
            // When its timer fires, the contract is its own caller.
            let caller = self.env().caller();
            if caller != self.owner && caller != self.env().account_id() {
                return Err(Error::NotOwner);
            }
            let cents = self.price()?;
            let text = format!("BTC-USD {}.{:02}", cents / 100, cents % 100);
            tell(&text)?;
            log::info!("{text}");
            self.history.drain(..self.history.len().saturating_add(1).saturating_sub(HISTORY_MAX));
            self.history.push(Record { time: self.env().block_timestamp(), cents });
            Ok(cents)
        }

        /// Records the price every so many milliseconds from now on.
        #[ink(message)]
        pub fn start(&mut self, period_ms: u64) -> Result<(), Error> {
            self.only_owner()?;
            Timer::every(period_ms).call(ink::selector_bytes!("record"), &()).set(RECORD).map_err(Error::Timer)
        }

        /// Stops; tells whether prices were being recorded.
        #[ink(message)]
        pub fn stop(&mut self) -> Result<bool, Error> {
            self.only_owner()?;
            timer::cancel(RECORD).map_err(Error::Timer)
        }

        /// Prices recorded so far, the newest last.
        #[ink(message)]
        pub fn history(&self) -> Vec<Record> {
            self.history.clone()
        }

        fn only_owner(&self) -> Result<(), Error> {
            if self.env().caller() == self.owner {
                Ok(())
            } else {
                Err(Error::NotOwner)
            }
        }
    }

    /// Sends a message to the chat, when there is a token to do it with.
    fn tell(text: &str) -> Result<(), Error> {
        let Some(token) = secret::get(TOKEN) else { return Ok(()) };
        let chat = secret::get(CHAT).ok_or(Error::NoChat)?;
        let url = format!("https://api.telegram.org/bot{token}/sendMessage");
        let message = SendMessage { chat_id: &chat, text };
        http::post_json(&url, &message).map(drop).map_err(Error::Telegram)
    }
}
