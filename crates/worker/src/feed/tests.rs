//! The ring and its subscribers, without a cluster.

use super::ring::Ring;
use super::{Delivery, Feed, SavedFeed, SubscribeError, Subscriber, Wanted};
use crate::logs::Line;
use parity_scale_codec::{Decode, Encode};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tallow_types::limits::{
    BLOCKS_KEPT_MAX, FEED_BYTES_MAX, FEED_ITEMS_MAX, FEED_LINES_MAX, STREAM_BATCH_ITEMS_MAX, STREAMS_MAX,
};
use tallow_types::{
    AccountId, BlockDigest, CertifiedHeader, CommandId, Commitments, Event, FeedContent, FeedPosition, Hash, Header,
    LogRecord, Position, Topic, WorkerId,
};

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const OWN: AccountId = AccountId([1; 32]);
const OTHER: AccountId = AccountId([2; 32]);

fn block(height: u64) -> FeedContent {
    let header = Header {
        chain: Hash([3; 32]),
        epoch: 0,
        view: height,
        parent_view: height - 1,
        leader: WorkerId([4; 32]),
        parent: BlockDigest([5; 32]),
        position: Position { height, time_ms: height * 10 },
        entries: Hash([6; 32]),
        commitments: Commitments::default(),
    };
    let certified = Box::new(CertifiedHeader { header, descendants: vec![], certificate: vec![7] });
    FeedContent::Block { certified, entries: 1, receipts: 1 }
}

fn event(contract: AccountId, bytes: usize) -> FeedContent {
    FeedContent::Event { command: CommandId([8; 32]), event: Event { contract, topics: vec![], data: vec![0; bytes] } }
}

fn line(time_ms: u64, text: &str) -> Line {
    let record = LogRecord { sequence: 0, time_ms, height: 1, level: 3, text: text.to_owned() };
    Line { contract: OWN, command: None, record }
}

fn position(text: &str) -> FeedPosition {
    text.parse().unwrap()
}

/// A block with one receipt.
fn push_block(ring: &mut Ring, height: u64) {
    ring.begin(Position { height, time_ms: height * 10 });
    ring.push(block(height), true);
    ring.push(FeedContent::Receipt { command: CommandId([9; 32]), bytes: 100 }, true);
}

fn ring(blocks: u64) -> Ring {
    let mut ring = Ring::restore(SavedFeed::default(), 0);
    (1..=blocks).for_each(|height| push_block(&mut ring, height));
    ring
}

/// All places from `from` on that are wanted, however many reads that takes; panics when they are gone.
fn places(ring: &Ring, mut from: FeedPosition, wanted: &Wanted) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let batch = ring.read(from, wanted);
        assert_eq!(batch.gone, None);
        assert!(batch.items.len() <= STREAM_BATCH_ITEMS_MAX);
        found.extend(batch.items.iter().map(|kept| kept.item.position.to_string()));
        from = batch.next;
        if batch.ended {
            return found;
        }
    }
}

/// As a subscriber with these rights.
fn wanted(topics: &[Topic], contract: Option<AccountId>, confidential: bool) -> Wanted {
    Wanted { topics: Topic::ALL.map(|topic| topics.contains(&topic)), contract, confidential }
}

fn blocks_and_receipts() -> Wanted {
    wanted(&[Topic::Blocks, Topic::Receipts], None, false)
}

#[test]
fn places_grow_and_nothing_is_missing() {
    let ring = ring(3);
    let all = places(&ring, FeedPosition::default(), &blocks_and_receipts());
    assert_eq!(all, ["1-0", "1-1", "2-0", "2-1", "3-0", "3-1"]);
    assert_eq!(places(&ring, position("2-1"), &blocks_and_receipts()), all[3..]);
    assert_eq!(places(&ring, position("2-1").next(), &blocks_and_receipts()), all[4..]);
    assert_eq!(places(&ring, position("2-99"), &blocks_and_receipts()), all[4..]);
    assert!(places(&ring, ring.head(), &blocks_and_receipts()).is_empty());
    assert_eq!(places(&ring, position("2"), &wanted(&[Topic::Blocks], None, false)), ["2-0", "3-0"]);
}

#[test]
fn positions_are_strict_text() {
    for bad in ["", "-", "1-", "-1", "1-2-3", "+1", "0x1", "1 ", "18446744073709551616", "1-18446744073709551616"] {
        assert!(bad.parse::<FeedPosition>().is_err(), "{bad}");
    }
    for good in ["0-0", "7-3", "18446744073709551615-18446744073709551615"] {
        assert_eq!(position(good).to_string(), good);
        assert_eq!(position(good).previous().map_or(position(good), FeedPosition::next), position(good));
    }
}

