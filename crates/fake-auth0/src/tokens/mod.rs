//! Access tokens: the usual ones, the unusual ones, and every kind of bad one.

mod builder;
mod members;
mod signer;

pub use builder::{Dialect, TokenBuilder};
pub use signer::SigningKeyChoice;
