//! Verification of Auth0's access tokens for asynchronous code on tokio, and guards for routes, with no web framework.
//!
//! - [`AsyncVerifier`] judges tokens without blocking.
//! - A [`Gate`] is what a service puts together once: the verifier, the challenges of its realm, the users table where it
//!   has one. It makes a [`Guard`] for each kind of route.
//! - A [`Guard`] comes to an [`Admission`] (who this is) or a [`Denial`] (the whole answer: status, headers, body).
//!
//! `auth0-verify-actix` and `auth0-verify-tower` put guards in front of routes. What a guard does and does not do is in
//! `docs/guards.md`.

mod admission;
mod admitting;
mod async_verifier;
mod denial;
mod gate;
mod guard;
mod turns;
mod watcher;

pub use admission::Admission;
pub use admitting::{Admitting, Waiting};
pub use async_verifier::AsyncVerifier;
pub use denial::Denial;
pub use gate::Gate;
pub use guard::Guard;
pub use watcher::{LogWatcher, Watcher};
