//! The agent: time limits, trust, redirects.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

use crate::loopback::is_plain_loopback;
use crate::proxy;

/// How long a connection may take to come about, a proxy and TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a request may take in all, from the name look-up to the last byte.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);

/// The machine's trusted certificates; `SSL_CERT_FILE` and `SSL_CERT_DIR` replace them. Read once.
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

/// A client for one Auth0 domain, given as the URL that its requests begin with. Cheap to clone; clones share their
/// connections.
///
/// Unless that URL is plain http to a loopback host, the client refuses plain http altogether.
#[must_use]
pub fn agent_for(base_url: &str) -> Agent {
    if is_plain_loopback(base_url) { agent(false, None) } else { agent(true, proxy::from_environment(base_url)) }
}

fn agent(https_only: bool, proxy: Option<Proxy>) -> Agent {
    // A tenant on this machine is never asked by TLS, and reading the certificates takes longer than the rest of a start.
    let trusted = if https_only { TRUSTED.clone() } else { RootCerts::from(Vec::<Certificate<'static>>::new()) };
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(trusted)
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .https_only(https_only)
        .proxy(proxy)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(TOTAL_TIMEOUT))
        .user_agent(concat!("authsync/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn plain_http_is_refused_unless_the_tenant_is_on_this_machine() {
        for base_url in ["https://acme.eu.auth0.com/", "http://acme.eu.auth0.com/", "acme.eu.auth0.com"] {
            let outcome = agent_for(base_url).get("http://acme.eu.auth0.com/.well-known/jwks.json").call();
            assert!(matches!(outcome, Err(ureq::Error::RequireHttpsOnly(_))), "{base_url}: {outcome:?}");
        }
    }

    #[test]
    fn a_tenant_on_this_machine_is_reached_without_a_proxy() {
        assert!(agent_for("http://127.0.0.1:4400/").config().proxy().is_none());
    }

    #[test]
    fn https_goes_through_the_proxy_by_connect() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://ada:s%40cret@{}", listener.local_addr().unwrap());
        let proxy = proxy::chosen(&|name| (name == "HTTPS_PROXY").then(|| url.clone()));
        let agent = agent(true, proxy.and_then(|chosen| chosen.towards("https://tenant.example.test/")));
        std::thread::scope(|scope| {
            let asking = scope.spawn(move || agent.get("https://tenant.example.test/x").call());
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            assert_eq!(lines.next().as_deref(), Some("CONNECT tenant.example.test:443 HTTP/1.1"));
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            // `ada:s@cret` in Base64 (RFC 7617 §2).
            let credentials = head.iter().find(|line| line.to_ascii_lowercase().starts_with("proxy-authorization"));
            assert!(credentials.is_some_and(|line| line.ends_with("YWRhOnNAY3JldA==")), "{head:?}");
            stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").unwrap();
            assert!(matches!(asking.join().unwrap(), Err(ureq::Error::ConnectProxyFailed(_))));
        });
    }
}
