//! The server from outside: started as production starts it, asked over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing loudly; outside of #[test] functions clippy does not know that"
)]

mod client;
mod databases;
mod raw_connection;
mod spawn;
mod waiting;

mod bodies;
mod credentials;
mod errors;
mod keep_alive;
mod limits;
mod sync;
mod tokens;
mod verify;
