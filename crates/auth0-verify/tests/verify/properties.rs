//! What holds for every token, not only for those that somebody thought of.
//!
//! 128 cases each with the same seed every time; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` make the run longer or another.

use auth0_verify::{AllowedAlgorithms, CachePolicy};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{AccessToken, Presented, Rejection, TokenVerifier as _, VerifyError};
use fake_auth0::{Algorithm, FakeAuth0};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed, TestRunner};
use serde_json::{Value, json};

use crate::Bench;

/// One change to the characters of a token.
#[derive(Clone, Debug)]
enum Mutation {
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Delete(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index),
    Cut(prop::sample::Index),
}

impl Mutation {
    fn any() -> impl Strategy<Value = Self> {
        let place = any::<prop::sample::Index>;
        prop_oneof![
            (place(), any::<u8>()).prop_map(|(at, byte)| Self::Replace(at, byte)),
            (place(), any::<u8>()).prop_map(|(at, byte)| Self::Insert(at, byte)),
            place().prop_map(Self::Delete),
            (place(), place()).prop_map(|(one, other)| Self::Swap(one, other)),
            place().prop_map(Self::Repeat),
            place().prop_map(Self::Cut),
        ]
    }

    fn apply(&self, token: &mut Vec<u8>) {
        let length = token.len();
        match self {
            Self::Replace(at, byte) => token[at.index(length)] = *byte,
            Self::Insert(at, byte) => token.insert(at.index(length + 1), *byte),
            Self::Delete(at) => drop(token.remove(at.index(length))),
            Self::Swap(one, other) => token.swap(one.index(length), other.index(length)),
            Self::Repeat(at) => token.insert(at.index(length), token[at.index(length)]),
            Self::Cut(at) => token.truncate(at.index(length).max(1)),
        }
    }
}

/// A tenant that signs so, with a verifier that has its keys and can fetch no others.
fn bench(algorithm: Algorithm) -> Bench {
    let bench = Bench::of(FakeAuth0::builder().algorithm(algorithm).start(), CachePolicy::default(), |rules| {
        rules.algorithms = AllowedAlgorithms::parse("RS256,ES256").expect("algorithms");
    });
    bench.keys.refresh_if_due();
    bench
}

fn check<S: Strategy>(values: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    TestRunner::new(config(128)).run(values, property).unwrap_or_else(|error| panic!("{error}"));
}

/// So many cases with the same seed every time, unless the environment says otherwise.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    let rng_seed = if std::env::var_os("PROPTEST_RNG_SEED").is_some() { default.rng_seed } else { RngSeed::Fixed(1) };
    ProptestConfig { cases, rng_seed, rng_algorithm: RngAlgorithm::ChaCha, failure_persistence: None, ..default }
}

#[test]
fn any_mutation_of_any_byte_of_a_good_token_is_refused() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let bench = bench(algorithm);
        let good = bench.tenant.token_for("auth0|ada").email("ada@example.com", true).mint();
        assert!(bench.accepts(&good));
        check(&prop::collection::vec(Mutation::any(), 1..4), |mutations| {
            let mut bytes = good.clone().into_bytes();
            for mutation in &mutations {
                mutation.apply(&mut bytes);
            }
            // What is no text cannot be a token; the header of a request may be read so.
            let token = String::from_utf8_lossy(&bytes).into_owned();
            prop_assume!(token != good);
            prop_assert!(bench.verify(&token).is_err(), "accepted: {token}");
            Ok(())
        });
    }
}

