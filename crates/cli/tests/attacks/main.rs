//! What an adversary did to a worker, done again to a real one (`tallow dev` in a process of its own): each test runs
//! one attack and asserts what its victim sees meanwhile. Run by `cargo xtask attacks`, one test at a time, since they
//! look at latency and memory.
#![allow(clippy::print_stdout, reason = "what a bystander saw, for whoever looks at a failure")]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod bystander;
mod edge;
mod frames;
mod ledger;
mod memory;
#[path = "../it/process.rs"]
#[allow(dead_code, reason = "shared with the other tests of the program, which use all of it")]
mod process;
#[path = "../it/raw.rs"]
#[allow(dead_code, reason = "shared with the other tests of the program, which use all of it")]
mod raw;
mod registry;
mod scene;
mod time;
