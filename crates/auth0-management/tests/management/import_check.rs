//! The schema, from the side of the file.

use auth0_management::{FileFault, MAX_IMPORT_FILE_BYTES, check_import_file};
use serde_json::{Value, json};

#[track_caller]
fn faults(users: &Value) -> Vec<FileFault> {
    check_import_file(users.to_string().as_bytes()).err().unwrap_or_default()
}

/// The only fault of a user with this member.
#[track_caller]
fn fault_of(member: &str, value: Value) -> (String, String) {
    let mut user = json!({ "email": "ada@example.test" });
    user[member] = value;
    let mut found = faults(&json!([user]));
    assert_eq!(found.len(), 1, "{user}: {found:?}");
    let fault = found.remove(0);
    assert_eq!(fault.index, Some(0));
    (fault.path, fault.what)
}

/// The examples of Auth0's page, with hashes of other passwords.
#[test]
fn files_as_auth0_shows_them_pass() {
    let users = json!([
        {"email": "john@example.test", "email_verified": false, "app_metadata": {"roles": ["admin"], "plan": "premium"},
         "user_metadata": {"theme": "light"}},
        {"email": "a@example.test", "custom_password_hash": {"algorithm": "md4",
         "hash": {"value": "AbuUujgF0pPPkJPSFRTpmA==", "encoding": "base64"}}},
        {"email": "b@example.test", "custom_password_hash": {"algorithm": "sha256",
         "hash": {"value": "d24e794fce503c3ddb1cd1ba1dd5d9b250cf9917336a0316fefd87fecf79200f", "encoding": "hex"},
         "salt": {"value": "abc123", "position": "prefix"}}},
        {"email": "c@example.test", "custom_password_hash": {"algorithm": "bcrypt",
         "hash": {"value": "$2b$10$C9hB01.YxRSTcn/ZOOo4j.TW7xCKKFKBSF.C7E0xiUwumqIDqWUXG"}}},
        {"email": "d@example.test", "custom_password_hash": {"algorithm": "argon2", "hash": {"value":
         "$argon2id$v=19$m=65536,t=2,p=1$J6Q/82PCyaNpYKRELJyTZg$m04qUAB8rexWDR4+/0f+SFB+4XMFxt7YAvAq2UycYos"}}},
        {"email": "e@example.test", "custom_password_hash": {"algorithm": "pbkdf2", "hash": {"value":
         "$pbkdf2-sha512$i=100000,l=64$KNyFsA2rWoE$I2CQGI9H0JxdDf3kERRI97kPCGxh0KWBIV3MxyaS191gDGfzVBGyS4BibhgqWQ0/\
          ails8mHuU9ckASxHOOq58w"}}},
        {"email": "f@example.test", "custom_password_hash": {"algorithm": "ldap", "hash": {"value":
         "{SSHA384}/cgEjdoZh85DhurDeOQEMO1rMlAur93SVPbYe5XSD4lF7nNuvrBju5hUeg9A6agRemgSXGl5YuE=", "encoding": "utf8"}}},
        {"email": "g@example.test", "custom_password_hash": {"algorithm": "hmac", "hash": {"value":
         "cg7f42jH39/2EaAU4wNd4s2lKIk=", "encoding": "base64", "digest": "sha1",
         "key": {"value": "736868", "encoding": "hex"}}}},
        {"email": "h@example.test", "custom_password_hash": {"algorithm": "scrypt", "hash": {"value":
         "097f6197e1b41538f723e32aa7a68e8d76227d8e432ce5faa4882a913032db29", "encoding": "hex"},
         "salt": {"value": "abc123", "encoding": "utf8"}, "keylen": 32, "cost": 4096}},
        {"email": "i@example.test", "mfa_factors": [{"totp": {"secret": "JBTWY3DPEHPK3PNP"}}]},
    ]);
    assert_eq!(faults(&users), []);
}

