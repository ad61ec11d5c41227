//! Argon2 in the PHC string format: `$argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>`.
//!
//! Auth0 verifies these by libsodium (its page refers to the library auth0/magic), and libsodium knows neither Argon2d
//! nor the version before 19, wants the parameters in this order and no others, a salt of 8 bytes and a hash of 16.

use super::text_forms::{b64, is_usual_length, parameter, parts};
use super::{Encoding, Extra, PasswordHash, RecognisedHash, Unrecognised};

const LEAST_SALT: usize = 8;
/// 2 GiB in KiB: more than any login is given.
const MOST_MEMORY: u32 = 2 * 1024 * 1024;
const MOST_PASSES: u32 = 1 << 16;
/// The algorithm's own bound on lanes.
const MOST_LANES: u32 = (1 << 24) - 1;

pub(super) fn read(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    // Django puts its own name in front: `argon2$argon2id$…`, without another `$`.
    let (rest, origin) = match text.strip_prefix("argon2$") {
        Some(rest) => (rest, " (Django)"),
        None => (text.strip_prefix('$')?, ""),
    };
    if !rest.starts_with("argon2") {
        let broken = Unrecognised::malformed("argon2 (Django)", "no argon2 hash follows");
        return (!origin.is_empty()).then_some(Err(broken));
    }
    Some(mapped(rest, origin))
}

fn mapped(rest: &str, origin: &str) -> Result<RecognisedHash, Unrecognised> {
    let variant = rest.split('$').next().unwrap_or_default();
    let name = match variant {
        "argon2id" => "argon2id",
        "argon2i" => "argon2i",
        "argon2d" => return Err(Unrecognised::no_mapping("argon2d", "Auth0 takes argon2id and argon2i alone")),
        _ => return Err(Unrecognised::malformed("argon2", "there is no such variant")),
    };
    let format = format!("{name}{origin}");
    let malformed = |why| Unrecognised::malformed(format.clone(), why);
    if !rest.contains("$v=") || rest.contains("$v=16$") {
        return Err(Unrecognised::no_mapping(format, "Auth0 takes version 19 alone"));
    }
    let [_, version, parameters, salt, hash] =
        parts::<5>(rest).ok_or_else(|| malformed("it does not have the parts of a PHC string"))?;
    if version != "v=19" {
        return Err(malformed("there is no such version"));
    }
    let [memory, passes, lanes] =
        costs(parameters).ok_or_else(|| malformed("its parameters are not m, t and p in this order"))?;
    if passes == 0 || lanes == 0 || lanes > MOST_LANES || memory / 8 < lanes {
        return Err(malformed("its parameters are outside of the algorithm's bounds"));
    }
    if memory > MOST_MEMORY || passes > MOST_PASSES {
        return Err(Unrecognised::no_mapping(format, "no login is given the memory and time that takes"));
    }
    if b64(salt).is_none_or(|salt| salt.len() < LEAST_SALT) {
        return Err(malformed("its salt is not 8 bytes or more in base64"));
    }
    if b64(hash).is_none_or(|hash| !is_usual_length(hash.len())) {
        return Err(malformed("its hash is cut off or not in base64"));
    }
    let hash = PasswordHash::custom("argon2", format!("${rest}"), Encoding::Utf8, Extra::Nothing);
    Ok(RecognisedHash { format: format.into(), hash })
}

fn costs(parameters: &str) -> Option<[u32; 3]> {
    let [memory, passes, lanes] = parameters.split(',').collect::<Vec<_>>().try_into().ok()?;
    Some([parameter(memory, "m")?, parameter(passes, "t")?, parameter(lanes, "p")?])
}