#[test]
fn no_single_insertion_deletion_or_swap_of_neighbours_goes_unnoticed() {
    let bench = bench(Algorithm::Es256);
    let good = bench.tenant.token("auth0|ada");
    for at in 0..good.len() {
        let (before, behind) = good.split_at(at);
        let (one, rest) = behind.split_at(1);
        let deleted = format!("{before}{rest}");
        let inserted = format!("{before}A{behind}");
        let mut swapped = good.clone().into_bytes();
        swapped.swap(at, (at + 1).min(good.len() - 1));
        let swapped = String::from_utf8(swapped).expect("still ASCII");
        for changed in [deleted, inserted, swapped, format!("{before}{one}{behind}")] {
            assert!(changed == good || bench.verify(&changed).is_err(), "position {at}: {changed}");
        }
    }
}

#[test]
fn whatever_is_sent_is_judged_without_a_panic_and_refused() {
    let bench = bench(Algorithm::Es256);
    check(&any::<String>(), |text| {
        prop_assert!(bench.verify(&text).is_err());
        Ok(())
    });
    check(&prop::collection::vec("[A-Za-z0-9_=. -]{0,40}", 0..7), |parts| {
        prop_assert!(bench.verify(&parts.join(".")).is_err());
        Ok(())
    });
}

#[test]
fn whatever_stands_in_one_part_is_judged_without_a_panic() {
    let bench = bench(Algorithm::Es256);
    let good = bench.tenant.token("auth0|ada");
    let parts: Vec<&str> = good.split('.').collect();
    check(&(0..3_usize, prop::collection::vec(any::<u8>(), 0..200), any::<bool>()), |(place, bytes, encode)| {
        let part = if encode { URL_SAFE_NO_PAD.encode(&bytes) } else { String::from_utf8_lossy(&bytes).into_owned() };
        let mut changed = parts.clone();
        changed[place] = &part;
        prop_assert!(bench.verify(&changed.join(".")).is_err());
        Ok(())
    });
}

#[test]
fn whatever_a_claim_is_the_outcome_is_a_verified_token_or_a_reason() {
    let bench = bench(Algorithm::Es256);
    let claim = prop::sample::select(vec!["iss", "aud", "sub", "exp", "nbf", "iat", "cnf", "email", "name", "picture"]);
    check(&(claim, json_value()), |(claim, value)| {
        let token = bench.tenant.token_for("auth0|ada").claim(claim, value.clone()).mint();
        match bench.verifier.verify(&Presented::Bearer(AccessToken::new(&*token))) {
            Ok(verified) => prop_assert!(claim != "sub" || Some(verified.subject().as_str()) == value.as_str()),
            Err(VerifyError::Rejected(Rejection::BadSignature | Rejection::UnknownKey)) => {
                return Err(TestCaseError::fail("the signature is good"));
            }
            Err(VerifyError::Rejected(_)) => {}
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
        Ok(())
    });
}

#[test]
fn a_verified_token_says_what_was_signed() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let bench = bench(algorithm);
        let now = bench.tenant.now();
        let claims = ("[^\\p{C}]{1,60}", -40..1_000_000_i64, 0..1000_i64, 0..1_000_000_i64, any::<bool>());
        check(&claims, |(subject, lifetime, millis, age, verified_email)| {
            prop_assume!(lifetime * 1000 + millis > -29_000);
            let (expires_at, issued_at) = ((now + lifetime) * 1000 + millis, now - age);
            let token = bench.tenant.token_for(&subject).claim_text("exp", &format!("{}e-3", expires_at));
            let token = token.issued_at(issued_at).email("ada@example.com", verified_email).name("Ada");
            let verified = bench.verify(&token.mint()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(verified.subject().as_str(), subject);
            // Fractions are read as binary numbers, so the last millisecond may be lost.
            prop_assert!((verified.expires_at().as_millis() - expires_at).abs() <= 1);
            prop_assert_eq!(verified.issued_at().map(domain::UnixTime::as_secs), Some(issued_at));
            let email = verified.profile().email.as_ref().expect("an email");
            prop_assert_eq!((email.address.as_str(), email.verified), ("ada@example.com", Some(verified_email)));
            Ok(())
        });
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        "[a-z]{1,8}\\|[a-z0-9]{1,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
