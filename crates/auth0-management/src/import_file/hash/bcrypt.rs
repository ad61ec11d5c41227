//! bcrypt: `$2b$12$` and 53 characters of salt and hash.

use super::text_forms::decimal;
use super::{Encoding, Extra, PasswordHash, RecognisedHash, Unrecognised};

/// Auth0's own cost, and the only one that `password_hash` takes.
const AUTH0_COST: u32 = 10;
/// The algorithm's least cost.
const LEAST_COST: u32 = 4;
/// The algorithm goes on to 31. Cost 20 takes a minute and 31 more than a day: no login waits for that.
const MOST_COST: u32 = 20;
/// 16 bytes of salt in 22 characters, 23 bytes of hash in 31.
const SALT_AND_HASH: usize = 22 + 31;

const OVER_SHA256: &str = "what was hashed is a digest of the password, which Auth0 cannot be told";

pub(super) fn read(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    // Django puts its own name in front: `bcrypt$` and then the hash with its `$`.
    let (text, origin) = match text.strip_prefix("bcrypt$") {
        Some(rest) => (rest, ", Django"),
        None => (text, ""),
    };
    if text.starts_with("$bcrypt-sha256$") {
        return Some(Err(Unrecognised::no_mapping("bcrypt over SHA-256 (passlib)", OVER_SHA256)));
    }
    if text.starts_with("bcrypt_sha256$") {
        return Some(Err(Unrecognised::no_mapping("bcrypt over SHA-256 (Django)", OVER_SHA256)));
    }
    if text.starts_with("$2$") || text.starts_with("$2x$") {
        return Some(Err(Unrecognised::no_mapping(
            "bcrypt of an early, flawed variant",
            "Auth0 takes $2a$, $2b$ and $2y$ alone",
        )));
    }
    let variant = ["$2a$", "$2b$", "$2y$"].into_iter().find(|variant| text.starts_with(variant));
    match variant {
        Some(variant) => Some(mapped(text, variant, origin)),
        None if origin.is_empty() => None,
        None => Some(Err(Unrecognised::malformed("bcrypt (Django)", "no bcrypt hash follows"))),
    }
}

fn mapped(text: &str, variant: &str, origin: &str) -> Result<RecognisedHash, Unrecognised> {
    let malformed = |why| Unrecognised::malformed("bcrypt", why);
    let rest = text.strip_prefix(variant).unwrap_or_default();
    let (cost, tail) = rest.split_once('$').ok_or_else(|| malformed("it has no cost"))?;
    let padded = cost.len() == 2;
    let cost = decimal(cost.strip_prefix('0').unwrap_or(cost)).filter(|_| padded);
    let cost = cost.ok_or_else(|| malformed("its cost is no number of two digits"))?;
    if !(LEAST_COST..=31).contains(&cost) {
        return Err(malformed("its cost is not between 4 and 31"));
    }
    let is_whole = tail.len() == SALT_AND_HASH && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b"./".contains(&b));
    if !is_whole {
        return Err(malformed("salt and hash are not the 53 characters that they have to be"));
    }
    let format = format!("bcrypt (cost {cost}{origin})");
    if cost > MOST_COST {
        return Err(Unrecognised::no_mapping(format, "no login waits as long as that takes"));
    }
    let hash = if cost == AUTH0_COST && variant != "$2y$" {
        PasswordHash::bcrypt10(text)
    } else {
        PasswordHash::custom("bcrypt", text, Encoding::Utf8, Extra::Nothing)
    };
    Ok(RecognisedHash { format: format.into(), hash })
}
