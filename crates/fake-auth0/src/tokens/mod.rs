//! Access tokens: the usual ones, the unusual ones, and every kind of bad one.

mod bad_token;
mod builder;
mod dialect;
mod good_token;
pub(crate) mod members;
mod signer;
mod special_token;

pub use bad_token::BadToken;
pub use builder::TokenBuilder;
pub use dialect::Dialect;
pub use good_token::GoodToken;
pub use signer::SigningKeyChoice;
pub use special_token::SpecialToken;
