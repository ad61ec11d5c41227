//! What Auth0 does when an imported user logs in: hash the password again as their import file says, and compare. By
//! other people's libraries, from the file's text alone.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use pbkdf2::pbkdf2_hmac;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// Whether the user of an import file gets in with this password.
pub(crate) fn logs_in(user: &Value, password: &str) -> bool {
    if let Some(hash) = user.get("password_hash") {
        return bcrypt::verify(password, text(hash)).expect("a bcrypt hash");
    }
    let custom = &user["custom_password_hash"];
    let value = text(&custom["hash"]["value"]);
    let password = password.as_bytes();
    match text(&custom["algorithm"]) {
        "bcrypt" => bcrypt::verify(password, value).expect("a bcrypt hash"),
        "argon2" => argon2(value, password),
        "pbkdf2" => pbkdf2(value, password),
        "scrypt" => scrypt(custom, password),
        "ldap" => ldap(value, password),
        "hmac" => hash_of(custom) == hmac_of(&custom["hash"], password),
        digest => {
            let salt = custom.get("salt").map(salt_of).unwrap_or_default();
            hash_of(custom) == digest_of(digest, &[&salt[..], password].concat())
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a string: {value}"))
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_else(|| panic!("a number: {value}"))
}

fn bytes(value: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf8" => value.as_bytes().to_vec(),
        "base64" => STANDARD.decode(value).expect("base64"),
        "hex" => {
            let pair = |at: usize| u8::from_str_radix(value.get(at..at + 2).expect("a pair"), 16).expect("digits");
            (0..value.len()).step_by(2).map(pair).collect()
        }
        other => panic!("{other}"),
    }
}

fn hash_of(custom: &Value) -> Vec<u8> {
    bytes(text(&custom["hash"]["value"]), text(&custom["hash"]["encoding"]))
}

fn salt_of(salt: &Value) -> Vec<u8> {
    assert!(salt.get("position").is_none_or(|position| position == "prefix"));
    bytes(text(&salt["value"]), text(&salt["encoding"]))
}

fn parts(phc: &str) -> Vec<&str> {
    phc.split('$').collect()
}

fn b64(text: &str) -> Vec<u8> {
    STANDARD_NO_PAD.decode(text).expect("base64 without padding")
}

/// `m=512,t=2,p=1` by name.
fn parameter(parameters: &str, name: &str) -> u32 {
    let found = parameters.split(',').find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
    found.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{name} in {parameters}"))
}

fn argon2(phc: &str, password: &[u8]) -> bool {
    let parts = parts(phc);
    let (costs, salt, hash) = (parts[3], b64(parts[4]), b64(parts[5]));
    assert_eq!((parts[0], parts[2], parts.len()), ("", "v=19", 6));
    let cost = |name| parameter(costs, name);
    let params = Params::new(cost("m"), cost("t"), cost("p"), Some(hash.len())).expect("parameters");
    let mut again = vec![0; hash.len()];
    Argon2::new(Algorithm::new(parts[1]).expect("a variant"), Version::V0x13, params)
        .hash_password_into(password, &salt, &mut again)
        .expect("a hash");
    again == hash
}

fn pbkdf2(phc: &str, password: &[u8]) -> bool {
    let parts = parts(phc);
    let (costs, salt, hash) = (parts[2], b64(parts[3]), b64(parts[4]));
    assert_eq!((parts[0], parts.len()), ("", 5));
    let length = usize::try_from(parameter(costs, "l")).expect("a length");
    let (rounds, mut again) = (parameter(costs, "i"), vec![0; length]);
    match parts[1] {
        "pbkdf2-sha1" => pbkdf2_hmac::<Sha1>(password, &salt, rounds, &mut again),
        "pbkdf2-sha256" => pbkdf2_hmac::<Sha256>(password, &salt, rounds, &mut again),
        "pbkdf2-sha512" => pbkdf2_hmac::<Sha512>(password, &salt, rounds, &mut again),
        other => panic!("{other}"),
    }
    again == hash
}

fn scrypt(custom: &Value, password: &[u8]) -> bool {
    let cost = number(&custom["cost"]);
    assert!(cost.is_power_of_two());
    let log_n = u8::try_from(cost.trailing_zeros()).expect("a cost");
    let params = scrypt::Params::new(log_n, number(&custom["blockSize"]), number(&custom["parallelization"]));
    let mut again = vec![0; usize::try_from(number(&custom["keylen"])).expect("a length")];
    scrypt::scrypt(password, &salt_of(&custom["salt"]), &params.expect("parameters"), &mut again).expect("a hash");
    again == hash_of(custom)
}

/// RFC 2307 §5.3, with the salt behind the digest.
fn ldap(value: &str, password: &[u8]) -> bool {
    let (scheme, encoded) = value.strip_prefix('{').and_then(|rest| rest.split_once('}')).expect("a scheme");
    let decoded = STANDARD.decode(encoded).expect("base64");
    let scheme = scheme.to_ascii_lowercase();
    let digest = scheme.strip_prefix('s').filter(|rest| rest.starts_with("sha") || rest.starts_with("md5"));
    let name = digest.unwrap_or(&scheme).replace("sha", "sha1");
    let name = if name.len() > 4 && name != "sha1" { name.replace("sha1", "sha") } else { name };
    let size = digest_of(&name, b"").len();
    let (hash, salt) = decoded.split_at(size);
    assert_eq!(salt.is_empty(), digest.is_none());
    digest_of(&name, &[password, salt].concat()) == hash
}

fn hmac_of(hash: &Value, password: &[u8]) -> Vec<u8> {
    let key = bytes(text(&hash["key"]["value"]), text(&hash["key"]["encoding"]));
    match text(&hash["digest"]) {
        "sha256" => {
            Hmac::<Sha256>::new_from_slice(&key).expect("a key").chain_update(password).finalize().into_bytes().to_vec()
        }
        "sha512" => {
            Hmac::<Sha512>::new_from_slice(&key).expect("a key").chain_update(password).finalize().into_bytes().to_vec()
        }
        other => panic!("{other}"),
    }
}

fn digest_of(name: &str, message: &[u8]) -> Vec<u8> {
    match name {
        "md5" => Md5::digest(message).to_vec(),
        "sha1" => Sha1::digest(message).to_vec(),
        "sha224" => Sha224::digest(message).to_vec(),
        "sha256" => Sha256::digest(message).to_vec(),
        "sha384" => Sha384::digest(message).to_vec(),
        "sha512" => Sha512::digest(message).to_vec(),
        other => panic!("{other}"),
    }
}
