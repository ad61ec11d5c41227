//! Verifies Auth0 access tokens against the tenant's published keys.
//!
//! What this crate promises:
//!
//! - A [`VerifiedToken`](domain::VerifiedToken) comes out only of a JWS in compact form with an allowed asymmetric
//!   algorithm, signed by a key that the token's own issuer publishes, not expired, from a trusted issuer and for one
//!   of our audiences. Each rule, its clause and its test are listed in `docs/token-rules.md`.
//! - `jku`, `jwk`, `x5u` and `x5c` of a token are never read; its key comes from `<issuer>/.well-known/jwks.json` and
//!   nowhere else. The `jwk` of a proof ([`dpop`]) counts as far as the token names it by its thumbprint.
//! - Our own trouble is [`VerifyError::KeysUnavailable`](domain::VerifyError), never a rejection.
//! - A `kid` that is known never waits for the network, and made-up ones cause no more than two fetches and one per
//!   cooldown.
//!
//! The order of checks is: size and shape, header, claims, the proof of a bound token ([`dpop`]), key, signature, signature
//! of the proof, use of the proof. Whatever fails before the key causes neither a fetch nor a signature check.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use auth0_verify::{Audience, Auth0Verifier, Issuer, KeySource, TokenRules};
//! use domain::{AccessToken, Presented, SystemClock, TokenVerifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Auth0Verifier::over_http(
//!     TokenRules::for_audience(Audience::parse("https://api.acme.com")?),
//!     &KeySource::of(vec![Issuer::parse("acme.eu.auth0.com")?]),
//!     Arc::new(SystemClock::default()),
//! )?;
//! let caller = verifier.verify(&Presented::Bearer(AccessToken::new("eyJhbGciOi…")))?;
//! println!("{} until {}", caller.subject(), caller.expires_at().as_secs());
//! # Ok(())
//! # }
//! ```

mod algorithm;
mod cache_policy;
mod candidate;
mod challenge;
mod claims;
mod credentials;
pub mod dpop;
mod fetch_budget;
mod fetch_freshness;
mod fetch_ledger;
mod fetch_validator;
mod header;
mod issuer;
mod jwk;
mod key_answer;
mod key_archive;
mod key_cache;
mod key_fetch;
mod key_holding;
mod key_id;
mod key_lookup;
mod key_material;
mod key_refresher;
mod key_set;
mod key_source;
mod lifetime;
mod refresh_schedule;
mod refusal;
mod segment;
mod token_cache;
mod token_digest;
mod token_rules;
mod verifier;

pub use algorithm::{Algorithm, AlgorithmsError, AllowedAlgorithms};
pub use cache_policy::CachePolicy;
pub use challenge::{Challenger, NotQuotable};
pub use credentials::{Credentials, NotPresented};
pub use fetch_validator::Validator;
pub use issuer::{Audience, AudienceError, Issuer, IssuerError};
pub use jwk::{PublicKey, Unusable};
pub use key_answer::{AnsweredKeys, KeyAnswer};
pub use key_archive::KeyArchive;
pub use key_cache::KeyCache;
pub use key_fetch::{FetchError, HttpKeyFetcher, KeyFetcher};
pub use key_id::KeyId;
pub use key_lookup::{CachedKey, KeyLookupError, KeysUnavailable};
pub use key_refresher::KeyRefresher;
pub use key_set::{KeySet, KeySetError};
pub use key_source::{KeySource, TrustedIssuer};
pub use lifetime::Leeway;
pub use refusal::{Refusal, RefusalReason};
pub use token_rules::TokenRules;
pub use verifier::Auth0Verifier;
