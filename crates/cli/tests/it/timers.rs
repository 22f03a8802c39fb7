//! A contract's timers on a development network: on time, after a `kill -9`, and under new code.

use crate::process::{Dev, Machine, bundle};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tallow_abi::Bundle;

const PERIOD_MS: u64 = 500;
/// More than a restart misses.
const CATCH_UP: u32 = 100;
/// How late a firing may be on a machine that also runs other tests; an idle one takes a few milliseconds.
const LATE_MS: u64 = 2_000;

/// A contract with its one timer, as its deployer sees it.
struct Pulse<'a> {
    machine: &'a Machine,
    contract: String,
}

impl Pulse<'_> {
    fn call(&self, dev: &Dev, args: &[&str]) -> Value {
        self.machine.ok(dev, &[&["call", &self.contract], args].concat())
    }

    fn beats(&self, dev: &Dev) -> u64 {
        self.call(dev, &["beats"])["value"][0].as_u64().unwrap()
    }

    fn timer(&self, dev: &Dev) -> Value {
        let document = self.machine.ok(dev, &["timers", &self.contract]);
        let timers = document["timers"].as_array().unwrap();
        assert_eq!(timers.len(), 1, "{document}");
        timers[0].clone()
    }

    /// Waits for so many beats.
    fn reaches(&self, dev: &Dev, beats: u64) {
        let began = Instant::now();
        while self.beats(dev) < beats {
            assert!(began.elapsed() < Duration::from_secs(60), "{} of {beats} beats", self.beats(dev));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Checks that there was one beat for each time that was due: the first is told by the schedule, the next one by the
    /// timer, which must be the same before and after the beats are counted.
    fn one_beat_for_each_time(&self, dev: &Dev) {
        for _ in 0..50 {
            let (timer, beats, after) = (self.timer(dev), self.beats(dev), self.timer(dev));
            if timer["due_ms"] == after["due_ms"] {
                let since_first = field(&timer, "due_ms") - field(&timer["schedule"]["every"], "first_ms");
                assert_eq!(beats, since_first / PERIOD_MS, "{timer}");
                return;
            }
        }
        panic!("it never stands still");
    }

    fn stops(&self, dev: &Dev) {
        assert_eq!(self.call(dev, &["stop"])["value"], json!({ "Ok": true }));
        let beats = self.beats(dev);
        std::thread::sleep(Duration::from_millis(2 * PERIOD_MS));
        assert_eq!(self.beats(dev), beats);
        assert_eq!(self.machine.ok(dev, &["timers", &self.contract])["timers"], json!([]));
    }
}

fn field(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[test]
fn a_timer_fires_once_for_each_time_also_over_a_kill_and_under_new_code() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let deployed = machine.ok(&dev, &["deploy", &bundle("pulse"), "--args", "\"\""]);
    let pulse = Pulse { machine: &machine, contract: deployed["contract"].as_str().unwrap().to_owned() };
    pulse.call(&dev, &["start", &PERIOD_MS.to_string(), &CATCH_UP.to_string()]);
    pulse.reaches(&dev, 3);
    let last = pulse.timer(&dev)["last"].clone();
    assert_eq!(last["result"], json!("returned"));
    let late = field(&last, "ended_ms") - field(&last, "due_ms");
    assert!(late < LATE_MS, "{late} ms late");
    let receipt = machine.ok(&dev, &["receipt", last["command"].as_str().unwrap()]);
    assert_eq!((&receipt["flags"], receipt["gas_used"].as_u64()), (&json!(0), last["gas_used"].as_u64()));
    dev.kill();

    std::thread::sleep(Duration::from_millis(2 * PERIOD_MS));
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let before = pulse.beats(&dev);
    pulse.reaches(&dev, before + 3);

    let code = upload_another(&machine, &dev);
    pulse.call(&dev, &["upgrade", &code]);
    let before = pulse.beats(&dev);
    pulse.reaches(&dev, before + 3);
    pulse.one_beat_for_each_time(&dev);
    pulse.stops(&dev);

    let (code, refused) = machine.json(&dev, &["timers", &pulse.contract, "--from", "//Bob"]);
    assert_eq!((code, refused["hint"].as_str().unwrap().contains("--from")), (3, true), "{refused}");
}

/// The same contract as other code: its Wasm with a section that says nothing. Gives the code's hash.
fn upload_another(machine: &Machine, dev: &Dev) -> String {
    let mut document: Value = serde_json::from_slice(&std::fs::read(bundle("pulse")).unwrap()).unwrap();
    let mut wasm = Bundle::parse(document.to_string().as_bytes()).unwrap().wasm;
    wasm.extend(b"\x00\x05\x04note");
    let hash = format!("0x{}", hex::encode(tallow_crypto::code_hash(&wasm).0));
    document["source"]["wasm"] = format!("0x{}", hex::encode(&wasm)).into();
    document["source"]["hash"] = hash.clone().into();
    let other = machine.file("other.contract", document.to_string().as_bytes());
    machine.ok(dev, &["deploy", &other, "--args", "\"\""]);
    hash
}
