//! From a token as it was presented to a verified one.

use std::sync::Arc;

use domain::{
    AtOnce, Clock, IssuerKeys, KeySetStore, Presented, Rejection, TokenVerifier, UnixTime, UnsettledToken,
    VerifiedClaims, VerifiedToken, VerifyError,
};

use crate::algorithm::{Algorithm, AllowedAlgorithms};
use crate::cache_policy::CachePolicy;
use crate::claims::{Expected, Leeway};
use crate::dpop::{Confirmation, DpopMode, DpopPolicy, ProofJudge, ProvenSender, UseOfProof};
use crate::header::Header;
use crate::jwk::PublicKey;
use crate::key_archive::KeyArchive;
use crate::key_cache::KeyCache;
use crate::key_fetch::HttpKeyFetcher;
use crate::key_id::KeyId;
use crate::key_lookup::{CachedKey, KeyLookupError};
use crate::key_refresher::KeyRefresher;
use crate::segment::Segments;
use crate::{Audience, Issuer};

/// What a token must say to be accepted.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// `aud` must hold one of these.
    pub audiences: Vec<Audience>,
    /// `alg` must be one of these.
    pub algorithms: AllowedAlgorithms,
    /// Tolerance for clocks.
    pub leeway: Leeway,
}

impl TokenRules {
    /// The rules for one API: RS256, 30 seconds of leeway.
    #[must_use]
    pub fn for_audience(audience: Audience) -> Self {
        Self { audiences: vec![audience], algorithms: AllowedAlgorithms::default(), leeway: Leeway::default() }
    }
}

/// An issuer and its own keys: a key of one issuer never verifies a token of another.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// The `iss` that a token must have, to the byte.
    pub issuer: Issuer,
    /// Where its keys are kept.
    pub keys: Arc<KeyCache>,
}

/// Where keys come from, and how they are kept.
#[derive(Clone)]
pub struct KeySource {
    issuers: Vec<Issuer>,
    policy: CachePolicy,
    store: Option<Arc<dyn KeySetStore>>,
}

impl KeySource {
    /// Each issuer's own key set over HTTP, kept as [`CachePolicy::default`] says.
    #[must_use]
    pub fn of(issuers: Vec<Issuer>) -> Self {
        Self { issuers, policy: CachePolicy::default(), store: None }
    }

    /// The same, kept otherwise.
    #[must_use]
    pub fn kept_by(self, policy: CachePolicy) -> Self {
        Self { policy, ..self }
    }

    /// The same with a store, in which the keys outlive the process and are shared between nodes.
    #[must_use]
    pub fn stored_in(self, store: Arc<dyn KeySetStore>) -> Self {
        Self { store: Some(store), ..self }
    }

    fn trust(&self, issuer: &Issuer, clock: &Arc<dyn Clock>) -> TrustedIssuer {
        let cache = KeyCache::new(Arc::new(HttpKeyFetcher::new(issuer)), Arc::clone(clock), self.policy);
        let cache = match &self.store {
            Some(store) => cache.with_archive(KeyArchive::new(Arc::clone(store), issuer.clone())),
            None => cache,
        };
        TrustedIssuer { issuer: issuer.clone(), keys: Arc::new(cache) }
    }
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySource")
            .field("issuers", &self.issuers)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Verifies access tokens of one Auth0 tenant, under any of its domains.
#[derive(Debug)]
pub struct Auth0Verifier {
    rules: TokenRules,
    issuers: Vec<TrustedIssuer>,
    clock: Arc<dyn Clock>,
    /// `None` where DPoP is off.
    dpop: Option<DpopPolicy>,
    _refresher: Option<KeyRefresher>,
}

impl Auth0Verifier {
    /// A verifier over caches that somebody else keeps fresh.
    #[must_use]
    pub fn new(rules: TokenRules, issuers: Vec<TrustedIssuer>, clock: Arc<dyn Clock>) -> Self {
        Self { rules, issuers, clock, dpop: None, _refresher: None }
    }

    /// A verifier that fetches its keys over HTTP and keeps them fresh by a thread of its own, until it is dropped.
    /// Does not wait for the first fetch.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn over_http(rules: TokenRules, source: &KeySource, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let trusted: Vec<_> = source.issuers.iter().map(|issuer| source.trust(issuer, &clock)).collect();
        let refresher = KeyRefresher::start(trusted.iter().map(|trusted| Arc::clone(&trusted.keys)).collect())?;
        Ok(Self { _refresher: Some(refresher), ..Self::new(rules, trusted, clock) })
    }

    /// The same verifier, which takes tokens that are bound to a key as the policy says. Without a policy it takes none.
    #[must_use]
    pub fn with_dpop(self, policy: DpopPolicy) -> Self {
        Self { dpop: Some(policy).filter(|policy| policy.mode() != DpopMode::Off), ..self }
    }

    /// Everything that can be judged without a key. A token that fails here never causes a fetch.
    fn judge<'a>(&'a self, presented: &'a Presented) -> Result<Candidate<'a>, Rejection> {
        if matches!(presented, Presented::Dpop(_)) && self.dpop.is_none() {
            return Err(Rejection::SchemeNotOffered);
        }
        let segments = Segments::of(presented.token().reveal())?;
        let header = Header::read(segments.header, &self.rules.algorithms)?;
        let now = self.clock.now();
        let issuers: Vec<_> = self.issuers.iter().map(|trusted| &trusted.issuer).collect();
        let expected = Expected { issuers: &issuers, audiences: &self.rules.audiences, leeway: self.rules.leeway, now };
        let judged = expected.judge(segments.claims)?;
        let sender = self.judge_sender(presented, judged.confirmation, now)?;
        let trusted = self.issuers.get(judged.issuer).ok_or(Rejection::WrongIssuer)?;
        Ok(Candidate {
            keys: &trusted.keys,
            key_id: header.key_id,
            algorithm: header.algorithm,
            segments,
            sender,
            claims: judged.claims,
        })
    }

