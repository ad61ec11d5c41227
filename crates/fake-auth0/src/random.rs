//! Names that nobody has used before.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// So many random bytes, in base64url.
pub(crate) fn token(bytes: usize) -> String {
    URL_SAFE_NO_PAD.encode(random_bytes(bytes))
}

/// So many of the 62 letters and digits, as in `job_…` and `evt_…`.
pub(crate) fn alphanumeric(length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let letter = |byte: u8| ALPHABET.get(usize::from(byte) % ALPHABET.len()).copied().map_or('0', char::from);
    random_bytes(length).into_iter().map(letter).collect()
}

/// So many hexadecimal digits, as in a user id that Auth0 made up.
pub(crate) fn hexadecimal(length: usize) -> String {
    random_bytes(length).into_iter().filter_map(|byte| char::from_digit(u32::from(byte % 16), 16)).collect()
}

/// A number below the bound; 0 for a bound of 0.
pub(crate) fn below(bound: usize) -> usize {
    let number = random_bytes(4).into_iter().fold(0_usize, |number, byte| (number << 8) | usize::from(byte));
    number.checked_rem(bound).unwrap_or(0)
}

#[expect(clippy::expect_used, reason = "a machine without random numbers can run no tenant")]
fn random_bytes(count: usize) -> Vec<u8> {
    let mut random = vec![0; count];
    aws_lc_rs::rand::fill(&mut random).expect("the system gives random numbers");
    random
}
