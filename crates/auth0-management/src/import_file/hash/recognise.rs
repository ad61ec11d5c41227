//! Which format a stored text is in: each one is known by how it begins.

use super::{RecognisedHash, Unrecognised, argon2, bcrypt, digests, ldap, pbkdf2, scrypt, without_mapping};

/// Longer than any hash of a known format; keeps a text that is none from being looked at for long.
const LONGEST: usize = 2048;

/// A reader of one family of formats: nothing if the text does not begin as one of them.
pub(super) type Reader = fn(&str) -> Option<Result<RecognisedHash, Unrecognised>>;

/// No two of them take the same text.
const READERS: [Reader; 7] = [
    bcrypt::read,
    argon2::read,
    pbkdf2::read,
    scrypt::read,
    ldap::read,
    without_mapping::read,
    // Knows bare hexadecimal digits and is therefore the least particular.
    digests::read,
];

pub(super) fn recognise(stored: &str) -> Result<RecognisedHash, Unrecognised> {
    let text = stored.trim_end_matches(' ');
    match text.as_bytes() {
        [] => return Err(Unrecognised::NoPassword("the column is empty")),
        [b'!', ..] => return Err(Unrecognised::NoPassword("it begins with the mark of an unusable password")),
        b"*" => return Err(Unrecognised::NoPassword("it is the mark of a locked account")),
        bytes if bytes.len() > LONGEST => return Err(Unrecognised::Unknown),
        _ => {}
    }
    READERS.iter().find_map(|read| read(text)).unwrap_or(Err(Unrecognised::Unknown))
}
