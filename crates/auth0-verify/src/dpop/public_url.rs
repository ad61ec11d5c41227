//! How clients reach the service, and what the URL of a request is by that.

use super::uri::{normalised, normalised_path};

/// The service's own URL as clients write it. The URL of a request is made of it and the path alone, so that no header
/// of the request has a say in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Box<str>);

/// The text is no URL of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an absolute http or https URL without a query, a fragment or credentials")]
pub struct PublicUrlError;

impl PublicUrl {
    /// Takes the URL and brings it into its normal form (RFC 3986 §6.2.2, §6.2.3); a slash at the end is of no account.
    ///
    /// # Errors
    /// [`PublicUrlError`] for a relative URL, another scheme, a query, a fragment or credentials.
    pub fn parse(url: &str) -> Result<Self, PublicUrlError> {
        if url.contains(['?', '#']) {
            return Err(PublicUrlError);
        }
        let normal = normalised(url).ok_or(PublicUrlError)?;
        Ok(Self(normal.trim_end_matches('/').into()))
    }

    /// The URL in its normal form, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `htu` is the URL of a request for `path`, leaving query and fragment of both aside (RFC 9449 §4.3).
    pub(super) fn matches(&self, path: &str, htu: &str) -> bool {
        let path = path.split(['?', '#']).next().and_then(normalised_path);
        // Dot segments are gone from the path before it is put behind the base, so none climbs out of it.
        path.is_some_and(|path| normalised(htu).is_some_and(|htu| htu == format!("{}{path}", self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_request_is_the_public_one_and_the_path() {
        let root = PublicUrl::parse("https://API.acme.com:443/").expect("a URL");
        assert_eq!(root.as_str(), "https://api.acme.com");
        for htu in [
            "https://api.acme.com/notes",
            "HTTPS://api.ACME.com:443/n%6ftes?page=2#top",
            "https://api.acme.com/./notes",
        ] {
            assert!(root.matches("/notes", htu), "{htu}");
        }
        for htu in [
            "http://api.acme.com/notes",
            "https://api.acme.com:8443/notes",
            "https://acme.com/notes",
            "https://api.acme.com/notes/",
            "https://api.acme.com/Notes",
            "https://api.acme.com",
            "/notes",
            "",
        ] {
            assert!(!root.matches("/notes", htu), "{htu}");
        }
        assert!(root.matches("/notes?page=2", "https://api.acme.com/notes"));
        assert!(root.matches("/", "https://api.acme.com"));
    }

    #[test]
    fn a_base_path_is_part_of_the_url_and_no_path_climbs_out_of_it() {
        let base = PublicUrl::parse("https://acme.com/api/").expect("a URL");
        assert!(base.matches("/notes", "https://acme.com/api/notes"));
        assert!(base.matches("/", "https://acme.com/api/"));
        assert!(!base.matches("/notes", "https://acme.com/notes"));
        assert!(!base.matches("/../notes", "https://acme.com/notes"));
        assert!(!base.matches("notes", "https://acme.com/apinotes"));
        assert!(!base.matches("*", "https://acme.com/api/*"));
    }

    #[test]
    fn what_is_no_base_is_refused() {
        for url in ["", "acme.com", "https://acme.com?x", "https://acme.com#x", "https://u@acme.com", "ftp://acme.com"]
        {
            assert_eq!(PublicUrl::parse(url), Err(PublicUrlError), "{url:?}");
        }
    }
}
