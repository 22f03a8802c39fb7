//! Sending, through everything that may happen between a signature and its receipt.

use super::{
    host::{query, run, Answered, External, Log},
    node::Node,
};
use crate::{
    evm::{Account, Address, Call, Error, Outcome, Pending, CALLS_MAX},
    http,
};

fn account() -> Account {
    Account::new("http://node", 1, b"test")
}

fn call(number: u64) -> Call {
    Call { to: Address([7; 20]), value: 1, data: number.to_be_bytes().to_vec() }
}

/// Runs a command to its end; `answer` performs its calls.
fn complete<T>(command: u64, mut answer: impl FnMut(&External) -> Vec<Answered>, code: impl Fn() -> T) -> (T, Log) {
    let mut log = Log::new();
    loop {
        match run(command, &mut log, &code) {
            Ok(done) => return (done, log),
            Err(external) => {
                let answers = answer(&external);
                log.push((external, answers));
            }
        }
    }
}

fn asks(external: &External, method: &str) -> bool {
    external.requests.iter().any(|request| String::from_utf8_lossy(&request.3).contains(method))
}

fn automining() -> Node {
    Node { automine: true, base_fee: 1_000_000_000, ..Node::default() }
}

#[test]
fn a_transaction_is_mined_by_three_external_calls() {
    let mut node = automining();
    let (outcome, log) = complete(1, |external| node.perform(external), || account().send(&call(5)));
    let Ok(Outcome::Mined(receipt)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((receipt.block, receipt.success, log.len()), (1, true, 3));
    let mined = node.blocks[0].clone().expect("a transaction");
    assert_eq!((mined.hash, mined.to, mined.data), (receipt.hash, Address([7; 20]), call(5).data));
}

/// The worker dies after the node took the transaction and before the log knows, so the call is performed again; or its
/// connection breaks, and the log says that there was no answer.
#[test]
fn an_answer_that_is_lost_changes_nothing() {
    for broken in [false, true] {
        let mut node = automining();
        let twice = |external: &External| {
            let first = node.perform(external);
            if !asks(external, "eth_sendRawTransaction") {
                return first;
            }
            if broken {
                vec![Err(8)]
            } else {
                node.perform(external)
            }
        };
        let (outcome, _) = complete(1, twice, || account().send(&call(5)));
        assert!(matches!(outcome, Ok(Outcome::Mined(_))), "{outcome:?}");
        assert_eq!(node.blocks.len(), 1);
    }
}

#[test]
fn a_nonce_that_another_took_is_replaced() {
    let mut node = automining();
    let mut theft = 2;
    let answer = |external: &External| {
        if asks(external, "eth_sendRawTransaction") && theft > 0 {
            theft -= 1;
            node.mine_foreign();
        }
        node.perform(external)
    };
    let (outcome, log) = complete(1, answer, || account().send(&call(5)));
    let Ok(Outcome::Mined(receipt)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((receipt.block, node.blocks.len()), (3, 3));
    assert!(log.len() <= CALLS_MAX as usize, "{}", log.len());
}

#[test]
fn a_send_makes_no_more_calls_than_it_says() {
    let mut node = automining();
    let answer = |external: &External| {
        if asks(external, "eth_sendRawTransaction") {
            node.mine_foreign();
        }
        node.perform(external)
    };
    let (outcome, log) = complete(1, answer, || account().send(&call(5)));
    assert!(matches!(outcome, Ok(Outcome::Pending(_))), "it gives up: {outcome:?}");
    assert_eq!(log.len(), 12);
    let mut node = Node::default();
    let (_, log) = complete(1, |external| node.perform(external), || account().send(&call(5)));
    assert_eq!(log.len(), 5, "quote, hand in, three looks");
}

#[test]
fn what_the_node_refuses_and_does_not_have_is_an_error() {
    let mut node = Node { refusal: Some((-32003, "insufficient funds")), ..automining() };
    let (outcome, _) = complete(1, |external| node.perform(external), || account().send(&call(5)));
    assert_eq!(outcome, Err(Error::Refused { code: -32003, message: "insufficient funds".into() }));
}

/// Whatever the node says when a transaction is handed in again, it may have been taken the first time.
#[test]
fn a_pending_transaction_stays_until_the_chain_decides() {
    let mut node = Node::default();
    let (outcome, _) = complete(1, |external| node.perform(external), || account().send(&call(5)));
    let Ok(Outcome::Pending(pending)) = outcome else { panic!("{outcome:?}") };
    let resumed = |node: &mut Node| complete(2, |external| node.perform(external), || account().resume(&pending)).0;
    assert_eq!(resumed(&mut node), Ok(Outcome::Pending(pending.clone())), "not mined");
    node.pool.clear();
    node.refusal = Some((-32000, "out of memory"));
    assert_eq!(resumed(&mut node), Ok(Outcome::Pending(pending.clone())), "forgotten and refused");
    node.refusal = None;
    assert_eq!(resumed(&mut node), Ok(Outcome::Pending(pending.clone())), "taken again");
    node.mine();
    assert!(matches!(resumed(&mut node), Ok(Outcome::Mined(receipt)) if receipt.hash == pending.hash));
    assert_eq!(node.blocks.len(), 1);
    let unreachable = complete(3, |external| vec![Err(8); external.requests.len()], || account().resume(&pending)).0;
    assert_eq!(unreachable, Ok(Outcome::Pending(pending)), "no answers");
}

#[test]
fn a_lost_transaction_is_signed_anew_and_kept_before_it_is_handed_in() {
    let mut node = Node::default();
    let (pending, _) = complete(1, |external| node.perform(external), || account().sign(&call(5)));
    let pending = pending.expect("a transaction");
    node.mine_foreign();
    let (outcome, _) = complete(2, |external| node.perform(external), || account().resume(&pending));
    let Ok(Outcome::Pending(new)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((new.transaction.nonce, node.handed_in.contains(&new.hash)), (1, false));
    assert_eq!(new.transaction.call, pending.transaction.call);
}

#[test]
fn confirmations_are_waited_for_by_both_verdicts() {
    let account = || account().confirmations(2);
    let mut node = automining();
    let (outcome, _) = complete(1, |external| node.perform(external), || account().send(&call(5)));
    let Ok(Outcome::Pending(pending)) = outcome else { panic!("{outcome:?}") };
    node.mine();
    let resumed = |node: &mut Node, pending: &Pending| {
        complete(2, |external| node.perform(external), || account().resume(pending)).0
    };
    assert!(matches!(resumed(&mut node, &pending), Ok(Outcome::Pending(_))), "one block on top");
    node.mine();
    assert!(matches!(resumed(&mut node, &pending), Ok(Outcome::Mined(_))), "two");

    let mut node = Node::default();
    let (lost, _) = complete(3, |external| node.perform(external), || account().sign(&call(6)));
    let lost = lost.expect("a transaction");
    node.mine_foreign();
    for on_top in 0..3 {
        let Ok(Outcome::Pending(next)) = resumed(&mut node, &lost) else { panic!("not mined") };
        assert_eq!(next != lost, on_top == 2, "{on_top} blocks on top");
        node.mine();
    }
}

#[test]
fn queries_do_not_send() {
    assert_eq!(query(|| account().send(&call(5))), Err(Error::NotInCommand));
}

#[test]
fn a_node_that_is_away_or_talks_nonsense_is_an_error_before_anything_is_sent() {
    let send = || account().send(&call(5));
    let away = complete(1, |external| vec![Err(8); external.requests.len()], send).0;
    assert_eq!(away, Err(Error::Http(http::Error::Request(http::RequestError::NetworkError))));
    let texts = ["", "{}", "[]", r#"{"result":5}"#, r#"{"result":"0x"}"#, r#"{"result":"0xzz"}"#, r#"{"result":null}"#];
    for text in texts {
        let answer = |external: &External| {
            vec![Ok((200, String::new(), Vec::new(), text.as_bytes().to_vec())); external.requests.len()]
        };
        let nonsense = complete(1, answer, || account().sign(&call(5))).0;
        assert_eq!(nonsense, Err(Error::BadAnswer), "{text}");
    }
    let busy = |external: &External| vec![Ok((429, String::new(), Vec::new(), Vec::new())); external.requests.len()];
    assert_eq!(complete(1, busy, send).0, Err(Error::Http(http::Error::Status(429))));
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// A contract that posts, keeps what is pending, and resumes it; and its commands under way.
struct Contract {
    pending: Vec<(u64, Pending)>,
    waiting: Vec<(u64, Job, Log)>,
    settled: Vec<u64>,
    failed: Vec<u64>,
    next: u64,
}

#[derive(Clone, Copy)]
enum Job {
    Post(u64),
    Confirm,
}

enum Effect {
    Posted(Result<Outcome, Error>),
    Confirmed(Option<Result<Outcome, Error>>),
}

impl Contract {
    fn begin(&mut self, job: Job) {
        self.next += 1;
        self.waiting.push((self.next, job, Log::new()));
    }

    /// Runs one command with the answers it has, against the storage of now.
    fn step(&mut self, index: usize, answer: impl FnOnce(&External) -> Vec<Answered>) {
        let (command, job, mut log) = self.waiting.swap_remove(index);
        let first = self.pending.first().cloned();
        let ran = run(command, &mut log, || match job {
            Job::Post(number) => Effect::Posted(account().send(&call(number))),
            Job::Confirm => Effect::Confirmed(first.as_ref().map(|(_, pending)| account().resume(pending))),
        });
        match (ran, job) {
            (Err(external), _) => {
                let answers = answer(&external);
                log.push((external, answers));
                self.waiting.push((command, job, log));
            }
            (Ok(Effect::Posted(Ok(Outcome::Pending(pending)))), Job::Post(number)) => {
                self.pending.push((number, pending));
            }
            (Ok(Effect::Posted(Ok(Outcome::Mined(_)))), Job::Post(number)) => self.settled.push(number),
            (Ok(Effect::Posted(Err(_))), Job::Post(number)) => self.failed.push(number),
            (Ok(Effect::Confirmed(Some(Ok(Outcome::Mined(_))))), _) => self.settled.push(self.pending.remove(0).0),
            (Ok(Effect::Confirmed(Some(Ok(Outcome::Pending(new))))), _) => self.pending[0].1 = new,
            (Ok(_), _) => {}
        }
    }
}

/// Commands at the same time, some resuming the same transaction; answers lost, calls performed twice, blocks and
/// foreign transactions at any moment: every post that did not fail is in the chain once, every other not at all.
#[test]
fn any_order_of_events_sends_exactly_once() {
    const POSTS: u64 = 6;
    let mut conflicts = 0;
    for seed in 0..60 {
        let (mut dice, mut node) = (Dice(seed), Node { base_fee: 1_000_000_000, ..Node::default() });
        let (pending, waiting, settled, failed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut contract = Contract { pending, waiting, settled, failed, next: seed << 32 };
        (0..POSTS).for_each(|number| contract.begin(Job::Post(number)));
        let mut foreign = 0;
        for round in 0.. {
            assert!(round < 20_000, "seed {seed} ends: {:?}", contract.pending);
            match dice.roll(12) {
                0 | 1 => node.mine(),
                2 if foreign < 3 => {
                    node.mine_foreign();
                    foreign += 1;
                }
                3 => node.base_fee = u128::from(dice.roll(3) + 1) * 1_000_000_000,
                4 if contract.waiting.len() < 4 => contract.begin(Job::Confirm),
                _ => {}
            }
            if contract.waiting.is_empty() && contract.pending.is_empty() {
                break;
            }
            if contract.waiting.is_empty() {
                continue;
            }
            let index = dice.roll(contract.waiting.len() as u64) as usize;
            contract.step(index, |external| {
                let answers = node.perform(external);
                match dice.roll(8) {
                    0 => node.perform(external),
                    1 => vec![Err(8); answers.len()],
                    _ => answers,
                }
            });
        }
        let mined = node.blocks.iter().flatten().filter(|taken| taken.data != b"foreign");
        let mut mined: Vec<u64> =
            mined.map(|taken| u64::from_be_bytes(taken.data[..].try_into().expect("a number"))).collect();
        mined.sort_unstable();
        contract.settled.sort_unstable();
        assert_eq!(mined, contract.settled, "seed {seed}");
        assert_eq!(contract.settled.len() + contract.failed.len(), POSTS as usize, "seed {seed}");
        let mut signed = node.handed_in.clone();
        signed.sort_unstable();
        signed.dedup();
        conflicts += signed.len().saturating_sub(mined.len());
    }
    assert!(conflicts > 60, "nonces were fought for: {conflicts}");
}
