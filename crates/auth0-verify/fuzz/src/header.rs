//! The JOSE header.

use domain::Rejection;

use super::members::Members;
use super::tenant::{HEADER, encode, tenant};

/// The input stands for a header, once decoded and once as the encoded text. Whatever passes for one must name an
/// allowed algorithm and a key, and be the header of an access token; and only the signed one is verified.
pub fn header(input: &[u8]) {
    let good = tenant().good();
    let behind = good.split_once('.').map_or("", |(_, behind)| behind);
    match tenant().verify(&format!("{}.{behind}", encode(input))) {
        Ok(_) => assert_eq!(input, HEADER.as_bytes(), "another header than the signed one"),
        Err(rejection) if is_about_the_header(rejection) => {}
        Err(_) => assert!(is_acceptable(input), "passed for a header"),
    }
    if let Ok(text) = str::from_utf8(input) {
        let verified = tenant().verify(&format!("{text}.{behind}"));
        assert!(verified.is_err() || text == encode(HEADER), "another header than the signed one");
    }
}

fn is_about_the_header(rejection: Rejection) -> bool {
    use Rejection::{AlgorithmNotAllowed, CriticalHeader, Malformed, MissingKeyId, TooLong, WrongType};
    [TooLong, Malformed, AlgorithmNotAllowed, WrongType, CriticalHeader, MissingKeyId].contains(&rejection)
}

fn is_acceptable(header: &[u8]) -> bool {
    let Some(header) = Members::read(header) else { return false };
    let types = ["jwt", "at+jwt", "application/at+jwt"].map(str::to_owned);
    header.text("alg").is_some_and(|alg| ["RS256", "PS256", "ES256"].contains(&&*alg))
        && header.text("kid").is_some_and(|kid| !kid.is_empty())
        && (!header.has("typ") || header.text("typ").is_some_and(|typ| types.contains(&typ.to_ascii_lowercase())))
        && !header.has("crit")
}
