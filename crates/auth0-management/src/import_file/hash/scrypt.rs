//! scrypt as Django, Werkzeug, passlib and the PHC string format write it.

use domain::Secret;

use super::text_forms::{b64, base64, decimal, hex, is_usual_length, parameter, parts, to_hex};
use super::{Encoding, Extra, HashFormat, PasswordHash, RecognisedHash, Unrecognised};

/// 2 GiB: more than any login is given. scrypt needs 128 · N · r bytes (RFC 7914 §5).
const MOST_MEMORY: u64 = 2 * 1024 * 1024 * 1024;
/// Each takes as long as the whole does with one.
const MOST_PARALLEL: u32 = 1024;

struct Cost {
    n: u32,
    r: u32,
    p: u32,
}

pub(super) fn read(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    if let Some(rest) = text.strip_prefix("scrypt:") {
        return Some(werkzeug(rest));
    }
    if let Some(rest) = text.strip_prefix("scrypt$") {
        return Some(django(rest));
    }
    text.strip_prefix("$scrypt$").map(phc)
}

/// `scrypt:<N>:<r>:<p>$<salt, as it is>$<hexadecimal of 64 bytes>`.
fn werkzeug(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let format = HashFormat::from("scrypt (Werkzeug)");
    let [method, salt, hash] = parts(rest).ok_or_else(|| parts_missing(&format))?;
    let [n, r, p] = method.split(':').collect::<Vec<_>>().try_into().map_err(|_| bad_cost(&format))?;
    let cost = cost(decimal(n), decimal(r), decimal(p)).ok_or_else(|| bad_cost(&format))?;
    let hash = hex(hash).filter(|hash| hash.len() == 64).ok_or_else(|| bad_hash(&format))?;
    mapped(format, &cost, text_salt(salt), &hash)
}

/// `scrypt$<N>$<salt, as it is>$<r>$<p>$<base64 of 64 bytes>`.
fn django(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let format = HashFormat::from("scrypt (Django)");
    let [n, salt, r, p, hash] = parts(rest).ok_or_else(|| parts_missing(&format))?;
    let cost = cost(decimal(n), decimal(r), decimal(p)).ok_or_else(|| bad_cost(&format))?;
    let hash = base64(hash).filter(|hash| hash.len() == 64).ok_or_else(|| bad_hash(&format))?;
    mapped(format, &cost, text_salt(salt), &hash)
}

/// `ln=<log2 N>,r=<r>,p=<p>$<B64>$<B64>`; passlib writes the same.
fn phc(rest: &str) -> Result<RecognisedHash, Unrecognised> {
    let format = HashFormat::from("scrypt (PHC, passlib)");
    let [parameters, salt, hash] = parts(rest).ok_or_else(|| parts_missing(&format))?;
    let [ln, r, p] = parameters.split(',').collect::<Vec<_>>().try_into().map_err(|_| bad_cost(&format))?;
    let n = parameter(ln, "ln").and_then(|ln| 1_u32.checked_shl(ln));
    let cost = cost(n, parameter(r, "r"), parameter(p, "p")).ok_or_else(|| bad_cost(&format))?;
    let salt = b64(salt).ok_or_else(|| Unrecognised::malformed(format.clone(), "its salt is no base64"))?;
    let hash = b64(hash).filter(|hash| is_usual_length(hash.len())).ok_or_else(|| bad_hash(&format))?;
    mapped(format, &cost, (to_hex(&salt), Encoding::Hex), &hash)
}

fn mapped(
    format: HashFormat,
    cost: &Cost,
    (salt, salt_encoding): (String, Encoding),
    hash: &[u8],
) -> Result<RecognisedHash, Unrecognised> {
    if salt.is_empty() {
        return Err(Unrecognised::malformed(format, "it has no salt"));
    }
    let memory = 128_u64.saturating_mul(u64::from(cost.n)).saturating_mul(u64::from(cost.r));
    if memory > MOST_MEMORY || cost.p > MOST_PARALLEL {
        return Err(Unrecognised::no_mapping(format, "no login is given the memory and time that takes"));
    }
    let extra = Extra::Scrypt {
        salt: Secret::new(salt),
        salt_encoding,
        key_length: hash.len(),
        cost: cost.n,
        block_size: cost.r,
        parallelization: cost.p,
    };
    Ok(RecognisedHash { format, hash: PasswordHash::custom("scrypt", to_hex(hash), Encoding::Hex, extra) })
}

/// RFC 7914 §2: N is a power of two above one; r and p are positive, their product below 2^30.
fn cost(n: Option<u32>, r: Option<u32>, p: Option<u32>) -> Option<Cost> {
    let cost = Cost { n: n?, r: r?, p: p? };
    let is_sound = cost.n.is_power_of_two()
        && cost.n > 1
        && cost.r > 0
        && cost.p > 0
        && u64::from(cost.r) * u64::from(cost.p) < 1 << 30;
    is_sound.then_some(cost)
}

fn text_salt(salt: &str) -> (String, Encoding) {
    (salt.to_owned(), Encoding::Utf8)
}

fn parts_missing(format: &HashFormat) -> Unrecognised {
    Unrecognised::malformed(format.clone(), "it does not have the parts that it has to have")
}

fn bad_cost(format: &HashFormat) -> Unrecognised {
    Unrecognised::malformed(format.clone(), "its parameters are no N, r and p of scrypt")
}

fn bad_hash(format: &HashFormat) -> Unrecognised {
    Unrecognised::malformed(format.clone(), "its hash is cut off or not in this form's spelling")
}
