//! Real contracts: the committed bundles of ink! 5.1 contracts.

use super::{steps::ok, world::*};
use crate::{AnsweredCall, Execution, Invocation, Step, Target};
use parity_scale_codec::Encode;
use std::sync::Arc;
use tallow_types::{AccountId, CallError, ExternalCall, limits::CALL_TIME_MS_MAX};

const FLIPPER: &str = include_str!("../../../../contracts/bundles/flipper.contract");
const BTC_BOT: &str = include_str!("../../../../contracts/bundles/btc-bot.contract");
const PROBE: &str = include_str!("../../../../contracts/bundles/probe.contract");

/// A contract with the world it lives in.
struct Deployed {
    world: TestWorld,
    address: AccountId,
    spec: serde_json::Value,
}

impl Deployed {
    fn new(bundle: &str, arguments: impl Encode) -> Self {
        let bundle: serde_json::Value = serde_json::from_str(bundle).unwrap();
        let wasm = hex::decode(bundle["source"]["wasm"].as_str().unwrap().trim_start_matches("0x")).unwrap();
        let mut world = TestWorld::new();
        let code = engine().prepare(&wasm).unwrap();
        let hash = code.hash();
        world.codes.insert(hash, code);
        let spec = bundle["spec"].clone();
        let input = [selector(&spec["constructors"], "new"), arguments.encode()].concat();
        let target = Target::Instantiate { code: hash, salt: vec![], compat: Default::default(), public_events: false };
        let invocation = Invocation { target, ..message(ALICE, &input) };
        let execution = run(&engine(), &world, command(vec![]), invocation);
        world.apply(&execution);
        let address = execution.result.unwrap().created.unwrap();
        Self { world, address, spec }
    }

    fn message(&self, name: &str, arguments: impl Encode) -> Invocation {
        let input = [selector(&self.spec["messages"], name), arguments.encode()].concat();
        message(self.address, &input)
    }

    fn command(&mut self, name: &str, arguments: impl Encode) -> Execution {
        let execution = run(&engine(), &self.world, command(vec![]), self.message(name, arguments));
        self.world.apply(&execution);
        execution
    }

    fn query(&self, name: &str, arguments: impl Encode) -> Vec<u8> {
        data(&run(&engine(), &self.world, query(), self.message(name, arguments))).to_vec()
    }
}

fn selector(items: &serde_json::Value, name: &str) -> Vec<u8> {
    let item = items.as_array().unwrap().iter().find(|item| item["label"] == name).unwrap();
    hex::decode(item["selector"].as_str().unwrap().trim_start_matches("0x")).unwrap()
}

#[test]
fn the_flipper_flips() {
    let mut flipper = Deployed::new(FLIPPER, true);
    assert_eq!(flipper.query("get", ()), [0, 1]);
    assert_eq!(data(&flipper.command("flip", ())), [0]);
    assert_eq!(flipper.query("get", ()), [0, 0]);
    let unknown = run(&engine(), &flipper.world, command(vec![]), message(flipper.address, &[1, 2, 3, 4]));
    // ink! answers a message it does not know with a reverted `CouldNotReadInput`.
    assert_eq!((data(&unknown), unknown.result.as_ref().unwrap().flags), (&[1, 1][..], 1));
}

#[test]
fn the_price_bot_reports_through_two_recorded_calls() {
    let texts = ["http://price", "http://telegram", "token", "chat"].map(str::to_owned);
    let mut bot = Deployed::new(BTC_BOT, texts);
    let bodies = [&br#"{"data":{"amount":"67123.45","base":"BTC","currency":"USD"}}"#[..], br#"{"ok":true}"#];
    let mut answers: Vec<AnsweredCall> = Vec::new();
    for (number, body) in (0..).zip(bodies) {
        let world = Arc::new(bot.world.clone());
        let step = engine().run_to_end(world, environment(), command(answers.clone()), bot.message("report", ()));
        let Step::External { index, call, .. } = step.unwrap() else { panic!("expected a call") };
        assert_eq!(index, number);
        let ExternalCall::Http { timeout_ms, .. } = &call;
        assert!(*timeout_ms <= CALL_TIME_MS_MAX);
        answers.push(AnsweredCall { call, answer: ok(body) });
    }
    let execution = run(&engine(), &bot.world, command(answers), bot.message("report", ()));
    assert_eq!(data(&execution), (0u8, 0u8, 6_712_345u64).encode());
    assert_eq!((execution.calls, execution.logs[0].text.as_str()), (2, "reported BTC-USD 67123.45"));
    bot.world.apply(&execution);
    assert_eq!(bot.query("history", ()), (0u8, vec![(NOW, 6_712_345u64)]).encode());
}

#[test]
fn the_price_bot_obeys_its_owner_alone() {
    let texts = ["http://price", "http://telegram", "token", "chat"].map(str::to_owned);
    let bot = Deployed::new(BTC_BOT, texts);
    let stranger = Invocation { caller: AccountId([0xee; 32]), ..bot.message("set_chat", "other") };
    let execution = run(&engine(), &bot.world, command(vec![]), stranger);
    assert!(execution.result.unwrap().reverted());
    assert!(execution.changes.storage.is_empty());
}

#[test]
fn the_probe_survives_its_own_tricks() {
    let mut probe = Deployed::new(PROBE, ());
    assert_eq!(error(&probe.command("spin", ())), CallError::OutOfGas);
    assert!(matches!(error(&probe.command("trap", ())), CallError::ContractTrapped(_)));
    assert!(probe.command("set", 5u32).result.is_ok());
    assert!(probe.command("set_and_trap", 6u32).result.is_err());
    let kept = probe.query("get", ());
    assert_eq!(kept[..5], [0, 5, 0, 0, 0]);
}