#[test]
fn confidential_items_are_for_the_deployer() {
    let mut ring = ring(1);
    ring.push(event(OWN, 1), false);
    ring.push(event(OTHER, 1), true);
    ring.push_line(line(50, "x"));
    let events = [Topic::Events];
    let start = FeedPosition::default();
    assert_eq!(places(&ring, start, &wanted(&events, None, false)), ["1-3"], "the public ones of all");
    assert_eq!(places(&ring, start, &wanted(&events, Some(OWN), true)), ["1-2"]);
    assert!(places(&ring, start, &wanted(&events, Some(OWN), false)).is_empty());
    assert_eq!(places(&ring, start, &wanted(&events, Some(OTHER), false)), ["1-3"]);
    assert_eq!(places(&ring, start, &wanted(&[Topic::Logs], Some(OWN), true)).len(), 1);
    assert!(places(&ring, start, &wanted(&[Topic::Logs], Some(OTHER), true)).is_empty());
    assert!(places(&ring, start, &wanted(&[Topic::Logs], None, false)).is_empty());
}

#[test]
fn lines_of_queries_have_places_that_grow_over_a_restart() {
    let mut before = ring(2);
    before.push_line(line(1_000, "a"));
    before.push_line(line(1_000, "b"));
    let last = before.head().previous().unwrap();
    let mut after = Ring::restore(SavedFeed::decode(&mut &before.save(1).encode()[..]).unwrap(), 1);
    push_block(&mut after, 2);
    after.push_line(line(1_001, "c"));
    let logs = wanted(&[Topic::Logs], Some(OWN), true);
    assert_eq!(places(&after, last.next(), &logs).len(), 1, "later lines come behind those of before");
    push_block(&mut after, 3);
    assert_eq!(places(&after, last.next(), &blocks_and_receipts()), ["3-0", "3-1"]);
}

#[test]
fn what_is_saved_comes_back() {
    let mut before = ring(5);
    before.push(event(OWN, 10), false);
    let saved = before.save(4);
    let mut after = Ring::restore(SavedFeed::decode(&mut &saved.encode()[..]).unwrap(), 4);
    assert_eq!((after.height(), after.oldest(&blocks_and_receipts())), (4, FeedPosition::default()));
    push_block(&mut after, 5);
    after.push(event(OWN, 10), false);
    let all = wanted(&Topic::ALL, Some(OWN), true);
    assert_eq!(places(&after, FeedPosition::default(), &all), places(&before, FeedPosition::default(), &all));
    assert_eq!(after.blocks_below(u64::MAX, 100).len(), 5);
    assert!(after.block(3).is_some() && after.block(6).is_none());
    // A state without its feed: what came before is not there, and that is said.
    let bare = Ring::restore(SavedFeed::default(), 7);
    assert_eq!(bare.read(position("3-0"), &all).gone, Some(position("7-1")));
}

#[test]
fn the_ring_is_bounded_and_says_what_is_gone() {
    let blocks = FEED_ITEMS_MAX as u64 / 2 + 10;
    let ring = ring(blocks);
    assert_eq!(ring.oldest(&blocks_and_receipts()), position("10-2"));
    let gone = ring.read(position("10-1"), &blocks_and_receipts());
    assert_eq!((gone.gone, gone.items.len()), (Some(position("10-2")), 0));
    let kept = places(&ring, ring.oldest(&blocks_and_receipts()), &blocks_and_receipts());
    assert_eq!((kept.len(), kept[0].as_str()), (FEED_ITEMS_MAX, "11-0"));
    assert_eq!(ring.blocks_below(u64::MAX, usize::MAX).len(), BLOCKS_KEPT_MAX);
}

#[test]
fn large_items_count_by_their_bytes() {
    let mut ring = ring(1);
    let events = wanted(&[Topic::Events], None, false);
    let size = 64 * 1024;
    for _ in 0..2 * FEED_BYTES_MAX / size {
        ring.push(event(OWN, size), true);
    }
    let kept = places(&ring, ring.oldest(&events), &events).len();
    assert!((FEED_BYTES_MAX / size - 4..=FEED_BYTES_MAX / size).contains(&kept), "{kept}");
}

#[test]
fn lines_of_queries_take_no_room_from_other_items() {
    let mut ring = ring(2);
    for time_ms in 1..2_000 {
        ring.push_line(line(time_ms, &"x".repeat(100_000)));
    }
    push_block(&mut ring, 3);
    assert_eq!(ring.oldest(&blocks_and_receipts()), FeedPosition::default());
    assert_eq!(places(&ring, FeedPosition::default(), &blocks_and_receipts()).len(), 6);
    let all = places(&ring, FeedPosition::default(), &wanted(&Topic::ALL, Some(OWN), true));
    assert_eq!(all.len(), 8, "the newest lines are there");
    assert_eq!(all[3], "2-1", "in their place");
    assert_eq!(all[6], "3-0");
    let others = wanted(&Topic::ALL, Some(OTHER), true);
    assert_eq!(places(&ring, FeedPosition::default(), &others).len(), 6);
}

