//! Every format that has a place at Auth0 lets its user in with the old password.

use auth0_management::{ImportDraft, ImportFiles, ImportUser, PasswordHash, check_import_file};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use pbkdf2::pbkdf2_hmac;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::import_login::logs_in;

/// What all of these are hashes of.
pub(crate) const PASSWORD: &str = "correct horse Zoë";

/// Made by Django 5.2, passlib 1.7, Werkzeug 2.2 and 3, argon2-cffi and bcrypt for Python, and what they are reported as.
pub(crate) const FROM_FRAMEWORKS: [(&str, &str); 38] = [
    ("bcrypt (cost 5)", "$2b$05$SWSrf3wRZmhSmikBbjFsLuTz4wOyxuBzr9JeVj9LPbeuaigUpxQ/q"),
    ("bcrypt (cost 10)", "$2b$10$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS"),
    ("bcrypt (cost 10)", "$2a$10$ARfl3aIOHk2eh96WngWXuevSUPNUyppj5V3GufGXy5..w31I0Gxz."),
    ("bcrypt (cost 5)", "$2y$05$dZeZYfsl90KaHfcOQUU0cOFiV9H1v938MEbTvpbgGEPH26jcdMlvW"),
    ("bcrypt (cost 5, Django)", "bcrypt$$2b$05$T8LVEd3zppkg4JBs2gNLnuhPVx7QwxX6Eg4aGf69zN8HzBO3O0rl6"),
    ("argon2id", "$argon2id$v=19$m=512,t=2,p=2$MAbAWKuVMobwfq/1PodwTg$G6WcOv3vTq0QWBe8Jgwdb/xXzi45WoSIYZMPWIbtXEw"),
    ("argon2i", "$argon2i$v=19$m=512,t=2,p=1$nJOyNkaIUQrhPEfo/R8jRA$or+RDy26BAiIpOkT05ERKtMB1WnSBG8Y1x+jXjBspvY"),
    (
        "argon2id (Django)",
        "argon2$argon2id$v=19$m=512,t=2,p=2$WnBCVERjdk9xSUNDc29DU05zenI4Qw$BA9YLYyiiOWSljz5hn4eBA8nreNJh9YDH12LJYRqY4M",
    ),
    (
        "pbkdf2-sha256 (Django)",
        "pbkdf2_sha256$1000$iSj4iYvHBF66kH0kmDWzXV$Vq6xC/kTD+SI/SOltM63KW4od7gXb9UiKynTSn9YQ00=",
    ),
    ("pbkdf2-sha1 (Django)", "pbkdf2_sha1$1000$tYycTbu91atgcTxWNqP3wh$D5kjSS9gJnOJgXHjHVOhPsR5rAI="),
    (
        "pbkdf2-sha256 (Werkzeug)",
        "pbkdf2:sha256:1000$3pI8LuPbKRTSHTNx$1e8f2d8007dba6bf5b53b56c99039a88a7c92b34c579b157f7bc82b600f9d1ef",
    ),
    ("pbkdf2-sha1 (Werkzeug)", "pbkdf2:sha1:1000$w4TMqc1eLItrob5h$1495a5ef4cd3adf6630ac3112ce3153453a46384"),
    (
        "pbkdf2-sha512 (Werkzeug)",
        "pbkdf2:sha512:1000$AFZxD7fArHKi0wEO$2bddfc1b1a82e06c29bbae2437586b03be496740a66d17c036b54e27b13e349c\
         1c7ef31a304e56534ef554346dd84555b7d74116b7204ef25a709e447dc46623",
    ),
    ("pbkdf2-sha1 (passlib)", "$pbkdf2$1000$hlBqDSGEECJkjBFCaE0pJQ$4x9RMNYPWoFMiDG0wiun/lmdr1E"),
    (
        "pbkdf2-sha256 (passlib)",
        "$pbkdf2-sha256$1000$lbLWuhdibG0NoTTGeM/5Pw$kmbOP9aUY8JSboc.O5yIh5rv.fojH/hiPMrAg3AdHSA",
    ),
    (
        "pbkdf2-sha512 (passlib)",
        "$pbkdf2-sha512$1000$dK7V2jvHOOf8n1Pqfa.11g$6eJ23fqHdaNM020tmnm/7tY6a7Xv78HuZEtvjby2UkE3yy/lk3W5kYpgBfLPSQcq5N\
         b1p8fJFqqjQpJGFeOdRg",
    ),
    (
        "pbkdf2-sha256 (passlib for LDAP)",
        "{PBKDF2-SHA256}1000$7T1HSAlhLGWsde691/ofgw$Fb2.JzvuQm.DtFmQgL5bpbA2sPp5.DvLNMLkulaMTFs",
    ),
    ("pbkdf2-sha1 (passlib for LDAP)", "{PBKDF2}1000$ec.Zcy6l9P6fk5LynvMe4w$MMc5z.XaFfwsCM57T7Ev4VwYuNM"),
    (
        "scrypt (Django)",
        "scrypt$1024$XoeIzsxqNbFbhcmvRWBtlD$8$5$+htMn/Fg23CKQHjupPuS4zB0uDFXapLuRYP50bPE2xExWJQ+yU/zH4DOWYoWHiE9j2tE5x\
         QJKPV+COiX3qdhgw==",
    ),
    (
        "scrypt (Werkzeug)",
        "scrypt:1024:8:1$89305T0YoWl5YicD$510359c069c997a36a596ac28d098e7f1d724fc00c43ad0cb41004d2079bfe94f78687e2022\
         88d411d48c60db6a47e153456446368a26734e900c3c415817d01",
    ),
    (
        "scrypt (PHC, passlib)",
        "$scrypt$ln=10,r=8,p=1$wBhDKIVwbg0hhNB6r7VWSg$MyQKirI6BWkcL6LM37g07ewu6pJz5AWc4jgLwTgdmyI",
    ),
    ("sha1 with salt (Django)", "sha1$POc1RIbDprJh$ede20ed824de5fb1d8acf9704ed6928c95118064"),
    ("md5 with salt (Django)", "md5$S4W3URgGOvoAF3cd1jEM0R$1af5832a2142c78290d822e858314589"),
    ("md5 with salt (Django)", "md5$KYcmQDwmyYmK$a92c3d1a5e6bc2f8d80cb8dcfe56b1e0"),
    ("sha1 without salt (Django)", "sha1$$a82ddda51154e75785c125683c0843a7d1b517e7"),
    ("md5 without salt (Django)", "md5$$fbaf54551f934fc3922d67df902041f6"),
    (
        "hmac-sha256 (Werkzeug)",
        "sha256$x3wKlDR1WCkjtIvh$09db9a55d916d34eeb16b3f910301c275eb060461c5af5a9b4d7de0fdef4d1a7",
    ),
    (
        "hmac-sha512 (Werkzeug)",
        "sha512$VzAwORC62iuBhrIk$48a40edf9c9407d55f743ed0bb0472f3acc2cde53abf442e847288bdac065a12b263547efbf02251441\
         3b7408facfca2d487176b3d4c975e70299aa6d7f95e3a",
    ),
    ("{MD5} (LDAP)", "{MD5}+69UVR+TT8OSLWffkCBB9g=="),
    ("{SHA} (LDAP)", "{SHA}qC3dpRFU51eFwSVoPAhDp9G1F+c="),
    ("{SMD5} (LDAP)", "{SMD5}bExegNn3Sir4KtycU8FsmyJEiBE="),
    ("{SSHA} (LDAP)", "{SSHA}99f1cF6G61qCE0Jm9u2fhFbSFvyvNUao"),
    ("{SSHA256} (LDAP)", "{ssha256}ELiBdPLDV/TzOFwkUeC0KR1N0pR776CYtutm5ug/JrkUQuidE0LoHQ=="),
    (
        "{SSHA512} (LDAP)",
        "{SSHA512}agOykpE5at86jHwIQbVyXMdAZ44v0pFbFjUfMe24xRgIWx61o/4BGtxP1b6frFPUgUGIcEh/i4Oia/OdN9CRdTdGSOl9L+W8",
    ),
    ("md5 without salt (hexadecimal)", "fbaf54551f934fc3922d67df902041f6"),
    ("sha1 without salt (hexadecimal)", "A82DDDA51154E75785C125683C0843A7D1B517E7"),
    ("sha256 without salt (hexadecimal)", "63fc1731cfcac6e79d9fe58c9b1d5dcdd9a4f9c9b3871a7706849bf6df6a65e6"),
    (
        "sha512 without salt (hexadecimal)",
        "06e98ad2263d9e628260e2b3b326cd9782e14f6f0c9e3f668a1ebc0ef97944dd2fbbc3a5770df75a2c77230c56c8caaa2732c0f62f6a\
         2a3ffa6524745d142d42",
    ),
];

