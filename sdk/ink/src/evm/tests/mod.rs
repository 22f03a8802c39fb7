//! Known vectors, and a chain in miniature.

mod encoding;
mod exactly_once;
mod host;
mod node;
mod requests;
