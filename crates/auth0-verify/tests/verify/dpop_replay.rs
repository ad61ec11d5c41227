//! Used proofs: what is remembered, when, and what happens when nobody can tell.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth0_verify::dpop::{DpopMode, InMemoryReplayStore};
use domain::{AtOnce, ProofUse, Rejection, ReplayStore, RepositoryError, TokenVerifier as _, UsedProof, VerifyError};
use fake_auth0::BadProof;

use crate::dpop::{DpopBench, rejection};

/// A store elsewhere: it writes down what it hears, and answers as it is told.
struct Elsewhere {
    heard: Mutex<Vec<UsedProof>>,
    is_down: bool,
}

impl Elsewhere {
    fn new(is_down: bool) -> Arc<Self> {
        Arc::new(Self { heard: Mutex::default(), is_down })
    }

    fn heard(&self) -> Vec<UsedProof> {
        self.heard.lock().expect("no panic elsewhere").clone()
    }
}

impl ReplayStore for Elsewhere {
    fn remember(&self, proof: &UsedProof) -> Result<ProofUse, RepositoryError> {
        if self.is_down {
            return Err(RepositoryError::Unavailable("out of reach".into()));
        }
        let mut heard = self.heard.lock().expect("no panic elsewhere");
        let is_known = heard.iter().any(|known| known.digest == proof.digest);
        heard.push(*proof);
        Ok(if is_known { ProofUse::Repeated } else { ProofUse::First })
    }

    fn answers_at_once(&self) -> bool {
        false
    }
}

fn bench(store: &Arc<Elsewhere>) -> DpopBench {
    DpopBench::with(DpopMode::Required, store.clone(), |policy, _| policy)
}

#[test]
fn a_proof_is_good_once() {
    let bench = DpopBench::new(DpopMode::Allowed);
    let token = bench.token();
    let proof = bench.proof(&token).mint();
    assert!(bench.accepts(&token, &proof));
    assert_eq!(bench.rejection(&token, &proof), Rejection::ProofReplayed);
    bench.clock.advance(Duration::from_secs(59));
    assert_eq!(bench.rejection(&token, &proof), Rejection::ProofReplayed);
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.rejection(&token, &proof), Rejection::ProofTooOld);
    assert!(bench.accepts(&token, &bench.proof(&token).mint()));
}

#[test]
fn a_proof_is_known_by_its_id_and_key_and_not_by_its_text() {
    let mut bench = DpopBench::new(DpopMode::Allowed);
    let token = bench.token();
    assert!(bench.accepts(&token, &bench.proof(&token).claim("jti", "one").mint()));
    // Signed anew, so another text.
    assert_eq!(bench.rejection(&token, &bench.proof(&token).claim("jti", "one").mint()), Rejection::ProofReplayed);
    assert!(bench.accepts(&token, &bench.proof(&token).claim("jti", "two").mint()));
    // Somebody else's ids are his own matter.
    bench.key = fake_auth0::DpopKey::generate();
    let other = bench.token();
    assert!(bench.accepts(&other, &bench.proof(&other).claim("jti", "one").mint()));
}

#[test]
fn nothing_is_remembered_of_a_bad_proof_or_token() {
    let store = Elsewhere::new(false);
    let bench = bench(&store);
    let token = bench.token();
    for bad in BadProof::ALL {
        assert!(bench.verify(&token, &bad.mint(bench.proof(&token).claim("jti", "one"))).is_err(), "{bad:?}");
    }
    let forged = bench.tenant.token_for("auth0|ada").bound_to(&bench.key.thumbprint());
    let forged = forged.sign_with(fake_auth0::SigningKeyChoice::Stranger).mint();
    assert_eq!(bench.rejection(&forged, &bench.proof(&forged).claim("jti", "one").mint()), Rejection::BadSignature);
    assert_eq!(store.heard(), []);
    assert!(bench.accepts(&token, &bench.proof(&token).claim("jti", "one").mint()));
}

