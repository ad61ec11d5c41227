//! RFC 2307 §5.3: `{SSHA}` and base64 of the digest and the salt behind it.

use super::text_forms::base64;
use super::{Encoding, Extra, PasswordHash, RecognisedHash, Unrecognised};

/// The schemes that Auth0 takes, how long the digest is, and whether a salt comes behind it.
const SCHEMES: [(&str, usize, bool); 12] = [
    ("MD5", 16, false),
    ("SMD5", 16, true),
    ("SHA", 20, false),
    ("SSHA", 20, true),
    ("SHA224", 28, false),
    ("SSHA224", 28, true),
    ("SHA256", 32, false),
    ("SSHA256", 32, true),
    ("SHA384", 48, false),
    ("SSHA384", 48, true),
    ("SHA512", 64, false),
    ("SSHA512", 64, true),
];

pub(super) fn read(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    let (scheme, value) = text.strip_prefix('{')?.split_once('}')?;
    // Names of schemes have no case.
    let scheme = scheme.to_ascii_uppercase();
    if scheme == "CRYPT" {
        let why = "Auth0 does not take crypt, which differs from system to system";
        return Some(Err(Unrecognised::no_mapping("{CRYPT} (LDAP)", why)));
    }
    let Some((scheme, digest, is_salted)) = SCHEMES.into_iter().find(|(name, ..)| *name == scheme) else {
        let why = "Auth0 takes the schemes MD5, SMD5, SHA… and SSHA… alone";
        return Some(Err(Unrecognised::no_mapping("a scheme of LDAP", why)));
    };
    let format = format!("{{{scheme}}} (LDAP)");
    let is_whole =
        base64(value).is_some_and(|bytes| if is_salted { bytes.len() > digest } else { bytes.len() == digest });
    if !is_whole {
        return Some(Err(Unrecognised::malformed(format, "no base64 of its digest and salt follows")));
    }
    let hash = PasswordHash::custom("ldap", format!("{{{scheme}}}{value}"), Encoding::Utf8, Extra::Nothing);
    Some(Ok(RecognisedHash { format: format.into(), hash }))
}
