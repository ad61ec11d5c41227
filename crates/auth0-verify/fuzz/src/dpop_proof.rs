//! The proof that the sender of a token holds the key to which it is bound (RFC 9449).

use std::sync::{Arc, LazyLock};

use auth0_verify::Auth0Verifier;
use auth0_verify::dpop::{DpopMode, DpopPolicy, PublicUrl};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use domain::{
    AccessToken, DpopProof, Presented, ProofUse, ProvenToken, Rejection, ReplayStore, RepositoryError, RequestTarget,
    UsedProof,
};
use serde_json::{Value, json};

use super::members::Members;
use super::tenant::{CLAIMS, HEADER, LEEWAY, NOW, encode, judged, tenant};

const PUBLIC_URL: &str = "https://api.example";
const PATH: &str = "/auth/verify";

/// A sender with a key, a token bound to it, and a verifier that asks for proofs.
struct Sender {
    key: EcdsaKeyPair,
    jwk: String,
    token: String,
    token_hash: String,
    verifier: Auth0Verifier,
}

static SENDER: LazyLock<Sender> = LazyLock::new(Sender::new);

/// The input stands for a proof, once as text, and once as header and claims, set apart by a line break, in which `{jwk}`
/// stands for the sender's key and `{ath}` for the token's hash. A proof that passes must be for this key, this token,
/// this request and this moment; signed by the sender, and only then, it lets the token pass.
pub fn dpop_proof(input: &[u8]) {
    if let Ok(text) = str::from_utf8(input) {
        assert!(SENDER.present(text).is_err(), "a proof without a signature of the sender");
    }
    let text = String::from_utf8_lossy(input);
    let filled = text.replace("{jwk}", &SENDER.jwk).replace("{ath}", &SENDER.token_hash);
    let (header, claims) = filled.split_once('\n').unwrap_or((&filled, ""));
    let unsigned = format!("{}.{}", encode(header), encode(claims));
    match SENDER.present(&format!("{unsigned}.{}", encode([1; 64]))) {
        Ok(()) => panic!("a proof without a signature"),
        Err(Rejection::ProofSignature) => {
            let read = Members::read(header.as_bytes()).zip(Members::read(claims.as_bytes()));
            let (header, claims) = read.expect("passed for a proof");
            assert!(is_acceptable(&header, &claims), "passed for a good proof");
            assert_eq!(SENDER.present(&SENDER.sign(&unsigned)).err(), None, "signed by the sender");
        }
        Err(_) => {}
    }
}

impl Sender {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("an elliptic key");
        let point = &key.public_key().as_ref()[1..];
        let (x, y) = (encode(&point[..32]), encode(&point[32..]));
        // RFC 7638 §3.2: these members in this order, and nothing else.
        let jwk = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let thumbprint = encode(digest(&SHA256, jwk.as_bytes()));
        let bound = format!(r#"{},"cnf":{{"jkt":"{thumbprint}"}}}}"#, CLAIMS.trim_end_matches('}'));
        let token = tenant().sign(HEADER, bound.as_bytes());
        let token_hash = encode(digest(&SHA256, token.as_bytes()));
        let public_url = PublicUrl::parse(PUBLIC_URL).expect("a URL");
        let policy = DpopPolicy::new(DpopMode::Required, public_url, Arc::new(Forgetful));
        Self { key, jwk, token, token_hash, verifier: tenant().another_verifier().with_dpop(policy) }
    }

    fn sign(&self, unsigned: &str) -> String {
        let signature = self.key.sign(&SystemRandom::new(), unsigned.as_bytes()).expect("a signature");
        format!("{unsigned}.{}", encode(signature))
    }

    fn present(&self, proof: &str) -> Result<(), Rejection> {
        let presented = Presented::Dpop(ProvenToken {
            token: AccessToken::new(&*self.token),
            proof: Some(DpopProof::new(proof)),
            request: RequestTarget { method: "GET".into(), path: PATH.into() },
        });
        judged(&self.verifier, &presented).map(drop)
    }
}

fn is_acceptable(header: &Members, claims: &Members) -> bool {
    let own: Value = serde_json::from_str(&SENDER.jwk).unwrap_or_default();
    let is_own = |jwk: &Value| ["crv", "kty", "x", "y"].iter().all(|name| jwk[name] == own[name]);
    let is_public = |jwk: &Value| jwk.get("d").is_none() && jwk.get("k").is_none();
    let url = json!(format!("{PUBLIC_URL}{PATH}"));
    // Other spellings of the same URL (RFC 3986 §6.2.2) are left to the tests of the rule.
    let is_url =
        |htu: Value| htu == url || htu.as_str().is_some_and(|htu| htu.to_ascii_lowercase().contains("api.example"));
    let (now, oldest) = (NOW as f64, DpopPolicy::PROOF_MAX_AGE.as_secs_f64() + 0.001);
    header.text("typ").as_deref() == Some("dpop+jwt")
        && header.text("alg").as_deref() == Some("ES256")
        && !header.has("crit")
        && header.value("jwk").is_some_and(|jwk| is_own(&jwk) && is_public(&jwk))
        && claims.text("htm").as_deref() == Some("GET")
        && claims.value("htu").is_some_and(is_url)
        && claims.text("jti").is_some_and(|jti| (1..=255).contains(&jti.len()))
        && claims.text("ath").as_deref() == Some(&SENDER.token_hash)
        && claims.number("iat").is_some_and(|iat| iat > now - oldest && iat < now + LEEWAY + 0.001)
}

/// Calls every use the first: what is remembered must not decide what the next input finds.
struct Forgetful;

impl ReplayStore for Forgetful {
    fn remember(&self, _: &UsedProof) -> Result<ProofUse, RepositoryError> {
        Ok(ProofUse::First)
    }

    fn answers_at_once(&self) -> bool {
        true
    }
}
