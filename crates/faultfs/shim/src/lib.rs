//! Replaces libc's functions that change files, for what lies below one directory. See `tallow_faultfs`.
//!
//! This is the one place of the project where functions of libc are replaced, and it is loaded by tests alone. Every
//! replacement does the same: it finds out whether the file lies below the watched directory, performs the system call
//! itself (libc's own function cannot be called by its name any more), and writes down what was done. Both happen under
//! one lock, so that the journal has the order in which things happened. A sync takes a moment and does nothing else: the
//! journal decides what is durable.
//!
//! A function that changes files and is not replaced here must not be used by a watched process: tests compare a
//! program's imports with what this library exports, and a directory with what the journal says of it.

#![cfg(target_os = "linux")]

mod calls;
mod journal;
mod replaced;
