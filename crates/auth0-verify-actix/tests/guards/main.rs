//! The guards from outside: asked over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing loudly; outside of #[test] functions clippy does not know that"
)]

mod allocations;
mod contract;
mod option;
mod proofs;
mod rotation;
mod service;
mod tenant;
mod world;
