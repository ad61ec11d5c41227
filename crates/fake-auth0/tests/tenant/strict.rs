//! A verifier written for these tests alone. It names every rule that a token breaks, so that a test can say "this one
//! and no other".

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fake_auth0::FakeAuth0;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::client::verifies;

const LEEWAY: f64 = 30.0;
const YEAR_10000: f64 = 253_402_300_800.0;

/// The rules that the token breaks. A part that cannot be read breaks one rule and is looked at no further.
pub(crate) fn broken_rules(tenant: &FakeAuth0, jwks: &Value, token: &str) -> Vec<&'static str> {
    if token.len() > 16 * 1024 {
        return vec!["length"];
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return vec!["parts"];
    };
    if header.is_empty() {
        return vec!["parts"];
    }
    let mut broken = Vec::new();
    let header = object(header).map_err(|()| broken.push("header form")).ok();
    let claims = object(claims).map_err(|()| broken.push("claims form")).ok();
    let signature = URL_SAFE_NO_PAD.decode(signature);
    if signature.is_err() {
        broken.push("signature form");
    }
    if let Some(claims) = &claims {
        judge_claims(tenant, claims, &mut broken);
    }
    let mut key_is_clear = false;
    if let Some(header) = &header {
        let before = broken.len();
        judge_header(tenant, header, jwks, &mut broken);
        key_is_clear = !broken[before..].iter().any(|rule| ["alg", "kid", "key"].contains(rule));
    }
    if key_is_clear && signature.is_ok() && !verifies(token, jwks) {
        broken.push("signature");
    }
    broken
}

fn judge_header(tenant: &FakeAuth0, header: &Map<String, Value>, jwks: &Value, broken: &mut Vec<&'static str>) {
    let named = |kid: &Value| jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == *kid);
    let key = header.get("kid").and_then(named);
    let own = tenant.signing_key().algorithm().name();
    // What the key is published for; without a key, or without a word on that, the tenant's own or any of its type.
    let stated = key.map_or(Some(own), |key| key["alg"].as_str());
    let is_allowed = |alg: &str| [own, "RS256", "PS256", "ES256"].contains(&alg);
    let alg = header.get("alg").and_then(Value::as_str);
    let is_symmetric = key.is_some_and(|key| key["kty"] == "oct");
    let is_misused = key.is_some_and(|key| !is_for_signatures(key));
    if !is_misused && (is_symmetric || !alg.is_some_and(|alg| is_allowed(alg) && stated.is_none_or(|own| own == alg))) {
        broken.push("alg");
    } else if is_misused {
        broken.push("key");
    }
    if key.is_none() {
        broken.push("kid");
    }
    let types = ["jwt", "at+jwt", "application/at+jwt"];
    let is_known = |typ: &Value| typ.as_str().is_some_and(|typ| types.contains(&typ.to_lowercase().as_str()));
    if !header.get("typ").is_none_or(is_known) {
        broken.push("typ");
    }
    if header.contains_key("crit") {
        broken.push("crit");
    }
}

/// Whether the key may check signatures, and is as strong as it must be.
fn is_for_signatures(key: &Value) -> bool {
    let is_weak = key["kty"] == "RSA" && (key["n"].as_str().unwrap().len() < 342 || key["e"] == "AQ");
    let is_named = key["alg"].as_str().is_none_or(|alg| !alg.starts_with("RSA-"));
    let is_ours = key["crv"] != "secp256k1" || key["alg"] == "ES256K";
    key["use"] != "enc" && key.get("key_ops").is_none() && is_named && !is_weak && is_ours
}

fn judge_claims(tenant: &FakeAuth0, claims: &Map<String, Value>, broken: &mut Vec<&'static str>) {
    if claims.get("iss").and_then(Value::as_str) != Some(tenant.issuer()) {
        broken.push("iss");
    }
    let is_ours = |audience: &Value| audience == tenant.audience();
    let aud = claims.get("aud");
    if !aud.is_some_and(|aud| {
        is_ours(aud) || aud.as_array().is_some_and(|many| many.iter().any(is_ours) && many.iter().all(Value::is_string))
    }) {
        broken.push("aud");
    }
    let now = tenant.now() as f64;
    if !claims.get("exp").and_then(Value::as_f64).is_some_and(|exp| now < exp + LEEWAY && exp < YEAR_10000) {
        broken.push("exp");
    }
    for (name, time) in [("nbf", claims.get("nbf")), ("iat", claims.get("iat"))] {
        if !time.is_none_or(|time| time.as_f64().is_some_and(|time| time <= now + LEEWAY && time > -YEAR_10000)) {
            broken.push(name);
        }
    }
    let fits = |sub: &str| (1..=255).contains(&sub.len()) && !sub.chars().any(char::is_control);
    if !claims.get("sub").and_then(Value::as_str).is_some_and(fits) {
        broken.push("sub");
    }
    if claims.contains_key("cnf") {
        broken.push("cnf");
    }
    let is_list = |value: &Value| value.as_array().is_some_and(|many| many.iter().all(Value::is_string));
    let fits = |name, is_right: &dyn Fn(&Value) -> bool| claims.get(name).is_none_or(is_right);
    if !(fits("scope", &Value::is_string) && fits("permissions", &is_list) && fits("org_id", &Value::is_string)) {
        broken.push("grants");
    }
}

/// The members, if the part is canonical base64url of one JSON object without two members of one name.
fn object(encoded: &str) -> Result<Map<String, Value>, ()> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(drop)?;
    let text = str::from_utf8(&bytes).map_err(drop)?;
    serde_json::from_str::<Members>(text).map(|members| members.0).map_err(drop)
}

struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique;
        impl<'de> Visitor<'de> for Unique {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let (mut members, mut names) = (Map::new(), HashSet::new());
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if !names.insert(name.clone()) {
                        return Err(serde::de::Error::custom("two members of one name"));
                    }
                    members.insert(name, value);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Unique)
    }
}
