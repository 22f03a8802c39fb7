//! Decoding of a megabyte: one record as text or SCALE, over and over, into owned values.

use crate::mix;
use alloc::{string::String, vec::Vec};
use parity_scale_codec::{Compact, Decode, Encode};
use serde::Deserialize;

const BYTES: usize = 1 << 20;

#[derive(Encode, Decode)]
struct Transfer {
    from: [u8; 32],
    to: [u8; 32],
    value: u128,
    nonce: Compact<u64>,
    memo: Option<String>,
    approvals: Vec<(u32, bool)>,
    kind: Kind,
}

#[derive(Encode, Decode)]
enum Kind {
    Plain,
    Timed { from: u64, until: u64 },
    Batch(Vec<u16>),
}

fn transfers(seed: u64) -> Vec<u8> {
    let transfer = |index: u64, kind: Kind| Transfer {
        from: [seed as u8; 32],
        to: [index as u8; 32],
        value: u128::from(seed) << index,
        nonce: Compact(seed.wrapping_mul(index)),
        memo: index.is_multiple_of(2).then(|| String::from("for the rent of October, with thanks")),
        approvals: (0..index as u32).map(|number| (number, number.is_multiple_of(3))).collect(),
        kind,
    };
    let kinds = [Kind::Plain, Kind::Timed { from: seed, until: 9 }, Kind::Batch((0..12).collect()), Kind::Plain];
    let some: Vec<Vec<u8>> = (1..).zip(kinds).map(|(index, kind)| transfer(index, kind).encode()).collect();
    let some = some.concat();
    let rounds = BYTES / some.len();
    let mut bytes = Compact(4 * rounds as u32).encode();
    bytes.reserve(some.len() * rounds);
    (0..rounds).for_each(|_| bytes.extend_from_slice(&some));
    bytes
}

/// SCALE, as contracts read their input and storage.
pub(crate) fn scale(seed: u64) -> u64 {
    let bytes = transfers(seed);
    let all = Vec::<Transfer>::decode(&mut &bytes[..]).expect("what was encoded decodes");
    all.iter().fold(0, |sum, transfer| {
        let kind = match &transfer.kind {
            Kind::Plain => 0,
            Kind::Timed { from, until } => from ^ until,
            Kind::Batch(numbers) => numbers.iter().map(|number| u64::from(*number)).sum(),
        };
        let memo = transfer.memo.as_ref().map_or(0, String::len) as u64;
        let approvals = transfer.approvals.iter().filter(|approval| approval.1).count() as u64;
        let value = transfer.value as u64 ^ transfer.nonce.0 ^ u64::from(transfer.from[3] ^ transfer.to[7]);
        mix(sum, kind ^ memo ^ (approvals << 20) ^ value)
    })
}

#[derive(Deserialize)]
struct Trade<'a> {
    id: u64,
    symbol: &'a str,
    price: &'a str,
    quantity: i64,
    buyer_is_maker: bool,
    venue: Option<u16>,
    levels: Vec<(u32, u32)>,
}

/// JSON, as contracts read what a server answers.
pub(crate) fn json(seed: u64) -> u64 {
    let text = trades(seed);
    let (all, _) = serde_json_core::from_str::<Vec<Trade<'_>>>(&text).expect("the text is JSON");
    all.iter().fold(0, |sum, trade| {
        let levels = trade.levels.iter().map(|(price, volume)| u64::from(price ^ volume)).sum::<u64>();
        let words = (trade.symbol.len() + trade.price.len()) as u64 + u64::from(trade.venue.unwrap_or(7));
        mix(sum, trade.id ^ trade.quantity as u64 ^ levels ^ (words << 32) ^ u64::from(trade.buyer_is_maker))
    })
}

fn trades(seed: u64) -> String {
    let digit = char::from(b'1' + (seed % 9) as u8);
    let mut some = String::from(r#"{"id": 28457, "symbol": "BTCUSDT", "price": "67250.01000000", "quantity": -12, "#);
    some.push_str(r#""buyer_is_maker": true, "venue": null, "levels": [[6725, 12], [6726, 318], [6727, "#);
    some.push(digit);
    some.push_str(r#"]]}, {"id": 28458, "symbol": "ETHUSDT", "price": "3120.55000000", "quantity": 904, "#);
    some.push_str(r#""buyer_is_maker": false, "venue": 12, "levels": [[3120, 1200], [3121, 77]]}"#);
    let rounds = BYTES / (some.len() + 2);
    let mut text = String::with_capacity(BYTES);
    text.push('[');
    for round in 0..rounds {
        text.push_str(if round == 0 { "" } else { ", " });
        text.push_str(&some);
    }
    text.push(']');
    text
}
