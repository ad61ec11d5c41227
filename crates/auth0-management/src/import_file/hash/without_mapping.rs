//! Formats that are known and that Auth0's import has no place for.

use super::{RecognisedHash, Unrecognised};

const CRYPT: &str = "Auth0 takes no hashes of the system's crypt";
const FRAMEWORK: &str = "Auth0 does not know the algorithm";

const KNOWN: [(&str, &str, &str); 16] = [
    ("$1$", "md5-crypt", CRYPT),
    ("$5$", "sha256-crypt", CRYPT),
    ("$6$", "sha512-crypt", CRYPT),
    ("$7$", "scrypt of crypt", CRYPT),
    ("$y$", "yescrypt", CRYPT),
    ("$gy$", "gost-yescrypt", CRYPT),
    ("$apr1$", "md5-crypt (Apache)", CRYPT),
    ("$md5$", "md5-crypt (Solaris)", CRYPT),
    ("$md5,", "md5-crypt (Solaris)", CRYPT),
    ("$sha1$", "sha1-crypt", CRYPT),
    ("crypt$", "DES crypt (Django)", CRYPT),
    ("$P$", "phpass", FRAMEWORK),
    ("$H$", "phpass", FRAMEWORK),
    ("$S$", "SHA-512 (Drupal)", FRAMEWORK),
    ("$wp$", "bcrypt over SHA-384 (WordPress)", FRAMEWORK),
    ("plain$", "plain text (Werkzeug)", "a password is no hash of one"),
];

pub(super) fn read(text: &str) -> Option<Result<RecognisedHash, Unrecognised>> {
    let (_, format, why) = KNOWN.into_iter().find(|(start, ..)| text.starts_with(start))?;
    Some(Err(Unrecognised::no_mapping(format, why)))
}
