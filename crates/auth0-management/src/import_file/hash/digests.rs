//! One pass of MD5 or SHA, with a salt or without: Django, passlib, Werkzeug, and bare hexadecimal digits.

use domain::Secret;

use super::text_forms::{hex, parts};
use super::{Encoding, Extra, HashFormat, PasswordHash, RecognisedHash, Unrecognised};

/// By the name that the frameworks and Auth0 share: the digest's size, and whether Auth0 takes it by itself (as HMAC it
/// takes all of them).
const DIGESTS: [(&str, usize, bool); 6] = [
    ("md5", 16, true),
    ("sha1", 20, true),
    ("sha224", 28, false),
    ("sha256", 32, true),
    ("sha384", 48, false),
    ("sha512", 64, true),
];

/// How long Werkzeug has made salts, first and later.
const WERKZEUG_SALTS: [usize; 2] = [8, 16];

pub(super) fn read(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    match text.split_once('$') {
        None => bare(text),
        Some((name, _)) => {
            let digest = DIGESTS.into_iter().find(|(known, ..)| *known == name)?;
            Some(with_salt(text, digest))
        }
    }
}

/// Nothing but hexadecimal digits: the length tells the digest.
fn bare(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    let bytes = hex(text)?;
    let (name, _, is_taken) = DIGESTS.into_iter().find(|(_, size, _)| *size == bytes.len())?;
    Some(unsalted(name, text, is_taken, format!("{name} without salt (hexadecimal)").into()))
}

/// `<digest>$<salt>$<hexadecimal>`. Django hashes the salt and then the password; Werkzeug makes an HMAC with the salt as
/// the key, and writes down the same.
fn with_salt(text: &str, (name, size, is_taken): (&'static str, usize, bool)) -> Result<RecognisedHash, Unrecognised> {
    // Django has no hashers by the other digests.
    let is_djangos = matches!(name, "md5" | "sha1");
    let origin = if is_djangos { "Django" } else { "Werkzeug" };
    let malformed = |why| Unrecognised::malformed(format!("{name} ({origin})"), why);
    let [_, salt, value] = parts(text).ok_or_else(|| malformed("it does not have the parts that it has to have"))?;
    if hex(value).is_none_or(|bytes| bytes.len() != size) {
        return Err(malformed("its hash is cut off or not hexadecimal"));
    }
    if salt.is_empty() {
        return unsalted(name, value, is_taken, format!("{name} without salt ({origin})").into());
    }
    if !is_djangos {
        let extra = Extra::Hmac { digest: name, key: Secret::new(salt) };
        let hash = PasswordHash::custom("hmac", value, Encoding::Hex, extra);
        return Ok(RecognisedHash { format: format!("hmac-{name} (Werkzeug)").into(), hash });
    }
    if WERKZEUG_SALTS.contains(&salt.len()) {
        return Err(Unrecognised::Ambiguous(
            "Django would mean a digest of salt and password, Werkzeug an HMAC, and its salt is as long as Werkzeug's",
        ));
    }
    let hash = PasswordHash::custom(name, value, Encoding::Hex, Extra::SaltBefore(Secret::new(salt)));
    Ok(RecognisedHash { format: format!("{name} with salt (Django)").into(), hash })
}

fn unsalted(
    name: &'static str,
    value: &str,
    is_taken: bool,
    format: HashFormat,
) -> Result<RecognisedHash, Unrecognised> {
    if !is_taken {
        return Err(Unrecognised::no_mapping(format, "Auth0 takes it as HMAC alone"));
    }
    Ok(RecognisedHash { format, hash: PasswordHash::custom(name, value, Encoding::Hex, Extra::Nothing) })
}