/// Bytes that look random and are the same each time.
fn noise(seed: usize, length: usize) -> Vec<u8> {
    Sha512::digest(seed.to_string()).iter().copied().cycle().take(length).collect()
}

/// The user's object in an import file of their own.
#[track_caller]
fn in_a_file(stored: &str) -> (String, Value) {
    let recognised = PasswordHash::recognise(stored).unwrap_or_else(|error| panic!("{stored}: {error}"));
    let draft = ImportDraft {
        email: Some("ada@example.test".to_owned()),
        password: Some(recognised.hash),
        ..ImportDraft::default()
    };
    let directory = tempfile::tempdir().expect("a directory");
    let mut files = ImportFiles::create(directory.path()).expect("a directory for files");
    files.push(&ImportUser::new(draft).expect("a sound user")).expect("a place in the file");
    let files = files.finish().expect("a file");
    let text = std::fs::read(&files[0].path).expect("a file");
    check_import_file(&text).unwrap_or_else(|faults| panic!("{stored}: {faults:?}"));
    let mut users: Vec<Value> = serde_json::from_slice(&text).expect("an array");
    (recognised.format.to_string(), users.remove(0))
}

#[test]
fn hashes_of_real_frameworks_let_their_users_in_and_nobody_else() {
    for (format, stored) in FROM_FRAMEWORKS {
        let (found, user) = in_a_file(stored);
        assert_eq!(found, format, "{stored}");
        assert!(logs_in(&user, PASSWORD), "{stored} became {user}");
        assert!(!logs_in(&user, "correct horse Zoe"), "{stored}");
    }
}

