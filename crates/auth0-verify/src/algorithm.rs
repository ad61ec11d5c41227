//! The signature algorithms that may be allowed, and which of them are.

/// An asymmetric JWS algorithm (RFC 7518 §3.1). Nothing else can be named: `none` and the HMAC family, with which a public
/// key could pass for a secret (RFC 8725 §2.1), do not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of RFC 7518")]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
}

/// What a key must be for an algorithm to work with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa,
    EcP256,
    EcP384,
}

impl Algorithm {
    /// Every algorithm there is.
    pub const ALL: [Self; 8] =
        [Self::Rs256, Self::Rs384, Self::Rs512, Self::Ps256, Self::Ps384, Self::Ps512, Self::Es256, Self::Es384];

    /// Its name in `alg`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
        }
    }

    /// The algorithm of that name. Names are case-sensitive (RFC 7515 §4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub(crate) fn key_kind(self) -> KeyKind {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => KeyKind::Rsa,
            Self::Es256 => KeyKind::EcP256,
            Self::Es384 => KeyKind::EcP384,
        }
    }
}

/// The algorithms that a token may be signed with (RFC 8725 §3.1); Auth0's default is RS256 alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedAlgorithms(Vec<Algorithm>);

/// The text is no list of algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected any of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384; `none` and HS* are never accepted")]
pub struct AlgorithmsError;

impl AllowedAlgorithms {
    /// Takes a comma list of names.
    ///
    /// # Errors
    /// [`AlgorithmsError`] says what is expected.
    pub fn parse(list: &str) -> Result<Self, AlgorithmsError> {
        let algorithms: Option<Vec<_>> = list.split(',').map(|name| Algorithm::from_name(name.trim())).collect();
        algorithms.map(Self).ok_or(AlgorithmsError)
    }

    /// Whether a token may be signed with it.
    #[must_use]
    pub fn contains(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }
}

impl Default for AllowedAlgorithms {
    fn default() -> Self {
        Self(vec![Algorithm::Rs256])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rs256_alone_is_allowed_unless_told_otherwise() {
        let allowed = AllowedAlgorithms::default();
        assert_eq!(Algorithm::ALL.into_iter().filter(|algorithm| allowed.contains(*algorithm)).count(), 1);
        assert!(allowed.contains(Algorithm::Rs256));
    }

    #[test]
    fn a_list_allows_what_it_names() {
        let allowed = AllowedAlgorithms::parse("RS256, ES384").expect("two algorithms");
        assert!(allowed.contains(Algorithm::Es384));
        assert!(!allowed.contains(Algorithm::Ps256));
    }

    #[test]
    fn none_and_the_hmac_family_cannot_be_allowed() {
        for list in ["none", "NONE", "HS256", "RS256,HS512", "rs256", "", "RS256,", "EdDSA"] {
            assert_eq!(AllowedAlgorithms::parse(list), Err(AlgorithmsError), "{list:?}");
        }
    }
}
