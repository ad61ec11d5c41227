//! Where a browser's page comes from.

use std::fmt;

use super::authority::Authority;

/// A web origin in the form in which browsers send it: `scheme://host[:port]` (RFC 6454 §6.2), lower case, without the
/// port that the scheme has anyway.
///
/// Schemes other than `https` and `http` are allowed because app shells have their own (`capacitor://localhost`).
/// `null` is refused: any sandboxed frame can send it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(Box<str>);

/// The text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected origins as browsers send them: scheme://host[:port] without a path or a slash at the end; * and null are refused"
)]
pub struct OriginError;

impl Origin {
    /// Takes the text and normalises it.
    ///
    /// # Errors
    /// [`OriginError`] for a path (even `/`), a query, credentials, `null`, `*` and all else that no browser sends.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (scheme, authority) = text.split_once("://").ok_or(OriginError)?;
        let scheme = scheme.to_ascii_lowercase();
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        if !is_scheme {
            return Err(OriginError);
        }
        let Authority { host, port } = Authority::parse(authority).ok_or(OriginError)?;
        let by_scheme = match scheme.as_str() {
            "https" => Some(443),
            "http" => Some(80),
            _ => None,
        };
        match port {
            Some(0) => Err(OriginError),
            Some(port) if Some(port) != by_scheme => Ok(Self(format!("{scheme}://{host}:{port}").into())),
            _ => Ok(Self(format!("{scheme}://{host}").into())),
        }
    }

    /// The origin as browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_takes_the_form_that_browsers_send() {
        for (text, origin) in [
            ("https://app.example.com", "https://app.example.com"),
            ("HTTPS://App.Example.COM:443", "https://app.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://localhost:80", "http://localhost"),
            ("https://localhost:80", "https://localhost:80"),
            ("http://[0:0::1]:5173", "http://[::1]:5173"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(Origin::parse(text).as_ref().map(Origin::as_str), Ok(origin), "{text}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for text in [
            "*",
            "null",
            "",
            "app.example.com",
            "https://",
            "://a",
            "1a://b",
            "https://*",
            "https://*.example.com",
            "https://a/",
            "https://a/path",
            "https://a?x",
            "https://a#x",
            "https://user@a",
            "https://a:0",
            "https://a:99999",
            "https://a b",
            "https:// a",
        ] {
            assert_eq!(Origin::parse(text), Err(OriginError), "{text:?}");
        }
    }
}
