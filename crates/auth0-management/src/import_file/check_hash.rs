//! `custom_password_hash` as Auth0's schema and the rules of each algorithm want it.

use serde_json::{Map, Value};

use super::check::Faults;

const AT: &str = "custom_password_hash";

const HMAC_DIGESTS: [&str; 9] =
    ["md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool"];
const ENCODINGS: [&str; 3] = ["base64", "hex", "utf8"];
const PASSWORD_ENCODINGS: [&str; 6] = ["ascii", "utf8", "utf16le", "ucs2", "latin1", "binary"];
const MEMBERS: [&str; 8] = ["algorithm", "hash", "salt", "password", "keylen", "cost", "blockSize", "parallelization"];

pub(super) fn check_custom_hash(custom: &Map<String, Value>, faults: &mut Faults<'_>) {
    if custom.keys().any(|member| !MEMBERS.contains(&member.as_str())) {
        faults.add(AT, "it has a member that the schema does not know");
    }
    let empty = Map::new();
    let part = |name| custom.get(name).and_then(Value::as_object);
    let (hash, salt, password) = (part("hash"), part("salt"), part("password"));
    for (name, part) in [("salt", salt), ("password", password)] {
        if custom.contains_key(name) && part.is_none() {
            faults.add(&format!("{AT}.{name}"), "it has to be an object");
        }
    }
    let Some(hash) = hash else {
        faults.add(&format!("{AT}.hash"), "it has to be an object");
        return;
    };
    let value = hash.get("value").and_then(Value::as_str).unwrap_or_default();
    if value.is_empty() {
        faults.add(&format!("{AT}.hash.value"), "it has to be a string");
    }
    one_of(hash, "hash.encoding", &ENCODINGS, faults);
    if let Some(salt) = salt {
        check_salt(salt, faults);
    }
    one_of(password.unwrap_or(&empty), "password.encoding", &PASSWORD_ENCODINGS, faults);
    let encoding = hash.get("encoding").and_then(Value::as_str);
    let algorithm = custom.get("algorithm").and_then(Value::as_str).unwrap_or_default();
    if algorithm != "scrypt"
        && ["keylen", "cost", "blockSize", "parallelization"].iter().any(|m| custom.contains_key(*m))
    {
        faults.add(AT, "keylen, cost, blockSize and parallelization belong to scrypt");
    }
    match algorithm {
        "argon2" | "bcrypt" | "ldap" | "pbkdf2" => {
            if encoding.is_some_and(|encoding| encoding != "utf8") {
                faults.add(&format!("{AT}.hash.encoding"), "it has to be utf8");
            }
            if salt.is_some() && algorithm != "bcrypt" {
                faults.add(&format!("{AT}.salt"), "the hash holds the salt already");
            }
            if !has_form(algorithm, value) {
                faults.add(&format!("{AT}.hash.value"), format!("it is not of the form that {algorithm} has"));
            }
        }
        "hmac" | "md4" | "md5" | "sha1" | "sha256" | "sha512" | "scrypt" => {
            check_bytes(value, encoding, faults);
            if algorithm == "hmac" {
                check_hmac(hash, faults);
            }
            if algorithm == "scrypt" {
                check_scrypt(custom, faults);
            }
        }
        _ => faults.add(&format!("{AT}.algorithm"), "it is none of the schema's"),
    }
}

fn check_salt(salt: &Map<String, Value>, faults: &mut Faults<'_>) {
    if !salt.get("value").is_some_and(Value::is_string) {
        faults.add(&format!("{AT}.salt.value"), "it has to be a string");
    }
    one_of(salt, "salt.encoding", &ENCODINGS, faults);
    one_of(salt, "salt.position", &["prefix", "suffix"], faults);
}

fn check_hmac(hash: &Map<String, Value>, faults: &mut Faults<'_>) {
    if !hash.contains_key("digest") {
        faults.add(&format!("{AT}.hash.digest"), "hmac needs it");
    }
    one_of(hash, "hash.digest", &HMAC_DIGESTS, faults);
    let key = hash.get("key").and_then(Value::as_object);
    if !key.and_then(|key| key.get("value")).is_some_and(Value::is_string) {
        faults.add(&format!("{AT}.hash.key.value"), "hmac needs it");
    }
    if let Some(key) = key {
        one_of(key, "hash.key.encoding", &ENCODINGS, faults);
    }
}

fn check_scrypt(custom: &Map<String, Value>, faults: &mut Faults<'_>) {
    if !custom.contains_key("keylen") {
        faults.add(&format!("{AT}.keylen"), "scrypt needs it");
    }
    for member in ["keylen", "blockSize", "parallelization"] {
        if custom.get(member).is_some_and(|number| number.as_u64().is_none_or(|number| number == 0)) {
            faults.add(&format!("{AT}.{member}"), "it has to be a whole number above zero");
        }
    }
    let is_cost = |number: &Value| number.as_u64().is_some_and(|number| number > 1 && number.is_power_of_two());
    if custom.get("cost").is_some_and(|number| !is_cost(number)) {
        faults.add(&format!("{AT}.cost"), "it has to be a power of two above one");
    }
}

fn check_bytes(value: &str, encoding: Option<&str>, faults: &mut Faults<'_>) {
    let is_sound = match encoding {
        Some("hex") => value.len().is_multiple_of(2) && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
        Some("base64") => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte)),
        _ => {
            faults.add(&format!("{AT}.hash.encoding"), "it has to be hex or base64");
            return;
        }
    };
    if !is_sound {
        faults.add(&format!("{AT}.hash.value"), "it is not in the encoding that it names");
    }
}

fn has_form(algorithm: &str, value: &str) -> bool {
    let parts: Vec<&str> = value.split('$').collect();
    let is_b64 = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b));
    match (algorithm, parts.as_slice()) {
        ("argon2", ["", "argon2i" | "argon2id", "v=19", parameters, salt, hash]) => {
            parameters.starts_with("m=") && is_b64(salt) && is_b64(hash)
        }
        ("bcrypt", ["", "2a" | "2b" | "2y", cost, tail]) => cost.len() == 2 && tail.len() == 53,
        ("pbkdf2", ["", name, parameters, salt, hash]) => {
            let digest = name.strip_prefix("pbkdf2-").unwrap_or_default();
            !digest.is_empty() && parameters.starts_with("i=") && is_b64(salt) && is_b64(hash)
        }
        ("ldap", [whole]) => {
            let scheme = whole.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            scheme.is_some_and(|(scheme, value)| {
                let scheme = scheme.to_ascii_lowercase();
                !value.is_empty() && ["md5", "smd5", "sha", "ssha"].iter().any(|known| scheme.starts_with(known))
            })
        }
        _ => false,
    }
}

fn one_of(object: &Map<String, Value>, path: &str, allowed: &[&str], faults: &mut Faults<'_>) {
    let member = path.rsplit('.').next().unwrap_or(path);
    let is_allowed = |value: &Value| value.as_str().is_some_and(|value| allowed.contains(&value));
    if object.get(member).is_some_and(|value| !is_allowed(value)) {
        faults.add(&format!("{AT}.{path}"), "it is none of the schema's");
    }
}
