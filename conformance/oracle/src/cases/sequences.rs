//! Random sequences of calls between four contracts: storage, events, balances, nested calls that return, revert, trap or
//! run out of gas, new contracts, new code, termination.

use super::{HASH, OUTPUT, scripts};
use crate::{Accounts, Entrance, Program, Step, cases::generated::Random, script::Script};

/// Gas of a callee that runs for ever.
const SPIN: u64 = 5_000_000_000;
/// Gas of a step, which no step uses up.
const GAS: u64 = 300_000_000_000;
/// Calls of one sequence.
const CALLS: usize = 12;
/// Nesting of scripts.
const DEPTH: u32 = 4;

/// The sequence of a seed.
pub fn program(seed: u64) -> Program {
    let mut random = Random::new(seed ^ 0x5e90_e11c_e5ea_51de);
    let mut program = scripts(format!("sequence {seed}"));
    let mut world = World { contracts: Vec::new(), codes: [program.code(0), program.code(1)] };
    for number in 0..4u8 {
        let address = program.make(usize::from(number % 2), &[number], Vec::new());
        world.contracts.push(address);
        program.steps.push(Step::call("fund", address, Vec::new()).value(random.below(10_000) as u128));
    }
    for number in 0..CALLS {
        let script = world.script(&mut random, DEPTH).bytes();
        let caller = *random.pick(&[Accounts::ALICE, Accounts::BOB]);
        let value = if random.below(4) == 0 { random.below(1_000) as u128 } else { 0 };
        let entrance = if random.below(10) == 0 {
            Entrance::Instantiate(random.below(2), vec![number as u8])
        } else {
            Entrance::Call(*random.pick(&world.contracts))
        };
        if let Entrance::Instantiate(module, salt) = &entrance {
            world.contracts.push(program.address_by(caller, *module, salt));
        }
        program.steps.push(Step { label: "sequence".into(), caller, entrance, value, gas: GAS, input: script });
    }
    program
}

/// What scripts may name.
struct World {
    contracts: Vec<[u8; 32]>,
    codes: [[u8; 32]; 2],
}

impl World {
    fn script(&self, random: &mut Random, depth: u32) -> Script {
        let count = 1 + random.below(5);
        let script = (0..count).fold(Script::new(), |script, _| self.act(script, random, depth));
        match random.below(12) {
            0 => script.end(1, 0, OUTPUT + 0x40),
            1 => script.trap(),
            3 => script,
            4 => script.end(2, 0, 4),
            _ => script.show(),
        }
    }

    fn act(&self, script: Script, random: &mut Random, depth: u32) -> Script {
        let key = [random.below(4) as u8; 32];
        let key = &key[..*random.pick(&[0, 1, 31, 32])];
        let result = 0x40 + 4 * random.below(16) as u32;
        let someone = *random.pick(&self.contracts);
        let account = *random.pick(&[Accounts::ALICE, Accounts::NOBODY, someone]);
        match random.below(if depth > 0 { 17 } else { 11 }) {
            0 | 1 => script.store(key, &vec![random.number() as u8; random.below(40)]),
            2 => script.load(key, result),
            3 => script.capacities(64).put(0x200, key).host(
                "seal0.take_storage",
                result,
                &[0x200, key.len() as u64, OUTPUT.into(), super::CAPACITY.into()],
            ),
            4 => script.event(&vec![[random.number() as u8; 32]; random.below(5)], &[random.number() as u8]),
            5 => script.send(account, random.below(2_000) as u128, result),
            6 => script.fact("seal0.balance", 0x404),
            7 => script.fact(["seal0.caller", "seal0.value_transferred", "seal0.address"][random.below(3)], 0x404),
            8 if random.below(3) == 0 => script.terminate(account),
            9 if random.below(2) == 0 => {
                script.put(HASH, &self.codes[random.below(2)]).host("seal0.set_code_hash", result, &[HASH.into()])
            }
            10 => script.host("seal0.clear_storage", result, &[0x200]),
            11..=13 => {
                let flags = *random.pick(&[0, 0, 0, 8, 8, 4, 12, 16]);
                let value = if random.below(3) == 0 { random.below(500) as u128 } else { 0 };
                let to = *random.pick(&self.contracts);
                if random.below(16) == 0 {
                    // With a limit of its own, and nothing before it: what gas buys differs between the sides.
                    return script.call_with_gas(flags & 8, to, value, SPIN, &Script::new().forever().bytes(), result);
                }
                script.call(flags, to, value, &self.script(random, depth - 1), result)
            }
            14 => script.delegate(
                *random.pick(&[0, 4]),
                *random.pick(&self.codes),
                &self.script(random, depth - 1),
                result,
            ),
            15 => {
                let nested = self.script(random, depth - 1);
                let salt = [random.below(6) as u8, 0x5a];
                script.instantiate(*random.pick(&self.codes), random.below(100) as u128, &nested, &salt, result)
            }
            _ => script.fact("seal0.block_number", 0x404),
        }
    }
}
