//! Tokens bound to a key: what a verifier makes of them under each policy, and of every kind of proof.

use std::sync::Arc;
use std::time::Duration;

use auth0_verify::dpop::{DpopMode, DpopPolicy, InMemoryReplayStore, PublicUrl, ServerNonces};
use auth0_verify::{Audience, Auth0Verifier, CachePolicy, HttpKeyFetcher, Issuer, KeyCache, TokenRules, TrustedIssuer};
use domain::{
    AccessToken, AtOnce, DpopProof, ManualClock, Presented, ProvenToken, Rejection, ReplayStore, RequestTarget, Secret,
    TokenVerifier as _, UnixTime, VerifiedToken, VerifyError,
};
use fake_auth0::{Algorithm, BadProof, Dialect, DpopKey, FakeAuth0, ProofBuilder};

use crate::bearer;

pub(crate) const URL: &str = "https://api.acme.com/base";

/// A tenant, a client's key, and a verifier that asks for its proofs.
pub(crate) struct DpopBench {
    pub(crate) tenant: FakeAuth0,
    pub(crate) key: DpopKey,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) verifier: Auth0Verifier,
}

impl DpopBench {
    pub(crate) fn new(mode: DpopMode) -> Self {
        Self::with(mode, Arc::new(InMemoryReplayStore::default()), |policy, _| policy)
    }

    pub(crate) fn with(
        mode: DpopMode,
        store: Arc<dyn ReplayStore>,
        change: impl FnOnce(DpopPolicy, Arc<ManualClock>) -> DpopPolicy,
    ) -> Self {
        let tenant = FakeAuth0::start();
        tenant.set_clock(tenant.now());
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(tenant.now())));
        let issuer = Issuer::parse(tenant.domain()).expect("a domain");
        let fetcher = Arc::new(HttpKeyFetcher::new(&issuer));
        let keys = Arc::new(KeyCache::new(fetcher, clock.clone(), CachePolicy::default()));
        keys.refresh_if_due();
        let rules = TokenRules::for_audience(Audience::parse(tenant.audience()).expect("an audience"));
        let policy = DpopPolicy::new(mode, PublicUrl::parse(URL).expect("a URL"), store);
        let policy = change(policy, clock.clone());
        let verifier = Auth0Verifier::new(rules, vec![TrustedIssuer { issuer, keys }], clock.clone()).with_dpop(policy);
        Self { tenant, key: DpopKey::generate(), clock, verifier }
    }

    pub(crate) fn token(&self) -> String {
        self.tenant.token_for("auth0|ada").bound_to(&self.key.thumbprint()).mint()
    }

    /// A good proof for `GET /notes` with the token.
    pub(crate) fn proof(&self, token: &str) -> ProofBuilder {
        let now = domain::Clock::now(&*self.clock).as_secs();
        self.key.proof("GET", &format!("{URL}/notes")).issued_at(now).for_token(token)
    }

    pub(crate) fn presented(token: &str, proof: Option<&str>) -> Presented {
        Presented::Dpop(ProvenToken {
            token: AccessToken::new(token),
            proof: proof.map(DpopProof::new),
            request: RequestTarget { method: "GET".into(), path: "/notes".into() },
        })
    }

    pub(crate) fn verify(&self, token: &str, proof: &str) -> Result<Arc<VerifiedToken>, VerifyError> {
        self.verifier.verify(&Self::presented(token, Some(proof)))
    }

    pub(crate) fn accepts(&self, token: &str, proof: &str) -> bool {
        self.verify(token, proof).inspect_err(|error| eprintln!("{error}")).is_ok()
    }

    pub(crate) fn rejection(&self, token: &str, proof: &str) -> Rejection {
        rejection(self.verify(token, proof))
    }
}

pub(crate) fn rejection(outcome: Result<Arc<VerifiedToken>, VerifyError>) -> Rejection {
    match outcome {
        Err(VerifyError::Rejected(rejection)) => rejection,
        other => panic!("expected a rejection, got {other:?}"),
    }
}

#[test]
fn a_bound_token_passes_with_a_proof_of_its_key_in_both_dialects() {
    for mode in [DpopMode::Allowed, DpopMode::Required] {
        let bench = DpopBench::new(mode);
        for dialect in [Dialect::Auth0, Dialect::Rfc9068] {
            let token = bench.tenant.token_for("auth0|ada").dialect(dialect).bound_to(&bench.key.thumbprint()).mint();
            let verified = bench.verify(&token, &bench.proof(&token).mint()).expect("a good token and proof");
            assert_eq!(verified.subject().as_str(), "auth0|ada");
        }
    }
}

