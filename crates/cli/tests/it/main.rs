//! The program `tallow`, from outside: exit codes, texts, files, and whole networks over real sockets.

mod files;
mod network;
mod process;
mod restart;
mod scenarios;
mod usage;
