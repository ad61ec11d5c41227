//! How tokens are judged.

use auth0_verify::{AllowedAlgorithms, CachePolicy};

use super::key;
use super::reader::Reader;

/// The algorithms that tokens may use, and how long the issuer's keys are good.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// What a token may be signed with.
    pub algorithms: AllowedAlgorithms,
    /// How the issuer's keys are kept.
    pub cache: CachePolicy,
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
        Some(Self {
            algorithms: AllowedAlgorithms::parse(&names?.join(",")).ok()?,
            cache: CachePolicy { max_age: max_age?, cooldown: cooldown?, stale_if_error: stale_if_error? },
        })
    }
}
