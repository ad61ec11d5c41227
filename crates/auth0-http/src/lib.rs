//! The HTTP client that everything which asks Auth0 goes through.
//!
//! What this crate promises of an [`agent_for`] some base URL:
//!
//! - A connection comes about within [`CONNECT_TIMEOUT`], and a request is over within [`TOTAL_TIMEOUT`], from the name
//!   look-up to the last byte. A caller can shorten the latter for one request, never forget it.
//! - Redirects are not followed: whoever answers for Auth0 does so at Auth0's own address. The 3xx is the answer.
//! - Every status is an answer; an error means that there was none.
//! - TLS trusts the machine's authorities, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` in their place.
//! - Plain http reaches hosts on loopback alone, and no proxy stands between. Https goes through the proxy of
//!   `HTTPS_PROXY`, or else of `ALL_PROXY`, to all hosts that `NO_PROXY` does not name, nor
//!   a domain above them. `HTTP_PROXY` has no say.
//! - What is sent and received is never logged. The HTTP library would do so at the level `trace`, which is therefore
//!   compiled out of every program that links this crate.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let agent = auth0_http::agent_for("https://acme.eu.auth0.com/");
//! let answer = agent.get("https://acme.eu.auth0.com/.well-known/jwks.json").call()?;
//! assert_eq!(answer.status(), 200);
//! # Ok(())
//! # }
//! ```

mod agent;
mod loopback;
mod proxy;

pub use agent::{CONNECT_TIMEOUT, TOTAL_TIMEOUT, agent_for};
