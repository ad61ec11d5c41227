//! What each fuzz target does with one input. The tests of `auth0-verify` include this file and call the same
//! functions with seeded input, so a target cannot rot between two long runs.
//!
//! Each body checks more than the absence of panics: what the verifier lets pass is read again, by `serde_json` into a
//! plain value, and judged by a few lines that share nothing with the verifier.

mod authorization_header;
mod claims;
mod dpop_proof;
mod header;
mod key_set;
mod members;
mod tenant;

pub use authorization_header::authorization_header;
pub use claims::claims;
pub use dpop_proof::dpop_proof;
pub use header::header;
pub use key_set::key_set;
