//! How clients reach the server.

use std::fmt;

use super::authority::Authority;

/// The server's own URL as clients write it, without a slash at the end: `https://api.example.com/auth-service`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Box<str>);

/// The text is no URL of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an absolute http or https URL without a query, a fragment or credentials")]
pub struct PublicUrlError;

impl PublicUrl {
    /// Takes the URL; scheme and host are lower-cased, a standard port and slashes at the end are dropped.
    ///
    /// # Errors
    /// [`PublicUrlError`] for a relative URL, another scheme, a query, a fragment or credentials.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(PublicUrlError)?;
        let scheme = scheme.to_ascii_lowercase();
        let standard_port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(PublicUrlError),
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        // RFC 3986 §3.3: what is neither unreserved, a sub-delimiter, `:`, `@`, `/` nor percent-encoded is no path.
        let is_path = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&b));
        let Authority { host, port } = Authority::parse(authority).ok_or(PublicUrlError)?;
        if !is_path || port == Some(0) {
            return Err(PublicUrlError);
        }
        let port = port.filter(|port| *port != standard_port).map_or_else(String::new, |port| format!(":{port}"));
        Ok(Self(format!("{scheme}://{host}{port}{}", path.trim_end_matches('/')).into()))
    }

    /// The URL without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_what_does_not_tell_it_from_others() {
        for (text, url) in [
            ("https://API.example.com/", "https://api.example.com"),
            ("https://api.example.com:443/v1/", "https://api.example.com/v1"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://api.example.com/Auth%20Service", "https://api.example.com/Auth%20Service"),
        ] {
            assert_eq!(PublicUrl::parse(text).as_ref().map(PublicUrl::as_str), Ok(url), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_server_is_refused() {
        for text in [
            "",
            "api.example.com",
            "/v1",
            "ftp://a",
            "https://",
            "https:///v1",
            "https://a?x=1",
            "https://a/b?x=1",
            "https://a/#b",
            "https://u:p@a/",
            "https://a/b c",
            "https://a:0/",
        ] {
            assert_eq!(PublicUrl::parse(text), Err(PublicUrlError), "{text:?}");
        }
    }
}
