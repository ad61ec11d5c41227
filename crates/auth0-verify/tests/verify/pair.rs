//! Two verifiers of one tenant, one with a cache of verified tokens and one without, which must never disagree.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use allocation_counter::measure;
use auth0_verify::dpop::{DpopMode, DpopPolicy, InMemoryReplayStore, PublicUrl};
use auth0_verify::{
    AllowedAlgorithms, Audience, Auth0Verifier, CachePolicy, FetchError, Issuer, KeyAnswer, KeyCache, KeyFetcher,
    KeySet, KeySetError, TokenRules, TrustedIssuer, Validator,
};
use domain::{
    AccessToken, AtOnce, Clock, DpopProof, KeyReport, Presented, ProvenToken, Rejection, RequestTarget,
    TokenCacheReport, TokenVerifier as _, UnixTime, VerifiedToken, VerifyError,
};
use fake_auth0::{Algorithm, DpopKey, FakeAuth0, ProofBuilder};

pub(crate) const START: i64 = 1_800_000_000;
pub(crate) const ENTRIES: usize = 100;
const URL: &str = "https://api.acme.com";

/// A machine's clocks, of which the one on the wall may be set.
#[derive(Debug, Default)]
struct Clocks {
    wall: AtomicI64,
    uptime: AtomicU64,
}

impl Clock for Clocks {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(START + self.wall.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.uptime.load(Ordering::SeqCst))
    }
}

/// What the issuer answers; `None` while it is out of reach.
struct Published(Mutex<Option<Vec<u8>>>);

impl KeyFetcher for Published {
    fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        match &*self.0.lock().expect("a lock") {
            Some(document) => Ok(KeyAnswer::of(KeySet::parse(document)?)),
            None => Err(FetchError::BadSet(KeySetError::NoUsableKey)),
        }
    }
}

struct Judge {
    verifier: Auth0Verifier,
    keys: Arc<KeyCache>,
}

impl Judge {
    fn report(&self) -> KeyReport {
        self.keys.report()
    }
}

/// What came of a token.
#[derive(Debug)]
pub(crate) enum Outcome {
    Accepted(Arc<VerifiedToken>),
    Rejected(Rejection),
    KeysUnavailable,
    NeedsKeys,
}

