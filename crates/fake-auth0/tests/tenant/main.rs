//! The tenant as its clients see it: over HTTP, with a client and a verifier that share no code with it.

mod client;
mod faults;
mod keys;
