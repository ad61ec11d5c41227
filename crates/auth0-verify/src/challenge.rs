//! How a resource server asks for a token: the header `WWW-Authenticate`.

use std::fmt::Write as _;

/// The challenges of one resource server. Nothing in it comes from a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenger {
    realm: Box<str>,
    resource_metadata: Option<Box<str>>,
}

/// The text cannot stand in a quoted string of a header: it holds a control character, a quote, a backslash or what is
/// not ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected printable ASCII without quotes and backslashes")]
pub struct NotQuotable;

/// What a challenge says beyond the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told<'a> {
    /// No token came: nothing (RFC 6750 §3.1).
    Nothing,
    /// A token came and is not good.
    InvalidToken,
    /// A good token that does not allow enough, and the scopes that would.
    InsufficientScope(&'a [Box<str>]),
}

impl Challenger {
    /// The challenges of a realm: a name for what is protected (RFC 9110 §11.5).
    ///
    /// # Errors
    /// [`NotQuotable`].
    pub fn for_realm(realm: &str) -> Result<Self, NotQuotable> {
        Ok(Self { realm: quotable(realm)?, resource_metadata: None })
    }

    /// The same, telling where the metadata of the protected resource is (RFC 9728 §5.1).
    ///
    /// # Errors
    /// [`NotQuotable`].
    pub fn with_metadata_at(self, url: &str) -> Result<Self, NotQuotable> {
        Ok(Self { resource_metadata: Some(quotable(url)?), ..self })
    }

    /// The values of the header, one for each scheme. Parameters are set apart by commas (RFC 9110 §11.2).
    pub(crate) fn challenges(&self, told: Told<'_>) -> Vec<String> {
        let mut bearer = format!(r#"Bearer realm="{}""#, self.realm);
        // Writing to a string cannot fail.
        let _ = match told {
            Told::Nothing => Ok(()),
            Told::InvalidToken => write!(bearer, r#", error="invalid_token""#),
            Told::InsufficientScope([]) => write!(bearer, r#", error="insufficient_scope""#),
            Told::InsufficientScope(scopes) => {
                write!(bearer, r#", error="insufficient_scope", scope="{}""#, scopes.join(" "))
            }
        };
        if let Some(url) = &self.resource_metadata {
            let _ = write!(bearer, r#", resource_metadata="{url}""#);
        }
        vec![bearer]
    }
}

fn quotable(text: &str) -> Result<Box<str>, NotQuotable> {
    let fits = text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\');
    if fits { Ok(text.into()) } else { Err(NotQuotable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenger() -> Challenger {
        Challenger::for_realm("notes").expect("a realm")
    }

    #[test]
    fn a_challenge_says_no_more_than_what_the_client_did_wrong() {
        let scopes = ["read:notes".into(), "write:notes".into()];
        for (told, challenge) in [
            (Told::Nothing, r#"Bearer realm="notes""#),
            (Told::InvalidToken, r#"Bearer realm="notes", error="invalid_token""#),
            (Told::InsufficientScope(&[]), r#"Bearer realm="notes", error="insufficient_scope""#),
            (
                Told::InsufficientScope(&scopes),
                r#"Bearer realm="notes", error="insufficient_scope", scope="read:notes write:notes""#,
            ),
        ] {
            assert_eq!(challenger().challenges(told), [challenge]);
        }
    }

    #[test]
    fn the_metadata_stands_in_every_challenge_once_its_place_is_known() {
        let url = "https://api.acme.com/.well-known/oauth-protected-resource";
        let challenger = challenger().with_metadata_at(url).expect("a URL");
        let metadata = format!(r#"resource_metadata="{url}""#);
        assert_eq!(challenger.challenges(Told::Nothing), [format!(r#"Bearer realm="notes", {metadata}"#)]);
        let invalid = format!(r#"Bearer realm="notes", error="invalid_token", {metadata}"#);
        assert_eq!(challenger.challenges(Told::InvalidToken), [invalid]);
    }

    #[test]
    fn nothing_breaks_out_of_the_quotes() {
        for text in [r#"a"b"#, r"a\b", "a\nb", "a\0b", "ü"] {
            assert_eq!(Challenger::for_realm(text), Err(NotQuotable), "{text:?}");
            assert_eq!(challenger().with_metadata_at(text), Err(NotQuotable), "{text:?}");
        }
    }
}
