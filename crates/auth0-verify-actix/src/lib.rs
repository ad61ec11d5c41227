//! Guards for the routes of an actix-web service.
//!
//! A service puts one [`Gate`] together and wraps its routes, resources or scopes in what they ask for. The guard judges
//! the token before the body is read, and answers refusals itself: JSON `{"error", "message"}`, with `WWW-Authenticate`
//! and `Retry-After` where they belong. Handlers take [`Caller`] or [`CurrentUser`]; both only read what a guard left.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use actix_web::{App, HttpServer, web};
//! use auth0_verify::{Audience, Auth0Verifier, Challenger, Issuer, KeySource, TokenRules};
//! use auth0_verify_actix::{Caller, Gate, Guarded, Requirement};
//! use domain::SystemClock;
//!
//! async fn list(caller: Caller) -> String {
//!     format!("the notes of {}", caller.subject())
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let verifier = Auth0Verifier::over_http(
//!         TokenRules::for_audience(Audience::parse("https://api.acme.com")?),
//!         &KeySource::of(vec![Issuer::parse("acme.eu.auth0.com")?]),
//!         Arc::new(SystemClock::default()),
//!     )?;
//!     let gate = Gate::new(Arc::new(verifier), Challenger::for_realm("notes")?);
//!     let server = HttpServer::new(move || {
//!         let reading = Guarded::by(gate.require(Requirement::permission("read:notes")));
//!         App::new().service(web::resource("/notes").route(web::get().to(list).wrap(reading)))
//!     });
//!     Ok(server.bind("127.0.0.1:8081")?.run().await?)
//! }
//! ```
//!
//! # `Option`
//!
//! actix-web makes an `Option` of any extractor and drops the reason of a failure. Behind a guard of
//! [`Gate::optional_token`] that is right: `Option<Caller>` is `None` only where no token came, because the guard has
//! refused bad tokens already; `Option<CurrentUser>` is, too, where that guard looks users up
//! ([`Guard::with_user`]). Without a guard both are always `None`, and the log says so as an error.

mod caller;
mod current_user;
mod guarded;
mod guarded_future;
mod presented;
mod refused;

pub use auth0_verify_tokio::{Denial, Gate, Guard, LogWatcher, Watcher};
pub use domain::Requirement;

pub use self::caller::Caller;
pub use self::current_user::CurrentUser;
pub use self::guarded::Guarded;
pub use self::presented::{credentials_of, target_of};
pub use self::refused::Refused;
