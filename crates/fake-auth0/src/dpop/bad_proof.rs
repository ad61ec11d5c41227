//! Every kind of proof that must be refused, each for one reason.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{DpopKey, ProofBuilder};
use crate::algorithm::Algorithm;

/// A kind of bad proof. Apart from the one flaw that its name tells, such a proof is as good as the one it is made of. The
/// flaws of time hold for proofs that are good for 60 seconds and clocks that differ by 30.
#[derive(Clone, Copy)]
pub struct BadProof {
    name: &'static str,
    rejection: &'static str,
    spoil: fn(ProofBuilder) -> String,
}

const fn bad(rejection: &'static str, name: &'static str, spoil: fn(ProofBuilder) -> String) -> BadProof {
    BadProof { name, rejection, spoil }
}

impl BadProof {
    /// Every kind there is.
    pub const ALL: &'static [Self] = &[
        bad("proof_malformed", "empty", |_| String::new()),
        bad("proof_malformed", "one_part", |_| "AAAA".to_owned()),
        bad("proof_malformed", "two_parts", |proof| without_last_part(&proof.mint())),
        bad("proof_malformed", "four_parts", |proof| format!("{}.AAAA", proof.mint())),
        bad("proof_malformed", "five_parts", |proof| format!("{}.AAAA.AAAA", proof.mint())),
        bad("proof_malformed", "too_long", |proof| proof.claim("padding", "a".repeat(9_000)).mint()),
        bad("proof_malformed", "padded_base64", |proof| proof.mint().replacen('.', "=.", 1)),
        bad("proof_malformed", "header_is_an_array", |proof| proof.sign(r#"["dpop+jwt"]"#, &proof.claims_json())),
        bad("proof_malformed", "claims_are_an_array", |proof| proof.sign(&proof.header_json(), "[]")),
        bad("proof_malformed", "claims_are_no_json", |proof| proof.sign(&proof.header_json(), "{")),
        bad("proof_malformed", "typ_twice", |proof| proof.second_header("typ", "dpop+jwt").mint()),
        bad("proof_malformed", "jwk_twice", |proof| {
            let jwk = proof.key().jwk();
            proof.second_header("jwk", jwk).mint()
        }),
        bad("proof_malformed", "member_of_jwk_twice", |proof| {
            let header = proof.header_json().replacen("\"kty\"", "\"kty\":\"EC\",\"kty\"", 1);
            proof.sign(&header, &proof.claims_json())
        }),
        bad("proof_malformed", "jwk_is_an_array", |proof| proof.header("jwk", json!(["EC"])).mint()),
        bad("proof_malformed", "jwk_is_null", |proof| proof.header("jwk", Value::Null).mint()),
        bad("proof_malformed", "jti_twice", |proof| proof.second_claim("jti", "other").mint()),
        bad("proof_malformed", "no_jti", |proof| proof.without("jti").mint()),
        bad("proof_malformed", "no_htm", |proof| proof.without("htm").mint()),
        bad("proof_malformed", "no_htu", |proof| proof.without("htu").mint()),
        bad("proof_malformed", "no_iat", |proof| proof.without("iat").mint()),
        bad("proof_malformed", "no_ath", |proof| proof.without("ath").mint()),
        bad("proof_malformed", "jti_is_a_number", |proof| proof.claim("jti", 7).mint()),
        bad("proof_malformed", "htm_is_an_array", |proof| proof.claim("htm", json!(["GET"])).mint()),
        bad("proof_malformed", "htu_is_null", |proof| proof.claim("htu", Value::Null).mint()),
        bad("proof_malformed", "iat_is_a_string", |proof| {
            let now = proof.issue_time();
            proof.claim("iat", now.to_string()).mint()
        }),
        bad("proof_malformed", "iat_in_milliseconds", |proof| {
            let now = proof.issue_time();
            proof.claim("iat", now * 1000).mint()
        }),
        bad("proof_malformed", "ath_is_null", |proof| proof.claim("ath", Value::Null).mint()),
        bad("proof_malformed", "nonce_is_a_number", |proof| proof.claim("nonce", 7).mint()),
        bad("proof_type", "no_type", |proof| proof.without_header("typ").mint()),
        bad("proof_type", "type_jwt", |proof| proof.header("typ", "JWT").mint()),
        bad("proof_type", "type_of_an_access_token", |proof| proof.header("typ", "at+jwt").mint()),
        bad("proof_type", "type_in_capitals", |proof| proof.header("typ", "DPOP+JWT").mint()),
        bad("proof_algorithm", "no_algorithm", |proof| proof.without_header("alg").mint()),
        bad("proof_algorithm", "none", |proof| proof.header("alg", "none").unsigned().mint()),
        bad("proof_algorithm", "none_in_capitals", |proof| proof.header("alg", "NONE").unsigned().mint()),
        bad("proof_algorithm", "hs256_with_the_public_key", |proof| {
            let secret = proof.key().jwk().to_string();
            proof.signed_with_secret(secret).mint()
        }),
        bad("proof_algorithm", "hs256_with_a_key_of_its_own", |proof| {
            let jwk = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("secret")});
            proof.header("jwk", jwk).signed_with_secret("secret").mint()
        }),
        bad("proof_algorithm", "algorithm_in_small_letters", |proof| proof.header("alg", "es256").mint()),
        bad("proof_algorithm", "algorithm_nobody_knows", |proof| proof.header("alg", "ES256K").mint()),
        bad("proof_critical_header", "critical_header", |proof| proof.header("crit", json!(["exp"])).mint()),
        bad("proof_critical_header", "critical_header_null", |proof| proof.header("crit", Value::Null).mint()),
        bad("proof_key", "no_key", |proof| proof.without_header("jwk").mint()),
        bad("proof_key", "name_of_a_key", |proof| proof.without_header("jwk").header("kid", "k").mint()),
        bad("proof_key", "place_of_a_key", |proof| {
            proof.without_header("jwk").header("jku", "https://attacker.example/jwks").mint()
        }),
        bad("proof_key", "private_key_ec", |proof| proof.jwk_member("d", "AQAB").mint()),
        bad("proof_key", "private_key_rsa", |proof| proof.jwk_member("p", "AQAB").mint()),
        bad("proof_key", "secret_beside_the_key", |proof| proof.jwk_member("k", "AQAB").mint()),
        bad("proof_key", "symmetric_key", |proof| proof.header("jwk", json!({"kty": "oct", "k": "AQAB"})).mint()),
        bad("proof_key", "short_rsa_key", |proof| {
            let jwk = json!({"kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([0xff; 128])});
            proof.header("jwk", jwk).header("alg", "RS256").mint()
        }),
        bad("proof_key", "key_on_another_curve", |proof| proof.jwk_member("crv", "secp256k1").mint()),
        bad("proof_key", "key_of_another_type", |proof| proof.jwk_member("kty", "OKP").mint()),
        bad("proof_key", "key_for_encryption", |proof| proof.jwk_member("use", "enc").mint()),
        bad("proof_key", "key_for_another_algorithm", |proof| proof.header("alg", "ES384").mint()),
        bad("proof_key", "key_without_a_coordinate", |proof| proof.jwk_member("y", Value::Null).mint()),
        bad("proof_method", "another_method", |proof| proof.claim("htm", "DELETE").mint()),
        bad("proof_method", "method_in_small_letters", |proof| proof.claim("htm", "get").mint()),
        bad("proof_url", "another_host", |proof| with_url(proof, |url| url.replacen("://", "://other.", 1))),
        bad("proof_url", "another_scheme", |proof| {
            with_url(proof, |url| match url.strip_prefix("https") {
                Some(rest) => format!("http{rest}"),
                None => url.replacen("http", "https", 1),
            })
        }),
        bad("proof_url", "another_port", |proof| {
            with_url(proof, |url| {
                let (scheme, rest) = url.split_once("://").unwrap_or_default();
                let (authority, path) = rest.split_once('/').unwrap_or_default();
                let host = authority.split(':').next().unwrap_or_default();
                format!("{scheme}://{host}:1/{path}")
            })
        }),
        bad("proof_url", "another_path", |proof| with_url(proof, |url| format!("{url}/more"))),
        bad("proof_url", "slash_at_the_end", |proof| with_url(proof, |url| format!("{url}/"))),
        bad("proof_url", "credentials_in_the_url", |proof| with_url(proof, |url| url.replacen("://", "://u@", 1))),
        bad("proof_url", "relative_url", |proof| proof.claim("htu", "/auth/verify").mint()),
        bad("proof_url", "no_url", |proof| proof.claim("htu", "").mint()),
        bad("proof_too_old", "made_60_seconds_ago", |proof| at(proof, -60)),
        bad("proof_too_old", "made_in_1970", |proof| proof.claim("iat", 0).mint()),
        bad("proof_from_future", "made_in_a_minute", |proof| at(proof, 60)),
        bad("proof_id", "empty_id", |proof| proof.claim("jti", "").mint()),
        bad("proof_id", "long_id", |proof| proof.claim("jti", "a".repeat(256)).mint()),
        bad("proof_token_hash", "for_another_token", |proof| proof.for_token("another.token").mint()),
        bad("proof_token_hash", "hash_in_hexadecimal", |proof| proof.claim("ath", "ab".repeat(32)).mint()),
        bad("proof_token_hash", "empty_hash", |proof| proof.claim("ath", "").mint()),
        bad("proof_signature", "signed_by_another_key", |proof| {
            let algorithm = proof.key().signing_key().algorithm();
            proof.signed_by(&DpopKey::generate_for(algorithm)).mint()
        }),
        bad("proof_signature", "signed_for_other_claims", |proof| {
            let signature = last_part(&proof.mint()).to_owned();
            format!("{}.{signature}", without_last_part(&proof.claim("jti", "another").mint()))
        }),
        bad("proof_signature", "unsigned", |proof| proof.unsigned().mint()),
        bad("proof_signature", "signature_of_zeros", |proof| {
            format!("{}.{}", without_last_part(&proof.mint()), URL_SAFE_NO_PAD.encode([0; 64]))
        }),
        bad("key_binding_mismatch", "of_another_key", |proof| {
            let other = DpopKey::generate_for(Algorithm::Es256);
            proof.header("jwk", other.jwk()).header("alg", "ES256").signed_by(&other).mint()
        }),
    ];

    /// Its name, in words with underscores.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What it must be refused for, as `domain` calls it.
    #[must_use]
    pub fn rejection(self) -> &'static str {
        self.rejection
    }

    /// Spoils a good proof.
    #[must_use]
    pub fn mint(self, good: ProofBuilder) -> String {
        (self.spoil)(good)
    }
}

impl fmt::Debug for BadProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BadProof({})", self.name)
    }
}

fn with_url(proof: ProofBuilder, change: impl Fn(&str) -> String) -> String {
    let claims: Value = serde_json::from_str(&proof.claims_json()).unwrap_or_default();
    let url = change(claims.get("htu").and_then(Value::as_str).unwrap_or_default());
    proof.claim("htu", url).mint()
}

fn at(proof: ProofBuilder, seconds: i64) -> String {
    let time = proof.issue_time() + seconds;
    proof.issued_at(time).mint()
}

fn last_part(proof: &str) -> &str {
    proof.rsplit_once('.').map_or("", |(_, last)| last)
}

fn without_last_part(proof: &str) -> String {
    proof.rsplit_once('.').map_or("", |(rest, _)| rest).to_owned()
}
