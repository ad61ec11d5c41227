//! Password hashes as the frameworks of Python store them, all of one password.

use std::sync::OnceLock;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

pub(crate) const PASSWORD: &str = "correct horse Zoë";

/// How many hashes of each format there are, each with a salt of its own.
const VARIANTS: u8 = 4;

/// The hash of a user: five formats in turn, as cheap as each allows.
pub(crate) fn stored(user: usize) -> &'static str {
    static ALL: OnceLock<Vec<[String; 5]>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        (0..VARIANTS)
            .map(|n| [bcrypt(n), argon2id(n), pbkdf2_of_django(n), scrypt_of_werkzeug(n), sha1_of_django(n)])
            .collect()
    });
    &all[user / 5 % all.len()][user % 5]
}

/// Every fourth has the cost of Auth0's own hashes, so that both forms of import are there.
fn bcrypt(salt: u8) -> String {
    let cost = if salt == 0 { 10 } else { 4 };
    let parts = bcrypt::hash_with_salt(PASSWORD, cost, [salt; 16]).expect("a hash");
    parts.format_for_version(bcrypt::Version::TwoB)
}

fn argon2id(salt: u8) -> String {
    let (salt, mut hash) = ([salt; 16], [0; 32]);
    let params = Params::new(64, 1, 1, Some(hash.len())).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(PASSWORD.as_bytes(), &salt, &mut hash).expect("a hash");
    format!("$argon2id$v=19$m=64,t=1,p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash))
}

fn pbkdf2_of_django(salt: u8) -> String {
    let (salt, mut hash) = (format!("saltOfDjango{salt}"), [0; 32]);
    pbkdf2_hmac::<Sha256>(PASSWORD.as_bytes(), salt.as_bytes(), 100, &mut hash);
    format!("pbkdf2_sha256$100${salt}${}", STANDARD.encode(hash))
}

fn scrypt_of_werkzeug(salt: u8) -> String {
    let (salt, mut hash) = (format!("saltOfWerkzeug{salt}"), [0; 64]);
    let params = scrypt::Params::new(4, 8, 1).expect("parameters");
    scrypt::scrypt(PASSWORD.as_bytes(), salt.as_bytes(), &params, &mut hash).expect("a hash");
    format!("scrypt:16:8:1${salt}${}", hex(&hash))
}

fn sha1_of_django(salt: u8) -> String {
    let salt = format!("saltOfDjango{salt}");
    format!("sha1${salt}${}", hex(&Sha1::digest(format!("{salt}{PASSWORD}"))))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