#[test]
fn what_is_no_array_within_the_limit_is_a_fault_of_the_file() {
    let long = format!("[{}]", " ".repeat(MAX_IMPORT_FILE_BYTES - 1));
    for text in
        ["", "{}", "null", "[", "[{}", "[1,]", "[]x", "{\"email\":\"a@b.test\"}\n{\"email\":\"c@d.test\"}", &long]
    {
        let found = check_import_file(text.as_bytes()).expect_err("a fault");
        assert!(found.len() == 1 && found[0].index.is_none(), "{found:?}");
    }
    assert!(check_import_file(&long.as_bytes()[..MAX_IMPORT_FILE_BYTES]).is_err());
    let longest = format!("[{}]", " ".repeat(MAX_IMPORT_FILE_BYTES - 2));
    assert!(check_import_file(longest.as_bytes()).expect("an empty array").users.is_empty());
    assert!(check_import_file(b"[{\"email\":\"\xff@b.test\"}]").is_err());
}

#[test]
fn a_fault_says_which_user_and_which_member() {
    let found = faults(&json!([{"email": "a@example.test"}, {"email": "b@example.test", "name": 7}, 3, {}]));
    let places: Vec<_> = found.iter().map(|fault| (fault.index, fault.path.as_str())).collect();
    assert_eq!(places, [(Some(1), "name"), (Some(2), ""), (Some(3), "email")]);
    assert_eq!(found[0].to_string(), "user 2, name: it has to be a string");
}

#[test]
fn members_are_of_the_schema_and_of_its_types() {
    for (member, value) in [
        ("email_verified", json!("true")),
        ("blocked", json!(1)),
        ("phone_verified", json!(null)),
        ("name", json!(["a"])),
        ("name", json!("a".repeat(301))),
        ("given_name", json!("a".repeat(151))),
        ("username", json!("a".repeat(129))),
        ("user_id", json!(7)),
        ("user_id", json!("auth0|7")),
        ("picture", json!(false)),
        ("phone_number", json!(49)),
        ("app_metadata", json!("x")),
        ("app_metadata", json!({"email": "x"})),
        ("user_metadata", json!([])),
        ("mfa_factors", json!({})),
        ("email", json!("ada")),
        ("email", json!(null)),
        ("password_hash", json!("$2b$11$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS")),
        ("password_hash", json!("$2y$10$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS")),
        ("custom_password_hash", json!("x")),
    ] {
        assert_eq!(fault_of(member, value.clone()).0, member, "{value}");
    }
    for member in ["password", "Email", "identities", "created_at", "id"] {
        assert_eq!(fault_of(member, json!("x")).0, "");
    }
}