pub(crate) struct Pair {
    pub(crate) tenant: FakeAuth0,
    pub(crate) key: DpopKey,
    clocks: Arc<Clocks>,
    published: Arc<Published>,
    with_cache: Judge,
    without: Judge,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::with_entries(ENTRIES)
    }

    pub(crate) fn with_entries(entries: usize) -> Self {
        let tenant = FakeAuth0::builder()
            .domain_override("tenant.example.test")
            .algorithm(Algorithm::Es256)
            .clock_at(START)
            .start();
        let clocks = Arc::<Clocks>::default();
        let published = Arc::new(Published(Mutex::new(Some(tenant.jwks()))));
        let judge = || judge(&tenant, &clocks, &published);
        let (with_cache, without) = (judge(), judge());
        let with_cache = Judge { verifier: with_cache.verifier.with_token_cache(entries), ..with_cache };
        Self { key: DpopKey::generate(), tenant, clocks, published, with_cache, without }
    }

    /// Has both judge, and insists that they agree: on the token, and on how the keys stand afterwards.
    pub(crate) fn judge(&self, presented: &Presented) -> Outcome {
        let outcome = |judge: &Judge| outcome(judge.verifier.verify(presented));
        self.agreed(outcome(&self.with_cache), outcome(&self.without))
    }

    pub(crate) fn judge_at_once(&self, presented: &Presented) -> Outcome {
        let outcome = |judge: &Judge| match judge.verifier.verify_at_once(presented) {
            AtOnce::Judged(judged) => outcome(judged),
            AtOnce::NeedsKeys { .. } => Outcome::NeedsKeys,
            AtOnce::NeedsStore(_) => panic!("the store answers at once"),
        };
        self.agreed(outcome(&self.with_cache), outcome(&self.without))
    }

    fn agreed(&self, with_cache: Outcome, without: Outcome) -> Outcome {
        assert_eq!(format!("{with_cache:?}"), format!("{without:?}"));
        assert_eq!(self.with_cache.report(), self.without.report());
        with_cache
    }

    pub(crate) fn accepts(&self, token: &str) -> Arc<VerifiedToken> {
        match self.judge(&crate::bearer(token)) {
            Outcome::Accepted(token) => token,
            other => panic!("expected a good token, got {other:?}"),
        }
    }

    pub(crate) fn rejection(&self, presented: &Presented) -> Rejection {
        match self.judge(presented) {
            Outcome::Rejected(rejection) => rejection,
            other => panic!("expected a rejection, got {other:?}"),
        }
    }

    /// A token that the cache knows.
    pub(crate) fn known(&self, token: String) -> String {
        self.accepts(&token);
        self.accepts(&token);
        let before = self.cache().hits;
        self.accepts(&token);
        assert_eq!(self.cache().hits, before + 1);
        token
    }

    /// What the one with the cache allocates while it judges.
    pub(crate) fn allocations(&self, presented: &Presented) -> u64 {
        let mut outcome = None;
        let counted = measure(|| outcome = Some(self.with_cache.verifier.verify(presented)));
        assert!(matches!(outcome, Some(Ok(_))));
        counted.count_total
    }

    /// The bytes that stay allocated after the cache alone has come to know so many tokens.
    pub(crate) fn bytes_of_known(&self, tokens: usize) -> i64 {
        let come = || {
            for n in 0..tokens {
                let token = crate::bearer(&self.tenant.token(&format!("auth0|{n:024x}")));
                assert!((0..2).all(|_| self.with_cache.verifier.verify(&token).is_ok()));
            }
        };
        measure(come).bytes_current
    }

    /// A token bound to the client's key.
    pub(crate) fn bound(&self) -> String {
        self.tenant.token_for("auth0|ada").bound_to(&self.key.thumbprint()).mint()
    }

    /// A good proof for `GET /notes` with the token.
    pub(crate) fn proof(&self, token: &str) -> ProofBuilder {
        self.key.proof("GET", &format!("{URL}/notes")).issued_at(self.clocks.now().as_secs()).for_token(token)
    }

    pub(crate) fn with_proof(token: &str, proof: Option<&str>) -> Presented {
        Presented::Dpop(ProvenToken {
            token: AccessToken::new(token),
            proof: proof.map(DpopProof::new),
            request: RequestTarget { method: "GET".into(), path: "/notes".into() },
        })
    }

    pub(crate) fn cache(&self) -> TokenCacheReport {
        self.with_cache.verifier.token_cache_report().expect("a cache")
    }

    pub(crate) fn keys(&self) -> KeyReport {
        self.with_cache.report()
    }

    pub(crate) fn shown(&self) -> String {
        format!("{:?}", self.with_cache.verifier)
    }

    /// Publishes what the tenant says now.
    pub(crate) fn publish(&self) {
        self.publish_document(Some(self.tenant.jwks()));
    }

    /// Publishes another key under the name of the one that signs.
    pub(crate) fn publish_another_key_of_the_same_name(&self) {
        let mut set: serde_json::Value = serde_json::from_slice(&self.tenant.jwks()).expect("a set");
        let kid = self.tenant.signing_key().kid().to_owned();
        let stranger = fake_auth0::SigningKey::stranger(Algorithm::Es256).with_kid(kid.clone()).jwk();
        let keys = set["keys"].as_array_mut().expect("keys");
        *keys.iter_mut().find(|key| key["kid"] == kid.as_str()).expect("the signing key") = stranger;
        self.publish_document(Some(set.to_string().into_bytes()));
    }

    pub(crate) fn cut_off(&self) {
        self.publish_document(None);
    }

    fn publish_document(&self, document: Option<Vec<u8>>) {
        *self.published.0.lock().expect("a lock") = document;
    }

    /// Lets time pass, in which both look whether a refresh is due.
    pub(crate) fn pass(&self, secs: u32) {
        self.clocks.uptime.fetch_add(secs.into(), Ordering::SeqCst);
        self.set_wall_clock(secs.into());
        self.refresh();
    }

    /// Moves the clock on the wall alone.
    pub(crate) fn set_wall_clock(&self, by: i64) {
        self.clocks.wall.fetch_add(by, Ordering::SeqCst);
        self.tenant.set_clock(self.clocks.now().as_secs());
    }

    pub(crate) fn refresh(&self) {
        for judge in [&self.with_cache, &self.without] {
            judge.keys.refresh_if_due();
        }
        assert_eq!(self.with_cache.report(), self.without.report());
    }
}

fn judge(tenant: &FakeAuth0, clocks: &Arc<Clocks>, published: &Arc<Published>) -> Judge {
    let keys = Arc::new(KeyCache::new(published.clone(), clocks.clone(), CachePolicy::default()));
    keys.refresh_if_due();
    let mut rules = TokenRules::for_audience(Audience::parse(tenant.audience()).expect("an audience"));
    rules.algorithms = AllowedAlgorithms::parse("RS256,ES256").expect("algorithms");
    let issuer = Issuer::parse(tenant.domain()).expect("a domain");
    let store = Arc::new(InMemoryReplayStore::default());
    let policy = DpopPolicy::new(DpopMode::Allowed, PublicUrl::parse(URL).expect("a URL"), store);
    let trusted = TrustedIssuer { issuer, keys: Arc::clone(&keys) };
    Judge { verifier: Auth0Verifier::new(rules, vec![trusted], clocks.clone()).with_dpop(policy), keys }
}

fn outcome(judged: Result<Arc<VerifiedToken>, VerifyError>) -> Outcome {
    match judged {
        Ok(token) => Outcome::Accepted(token),
        Err(VerifyError::Rejected(rejection)) => Outcome::Rejected(rejection),
        Err(VerifyError::KeysUnavailable(_)) => Outcome::KeysUnavailable,
        Err(error) => panic!("{error}"),
    }
}
