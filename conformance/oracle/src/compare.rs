//! Runs programs on both sides.

use crate::{Accounts, Entrance, Observed, Pallet, Program, Side, State, Step, Tallow, sides::Call};
use std::sync::OnceLock;
use tallow_engine::{Engine, EngineConfig, Profile};

/// A step on which the sides disagree.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The program's name.
    pub program: String,
    /// Number of the step; an upload has the number of its module.
    pub step: usize,
    /// The step's label.
    pub label: String,
    /// What differs: `outcome`, `output`, `events`, `debug`, `created`, `balances`, `contracts`, `storage`, `upload`.
    pub what: &'static str,
    /// What the reference did: `ok`, `reverted` or an error's name; beyond that, what differs in full.
    pub reference: (String, String),
    /// What Tallow did.
    pub tallow: (String, String),
}

/// What a comparison found.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Steps compared, uploads included.
    pub steps: usize,
    /// Where the sides disagree.
    pub mismatches: Vec<Mismatch>,
    /// Labels of steps that both sides ended in the same error.
    pub errors: usize,
}

/// The engines of both profiles.
pub(crate) fn engines() -> &'static [Engine; 2] {
    static ENGINES: OnceLock<[Engine; 2]> = OnceLock::new();
    ENGINES.get_or_init(|| {
        [Profile::Default, Profile::SmallAddressSpace].map(|profile| {
            Engine::new(EngineConfig { profile, max_instances: Some(512), ..Default::default() })
                .expect("the machine holds a few instances")
        })
    })
}

/// Runs a program on the reference and on both profiles of the engine, which must agree with each other in everything,
/// gas included.
pub fn compare(program: &Program) -> Comparison {
    compare_with(program, engines())
}

/// As [`compare`]; also returns what was seen at each step, on the reference and here.
pub(crate) fn compare_seen(program: &Program) -> (Comparison, Vec<(Observed, Observed)>) {
    let mut seen = Vec::new();
    let found = run(program, engines(), |theirs, ours| seen.push((theirs.clone(), ours.clone())));
    (found, seen)
}

/// As [`compare`], with these engines: the first is compared with the reference, the others with the first.
pub fn compare_with(program: &Program, engines: &[Engine]) -> Comparison {
    run(program, engines, |_, _| ())
}

fn run(program: &Program, engines: &[Engine], mut witness: impl FnMut(&Observed, &Observed)) -> Comparison {
    let mut pallet = Pallet::default();
    let mut tallows: Vec<_> = engines.iter().cloned().map(Tallow::new).collect();
    let mut found = Comparison::default();
    for (number, wasm) in program.modules.iter().enumerate() {
        let stored = pallet.upload(wasm);
        for tallow in &mut tallows {
            let ours = tallow.upload(wasm);
            if ours != stored {
                let text = |it: &Result<[u8; 32], String>| (it.clone().err().unwrap_or("ok".into()), String::new());
                let what = "upload";
                found.mismatches.push(note(program, number, what, what, (text(&stored), text(&ours))));
            }
        }
        found.steps += 1;
    }
    for account in [Accounts::ALICE, Accounts::BOB] {
        fund(&mut pallet, &mut tallows, account, Accounts::BALANCE);
    }
    for (account, balance) in &program.balances {
        fund(&mut pallet, &mut tallows, *account, *balance);
    }
    for (number, step) in program.steps.iter().enumerate() {
        found.steps += 1;
        let theirs = perform(&mut pallet, program, step);
        let all: Vec<_> = tallows.iter_mut().map(|tallow| perform(tallow, program, step)).collect();
        let ours = &all[0];
        witness(&theirs, ours);
        let states = (pallet.state(), tallows[0].state());
        found.errors += usize::from(theirs.result.is_err() && theirs.result == ours.result);
        let mut differing: Vec<_> = differences(&theirs, ours, &states.0, &states.1).collect();
        for (other, side) in all.iter().zip(&mut tallows).skip(1) {
            if other != ours || side.state() != states.1 {
                differing.push(("profiles", format!("{ours:?}"), format!("{other:?}")));
            }
        }
        let [first, rest @ ..] = &tallows[..] else { continue };
        if let Some(other) = rest.iter().find(|other| other.gas != first.gas) {
            differing.push(("profiles", format!("gas {:?}", first.gas), format!("gas {:?}", other.gas)));
        }
        let spoilt = |what| ["balances", "contracts", "storage", "created", "profiles"].contains(&what);
        if differing.iter().any(|(what, ..)| *what == "outcome") {
            // Whatever else differs follows from that.
            differing.retain(|(what, ..)| ["outcome", "profiles"].contains(what));
        }
        let stop = states.0 != states.1 || differing.iter().any(|(what, ..)| spoilt(*what));
        for (what, x, y) in differing {
            found.mismatches.push(note(program, number, &step.label, what, ((ending(&theirs), x), (ending(ours), y))));
        }
        if stop {
            // What this step has spoilt would show in every one after it.
            break;
        }
    }
    found
}

type Sides = ((String, String), (String, String));

fn note(program: &Program, step: usize, label: &str, what: &'static str, (reference, tallow): Sides) -> Mismatch {
    Mismatch { program: program.name.clone(), step, label: label.into(), what, reference, tallow }
}

fn fund(pallet: &mut Pallet, tallows: &mut [Tallow], account: [u8; 32], balance: u128) {
    pallet.set_balance(account, balance);
    for tallow in tallows {
        tallow.set_balance(account, balance);
    }
}

fn perform(side: &mut impl Side, program: &Program, step: &Step) -> Observed {
    let call = Call { caller: step.caller, value: step.value, gas: step.gas, input: &step.input };
    match &step.entrance {
        Entrance::Instantiate(module, salt) => side.instantiate(call, program.code(*module), salt),
        Entrance::Call(contract) => side.call(call, *contract),
    }
}

/// How it ended, in a word.
fn ending(seen: &Observed) -> String {
    match &seen.result {
        Ok((flags, _)) if flags & 1 == 0 => "ok".into(),
        Ok(_) => "reverted".into(),
        Err(name) => name.clone(),
    }
}

type Difference = (&'static str, String, String);

fn differences(a: &Observed, b: &Observed, left: &State, right: &State) -> impl Iterator<Item = Difference> {
    fn unequal<T: PartialEq + std::fmt::Debug>(what: &'static str, a: &T, b: &T) -> Option<Difference> {
        (a != b).then(|| (what, format!("{a:?}"), format!("{b:?}")))
    }
    let result = match (&a.result, &b.result) {
        (Ok(x), Ok(y)) if x.0 == y.0 => unequal("output", &hex(&x.1), &hex(&y.1)),
        (x, y) => unequal("outcome", x, y),
    };
    [
        result,
        unequal("events", &a.events, &b.events),
        unequal("debug", &String::from_utf8_lossy(&a.debug), &String::from_utf8_lossy(&b.debug)),
        unequal("created", &a.created, &b.created),
        unequal("balances", &left.balances, &right.balances),
        unequal("contracts", &left.contracts, &right.contracts),
        unequal("storage", &left.storage, &right.storage),
    ]
    .into_iter()
    .flatten()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
