//! Keys: what signs, where it comes from, and what the tenant publishes.

mod answer_headers;
pub(crate) mod cube_root;
mod key_pool;
mod key_ring;
mod material;
mod published;
pub(crate) mod short_rsa;
mod signing_key;

pub(crate) use answer_headers::AnswerHeaders;
pub(crate) use key_ring::KeyRing;
pub use key_ring::{KeyInfo, KeyRole};
pub(crate) use published::PublishedKeys;
pub use signing_key::SigningKey;
