//! The claims.

use domain::Rejection;
use serde_json::Value;

use super::members::Members;
use super::tenant::{AUDIENCE, HEADER, ISSUER, LEEWAY, NOW, encode, tenant};

/// The input stands for the claims. Those that pass must be the claims of a token for us and for now; signed by the
/// issuer they are verified, and say what was signed.
pub fn claims(input: &[u8]) {
    let unsigned = format!("{}.{}.{}", encode(HEADER), encode(input), encode([1; 64]));
    match tenant().verify(&unsigned) {
        Ok(_) => panic!("verified without a signature"),
        Err(Rejection::BadSignature) => {
            let read = Members::read(input).expect("passed for claims");
            assert!(are_acceptable(&read), "passed for good claims");
            let verified = tenant().verify(&tenant().sign(HEADER, input)).expect("signed by the issuer");
            assert_eq!(Some(verified.subject().as_str()), read.text("sub").as_deref());
            let exp = read.number("exp").map(|exp| (exp * 1000.0).floor());
            assert_eq!(Some(verified.expires_at().as_millis() as f64), exp);
            let is_verified = verified.profile().email.as_ref().is_some_and(|email| email.verified == Some(true));
            assert!(!is_verified || read.value("email_verified") == Some(Value::Bool(true)));
        }
        Err(_) => {}
    }
}

fn are_acceptable(claims: &Members) -> bool {
    let is_ours = |value: &Value| value == AUDIENCE;
    let is_for_us = |aud: Value| is_ours(&aud) || aud.as_array().is_some_and(|many| many.iter().any(is_ours));
    let now = NOW as f64;
    // Milliseconds are rounded down.
    let has_come = |name| !claims.has(name) || claims.number(name).is_some_and(|at| at < now + LEEWAY + 0.001);
    claims.text("iss").as_deref() == Some(ISSUER)
        && claims.value("aud").is_some_and(is_for_us)
        && claims.number("exp").is_some_and(|exp| now < exp + LEEWAY && exp < 253_402_300_800.0)
        && has_come("nbf")
        && has_come("iat")
        && !claims.has("cnf")
        && claims.text("sub").is_some_and(|sub| (1..=255).contains(&sub.len()) && !sub.chars().any(char::is_control))
}