#[test]
fn bcrypt_of_cost_ten_is_a_password_hash_and_all_else_a_custom_one() {
    for (format, stored) in FROM_FRAMEWORKS {
        let (_, user) = in_a_file(stored);
        let is_auth0s_own = format == "bcrypt (cost 10)";
        assert_eq!(user.get("password_hash").is_some(), is_auth0s_own, "{stored}");
        assert_eq!(user.get("custom_password_hash").is_some(), !is_auth0s_own, "{stored}");
    }
    // By PHP, whose prefix `password_hash` does not take.
    let php = bcrypt::hash_with_salt(PASSWORD, 10, [7; 16]).expect("a hash").format_for_version(bcrypt::Version::TwoY);
    let (_, user) = in_a_file(&php);
    assert!(user.get("password_hash").is_none() && logs_in(&user, PASSWORD));
}

#[test]
fn any_salt_survives_the_ways_that_pbkdf2_is_written_in() {
    for seed in 0..200 {
        let salt = noise(seed, 1 + seed % 40);
        let (password, rounds) = (format!("pass{seed}wörd\u{1f511}"), 1 + u32::try_from(seed % 7).expect("small"));
        let mut hash = [0; 32];
        pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, rounds, &mut hash);
        let adapted = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes).replace('+', ".");
        let mut stored = vec![
            format!("$pbkdf2-sha256${rounds}${}${}", adapted(&salt), adapted(&hash)),
            format!("$pbkdf2-sha256$i={rounds}${}${}", STANDARD_NO_PAD.encode(&salt), STANDARD_NO_PAD.encode(hash)),
            format!(
                "$pbkdf2-sha256$i={rounds},l=32${}${}",
                STANDARD_NO_PAD.encode(&salt),
                STANDARD_NO_PAD.encode(hash)
            ),
        ];
        // Salts that are text: Django and Werkzeug write them as they are.
        let text: String = salt.iter().map(|byte| char::from(byte % 26 + b'a')).chain("ß".chars()).collect();
        pbkdf2_hmac::<Sha256>(password.as_bytes(), text.as_bytes(), rounds, &mut hash);
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        stored.push(format!("pbkdf2_sha256${rounds}${text}${}", STANDARD.encode(hash)));
        stored.push(format!("pbkdf2:sha256:{rounds}${text}${hex}"));
        for stored in stored {
            let recognised = PasswordHash::recognise(&stored).unwrap_or_else(|error| panic!("{stored}: {error}"));
            let (member, value) = recognised.hash.member();
            assert!(logs_in(&json!({ member: value }), &password), "{stored} became {value}");
        }
    }
}

