//! What Auth0 lets the client do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The scopes of the client's token for the Management API, and the key that signed it: which of the tenant's keys signs at
/// present, no key set says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantedAccess {
    scopes: Vec<String>,
    signing_key: Option<String>,
}

/// The longest token whose header is read.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

#[derive(Deserialize)]
struct Header {
    kid: Option<String>,
}

impl GrantedAccess {
    /// `scope` is RFC 6749 §3.3: names separated by spaces.
    pub(crate) fn of(scope: &str, token: &str) -> Self {
        Self { scopes: scope.split_ascii_whitespace().map(str::to_owned).collect(), signing_key: signing_key_of(token) }
    }

    /// The granted scopes, in Auth0's order.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether a scope is among them.
    #[must_use]
    pub fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// The `kid` of the key that signed the token, unless the token is no JWS.
    #[must_use]
    pub fn signing_key(&self) -> Option<&str> {
        self.signing_key.as_deref()
    }
}

fn signing_key_of(token: &str) -> Option<String> {
    let (header, _) = token.split_once('.').filter(|_| token.len() <= MAX_TOKEN_BYTES)?;
    serde_json::from_slice::<Header>(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?.kid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_separated_by_spaces_and_compared_whole() {
        let access = GrantedAccess::of(" read:users  read:events", "opaque");
        assert_eq!(access.scopes(), ["read:users", "read:events"]);
        assert!(access.allows("read:events") && !access.allows("read:user"));
        assert!(!GrantedAccess::of("", "").allows(""));
    }

    #[test]
    fn the_signing_key_is_the_one_that_the_tokens_header_names() {
        let token = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k1"}"#));
        assert_eq!(GrantedAccess::of("", &token).signing_key(), Some("k1"));
        for odd in ["", "opaque", "e30.e30.AA", "?.e30.AA", "W10.e30.AA"] {
            assert_eq!(GrantedAccess::of("", odd).signing_key(), None, "{odd}");
        }
    }
}
