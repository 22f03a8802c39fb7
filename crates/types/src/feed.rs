//! The feed: what became final on a replica, in order, item by item.

use crate::{AccountId, CertifiedHeader, CommandId, Event, LogRecord, QueryRefusal, Signature};
use parity_scale_codec::{Decode, Encode, MaxEncodedLen};
use std::{fmt, str::FromStr};

/// A place in the feed. Places grow; they are the same on every replica, but for those of queries' log lines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Encode, Decode, MaxEncodedLen)]
pub struct FeedPosition {
    /// Height of the block.
    pub height: u64,
    /// Number of the item in the block, from 0, which is the block itself. The log lines of queries have no place in a
    /// block: their numbers are made of the replica's clock, and are greater than those of any block.
    pub index: u64,
}

impl FeedPosition {
    /// The place of a block.
    pub const fn block(height: u64) -> Self {
        Self { height, index: 0 }
    }

    /// The least place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.index.checked_add(1) {
            Some(index) => Self { height: self.height, index },
            None => Self { height: self.height.saturating_add(1), index: 0 },
        }
    }

    /// The greatest place before this one, if there is one.
    pub fn previous(self) -> Option<Self> {
        let within = self.index.checked_sub(1).map(|index| Self { index, ..self });
        within.or_else(|| self.height.checked_sub(1).map(|height| Self { height, index: u64::MAX }))
    }
}

/// Why a text is no place in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a position of the feed: a height such as 12, or height and index such as 12-3")]
pub struct ParsePositionError;

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.height, self.index)
    }
}

impl FromStr for FeedPosition {
    type Err = ParsePositionError;
    fn from_str(text: &str) -> Result<Self, ParsePositionError> {
        let (height, index) = text.split_once('-').unwrap_or((text, "0"));
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten().ok_or(ParsePositionError)
        };
        Ok(Self { height: number(height)?, index: number(index)? })
    }
}

impl serde::Serialize for FeedPosition {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for FeedPosition {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A kind of items.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub enum Topic {
    /// Blocks of the cluster log.
    Blocks,
    /// Receipts: which command completed where; what came of it stays sealed.
    Receipts,
    /// Events of contracts.
    Events,
    /// Log lines of a contract.
    Logs,
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 4] = [Self::Blocks, Self::Receipts, Self::Events, Self::Logs];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Receipts => "receipts",
            Self::Events => "events",
            Self::Logs => "logs",
        }
    }
}

/// One item of the feed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FeedItem {
    /// Its place.
    pub position: FeedPosition,
    /// Block time or, for lines of queries, the replica's clock: milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// What happened.
    pub content: FeedContent,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum FeedContent {
    /// A block became final.
    Block {
        /// Its header, certified.
        certified: Box<CertifiedHeader>,
        /// Entries it has.
        entries: u32,
        /// Commands it completed.
        receipts: u32,
    },
    /// A command completed.
    Receipt {
        /// The command.
        command: CommandId,
        /// Bytes of its sealed outcome.
        bytes: u32,
    },
    /// A contract emitted an event.
    Event {
        /// The command.
        command: CommandId,
        /// The event.
        event: Event,
    },
    /// A contract wrote a line.
    Log {
        /// The contract.
        contract: AccountId,
        /// The command; none for lines of queries.
        command: Option<CommandId>,
        /// The line.
        record: LogRecord,
    },
}

impl FeedContent {
    /// Its kind.
    pub const fn topic(&self) -> Topic {
        match self {
            Self::Block { .. } => Topic::Blocks,
            Self::Receipt { .. } => Topic::Receipts,
            Self::Event { .. } => Topic::Events,
            Self::Log { .. } => Topic::Logs,
        }
    }

    /// The contract it is of.
    pub const fn contract(&self) -> Option<&AccountId> {
        match self {
            Self::Event { event, .. } => Some(&event.contract),
            Self::Log { contract, .. } => Some(contract),
            Self::Block { .. } | Self::Receipt { .. } => None,
        }
    }
}

/// One message of a sealed stream.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct StreamMessage {
    /// Number of the message in its stream, from 0: none may be missing.
    pub number: u64,
    /// What it says.
    pub content: StreamContent,
}

/// What a message of a sealed stream says.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum StreamContent {
    /// An item.
    Item {
        /// The item.
        item: FeedItem,
        /// The replica's ed25519 signature over `crypto::feed_item_signing_bytes`.
        signature: Signature,
    },
    /// There is nothing more to tell before this place, at the moment. Also the heartbeat.
    Idle(FeedPosition),
    /// The subscriber was too slow: items from `missed` on are no longer kept; the stream goes on with `resume`.
    Lagged {
        /// First place that may be missing.
        missed: FeedPosition,
        /// First place that follows.
        resume: FeedPosition,
    },
    /// There is no stream; nothing follows.
    Refused(QueryRefusal),
}