    /// RFC 9449 §7.1, §7.2: a bound token comes with a proof of its key, and only a bound one does.
    fn judge_sender<'a>(
        &self,
        presented: &'a Presented,
        confirmation: Option<Confirmation>,
        now: UnixTime,
    ) -> Result<Option<ProvenSender<'a>>, Rejection> {
        match (presented, confirmation, &self.dpop) {
            (Presented::Bearer(_), Some(_), _) | (Presented::Dpop(_), Some(Confirmation::Other), _) => {
                Err(Rejection::KeyBound)
            }
            (Presented::Bearer(_), None, Some(policy)) if policy.mode() == DpopMode::Required => {
                Err(Rejection::NotKeyBound)
            }
            (Presented::Bearer(_), None, _) => Ok(None),
            (Presented::Dpop(_), None, _) => Err(Rejection::NotKeyBound),
            (Presented::Dpop(_), _, None) => Err(Rejection::SchemeNotOffered),
            (Presented::Dpop(proven), Some(Confirmation::Key(bound_to)), Some(policy)) => {
                let (token, request) = (proven.token.reveal(), &proven.request);
                let judge = ProofJudge { policy, token, bound_to, request, leeway: self.rules.leeway, now };
                judge.judge(proven.proof.as_ref()).map(Some)
            }
        }
    }
}

impl TokenVerifier for Auth0Verifier {
    fn verify(&self, presented: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
        let candidate = self.judge(presented).map_err(VerifyError::Rejected)?;
        match candidate.keys.find(&candidate.key_id) {
            Ok(key) => candidate.check_signatures(&key).and_then(Unsettled::settle),
            Err(KeyLookupError::Unknown) => Err(VerifyError::Rejected(Rejection::UnknownKey)),
            Err(KeyLookupError::Unavailable(trouble)) => Err(VerifyError::KeysUnavailable(trouble.into())),
        }
    }

    fn verify_at_once(&self, presented: &Presented) -> AtOnce {
        let candidate = match self.judge(presented) {
            Ok(candidate) => candidate,
            Err(rejection) => return AtOnce::Judged(Err(VerifyError::Rejected(rejection))),
        };
        match candidate.keys.cached(&candidate.key_id) {
            CachedKey::Known(key) => match candidate.check_signatures(&key) {
                Ok(unsettled) if unsettled.is_known_at_once() => AtOnce::Judged(unsettled.settle()),
                Ok(unsettled) => AtOnce::NeedsStore(UnsettledToken::new(move || unsettled.settle())),
                Err(error) => AtOnce::Judged(Err(error)),
            },
            CachedKey::Unknown => AtOnce::Judged(Err(VerifyError::Rejected(Rejection::UnknownKey))),
            CachedKey::Unavailable(trouble) => AtOnce::Judged(Err(VerifyError::KeysUnavailable(trouble.into()))),
            CachedKey::FetchWouldTell => AtOnce::NeedsKeys,
        }
    }

    fn key_reports(&self) -> Vec<IssuerKeys> {
        let report = |trusted: &TrustedIssuer| IssuerKeys {
            issuer: trusted.issuer.as_str().to_owned(),
            report: trusted.keys.report(),
        };
        self.issuers.iter().map(report).collect()
    }
}

/// A token that is good but for its signature, and that of the proof where one came.
struct Candidate<'a> {
    keys: &'a KeyCache,
    key_id: KeyId,
    algorithm: Algorithm,
    segments: Segments<'a>,
    sender: Option<ProvenSender<'a>>,
    claims: VerifiedClaims,
}

impl Candidate<'_> {
    fn check_signatures(self, key: &PublicKey) -> Result<Unsettled, VerifyError> {
        // RFC 8725 §3.1: the key decides which algorithms it is for, not the token.
        if !key.fits(self.algorithm) {
            return Err(VerifyError::Rejected(Rejection::KeyMismatch));
        }
        if !key.verifies(self.algorithm, self.segments.signed, self.segments.signature) {
            return Err(VerifyError::Rejected(Rejection::BadSignature));
        }
        let use_of_proof = self.sender.map(ProvenSender::check_signature).transpose().map_err(VerifyError::Rejected)?;
        Ok(Unsettled { use_of_proof, claims: self.claims })
    }
}

/// A token that is good unless its proof was used before.
struct Unsettled {
    use_of_proof: Option<UseOfProof>,
    claims: VerifiedClaims,
}

impl Unsettled {
    fn is_known_at_once(&self) -> bool {
        self.use_of_proof.as_ref().is_none_or(UseOfProof::is_known_at_once)
    }

    fn settle(self) -> Result<Arc<VerifiedToken>, VerifyError> {
        if let Some(use_of_proof) = &self.use_of_proof {
            use_of_proof.must_be_first()?;
        }
        Ok(Arc::new(VerifiedToken::assert_verified(self.claims)))
    }
}
