//! What a client does that binds its tokens to a key of its own (RFC 9449): proofs, good and spoilt.

mod bad_proof;
mod builder;
mod key;
mod shown_key;

pub(crate) use shown_key::shown_key;

pub use bad_proof::BadProof;
pub use builder::ProofBuilder;
pub use key::DpopKey;
