//! Proof Key for Code Exchange, RFC 7636: whoever redeems a code is whoever asked for it.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A SHA-256 in base64url without padding.
const CHALLENGE_LENGTH: usize = 43;

/// A challenge of the method S256; `plain` is not accepted.
#[derive(Clone, Debug)]
pub(super) struct Challenge(String);

impl Challenge {
    /// RFC 7636 §4.2: the base64url of a SHA-256.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_digest = URL_SAFE_NO_PAD.decode(text).is_ok() && text.len() == CHALLENGE_LENGTH;
        is_digest.then(|| Self(text.to_owned()))
    }

    /// Whether the verifier is well-formed (RFC 7636 §4.1) and the challenge is made from it.
    pub(super) fn is_met_by(&self, verifier: &str) -> bool {
        let unreserved = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
        let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(unreserved)
            && verify_slices_are_equal(hash.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_is_met_by_its_verifier_alone() {
        let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        assert!(!challenge.is_met_by(""));
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        let meets = |verifier: &str| {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            Challenge::parse(&URL_SAFE_NO_PAD.encode(hash)).unwrap().is_met_by(verifier)
        };
        assert!(meets(&"a".repeat(43)) && meets(&"~".repeat(128)));
        assert!(!meets(&"a".repeat(42)) && !meets(&"a".repeat(129)) && !meets(&"+".repeat(43)));
    }

    #[test]
    fn a_challenge_is_a_digest() {
        for text in ["", "short", &"a".repeat(44), &"=".repeat(43), &"+".repeat(43)] {
            assert!(Challenge::parse(text).is_none(), "{text}");
        }
    }
}
