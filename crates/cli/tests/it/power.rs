//! The power fails under load, and the disk has lost what was not synced: the same must hold as after `kill -9`.
//!
//! The network runs with a library that writes down what it does to its data directory (`tallow_faultfs`). After each
//! death the directory is replaced by what a disk may still hold.

use crate::process::{Dev, Machine};
use crate::traffic::Traffic;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tallow_faultfs::{Disk, Loss, Shim, Tree, journal, unwatched};

/// Times the power fails, unless [`KILLS`] says otherwise.
const KILLS_DEFAULT: u64 = 20;
/// Environment variables: how often, and the seed that all choices follow from.
const KILLS: &str = "TALLOW_POWER_KILLS";
const SEED: &str = "TALLOW_POWER_SEED";
/// Milliseconds of load before the power fails: at least, and how many more.
const EARLIEST_MS: u64 = 20;
const SPREAD_MS: u64 = 400;
/// Milliseconds after the start in which it fails when it fails during the start.
const STARTING_MS: u64 = 900;

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

/// How the power fails in one round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Death {
    /// Under load, after so many milliseconds.
    Loaded(u64),
    /// During the start.
    Starting(u64),
    /// Right after an orderly stop.
    Stopped,
}

struct Plan {
    seed: u64,
}

impl Plan {
    fn new() -> Self {
        let now = || u64::from(std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos());
        Self { seed: setting(SEED).unwrap_or_else(now) }
    }

    /// A number below `bound`, of the round and what it is for.
    fn choose(&self, round: u64, purpose: &str, bound: u64) -> u64 {
        let digest = tallow_crypto::blake2b_256(format!("{} {round} {purpose}", self.seed).as_bytes());
        u64::from_le_bytes(digest[..8].try_into().unwrap()) % bound
    }

    fn death(&self, round: u64) -> Death {
        match round % 7 {
            3 => Death::Starting(self.choose(round, "time", STARTING_MS)),
            6 => Death::Stopped,
            _ => Death::Loaded(EARLIEST_MS + self.choose(round, "time", SPREAD_MS)),
        }
    }

    /// By turns everything unsynced is lost, and a part of it.
    fn loss(&self, round: u64) -> Loss {
        if round.is_multiple_of(2) { Loss::Unsynced } else { Loss::Some(self.choose(round, "loss", u64::MAX)) }
    }
}

/// The data directory and its shim.
struct Watched {
    data: PathBuf,
    shim: Shim,
}

impl Watched {
    fn new(machine: &Machine) -> Self {
        let data = PathBuf::from(machine.path("data"));
        fs::create_dir(&data).unwrap();
        let shim = Shim::new(&data, data.parent().unwrap()).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_tallow"));
        assert_eq!(unwatched(program, shim.library()).unwrap(), Vec::<String>::new(), "the shim must replace these");
        Self { data, shim }
    }

    fn command(&self, machine: &Machine) -> std::process::Command {
        let mut command = Dev::command(machine, &["--data-dir", self.data.to_str().unwrap()]);
        self.shim.watch(&mut command).unwrap();
        command
    }

    /// Makes the directory what the disk holds; `before` is what it held when the process was started.
    /// Says whether that is less than what was written.
    fn lose(&self, mut before: Disk, death: Death, loss: Loss) -> bool {
        before.replay(journal(&self.shim.journal().unwrap())).unwrap();
        if death == Death::Stopped {
            let differences = before.after(Loss::Nothing).differences(&Tree::read(&self.data).unwrap());
            assert_eq!(differences, Vec::<String>::new(), "the journal tells all that was done");
        }
        let rebuilt = self.data.with_extension("rebuilt");
        let left = before.after(loss);
        left.write(&rebuilt).unwrap();
        fs::remove_dir_all(&self.data).unwrap();
        fs::rename(&rebuilt, &self.data).unwrap();
        left != before.after(Loss::Nothing)
    }
}

#[test]
fn acknowledged_commands_survive_power_failures() {
    let machine = Machine::new();
    let watched = Watched::new(&machine);
    let plan = Plan::new();
    println!("{SEED}={} repeats the choices of this run", plan.seed);
    let kills = setting(KILLS).unwrap_or(KILLS_DEFAULT);
    let mut traffic = Traffic::new();
    let mut losses = 0;
    for round in 0..kills {
        let (death, loss) = (plan.death(round), plan.loss(round));
        println!("round {round}: {death:?}, {loss:?}, {} transfers so far", traffic.sent());
        let before = Disk::read(&watched.data).unwrap();
        let mut command = watched.command(&machine);
        match death {
            Death::Starting(after) => Dev::killed_while_it_starts(&mut command, Duration::from_millis(after)),
            Death::Stopped | Death::Loaded(_) => {
                let dev = Dev::spawn(&mut command);
                let client = traffic.check(&dev);
                traffic.run(&client, || match death {
                    Death::Loaded(after) => {
                        std::thread::sleep(Duration::from_millis(after));
                        dev.kill();
                    }
                    _ => assert_eq!(dev.terminate(), Some(0)),
                });
            }
        }
        losses += u64::from(watched.lose(before, death, loss));
    }
    let dev = Dev::spawn(&mut watched.command(&machine));
    let (transfers, contracts) = traffic.check_all(&dev);
    println!("{kills} failures of power, {losses} with a loss, {transfers} transfers, {contracts} contracts");
    assert!(losses * 4 >= kills, "the losses were real");
    assert!(transfers as u64 > 2 * kills && contracts > 0, "the load was real");
}
