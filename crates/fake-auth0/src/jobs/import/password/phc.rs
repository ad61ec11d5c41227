//! Hashes in the PHC string format: `$<id>[$v=<version>][$<name>=<value>,…]$<salt>$<hash>`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What such a string says.
pub(super) struct Phc<'a> {
    pub(super) id: &'a str,
    parameters: Vec<(&'a str, u64)>,
    hash: Vec<u8>,
}

impl<'a> Phc<'a> {
    /// `None`: the string is not of the format, or lacks salt or hash.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts: Vec<&str> = text.strip_prefix('$')?.split('$').collect();
        let hash = decoded(parts.pop()?)?;
        decoded(parts.pop()?)?;
        let (id, rest) = parts.split_first()?;
        if rest.len() > 2 {
            return None;
        }
        let parameters = rest.iter().flat_map(|part| part.split(',')).map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            Some((name, value.parse().ok()?))
        });
        Some(Self { id, parameters: parameters.collect::<Option<_>>()?, hash })
    }

    pub(super) fn is_argon2(&self) -> bool {
        ["argon2i", "argon2d", "argon2id"].contains(&self.id)
            && ["m", "t", "p"].iter().all(|name| self.parameter(name).is_some_and(|value| value > 0))
    }

    /// `pbkdf2-<digest>` with a digest that Auth0 knows. The hash must be as long as `l` says, or 64 bytes without
    /// one: otherwise no password could ever match it.
    pub(super) fn is_pbkdf2(&self) -> bool {
        let is_known = self.id.strip_prefix("pbkdf2-").is_some_and(|digest| PBKDF2_DIGESTS.contains(&digest));
        let length = self.parameter("l").unwrap_or(64);
        is_known && self.parameter("i").unwrap_or(100_000) > 0 && u64::try_from(self.hash.len()) == Ok(length)
    }

    fn parameter(&self, name: &str) -> Option<u64> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// The format's base64: the standard alphabet, never padded.
fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

/// The digests that Auth0's page lists for pbkdf2.
const PBKDF2_DIGESTS: [&str; 33] = [
    "RSA-MD4",
    "RSA-MD5",
    "RSA-MDC2",
    "RSA-RIPEMD160",
    "RSA-SHA1",
    "RSA-SHA1-2",
    "RSA-SHA224",
    "RSA-SHA256",
    "RSA-SHA384",
    "RSA-SHA512",
    "md4",
    "md4WithRSAEncryption",
    "md5",
    "md5WithRSAEncryption",
    "mdc2",
    "mdc2WithRSA",
    "ripemd",
    "ripemd160",
    "ripemd160WithRSA",
    "rmd160",
    "sha1",
    "sha1WithRSAEncryption",
    "sha224",
    "sha224WithRSAEncryption",
    "sha256",
    "sha256WithRSAEncryption",
    "sha384",
    "sha384WithRSAEncryption",
    "sha512",
    "sha512WithRSAEncryption",
    "ssl3-md5",
    "ssl3-sha1",
    "whirlpool",
];
