//! From a token as it was presented to a verified one.

use std::sync::Arc;

use domain::{
    AtOnce, Clock, IssuerKeys, Presented, Rejection, TokenCacheReport, TokenVerifier, UnixTime, UnsettledToken,
    VerifiedToken, VerifyError,
};

use crate::Issuer;
use crate::candidate::{Candidate, Unsettled};
use crate::claims::Expected;
use crate::dpop::{Confirmation, DpopMode, DpopPolicy, ProofJudge, ProvenSender};
use crate::header::Header;
use crate::jwk::PublicKey;
use crate::key_cache::KeyCache;
use crate::key_lookup::{CachedKey, KeyLookupError};
use crate::key_refresher::KeyRefresher;
use crate::key_source::{KeySource, TrustedIssuer};
use crate::segment::Segments;
use crate::token_cache::TokenCache;
use crate::token_digest::TokenDigest;
use crate::token_rules::TokenRules;

/// Verifies access tokens of one Auth0 tenant, under any of its domains.
#[derive(Debug)]
pub struct Auth0Verifier {
    rules: TokenRules,
    issuers: Box<[Issuer]>,
    /// Those of each issuer, in the same order.
    keys: Box<[Arc<KeyCache>]>,
    clock: Arc<dyn Clock>,
    /// `None` where DPoP is off.
    dpop: Option<DpopPolicy>,
    /// `None` where every token is judged from the beginning.
    known: Option<TokenCache>,
    _refresher: Option<KeyRefresher>,
}

impl Auth0Verifier {
    /// A verifier over caches that somebody else keeps fresh.
    #[must_use]
    pub fn new(rules: TokenRules, issuers: Vec<TrustedIssuer>, clock: Arc<dyn Clock>) -> Self {
        let (issuers, keys): (Vec<_>, Vec<_>) =
            issuers.into_iter().map(|trusted| (trusted.issuer, trusted.keys)).unzip();
        let (issuers, keys) = (issuers.into(), keys.into());
        Self { rules, issuers, keys, clock, dpop: None, known: None, _refresher: None }
    }

    /// A verifier that fetches its keys over HTTP and keeps them fresh by a thread of its own, until it is dropped.
    /// Does not wait for the first fetch.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn over_http(rules: TokenRules, source: &KeySource, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let trusted = source.trusted(&clock);
        let refresher = KeyRefresher::start(trusted.iter().map(|trusted| Arc::clone(&trusted.keys)).collect())?;
        Ok(Self { _refresher: Some(refresher), ..Self::new(rules, trusted, clock) })
    }

    /// The same verifier, which takes tokens that are bound to a key as the policy says. Without a policy it takes none.
    #[must_use]
    pub fn with_dpop(self, policy: DpopPolicy) -> Self {
        Self { dpop: Some(policy).filter(|policy| policy.mode() != DpopMode::Off), ..self }
    }

    /// The same verifier, which keeps up to so many verified tokens of up to 4 KiB, each from the second time on that it
    /// comes, and checks no signature of those again. The answers are the same as without; 0 keeps none. A usual token takes
    /// up about half a kilobyte.
    #[must_use]
    pub fn with_token_cache(self, entries: usize) -> Self {
        Self { known: (entries > 0).then(|| TokenCache::of(entries)), ..self }
    }

    /// The token, if it has the shape of one.
    fn look<'a>(&self, presented: &'a Presented) -> Result<Sight<'a>, Rejection> {
        if matches!(presented, Presented::Dpop(_)) && self.dpop.is_none() {
            return Err(Rejection::SchemeNotOffered);
        }
        let token = presented.token().reveal();
        let segments = Segments::of(token)?;
        let may_be_known = self.known.is_some() && token.len() <= TokenCache::MAX_TOKEN_BYTES;
        let digest = may_be_known.then(|| TokenDigest::of(token));
        Ok(Sight { presented, segments, digest, now: self.clock.now() })
    }

    /// What a token is worth that was verified before; `None` if that is not known or no longer certain. All that may have
    /// changed since is judged again: time, the key, and the proof.
    fn recall(&self, sight: &Sight<'_>) -> Option<Result<Unsettled, Rejection>> {
        let (cache, digest) = self.known.as_ref().zip(sight.digest.as_ref())?;
        let mut sender = Ok(None);
        let known = cache.recall(digest, |known| {
            known.lifetime.judge(sight.now, self.rules.leeway).is_ok() && {
                sender = self.judge_sender(sight, known.confirmation);
                // Of a refused sender no key is looked for.
                sender.is_err() || self.keys.get(known.issuer).is_some_and(|keys| keys.still_uses(known.key))
            }
        })?;
        let use_of_proof = sender.and_then(|sender| sender.map(ProvenSender::check_signature).transpose());
        Some(use_of_proof.map(|use_of_proof| Unsettled { token: known.token, use_of_proof }))
    }

    /// Everything that can be judged without a key. A token that fails here never causes a fetch.
    fn judge<'a>(&'a self, sight: Sight<'a>) -> Result<Candidate<'a>, Rejection> {
        let segments = sight.segments;
        let Header { algorithm, key_id } = Header::read(segments.header, &self.rules.algorithms)?;
        let (audiences, leeway) = (&self.rules.audiences, self.rules.leeway);
        let claims = Expected { issuers: &self.issuers, audiences, leeway, now: sight.now }.judge(segments.claims)?;
        let sender = self.judge_sender(&sight, claims.confirmation)?;
        let keys = self.keys.get(claims.issuer).ok_or(Rejection::WrongIssuer)?;
        Ok(Candidate { keys, key_id, algorithm, segments, claims, sender, digest: sight.digest })
    }

    /// RFC 9449 §7.1, §7.2: a bound token comes with a proof of its key, and only a bound one does.
    fn judge_sender<'a>(
        &self,
        sight: &Sight<'a>,
        confirmation: Option<Confirmation>,
    ) -> Result<Option<ProvenSender<'a>>, Rejection> {
        match (sight.presented, confirmation, &self.dpop) {
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
                let token = sight.digest.unwrap_or_else(|| TokenDigest::of(proven.token.reveal()));
                let (request, leeway, now) = (&proven.request, self.rules.leeway, sight.now);
                ProofJudge { policy, token, bound_to, request, leeway, now }.judge(proven.proof.as_ref()).map(Some)
            }
        }
    }

    /// Checks what only the key can tell. Only a token that passes is ever kept.
    fn check(&self, candidate: Candidate<'_>, key: &PublicKey) -> Result<Unsettled, Rejection> {
        let digest = candidate.digest;
        let (known, use_of_proof) = candidate.check_signatures(key)?;
        if let Some((cache, digest)) = self.known.as_ref().zip(digest) {
            cache.found_good(digest, &known);
        }
        Ok(Unsettled { token: known.token, use_of_proof })
    }
}

