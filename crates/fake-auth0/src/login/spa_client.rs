//! Applications that run in a browser, and the addresses that belong to them.

use url::Url;

/// What stands for the port in an address of an application under development.
const ANY_PORT: &str = ":*";
/// Where applications under development are served from.
const LOOPBACK: [&str; 6] = [
    "http://localhost:*",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "https://localhost:*",
    "https://127.0.0.1:*",
    "https://[::1]:*",
];

/// A single page application: a public client without a secret, known by its addresses.
///
/// An address matches as a whole, as at Auth0. One that ends in `:*`, such as `http://localhost:*`, matches any port
/// of that host and any path; Auth0 knows no such pattern, development likes it.
#[derive(Clone, Debug)]
pub struct SpaClient {
    id: String,
    name: String,
    callback_urls: Vec<String>,
    logout_urls: Vec<String>,
    web_origins: Vec<String>,
}

impl SpaClient {
    /// A client without any address: nobody can log in to it yet.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { name: id.clone(), id, callback_urls: Vec::new(), logout_urls: Vec::new(), web_origins: Vec::new() }
    }

    /// A client that may be anywhere on loopback, on any port.
    #[must_use]
    pub fn on_loopback(id: impl Into<String>) -> Self {
        LOOPBACK.iter().fold(Self::new(id), |client, place| client.at(place))
    }

    /// What the login page calls the application; its id unless set.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// One more of the "Allowed Callback URLs": where a login may lead back to.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_urls.push(url.into());
        self
    }

    /// One more of the "Allowed Logout URLs": where `/v2/logout` may lead to.
    #[must_use]
    pub fn logout_url(mut self, url: impl Into<String>) -> Self {
        self.logout_urls.push(url.into());
        self
    }

    /// One more of the "Allowed Web Origins": who may renew silently in an iframe, and read answers across origins.
    #[must_use]
    pub fn web_origin(mut self, origin: impl Into<String>) -> Self {
        self.web_origins.push(origin.into());
        self
    }

    /// An application whose logins and logouts lead back to this one address, and whose origin is the address's.
    #[must_use]
    pub fn at(self, url: &str) -> Self {
        let origin = Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let origin = if url.ends_with(ANY_PORT) { url } else { &origin };
        self.callback_url(url).logout_url(url).web_origin(origin)
    }

    /// The client's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn title(&self) -> &str {
        &self.name
    }

    pub(super) fn allows_callback(&self, url: &str) -> bool {
        any_matches(&self.callback_urls, url)
    }

    pub(super) fn allows_logout(&self, url: &str) -> bool {
        any_matches(&self.logout_urls, url)
    }

    /// Whether this is an origin of the client, in the form in which browsers send it.
    pub(super) fn allows_origin(&self, origin: &str) -> bool {
        Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == origin)
            && any_matches(&self.web_origins, origin)
    }
}

fn any_matches(patterns: &[String], address: &str) -> bool {
    // A fragment would hide what is appended; credentials make an address look like another.
    let plain = |url: &Url| url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let Some(url) = Url::parse(address).ok().filter(plain) else {
        return false;
    };
    patterns.iter().any(|pattern| match pattern.strip_suffix(ANY_PORT) {
        Some(place) => Url::parse(place).is_ok_and(|place| {
            url.scheme() == place.scheme() && url.host_str().is_some() && url.host_str() == place.host_str()
        }),
        None => pattern == address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_matches_as_a_whole() {
        let client = SpaClient::new("a").callback_url("https://app.example.test/callback");
        assert!(client.allows_callback("https://app.example.test/callback"));
        for other in [
            "https://app.example.test/callback/",
            "https://app.example.test/callback?next=1",
            "https://app.example.test/callback#here",
            "https://app.example.test/",
            "http://app.example.test/callback",
            "https://app.example.test.evil.test/callback",
            "",
        ] {
            assert!(!client.allows_callback(other), "{other}");
        }
    }

    #[test]
    fn on_loopback_any_port_and_path_will_do() {
        let client = SpaClient::on_loopback("a");
        for url in ["http://localhost:3000", "http://localhost/x?y", "http://127.0.0.1:1/", "https://[::1]:5173/cb"] {
            assert!(client.allows_callback(url) && client.allows_logout(url), "{url}");
        }
        for url in [
            "http://localhost.evil.test:3000",
            "http://evil.test/?http://localhost:3000",
            "http://localhost@evil.test",
            "http://evil.test@localhost:3000",
            "http://localhost:3000/#x",
            "javascript:alert(1)",
            "localhost:3000",
        ] {
            assert!(!client.allows_callback(url), "{url}");
        }
    }

    #[test]
    fn an_origin_has_no_path_and_no_needless_port() {
        let client = SpaClient::on_loopback("a").web_origin("https://app.example.test");
        assert!(client.allows_origin("http://localhost:3000") && client.allows_origin("https://app.example.test"));
        for other in ["http://localhost:3000/", "http://localhost:80", "https://app.example.test/x", "null", ""] {
            assert!(!client.allows_origin(other), "{other}");
        }
    }
}
