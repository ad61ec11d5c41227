//! What the token endpoint makes of a proof (RFC 9449 §5).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// How many seconds a proof may lie before or after now.
const TOLERANCE: i64 = 60;

/// The thumbprint of the key that a proof for `POST` to one of these URLs shows; `None` for a bad proof. Only ES256, which
/// is what browsers make.
pub(crate) fn shown_key(proof: &str, urls: &[String], now: i64) -> Option<String> {
    let (message, signature) = proof.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let (header, claims) = (object(header)?, object(claims)?);
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let (jwk, htu, iat) = (header.get("jwk")?, text(&claims, "htu")?, claims.get("iat")?.as_i64()?);
    let is_good = text(&header, "typ")? == "dpop+jwt"
        && text(&header, "alg")? == "ES256"
        && jwk.get("d").is_none()
        && text(&claims, "htm")? == "POST"
        && urls.contains(&htu)
        && (now - TOLERANCE..=now + TOLERANCE).contains(&iat)
        && !text(&claims, "jti")?.is_empty();
    if !is_good || text(jwk, "kty")? != "EC" || text(jwk, "crv")? != "P-256" {
        return None;
    }
    let (x, y) = (text(jwk, "x")?, text(jwk, "y")?);
    let coordinate = |encoded: &str| URL_SAFE_NO_PAD.decode(encoded).ok().filter(|bytes| bytes.len() == 32);
    let point = [vec![4], coordinate(&x)?, coordinate(&y)?].concat();
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message.as_bytes(), &signature).ok()?;
    // RFC 7638 §3.2: the members in the order of their names, as `serde_json` writes a map.
    let members = json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y }).to_string();
    Some(URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes())))
}

fn object(encoded: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BadProof, DpopKey};

    const URL: &str = "https://tenant.example/oauth/token";

    fn shown(proof: &str) -> Option<String> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        shown_key(proof, &[URL.to_owned()], i64::try_from(now).unwrap())
    }

    #[test]
    fn a_good_proof_shows_the_thumbprint_of_its_key() {
        let key = DpopKey::generate();
        assert_eq!(shown(&key.proof("POST", URL).mint()), Some(key.thumbprint()));
    }

    #[test]
    fn a_forged_proof_or_one_for_another_request_shows_nothing() {
        let key = DpopKey::generate();
        assert_eq!(shown(&key.proof("GET", URL).mint()), None);
        assert_eq!(shown(&key.proof("POST", "https://tenant.example/userinfo").mint()), None);
        for bad in BadProof::ALL.iter().filter(|bad| bad.rejection() == "proof_signature") {
            assert_eq!(shown(&bad.mint(key.proof("POST", URL))), None, "{bad:?}");
        }
    }
}
