//! The program `tallow`, from outside: exit codes, texts, files, and whole networks over real sockets.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod accounts;
mod crash;
mod evm;
mod files;
mod golden;
mod golden_files;
mod golden_network;
mod golden_servers;
mod hostile;
mod inspection;
mod keystore;
mod money;
mod network;
mod operate;
mod owners;
#[cfg(target_os = "linux")]
mod power;
mod privacy;
mod process;
mod projects;
mod raw;
mod restart;
mod rude;
mod scenarios;
#[cfg(target_os = "linux")]
mod space;
mod streams;
mod timers;
mod traffic;
mod usage;
mod verify;
mod versions;
mod wallets;
