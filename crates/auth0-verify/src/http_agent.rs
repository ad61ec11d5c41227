//! The HTTP client that everything which asks Auth0 goes through.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::Issuer;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a request may take in all, from the name look-up to the last byte.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);

/// The machine's trusted certificates; `SSL_CERT_FILE` and `SSL_CERT_DIR` replace them.
static TRUSTED: LazyLock<RootCerts> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        log::warn!("trusted certificates: {error}");
    }
    if found.certs.is_empty() {
        log::warn!("no trusted certificates found: install ca-certificates or set SSL_CERT_FILE");
    }
    let certificates: Vec<_> = found.certs.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    RootCerts::from(certificates)
});

/// A client for one issuer: bounded in time, without redirects, through `HTTPS_PROXY` unless `NO_PROXY` says otherwise.
/// An issuer over plain HTTP is on this machine, so no proxy is asked for it.
pub(crate) fn agent_for(issuer: &Issuer) -> Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(TRUSTED.clone())
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .https_only(issuer.is_https())
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(TOTAL_TIMEOUT))
        .user_agent(concat!("authsync/", env!("CARGO_PKG_VERSION")));
    let config = if issuer.is_https() { config } else { config.proxy(None) };
    config.build().into()
}