#[test]
fn any_salt_survives_the_ways_that_scrypt_and_argon2_are_written_in() {
    for seed in 0..30 {
        let salt = noise(seed, 8 + seed % 24);
        let password = format!("pass{seed}wörd");
        let length = 16 + seed % 7 * 8;
        let (mut scrypted, mut argoned) = (vec![0; length], vec![0; length]);
        let params = scrypt::Params::new(4, 2, 3).expect("parameters");
        scrypt::scrypt(password.as_bytes(), &salt, &params, &mut scrypted).expect("a hash");
        let params = argon2::Params::new(64, 1, 1, Some(argoned.len())).expect("parameters");
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &salt, &mut argoned)
            .expect("a hash");
        let b64 = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        for stored in [
            format!("$scrypt$ln=4,r=2,p=3${}${}", b64(&salt), b64(&scrypted)),
            format!("$argon2id$v=19$m=64,t=1,p=1${}${}", b64(&salt), b64(&argoned)),
        ] {
            let recognised = PasswordHash::recognise(&stored).unwrap_or_else(|error| panic!("{stored}: {error}"));
            let (member, value) = recognised.hash.member();
            assert!(logs_in(&json!({ member: value }), &password), "{stored} became {value}");
        }
    }
}

#[test]
fn a_salt_of_any_text_goes_before_the_password() {
    for salt in ["a1b2c", "seasalt", "ünïcödé", "\"\\\u{7f}", "{}"] {
        let hash = Sha1::digest(format!("{salt}{PASSWORD}"));
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let (_, user) = in_a_file(&format!("sha1${salt}${hex}"));
        assert!(logs_in(&user, PASSWORD), "{salt}");
    }
}

#[test]
fn blanks_of_a_column_of_fixed_width_do_not_count() {
    let (_, stored) = FROM_FRAMEWORKS[0];
    assert_eq!(PasswordHash::recognise(&format!("{stored:80}")), PasswordHash::recognise(stored));
}

#[test]
fn debug_shows_no_hash_and_no_salt() {
    for (_, stored) in FROM_FRAMEWORKS {
        let recognised = PasswordHash::recognise(stored).expect("a known format");
        let draft = ImportDraft {
            email: Some("a@example.test".to_owned()),
            password: Some(recognised.hash.clone()),
            ..ImportDraft::default()
        };
        let user = ImportUser::new(draft).expect("a sound user");
        let shown = format!("{recognised:?} {user:?}");
        for part in stored.split(['$', '}']).filter(|part| part.len() > 11 && !part.starts_with("pbkdf2")) {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}
