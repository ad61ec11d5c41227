//! Tokens bound to a key, and the proofs that their senders hold it: DPoP (RFC 9449).
//!
//! A [`DpopPolicy`] says whether such tokens are taken and what a proof must be made for;
//! [`Auth0Verifier::with_dpop`](crate::Auth0Verifier::with_dpop) judges by it, and
//! [`Challenger::with_dpop`](crate::Challenger::with_dpop) asks for proofs. Without a policy neither knows of DPoP.
//!
//! ```
//! use std::sync::Arc;
//!
//! use auth0_verify::dpop::{DpopMode, DpopPolicy, InMemoryReplayStore, PublicUrl};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = PublicUrl::parse("https://api.acme.com")?;
//! let policy = DpopPolicy::new(DpopMode::Allowed, url, Arc::new(InMemoryReplayStore::default()));
//! # let _ = policy;
//! # Ok(())
//! # }
//! ```

mod confirmation;
mod demand;
mod hash;
mod in_memory_replay_store;
mod mode;
mod policy;
mod proof;
mod proof_key;
mod public_url;
mod server_nonces;
mod thumbprint;
mod uri;

pub(crate) use confirmation::Confirmation;
pub(crate) use demand::Demand;
pub(crate) use proof::{ProofJudge, ProvenSender, UseOfProof};

pub use in_memory_replay_store::InMemoryReplayStore;
pub use mode::{DpopMode, DpopModeError};
pub use policy::DpopPolicy;
pub use public_url::{PublicUrl, PublicUrlError};
pub use server_nonces::{ServerNonces, WeakNonceSecret};
pub use thumbprint::KeyThumbprint;
