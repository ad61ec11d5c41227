//! PBKDF2 as Django, passlib, Werkzeug and the PHC string format write it.
//!
//! Auth0 takes the last of these alone, with the digest in the name and B64 without padding:
//! `$pbkdf2-sha256$i=600000,l=32$<salt>$<hash>`. The others are rewritten; the bytes stay the same.

use super::text_forms::{adapted_b64, b64, base64, decimal, hex, is_usual_length, parameter, parts, to_b64};
use super::{Encoding, Extra, HashFormat, PasswordHash, RecognisedHash, Unrecognised};

/// No login computes more: it would take minutes.
const MOST_ITERATIONS: u32 = 100_000_000;

/// The digests that PBKDF2 is used with in practice, by the name that all of these forms and Auth0 share, and their size.
const DIGESTS: [(&str, usize); 6] =
    [("md5", 16), ("sha1", 20), ("sha224", 28), ("sha256", 32), ("sha384", 48), ("sha512", 64)];

/// The parts of any of the forms, decoded.
struct Parts {
    digest: &'static str,
    size: usize,
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

pub(super) fn read(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    if let Some(rest) = text.strip_prefix("pbkdf2_") {
        return Some(django(rest));
    }
    if let Some(rest) = text.strip_prefix("pbkdf2:") {
        return Some(werkzeug(rest));
    }
    if let Some(rest) = text.strip_prefix("{PBKDF2") {
        return Some(passlib_for_ldap(rest));
    }
    let rest = text.strip_prefix("$pbkdf2")?;
    Some(if rest.contains("$i=") || rest.contains(",i=") { phc(rest) } else { passlib(rest) })
}

/// `pbkdf2_sha256$<iterations>$<salt, as it is>$<base64>`.
fn django(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let format = named(rest.split('$').next(), "Django")?;
    let [name, iterations, salt, hash] = parts(rest).ok_or_else(|| parts_missing(&format))?;
    let (digest, size) = digest_of(name)?;
    let iterations = decimal(iterations).ok_or_else(|| no_iterations(&format))?;
    let hash = base64(hash).ok_or_else(|| bad_hash(&format))?;
    mapped(format, Parts { digest, size, iterations, salt: salt.into(), hash })
}

/// `pbkdf2:sha256:<iterations>$<salt, as it is>$<hexadecimal>`.
fn werkzeug(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let format = named(rest.split([':', '$']).next(), "Werkzeug")?;
    let [method, salt, hash] = parts(rest).ok_or_else(|| parts_missing(&format))?;
    let Some((name, iterations)) = method.split_once(':') else {
        return Err(Unrecognised::Ambiguous(
            "it does not say its iterations, and Werkzeug's default has changed often",
        ));
    };
    let (digest, size) = digest_of(name)?;
    let iterations = decimal(iterations).ok_or_else(|| no_iterations(&format))?;
    let hash = hex(hash).ok_or_else(|| Unrecognised::malformed(format.clone(), "its hash is not hexadecimal"))?;
    mapped(format, Parts { digest, size, iterations, salt: salt.into(), hash })
}

/// `-sha256$<iterations>$<adapted base64>$<adapted base64>`; no digest means SHA-1.
fn passlib(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let name = rest.split('$').next().unwrap_or_default();
    let name = if name.is_empty() { "sha1" } else { name.strip_prefix('-').unwrap_or_default() };
    let format = named(Some(name), "passlib")?;
    let [_, iterations, salt, hash] = parts(rest).ok_or_else(|| parts_missing(&format))?;
    adapted(format, name, [iterations, salt, hash])
}

/// `-SHA256}<iterations>$<adapted base64>$<adapted base64>`; no digest means SHA-1.
fn passlib_for_ldap(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let (name, rest) = rest.split_once('}').unwrap_or_default();
    let name = if name.is_empty() { "sha1".to_owned() } else { name.trim_start_matches('-').to_ascii_lowercase() };
    let format = named(Some(&name), "passlib for LDAP")?;
    let parts = parts(rest).ok_or_else(|| parts_missing(&format))?;
    adapted(format, &name, parts)
}

fn adapted(
    format: HashFormat,
    name: &str,
    [iterations, salt, hash]: [&str; 3],
) -> Result<RecognisedHash, Unrecognised> {
    let (digest, size) = digest_of(name)?;
    let iterations = decimal(iterations).ok_or_else(|| no_iterations(&format))?;
    let salt = adapted_b64(salt).ok_or_else(|| bad_salt(&format))?;
    let hash = adapted_b64(hash).ok_or_else(|| bad_hash(&format))?;
    mapped(format, Parts { digest, size, iterations, salt, hash })
}

/// `-sha256$i=<iterations>,l=<length>$<B64>$<B64>`, the length being optional.
fn phc(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let name = rest.split('$').next().and_then(|name| name.strip_prefix('-'));
    let format = named(name, "PHC")?;
    let [_, parameters, salt, hash] = parts(rest).ok_or_else(|| parts_missing(&format))?;
    let (digest, size) = digest_of(name.unwrap_or_default())?;
    let (iterations, length) = match parameters.split_once(',') {
        Some((iterations, length)) => (iterations, Some(length)),
        None => (parameters, None),
    };
    let iterations = parameter(iterations, "i").ok_or_else(|| no_iterations(&format))?;
    let salt = b64(salt).ok_or_else(|| bad_salt(&format))?;
    let hash = b64(hash).ok_or_else(|| bad_hash(&format))?;
    let agrees = |length| parameter(length, "l").and_then(|length| usize::try_from(length).ok()) == Some(hash.len());
    if !length.is_none_or(agrees) {
        return Err(Unrecognised::malformed(format, "its hash is not as long as it says"));
    }
    if hash.len() != size && !is_usual_length(hash.len()) {
        return Err(Unrecognised::malformed(format, "its hash is cut off"));
    }
    mapped(format, Parts { digest, size: hash.len(), iterations, salt, hash })
}

fn mapped(format: HashFormat, parts: Parts) -> Result<RecognisedHash, Unrecognised> {
    let Parts { digest, size, iterations, salt, hash } = parts;
    if salt.is_empty() {
        return Err(Unrecognised::malformed(format, "it has no salt"));
    }
    if hash.len() != size {
        return Err(Unrecognised::malformed(format, "its hash is too short or too long"));
    }
    if iterations == 0 {
        return Err(no_iterations(&format));
    }
    if iterations > MOST_ITERATIONS {
        return Err(Unrecognised::no_mapping(format, "no login waits for so many iterations"));
    }
    let text = format!("$pbkdf2-{digest}$i={iterations},l={size}${}${}", to_b64(&salt), to_b64(&hash));
    let hash = PasswordHash::custom("pbkdf2", text, Encoding::Utf8, Extra::Nothing);
    Ok(RecognisedHash { format, hash })
}

fn named(digest: Option<&str>, origin: &str) -> Result<HashFormat, Unrecognised> {
    let (digest, _) = digest_of(digest.unwrap_or_default())?;
    Ok(format!("pbkdf2-{digest} ({origin})").into())
}

fn digest_of(name: &str) -> Result<(&'static str, usize), Unrecognised> {
    let known = DIGESTS.into_iter().find(|(known, _)| *known == name);
    known.ok_or_else(|| Unrecognised::no_mapping("pbkdf2", "its digest is none that is known here"))
}

fn parts_missing(format: &HashFormat) -> Unrecognised {
    Unrecognised::malformed(format.clone(), "it does not have the parts that it has to have")
}

fn no_iterations(format: &HashFormat) -> Unrecognised {
    Unrecognised::malformed(format.clone(), "its iterations are no number from 1 on")
}

fn bad_salt(format: &HashFormat) -> Unrecognised {
    Unrecognised::malformed(format.clone(), "its salt is not in this form's base64")
}

fn bad_hash(format: &HashFormat) -> Unrecognised {
    Unrecognised::malformed(format.clone(), "its hash is not in this form's base64")
}
