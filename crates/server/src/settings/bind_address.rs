//! Where the server listens.

use std::fmt;

use super::authority::Authority;

/// `host:port` to listen on; the host may be a name, which is looked up when the server starts. Port 0 takes any free
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindAddress(Box<str>);

/// The text is no address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected host:port, such as 127.0.0.1:8080, localhost:8080 or [::]:8080 (port 0 takes a free one)")]
pub struct BindAddressError;

impl BindAddress {
    /// Takes `127.0.0.1:8080`, `localhost:8080`, `[::]:8080`.
    ///
    /// # Errors
    /// [`BindAddressError`] where the host or the port is missing or malformed.
    pub fn parse(text: &str) -> Result<Self, BindAddressError> {
        match Authority::parse(text) {
            Some(Authority { host, port: Some(port) }) => Ok(Self(format!("{host}:{port}").into())),
            _ => Err(BindAddressError),
        }
    }

    /// `host:port`, as [`std::net::TcpListener::bind`] takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BindAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port_are_an_address() {
        for text in ["127.0.0.1:8080", "localhost:8080", "[::]:8080", "0.0.0.0:0", "authsync.internal:65535"] {
            assert_eq!(BindAddress::parse(text).as_ref().map(BindAddress::as_str), Ok(text));
        }
    }

    #[test]
    fn anything_less_or_more_is_refused() {
        for text in ["", "8080", ":8080", "localhost", "::1:8080", "[::1]", "a:65536", "http://a:80", "a:80/", "*:80"] {
            assert_eq!(BindAddress::parse(text), Err(BindAddressError), "{text:?}");
        }
    }

    #[test]
    fn the_standard_library_can_listen_on_it() {
        let address = BindAddress::parse("127.0.0.1:0").expect("an address");
        assert!(std::net::TcpListener::bind(address.as_str()).is_ok());
    }
}
