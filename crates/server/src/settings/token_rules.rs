//! How tokens are judged.

use auth0_verify::{AllowedAlgorithms, CachePolicy};

use super::key;
use super::reader::Reader;

/// The algorithms that tokens may use, how long the issuer's keys are good, and how many tokens are known again.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// What a token may be signed with.
    pub algorithms: AllowedAlgorithms,
    /// How the issuer's keys are kept.
    pub cache: CachePolicy,
    /// How many verified tokens are known again without another signature check; 0 for none.
    pub known_tokens: usize,
}

impl TokenRules {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let expected =
            "any of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 (a comma list); none and HS* are refused";
        let names = reader
            .required_list(key::ALGORITHMS, expected, |name| AllowedAlgorithms::parse(name).map(|_| name.to_owned()));
        let max_age = reader.seconds(key::JWKS_MAX_AGE, 1);
        let cooldown = reader.seconds(key::JWKS_COOLDOWN, 1);
        let stale_if_error = reader.seconds(key::JWKS_STALE, 0);
        let known_tokens = reader.number(key::TOKEN_CACHE, "tokens", 0..=1_000_000);
        Some(Self {
            algorithms: AllowedAlgorithms::parse(&names?.join(",")).ok()?,
            cache: CachePolicy { max_age: max_age?, cooldown: cooldown?, stale_if_error: stale_if_error? },
            known_tokens: usize::try_from(known_tokens?).ok()?,
        })
    }
}