#[test]
fn a_custom_hash_has_what_its_algorithm_needs_and_nothing_else() {
    let hex = "00".repeat(32);
    for (path, custom) in [
        (".algorithm", json!({"algorithm": "whirlpool", "hash": {"value": "00", "encoding": "hex"}})),
        (".algorithm", json!({"hash": {"value": "00", "encoding": "hex"}})),
        (".hash", json!({"algorithm": "md5"})),
        (".hash.encoding", json!({"algorithm": "md5", "hash": {"value": "00"}})),
        (".hash.encoding", json!({"algorithm": "md5", "hash": {"value": "00", "encoding": "utf8"}})),
        (".hash.value", json!({"algorithm": "md5", "hash": {"value": "0g", "encoding": "hex"}})),
        (".salt.value", json!({"algorithm": "md5", "hash": {"value": "00", "encoding": "hex"}, "salt": {}})),
        (
            ".salt.position",
            json!({"algorithm": "md5", "hash": {"value": "00", "encoding": "hex"},
            "salt": {"value": "x", "position": "middle"}}),
        ),
        ("", json!({"algorithm": "md5", "hash": {"value": "00", "encoding": "hex"}, "keylen": 16})),
        ("", json!({"algorithm": "md5", "hash": {"value": "00", "encoding": "hex"}, "pepper": "x"})),
        (
            ".salt",
            json!({"algorithm": "argon2", "salt": {"value": "x"}, "hash": {"value":
            "$argon2id$v=19$m=65536,t=2,p=1$J6Q/82PCyaNpYKRELJyTZg$m04qUAB8rexWDR4+/0f+SFB+4XMFxt7YAvAq2UycYos"}}),
        ),
        (".hash.value", json!({"algorithm": "argon2", "hash": {"value": "$argon2d$v=19$m=1$c2FsdA$aGFzaA"}})),
        (".hash.value", json!({"algorithm": "bcrypt", "hash": {"value": "$2x$10$short"}})),
        (".hash.value", json!({"algorithm": "pbkdf2", "hash": {"value": "pbkdf2_sha256$1000$c2FsdA$aGFzaA=="}})),
        (".hash.value", json!({"algorithm": "pbkdf2", "hash": {"value": "$pbkdf2-sha256$i=1$c2FsdA$aGFz.A"}})),
        (".hash.value", json!({"algorithm": "ldap", "hash": {"value": "{CRYPT}$1$x"}})),
        (".hash.encoding", json!({"algorithm": "ldap", "hash": {"value": "{SHA}x", "encoding": "base64"}})),
        (
            ".hash.digest",
            json!({"algorithm": "hmac", "hash": {"value": hex, "encoding": "hex", "key": {"value": "k"}}}),
        ),
        (
            ".hash.key.value",
            json!({"algorithm": "hmac", "hash": {"value": hex, "encoding": "hex", "digest": "sha256"}}),
        ),
        (".keylen", json!({"algorithm": "scrypt", "hash": {"value": hex, "encoding": "hex"}})),
        (".keylen", json!({"algorithm": "scrypt", "hash": {"value": hex, "encoding": "hex"}, "keylen": 0})),
        (
            ".cost",
            json!({"algorithm": "scrypt", "hash": {"value": hex, "encoding": "hex"}, "keylen": 32, "cost": 1000}),
        ),
        (
            ".blockSize",
            json!({"algorithm": "scrypt", "hash": {"value": hex, "encoding": "hex"}, "keylen": 32,
            "blockSize": "8"}),
        ),
    ] {
        assert_eq!(
            fault_of("custom_password_hash", custom.clone()).0,
            format!("custom_password_hash{path}"),
            "{custom}"
        );
    }
}

#[test]
fn the_two_kinds_of_hashes_exclude_each_other() {
    let found = faults(&json!([{
        "email": "a@example.test",
        "password_hash": "$2b$10$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS",
        "custom_password_hash": {"algorithm": "md5", "hash": {"value": "00", "encoding": "hex"}},
    }]));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn nobody_stands_twice_in_a_file() {
    let found = faults(&json!([
        {"email": "a@example.test", "user_id": "1"},
        {"email": "A@example.test", "user_id": "2"},
        {"email": "b@example.test", "user_id": "1"},
    ]));
    let places: Vec<_> = found.iter().map(|fault| (fault.index, fault.path.as_str())).collect();
    assert_eq!(places, [(Some(1), "email"), (Some(2), "user_id")]);
}

#[test]
fn a_file_full_of_faults_is_told_of_in_a_hundred() {
    let users: Vec<_> = (0..5000).map(|_| json!({})).collect();
    assert_eq!(faults(&json!(users)).len(), 100);
}

#[test]
fn no_fault_repeats_what_the_file_holds() {
    let secret = "s3cr3t-h4sh";
    let found = faults(&json!([{"email": secret, secret: 1, "password_hash": secret, "custom_password_hash":
        {"algorithm": secret, "hash": {"value": secret, "encoding": secret}, "salt": {"value": 1, "position": secret}}}]));
    assert!(found.len() > 5 && !format!("{found:?}").contains(secret), "{found:?}");
    let sound = json!([{"email": "a@example.test", "password_hash":
        "$2b$10$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS"}])
    .to_string();
    let checked = check_import_file(sound.as_bytes()).expect("a sound file");
    assert!(!format!("{checked:?}").contains("LCnzdxd"), "{checked:?}");
}