#[test]
fn every_kind_of_bad_proof_is_refused_for_its_reason() {
    let bench = DpopBench::new(DpopMode::Allowed);
    let token = bench.token();
    let mut wrong = Vec::new();
    for bad in BadProof::ALL {
        let rejection = bench.rejection(&token, &bad.mint(bench.proof(&token))).code();
        if rejection != bad.rejection() {
            wrong.push(format!("{}: expected {}, got {rejection}", bad.name(), bad.rejection()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_reason_to_refuse_a_proof_is_reached() {
    let reached: Vec<_> = BadProof::ALL.iter().map(|bad| bad.rejection()).collect();
    // These three are no matter of the proof's text.
    let others = [Rejection::ProofMissing, Rejection::ProofReplayed, Rejection::ProofNonce];
    for rejection in Rejection::ALL.iter().filter(|rejection| rejection.is_of_proof() && !others.contains(rejection)) {
        assert!(reached.contains(&rejection.code()), "no bad proof is refused as {}", rejection.code());
    }
}

#[test]
fn unusual_proofs_are_as_good_as_usual_ones() {
    let bench = DpopBench::new(DpopMode::Required);
    let token = bench.token();
    let now = domain::Clock::now(&*bench.clock).as_secs();
    type Change = fn(ProofBuilder, i64) -> ProofBuilder;
    let changes: [(&str, Change); 9] = [
        ("query and fragment", |proof, _| proof.claim("htu", format!("{URL}/notes?page=2#top"))),
        ("capitals and port", |proof, _| proof.claim("htu", "HTTPS://API.acme.com:443/base/./n%6Ftes")),
        ("ahead by the leeway", |proof, now| proof.issued_at(now + 30)),
        ("59 seconds old", |proof, now| proof.issued_at(now - 59)),
        ("a fraction of a second", |proof, now| proof.issued_at(now as f64 - 0.25)),
        ("longest id", |proof, _| proof.claim("jti", "a".repeat(255))),
        ("members that nobody knows", |proof, _| proof.claim("exp", 1).claim("sub", 7).header("b64", true)),
        ("names and places of keys", |proof, _| proof.header("kid", "x").header("jku", "https://attacker.example")),
        ("a nonce that nobody asked for", |proof, _| proof.nonce("any")),
    ];
    for (name, change) in changes {
        assert!(bench.accepts(&token, &change(bench.proof(&token), now).mint()), "{name}");
    }
}

#[test]
fn a_proof_may_be_signed_with_every_asymmetric_algorithm_whatever_tokens_are_signed_with() {
    let mut bench = DpopBench::new(DpopMode::Required);
    for algorithm in Algorithm::ALL {
        bench.key = DpopKey::generate_for(*algorithm);
        let token = bench.token();
        assert!(bench.accepts(&token, &bench.proof(&token).mint()), "{algorithm:?}");
    }
}

#[test]
fn a_bound_token_without_a_proof_is_refused_under_either_scheme() {
    for mode in [DpopMode::Allowed, DpopMode::Required] {
        let bench = DpopBench::new(mode);
        let token = bench.token();
        assert_eq!(rejection(bench.verifier.verify(&bearer(&token))), Rejection::KeyBound);
        assert_eq!(rejection(bench.verifier.verify(&DpopBench::presented(&token, None))), Rejection::ProofMissing);
    }
}

#[test]
fn an_unbound_token_never_passes_with_a_proof_and_as_a_bearer_only_where_that_is_allowed() {
    for mode in [DpopMode::Allowed, DpopMode::Required] {
        let bench = DpopBench::new(mode);
        let token = bench.tenant.token("auth0|ada");
        assert_eq!(bench.rejection(&token, &bench.proof(&token).mint()), Rejection::NotKeyBound);
        let as_bearer = bench.verifier.verify(&bearer(&token));
        match mode {
            DpopMode::Required => assert_eq!(rejection(as_bearer), Rejection::NotKeyBound),
            _ => assert!(as_bearer.is_ok()),
        }
    }
}

#[test]
fn where_dpop_is_off_a_bound_token_is_refused_and_the_scheme_is_not_offered() {
    let bench = DpopBench::new(DpopMode::Off);
    let token = bench.token();
    assert_eq!(rejection(bench.verifier.verify(&bearer(&token))), Rejection::KeyBound);
    assert_eq!(bench.rejection(&token, &bench.proof(&token).mint()), Rejection::SchemeNotOffered);
    assert!(bench.verifier.verify(&bearer(&bench.tenant.token("auth0|ada"))).is_ok());
}

#[test]
fn a_token_bound_in_another_way_is_refused_whatever_the_proof() {
    let bench = DpopBench::new(DpopMode::Allowed);
    let jkt = bench.key.thumbprint();
    for cnf in [
        serde_json::json!({}),
        serde_json::json!({"x5t#S256": jkt}),
        serde_json::json!({"jkt": jkt, "x5t#S256": jkt}),
        serde_json::json!({"jkt": format!("{jkt}=")}),
    ] {
        let token = bench.tenant.token_for("auth0|ada").claim("cnf", cnf.clone()).mint();
        assert_eq!(bench.rejection(&token, &bench.proof(&token).mint()), Rejection::KeyBound, "{cnf}");
    }
    let other = bench.tenant.token_for("auth0|ada").bound_to(&DpopKey::generate().thumbprint()).mint();
    assert_eq!(bench.rejection(&other, &bench.proof(&other).mint()), Rejection::KeyBindingMismatch);
}

#[test]
fn a_good_proof_makes_no_bad_token_good() {
    let bench = DpopBench::new(DpopMode::Required);
    for bad in fake_auth0::BadToken::ALL.iter().filter(|bad| bad.rejection() == "expired").take(3) {
        let token = bad.mint(&bench.tenant, "auth0|ada");
        assert_eq!(bench.rejection(&token, &bench.proof(&token).mint()), Rejection::Expired, "{bad:?}");
    }
    let bound = bench.tenant.token_for("auth0|ada").bound_to(&bench.key.thumbprint());
    let forged = bound.sign_with(fake_auth0::SigningKeyChoice::Stranger).mint();
    assert_eq!(bench.rejection(&forged, &bench.proof(&forged).mint()), Rejection::BadSignature);
}

#[test]
fn any_change_of_any_character_of_a_proof_is_refused() {
    let bench = DpopBench::new(DpopMode::Required);
    let token = bench.token();
    let good = bench.proof(&token).mint();
    for at in 0..good.len() {
        let (before, behind) = good.split_at(at);
        let (one, rest) = behind.split_at(1);
        let other = if one == "A" { "B" } else { "A" };
        for changed in [format!("{before}{other}{rest}"), format!("{before}{rest}"), format!("{before}A{behind}")] {
            assert!(changed == good || bench.verify(&token, &changed).is_err(), "position {at}: {changed}");
        }
    }
    // None of them was remembered in place of the good one.
    assert!(bench.accepts(&token, &good));
}

#[test]
fn a_request_target_that_is_no_path_matches_no_proof() {
    let bench = DpopBench::new(DpopMode::Required);
    let token = bench.token();
    for path in ["", "*", "notes", "https://api.acme.com/base/notes", "/notes/../../base/notes"] {
        let presented = Presented::Dpop(ProvenToken {
            token: AccessToken::new(&*token),
            proof: Some(DpopProof::new(bench.proof(&token).mint())),
            request: RequestTarget { method: "GET".into(), path: path.into() },
        });
        assert_eq!(rejection(bench.verifier.verify(&presented)), Rejection::ProofUrl, "{path:?}");
    }
}

#[test]
fn a_proof_without_the_nonce_that_is_asked_for_is_refused_and_with_it_accepted() {
    let (mut asked, secret) = (None, Secret::new("a secret of the nodes, thirty-two bytes or more"));
    let bench = DpopBench::with(DpopMode::Required, Arc::new(InMemoryReplayStore::default()), |policy, clock| {
        let nonces = Arc::new(ServerNonces::new(&[secret], clock).expect("a long secret"));
        asked = Some(Arc::clone(&nonces));
        policy.with_nonces(nonces)
    });
    let nonces = asked.expect("nonces");
    let token = bench.token();
    assert_eq!(bench.rejection(&token, &bench.proof(&token).mint()), Rejection::ProofNonce);
    assert_eq!(bench.rejection(&token, &bench.proof(&token).nonce("made up").mint()), Rejection::ProofNonce);
    let first = nonces.current();
    assert!(bench.accepts(&token, &bench.proof(&token).nonce(&first).mint()));
    bench.clock.advance(ServerNonces::SLOT);
    assert!(bench.accepts(&token, &bench.proof(&token).nonce(&first).mint()), "the one before the last change");
    bench.clock.advance(ServerNonces::SLOT);
    assert_eq!(bench.rejection(&token, &bench.proof(&token).nonce(&first).mint()), Rejection::ProofNonce);
    // Another flaw is told first: a client should not come again with it.
    let flawed = bench.proof(&token).claim("htm", "PUT").mint();
    assert_eq!(bench.rejection(&token, &flawed), Rejection::ProofMethod);
}

#[test]
fn the_age_of_a_proof_is_a_setting() {
    let bench = DpopBench::with(DpopMode::Required, Arc::new(InMemoryReplayStore::default()), |policy, _| {
        policy.with_proof_max_age(Duration::from_secs(5))
    });
    let token = bench.token();
    let (young, old) = (bench.proof(&token).mint(), bench.proof(&token).mint());
    bench.clock.advance(Duration::from_millis(4_999));
    assert!(bench.accepts(&token, &young));
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.rejection(&token, &old), Rejection::ProofTooOld);
}

#[test]
fn what_can_be_judged_at_once_is() {
    let bench = DpopBench::new(DpopMode::Required);
    let token = bench.token();
    let presented = DpopBench::presented(&token, Some(&bench.proof(&token).mint()));
    assert!(matches!(bench.verifier.verify_at_once(&presented), AtOnce::Judged(Ok(_))));
    let again = bench.verifier.verify_at_once(&presented);
    assert!(matches!(again, AtOnce::Judged(Err(VerifyError::Rejected(Rejection::ProofReplayed)))));
}
