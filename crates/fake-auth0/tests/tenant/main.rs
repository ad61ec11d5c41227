//! The tenant as its clients see it: over HTTP, with a client and a verifier that share no code with it.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what the tests stand on fails as loudly as the tests"
)]

mod binary;
mod budget;
mod client;
mod deliveries;
mod developer;
mod event_feed;
mod exports;
mod faults;
mod https;
mod import_hashes;
mod imports;
mod keys;
mod login_authorize;
mod login_binary;
mod login_cross_origin;
mod login_dpop;
mod login_logout;
mod login_refresh;
mod login_tokens;
mod login_visitor;
mod management;
mod people;
mod readme;
mod receiver;
mod strict;
mod tokens;
