//! The password hashes of bulk imports.

use serde_json::{Value, json};

use crate::management::Management;

const BCRYPT_TAIL: &str = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

/// The codes of a row's errors; empty: the row was taken.
fn judged(management: &Management, member: &str, value: &Value) -> Vec<String> {
    let mut row = json!({ "email": "a@example.test", "user_id": "1" });
    row[member] = value.clone();
    let (_, refused) = management.import_whole(&json!([row]), false);
    management.tenant.delete_user("auth0|1");
    let errors = refused[0]["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_password_hash_is_bcrypt_of_ten_rounds() {
    let management = Management::start();
    let judged = |text: String| judged(&management, "password_hash", &json!(text));
    assert!(judged(format!("$2a$10${BCRYPT_TAIL}")).is_empty());
    assert!(judged(format!("$2b$10${BCRYPT_TAIL}")).is_empty());
    for bad in [
        format!("$2y$10${BCRYPT_TAIL}"),
        format!("$2b$12${BCRYPT_TAIL}"),
        format!("$2b$10${}", &BCRYPT_TAIL[1..]),
        format!("$2b$10${BCRYPT_TAIL}x"),
        "secret".to_owned(),
    ] {
        assert_eq!(judged(bad.clone()), ["PATTERN"], "{bad}");
    }
}

#[test]
fn hashes_of_every_algorithm_are_taken_in_the_form_that_auth0_gives_them() {
    let management = Management::start();
    let (md5, sha1, sha256, sha512) = ("0f".repeat(16), "0f".repeat(20), "0f".repeat(32), "0f".repeat(64));
    let (salt, half) = ("c2FsdHNhbHQ", format!("{}A", "A".repeat(42)));
    let digest = |algorithm: &str, value: &str, encoding: &str| json!({ "algorithm": algorithm, "hash": { "value": value, "encoding": encoding } });
    let text = |algorithm: &str, value: String| json!({ "algorithm": algorithm, "hash": { "value": value } });
    let mut salted = digest("sha256", &sha256.to_uppercase(), "hex");
    salted["salt"] = json!({ "value": "0aFF", "encoding": "hex", "position": "suffix" });
    salted["password"] = json!({ "encoding": "utf16le" });
    let mut pepper = text("bcrypt", format!("$2y$12${BCRYPT_TAIL}"));
    pepper["salt"] = json!({ "value": "pepper" });
    let mut scrypt = digest("scrypt", &sha512, "hex");
    scrypt["keylen"] = json!(64);
    scrypt["cost"] = json!(4096);
    let mut hmac = digest("hmac", &sha1, "hex");
    hmac["hash"]["digest"] = json!("sha1");
    hmac["hash"]["key"] = json!({ "value": "a2V5", "encoding": "base64" });
    for good in [
        digest("md4", &md5, "hex"),
        digest("md5", "Dw8PDw8PDw8PDw8PDw8PDw==", "base64"),
        digest("sha1", &sha1, "hex"),
        digest("sha512", &sha512, "hex"),
        salted,
        pepper,
        scrypt,
        hmac,
        text("bcrypt", format!("$2b$31${BCRYPT_TAIL}")),
        text("argon2", format!("$argon2id$v=19$m=65536,t=3,p=4${salt}${half}")),
        digest("argon2", &format!("$argon2i$m=65536,t=3,p=4${salt}${half}"), "utf8"),
        text("pbkdf2", format!("$pbkdf2-sha256$i=600000,l=32${salt}${half}")),
        text("pbkdf2", format!("$pbkdf2-sha512${salt}${}", "A".repeat(86))),
        text("ldap", "{SSHA}Dw8PDw8PDw8PDw8PDw8PDw==".to_owned()),
        text("ldap", "{md5}Dw8PDw8PDw8PDw8PDw8PDw==".to_owned()),
    ] {
        assert_eq!(judged(&management, "custom_password_hash", &good), <[String; 0]>::default(), "{good}");
    }
}

#[test]
fn hashes_that_auth0_could_not_check_are_refused() {
    let management = Management::start();
    let (sha256, salt, half) = ("0f".repeat(32), "c2FsdHNhbHQ", format!("{}A", "A".repeat(42)));
    let hash = |algorithm: &str, hash: Value| json!({ "algorithm": algorithm, "hash": hash });
    let and = |mut whole: Value, member: &str, value: Value| {
        whole[member] = value;
        whole
    };
    let hexed = json!({ "value": sha256, "encoding": "hex" });
    let argon2 = json!({ "value": format!("$argon2id$v=19$m=1,t=1,p=1${salt}${half}") });
    let scrypt = and(hash("scrypt", hexed.clone()), "keylen", json!(32));
    for (bad, codes) in [
        (json!({ "hash": hexed.clone() }), &["OBJECT_REQUIRED"][..]),
        (json!({ "algorithm": "sha256" }), &["OBJECT_REQUIRED"]),
        (hash("rot13", hexed.clone()), &["ENUM_MISMATCH"]),
        (hash("sha256", json!({ "encoding": "hex" })), &["OBJECT_REQUIRED"]),
        (hash("sha256", json!({ "value": sha256 })), &["OBJECT_REQUIRED"]),
        (hash("sha256", json!({ "value": sha256, "encoding": "utf8" })), &["ENUM_MISMATCH"]),
        (hash("sha256", json!({ "value": sha256, "encoding": "base32" })), &["ENUM_MISMATCH"]),
        (hash("sha256", json!({ "value": "xyz", "encoding": "hex" })), &["FORMAT"]),
        (hash("sha512", hexed.clone()), &["NOT_PASSED"]),
        (and(hash("sha256", hexed.clone()), "rounds", json!(1)), &["NOT_PASSED"]),
        (and(hash("sha256", hexed.clone()), "salt", json!({})), &["OBJECT_REQUIRED"]),
        (and(hash("sha256", hexed.clone()), "salt", json!({ "value": "x", "position": "middle" })), &["ENUM_MISMATCH"]),
        (and(hash("sha256", hexed.clone()), "salt", json!({ "value": "x", "encoding": "hex" })), &["FORMAT"]),
        (and(hash("sha256", hexed.clone()), "password", json!({ "encoding": "utf9" })), &["ENUM_MISMATCH"]),
        (and(hash("argon2", argon2.clone()), "salt", json!({ "value": "x" })), &["NOT_PASSED"]),
        (hash("argon2", json!({ "value": argon2["value"], "encoding": "hex" })), &["ENUM_MISMATCH"]),
        (hash("argon2", json!({ "value": format!("$argon2id$v=19${salt}${half}") })), &["FORMAT"]),
        (hash("bcrypt", json!({ "value": format!("$2x$10${BCRYPT_TAIL}") })), &["FORMAT"]),
        (hash("pbkdf2", json!({ "value": format!("pbkdf2_sha256$600000${salt}${half}=") })), &["FORMAT"]),
        (hash("pbkdf2", json!({ "value": format!("$pbkdf2-sha256$i=600000${salt}${half}") })), &["FORMAT"]),
        (hash("pbkdf2", json!({ "value": format!("$pbkdf2-sha3$i=1,l=32${salt}${half}") })), &["FORMAT"]),
        (hash("pbkdf2", json!({ "value": format!("$pbkdf2-sha256$i=1,l=32${salt}${half}=") })), &["FORMAT"]),
        (hash("ldap", json!({ "value": "{CRYPT}Dw8=" })), &["FORMAT"]),
        (hash("scrypt", hexed.clone()), &["OBJECT_REQUIRED"]),
        (and(scrypt.clone(), "keylen", json!(64)), &["NOT_PASSED"]),
        (and(scrypt.clone(), "keylen", json!(0)), &["MINIMUM", "NOT_PASSED"]),
        (and(scrypt.clone(), "cost", json!(1000)), &["NOT_PASSED"]),
        (and(scrypt, "blockSize", json!("8")), &["INVALID_TYPE"]),
        (hash("hmac", hexed), &["OBJECT_REQUIRED", "OBJECT_REQUIRED"]),
    ] {
        assert_eq!(judged(&management, "custom_password_hash", &bad), codes, "{bad}");
    }
}

#[test]
fn the_two_members_exclude_each_other_and_secrets_are_blotted_out_of_the_report() {
    let management = Management::start();
    let secret = format!("$2b$10${BCRYPT_TAIL}");
    let custom = json!({ "algorithm": "bcrypt", "hash": { "value": secret } });
    let row = json!({ "email": "a@example.test", "password_hash": secret, "custom_password_hash": custom });
    let (_, refused) = management.import_whole(&json!([row]), false);
    assert_eq!(refused[0]["errors"][0]["code"], "NOT_PASSED");
    assert_eq!(refused[0]["user"]["custom_password_hash"]["hash"]["value"], "*****");
    assert!(!refused.to_string().contains(BCRYPT_TAIL));
}
