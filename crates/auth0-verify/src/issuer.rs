//! Who may issue tokens (`iss`), and for whom (`aud`).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The issuer of a tenant or custom domain: `https://<domain>/`, with the slash that Auth0 puts at the end.
///
/// Compared byte for byte with `iss` (RFC 7519 §4.1.1, RFC 9068 §4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer {
    url: Box<str>,
}

/// The text is no domain of an issuer. It says what is expected and never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// Not a host name with an optional port.
    #[error("expected a domain as Auth0 shows it, such as acme.eu.auth0.com, with a port if need be and no path")]
    NotADomain,
    /// `http://` for a host that is not this machine.
    #[error("http:// is accepted for a loopback host only, such as http://127.0.0.1:4400; leave it out otherwise")]
    PlainHttp,
}

impl Issuer {
    /// Takes a domain as Auth0 shows it: `acme.eu.auth0.com`, `login.acme.com`, `localhost:4400`. `https://` in front
    /// and one slash behind are tolerated; `http://` is for a tenant on this machine.
    ///
    /// # Errors
    /// [`IssuerError`] says what is expected.
    pub fn parse(domain: &str) -> Result<Self, IssuerError> {
        let domain = domain.trim().to_ascii_lowercase();
        let (scheme, rest) = match domain.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
            Some(_) => return Err(IssuerError::NotADomain),
            None => ("https", domain.as_str()),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let host = host_of(authority).ok_or(IssuerError::NotADomain)?;
        if scheme == "http" && !is_loopback(host) {
            return Err(IssuerError::PlainHttp);
        }
        Ok(Self { url: format!("{scheme}://{authority}/").into() })
    }

    /// The `iss` that its tokens carry, with the slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Its web origin (RFC 6454): the issuer without the slash.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.url.trim_end_matches('/')
    }

    /// Where it publishes its keys. The path is fixed, so no discovery document can point elsewhere.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}.well-known/jwks.json", self.url)
    }

    /// Whether it is reached over TLS; false only for a tenant on this machine.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// The host in `host[:port]`, if both are well formed.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rsplit_once(':') {
        // In `[::1]` the last colon belongs to the address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port_fits = port.is_none_or(|port| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|number| number != 0)
    });
    (port_fits && is_host(host)).then_some(host)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<Ipv4Addr>().is_ok_and(|v4| v4.is_loopback())
        || address.parse::<Ipv6Addr>().is_ok_and(|v6| v6.is_loopback())
}

/// The API identifier that a token must be meant for: one value of its `aud` (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Audience(Box<str>);

/// The text is no API identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the identifier of the API as Auth0 shows it, such as https://api.acme.com")]
pub struct AudienceError;

impl Audience {
    /// Takes the identifier; Auth0 allows any text, so only emptiness and control characters are refused.
    ///
    /// # Errors
    /// [`AudienceError`] says what is expected.
    pub fn parse(identifier: &str) -> Result<Self, AudienceError> {
        let identifier = identifier.trim();
        if identifier.is_empty() || identifier.chars().any(char::is_control) {
            return Err(AudienceError);
        }
        Ok(Self(identifier.into()))
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(domain: &str) -> Result<String, IssuerError> {
        Issuer::parse(domain).map(|issuer| issuer.as_str().to_owned())
    }

    #[test]
    fn a_domain_becomes_an_https_issuer_with_a_slash() {
        for (domain, issuer) in [
            ("acme.eu.auth0.com", "https://acme.eu.auth0.com/"),
            (" Acme.EU.auth0.com ", "https://acme.eu.auth0.com/"),
            ("https://login.acme.com/", "https://login.acme.com/"),
            ("localhost:4400", "https://localhost:4400/"),
            ("[::1]:4400", "https://[::1]:4400/"),
        ] {
            assert_eq!(url(domain).as_deref(), Ok(issuer), "{domain}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for domain in ["http://127.0.0.1:4400", "http://127.8.8.8", "http://localhost:1", "http://[::1]:4400/"] {
            assert!(url(domain).is_ok(), "{domain}");
        }
        for domain in ["http://acme.eu.auth0.com", "http://localhost.acme.com", "http://10.0.0.1", "http://[::2]"] {
            assert_eq!(url(domain), Err(IssuerError::PlainHttp), "{domain}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for domain in [
            "",
            " ",
            "/",
            "a/b",
            "a.com/path",
            "a.com?x",
            "a.com#x",
            "user@a.com",
            "a..com",
            "-a.com",
            "a.com:",
            "a.com:0",
            "a.com:99999",
            "a.com:+80",
            "ftp://a.com",
            "a b.com",
            "a,b",
            "ü.com",
            "[::1",
            "http://",
            "https://a.com//",
        ] {
            assert_eq!(url(domain), Err(IssuerError::NotADomain), "{domain:?}");
        }
    }

    #[test]
    fn keys_are_always_fetched_from_the_issuer_itself() {
        let issuer = Issuer::parse("acme.eu.auth0.com").expect("a domain");
        assert_eq!(issuer.jwks_url(), "https://acme.eu.auth0.com/.well-known/jwks.json");
        assert_eq!(issuer.origin(), "https://acme.eu.auth0.com");
    }

    #[test]
    fn an_audience_is_any_text_but_none() {
        assert_eq!(
            Audience::parse(" https://api.acme.com ").as_ref().map(Audience::as_str),
            Ok("https://api.acme.com")
        );
        assert_eq!(Audience::parse(" "), Err(AudienceError));
        assert_eq!(Audience::parse("a\nb"), Err(AudienceError));
    }
}