impl TokenVerifier for Auth0Verifier {
    fn verify(&self, presented: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
        let sight = self.look(presented).map_err(VerifyError::Rejected)?;
        if let Some(known) = self.recall(&sight) {
            return known.map_err(VerifyError::Rejected).and_then(Unsettled::settle);
        }
        let candidate = self.judge(sight).map_err(VerifyError::Rejected)?;
        match candidate.keys.find(&candidate.key_id) {
            Ok(key) => self.check(candidate, &key).map_err(VerifyError::Rejected)?.settle(),
            Err(KeyLookupError::Unknown) => Err(VerifyError::Rejected(Rejection::UnknownKey)),
            Err(KeyLookupError::Unavailable(trouble)) => Err(VerifyError::KeysUnavailable(trouble.into())),
        }
    }

    fn verify_at_once(&self, presented: &Presented) -> AtOnce {
        self.recognise(presented).unwrap_or_else(|| self.check_at_once(presented))
    }

    fn recognise(&self, presented: &Presented) -> Option<AtOnce> {
        match self.look(presented) {
            Ok(sight) => self.recall(&sight).map(|known| known.map_or_else(refused, at_once)),
            Err(rejection) => Some(refused(rejection)),
        }
    }

    /// The digest is reckoned once more: none is taken from anybody under which a token is to be known.
    fn check_at_once(&self, presented: &Presented) -> AtOnce {
        let candidate = match self.look(presented).and_then(|sight| self.judge(sight)) {
            Ok(candidate) => candidate,
            Err(rejection) => return refused(rejection),
        };
        match candidate.keys.cached(&candidate.key_id) {
            CachedKey::Known(key) => self.check(candidate, &key).map_or_else(refused, at_once),
            CachedKey::Unknown => refused(Rejection::UnknownKey),
            CachedKey::Unavailable(trouble) => AtOnce::Judged(Err(VerifyError::KeysUnavailable(trouble.into()))),
            CachedKey::FetchWouldTell => AtOnce::NeedsKeys { issuer: candidate.claims.issuer },
        }
    }

    fn key_reports(&self) -> Vec<IssuerKeys> {
        let report = |(issuer, keys): (&Issuer, &Arc<KeyCache>)| IssuerKeys {
            issuer: issuer.as_str().to_owned(),
            report: keys.report(),
        };
        self.issuers.iter().zip(&self.keys).map(report).collect()
    }

    fn token_cache_report(&self) -> Option<TokenCacheReport> {
        self.known.as_ref().map(TokenCache::report)
    }
}

/// A token as it came, at one moment.
struct Sight<'a> {
    presented: &'a Presented,
    segments: Segments<'a>,
    /// Where the token may be kept, and so may be known.
    digest: Option<TokenDigest>,
    now: UnixTime,
}

fn refused(rejection: Rejection) -> AtOnce {
    AtOnce::Judged(Err(VerifyError::Rejected(rejection)))
}

fn at_once(unsettled: Unsettled) -> AtOnce {
    if unsettled.is_known_at_once() {
        AtOnce::Judged(unsettled.settle())
    } else {
        AtOnce::NeedsStore(UnsettledToken::new(move || unsettled.settle()))
    }
}
