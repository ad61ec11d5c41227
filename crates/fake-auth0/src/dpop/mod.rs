//! What a client does that binds its tokens to a key of its own (RFC 9449): proofs, good and spoilt.

mod bad_proof;
mod builder;
mod key;

pub use bad_proof::BadProof;
pub use builder::ProofBuilder;
pub use key::DpopKey;