#[test]
fn a_use_is_remembered_for_as_long_as_any_node_may_take_the_proof() {
    let store = Elsewhere::new(false);
    let bench = bench(&store);
    let token = bench.token();
    let now = domain::Clock::now(&*bench.clock);
    assert!(bench.accepts(&token, &bench.proof(&token).issued_at(now.as_secs() + 30).mint()));
    let [used] = store.heard()[..] else { panic!("one use") };
    assert_eq!(used.used_at, now);
    // 30 seconds ahead, good for 60, and another node's clock may be 30 seconds behind.
    assert_eq!(used.forget_at, now.plus(Duration::from_secs(120)));
}

#[test]
fn a_store_that_may_wait_is_asked_last_and_nothing_is_computed_twice() {
    let store = Elsewhere::new(false);
    let bench = bench(&store);
    let token = bench.token();
    let presented = DpopBench::presented(&token, Some(&bench.proof(&token).mint()));
    let AtOnce::NeedsStore(unsettled) = bench.verifier.verify_at_once(&presented) else { panic!("a question is left") };
    assert_eq!(store.heard(), [], "not asked before it may wait");
    assert_eq!(unsettled.settle().expect("a new proof").subject().as_str(), "auth0|ada");
    assert_eq!(store.heard().len(), 1);
    let AtOnce::NeedsStore(unsettled) = bench.verifier.verify_at_once(&presented) else { panic!("a question is left") };
    assert_eq!(rejection(unsettled.settle()), Rejection::ProofReplayed);
    // What is bad without it needs no store.
    let bad = DpopBench::presented(&token, Some(&bench.proof(&token).unsigned().mint()));
    assert!(matches!(
        bench.verifier.verify_at_once(&bad),
        AtOnce::Judged(Err(VerifyError::Rejected(Rejection::ProofSignature)))
    ));
}

#[test]
fn when_nobody_can_tell_whether_a_proof_is_new_that_is_our_trouble() {
    let bench = bench(&Elsewhere::new(true));
    let token = bench.token();
    let outcome = bench.verify(&token, &bench.proof(&token).mint());
    assert!(matches!(outcome, Err(VerifyError::ProofsUnavailable(_))), "{outcome:?}");
    // Plain refusals do not depend on the store.
    assert_eq!(bench.rejection(&token, &bench.proof(&token).unsigned().mint()), Rejection::ProofSignature);

    let full = Arc::new(InMemoryReplayStore::with_capacity(1));
    let bench = DpopBench::with(DpopMode::Required, full, |policy, _| policy);
    let token = bench.token();
    assert!(bench.accepts(&token, &bench.proof(&token).mint()));
    let outcome = bench.verify(&token, &bench.proof(&token).mint());
    assert!(matches!(outcome, Err(VerifyError::ProofsUnavailable(_))), "{outcome:?}");
}

#[test]
fn a_bad_token_with_a_proof_causes_no_fetch_and_an_unknown_key_one() {
    let bench = DpopBench::new(DpopMode::Required);
    let before = bench.tenant.requests(fake_auth0::Endpoint::Jwks);
    let unknown = bench.tenant.token_for("auth0|ada").bound_to(&bench.key.thumbprint()).kid("nobody's").mint();
    for bad in BadProof::ALL {
        // The signature of a proof is checked after the one of the token, and so after the key is there.
        if bad.rejection() != "proof_signature" {
            assert!(bench.verify(&unknown, &bad.mint(bench.proof(&unknown))).is_err());
        }
    }
    assert_eq!(bench.tenant.requests(fake_auth0::Endpoint::Jwks), before);
    assert_eq!(bench.rejection(&unknown, &bench.proof(&unknown).mint()), Rejection::UnknownKey);
    assert_eq!(bench.tenant.requests(fake_auth0::Endpoint::Jwks), before + 1);
}
