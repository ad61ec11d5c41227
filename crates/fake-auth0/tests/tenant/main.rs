//! The tenant as its clients see it: over HTTP, with a client and a verifier that share no code with it.

mod binary;
mod client;
mod faults;
mod https;
mod keys;
mod people;
mod strict;
mod tokens;