#[test]
fn what_one_contract_emits_takes_nothing_from_others() {
    let mut ring = ring(2);
    ring.push(event(OWN, 10), true);
    push_block(&mut ring, 3);
    for _ in 0..3 * FEED_BYTES_MAX / 100_000 {
        ring.push(event(OTHER, 100_000), false);
    }
    let start = FeedPosition::default();
    assert_eq!(places(&ring, start, &blocks_and_receipts()).len(), 6, "blocks and receipts are there");
    let all = |contract| wanted(&Topic::ALL, Some(contract), true);
    assert_eq!(places(&ring, start, &all(OWN)).len(), 7, "and what the other contract emitted");
    assert_eq!(places(&ring, start, &wanted(&[Topic::Events], None, false)), ["2-2"], "nothing public is gone");
    let oldest = ring.oldest(&all(OTHER));
    assert_eq!(ring.read(start, &all(OTHER)).gone, Some(oldest), "who wants it is told what is gone");
    assert!(oldest > position("3-1") && !places(&ring, oldest, &all(OTHER)).is_empty());
    let restored = Ring::restore(SavedFeed::decode(&mut &ring.save(3).encode()[..]).unwrap(), 3);
    assert_eq!(restored.oldest(&all(OTHER)), oldest);
    assert_eq!(places(&restored, start, &all(OWN)).len(), 7);
}

#[test]
fn lines_of_queries_are_bounded_by_number_too() {
    let mut ring = ring(1);
    (0..=FEED_LINES_MAX as u64).for_each(|time_ms| ring.push_line(line(time_ms, "x")));
    let logs = wanted(&[Topic::Logs], Some(OWN), true);
    assert_eq!(places(&ring, FeedPosition::default(), &logs).len(), FEED_LINES_MAX);
}

fn feed(blocks: u64) -> Arc<Feed> {
    let feed = Feed::new(SavedFeed::default(), 0);
    (1..=blocks).for_each(|height| push_block(&mut feed.write(), height));
    Arc::new(feed)
}

fn grow(feed: &Feed, height: u64) {
    push_block(&mut feed.write(), height);
    let head = feed.read_ring().head();
    feed.head.send_replace(head);
}

#[tokio::test]
async fn a_subscriber_gets_all_then_what_comes() {
    let feed = feed(2);
    let mut subscriber = Subscriber::new(&feed, CLIENT, blocks_and_receipts(), Some(position("1-1"))).unwrap();
    let Some(Delivery::Items(items)) = subscriber.next().await else { panic!("items") };
    assert_eq!(items.iter().map(|kept| kept.item.position.to_string()).collect::<Vec<_>>(), ["1-1", "2-0", "2-1"]);
    let Some(Delivery::Idle(next)) = subscriber.next().await else { panic!("it has all") };
    assert_eq!(next, position("2-2"));
    grow(&feed, 3);
    let Some(Delivery::Items(items)) = subscriber.next().await else { panic!("items") };
    assert_eq!(items.len(), 2);
}

#[tokio::test]
async fn a_slow_subscriber_is_told_what_it_missed() {
    let feed = feed(1);
    let mut subscriber = Subscriber::new(&feed, CLIENT, blocks_and_receipts(), Some(position("1-0"))).unwrap();
    let blocks = FEED_ITEMS_MAX as u64;
    (2..=blocks).for_each(|height| push_block(&mut feed.write(), height));
    let Some(Delivery::Lagged { missed, resume }) = subscriber.next().await else { panic!("it lagged") };
    assert_eq!((missed, resume), (position("1-0"), feed.bounds(&blocks_and_receipts()).0));
    let Some(Delivery::Items(items)) = subscriber.next().await else { panic!("it goes on") };
    assert!(items[0].item.position >= resume);
    let refused = Subscriber::new(&feed, CLIENT, blocks_and_receipts(), Some(position("1-0"))).err().unwrap();
    assert_eq!(refused, SubscribeError::Gone { oldest: resume });
}

#[tokio::test]
async fn subscribers_are_bounded_and_leave_their_places() {
    let feed = feed(1);
    let one = || Subscriber::new(&feed, CLIENT, blocks_and_receipts(), None);
    let all: Vec<Subscriber> = (0..STREAMS_MAX / 2).map(|_| one().unwrap()).collect();
    assert_eq!(one().err(), Some(SubscribeError::Full), "one client has half");
    let other = IpAddr::from([192, 0, 2, 2]);
    assert!(Subscriber::new(&feed, other, blocks_and_receipts(), None).is_ok(), "another has room");
    drop(all);
    assert!(one().is_ok());
    let far = Subscriber::new(&feed, CLIENT, blocks_and_receipts(), Some(position("99999-0"))).err();
    assert_eq!(far, Some(SubscribeError::Ahead { height: 1 }));
}
