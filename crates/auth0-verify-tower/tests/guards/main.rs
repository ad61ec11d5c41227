//! The guards from outside: asked over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing loudly; outside of #[test] functions clippy does not know that"
)]

// One contract for all adapters.
#[path = "../../../auth0-verify-actix/tests/guards/contract.rs"]
mod contract;
mod layer;
mod option;
mod service;
mod tenant;
#[path = "../../../auth0-verify-actix/tests/guards/world.rs"]
mod world;
