//! Guards for the routes of axum, tonic and whatever else takes a tower layer over the `http` crate's requests.
//!
//! A service puts one [`Gate`] together and lays a [`GuardLayer`] over its routes for each thing they ask for. The guard
//! judges the token before the body is read, and answers refusals itself: JSON `{"error", "message"}`, with
//! `WWW-Authenticate` and `Retry-After` where they belong. What it found out goes into the request's extensions:
//! [`Caller`], and [`CurrentUser`] where users are looked up. With the feature `axum` both are extractors, and so are their
//! `Option`s.
//!
//! ```no_run
//! # #[cfg(feature = "axum")]
//! # mod with_axum {
//! use std::sync::Arc;
//!
//! use auth0_verify::{Audience, Auth0Verifier, Challenger, Issuer, KeySource, TokenRules};
//! use auth0_verify_tower::{Caller, Gate, GuardLayer, Requirement};
//! use axum::{Router, routing::get};
//! use domain::SystemClock;
//!
//! async fn list(caller: Caller) -> String {
//!     format!("the notes of {}", caller.subject())
//! }
//!
//! fn routes() -> Result<Router, Box<dyn std::error::Error>> {
//!     let verifier = Auth0Verifier::over_http(
//!         TokenRules::for_audience(Audience::parse("https://api.acme.com")?),
//!         &KeySource::of(vec![Issuer::parse("acme.eu.auth0.com")?]),
//!         Arc::new(SystemClock::default()),
//!     )?;
//!     let gate = Gate::new(Arc::new(verifier), Challenger::for_realm("notes")?);
//!     let reading = GuardLayer::new(gate.require(Requirement::permission("read:notes")));
//!     Ok(Router::new().route("/notes", get(list).layer(reading)))
//! }
//! # }
//! ```
//!
//! # tonic
//!
//! A gRPC client makes of 401, 403 and 503 what gRPC calls `UNAUTHENTICATED`, `PERMISSION_DENIED` and `UNAVAILABLE`, so
//! the layer serves there as it is. A method finds the caller by `request.extensions().get::<Caller>()`.

mod caller;
mod current_user;
#[cfg(feature = "axum")]
mod extractors;
mod layer;
mod presented;
mod refused;
mod service;

pub use auth0_verify_tokio::{Denial, Gate, Guard, LogWatcher, Watcher};
pub use domain::Requirement;

pub use self::caller::Caller;
pub use self::current_user::CurrentUser;
pub use self::layer::GuardLayer;
pub use self::refused::Refused;
pub use self::service::{GuardBody, GuardService};
