//! One proof, read strictly and judged (RFC 9449 §4.3).

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use domain::{BoxError, DpopProof, ProofUse, Rejection, ReplayStore, RequestTarget, UnixTime, UsedProof, VerifyError};

use super::hash::sha256;
use super::proof_key::EmbeddedKey;
use super::{DpopPolicy, KeyThumbprint};
use crate::algorithm::Algorithm;
use crate::claims::NumericDate;
use crate::jwk::PublicKey;
use crate::lifetime::Leeway;
use crate::segment::{Segments, present, read_part};
use crate::token_digest::TokenDigest;

/// The longest proof that is looked at, in bytes: twice as long as one with the largest RSA key.
const MAX_PROOF_BYTES: usize = 8 * 1024;

/// The longest `jti`, in bytes.
const MAX_ID_BYTES: usize = 255;

/// The members that decide. `kid`, `jku`, `x5u` and `x5c` are not even read, so nothing can follow them.
#[derive(Deserialize)]
struct RawHeader {
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    alg: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    jwk: Option<EmbeddedKey>,
}

#[derive(Deserialize)]
struct RawClaims {
    htm: String,
    htu: String,
    jti: String,
    iat: NumericDate,
    ath: String,
    #[serde(default, deserialize_with = "present")]
    nonce: Option<String>,
}

/// What a proof is judged by.
pub(crate) struct ProofJudge<'a> {
    pub(crate) policy: &'a DpopPolicy,
    pub(crate) token: TokenDigest,
    pub(crate) bound_to: KeyThumbprint,
    pub(crate) request: &'a RequestTarget,
    pub(crate) leeway: Leeway,
    pub(crate) now: UnixTime,
}

/// A sender who holds the key of the token, if the signature is good and the proof was not used before.
pub(crate) struct ProvenSender<'a> {
    /// Large, and most senders bring none.
    key: Box<PublicKey>,
    algorithm: Algorithm,
    segments: Segments<'a>,
    use_of_proof: UseOfProof,
}

/// The question to the store.
pub(crate) struct UseOfProof {
    proof: UsedProof,
    store: Arc<dyn ReplayStore>,
}

impl ProofJudge<'_> {
    /// Judges everything that costs no signature check.
    pub(crate) fn judge<'p>(&self, proof: Option<&'p DpopProof>) -> Result<ProvenSender<'p>, Rejection> {
        let proof = proof.ok_or(Rejection::ProofMissing)?.reveal();
        if proof.len() > MAX_PROOF_BYTES {
            return Err(Rejection::ProofMalformed);
        }
        let segments = Segments::of(proof).map_err(|_| Rejection::ProofMalformed)?;
        let (algorithm, embedded) = read_header(segments.header)?;
        let claims: RawClaims = read_part(segments.claims).map_err(|_| Rejection::ProofMalformed)?;
        self.judge_claims(&claims)?;
        let thumbprint = embedded.thumbprint()?;
        let key = Box::new(embedded.usable(algorithm)?);
        if thumbprint != self.bound_to {
            return Err(Rejection::KeyBindingMismatch);
        }
        self.judge_nonce(claims.nonce.as_deref())?;
        let proof = UsedProof {
            digest: sha256(&[thumbprint.as_bytes(), &[0], claims.jti.as_bytes()]),
            used_at: self.now,
            // A node whose clock is behind ours takes the proof a little longer than we do.
            forget_at: claims.iat.0.plus(self.policy.proof_max_age()).plus(self.leeway.as_duration()),
        };
        let use_of_proof = UseOfProof { proof, store: Arc::clone(self.policy.used_proofs()) };
        Ok(ProvenSender { key, algorithm, segments, use_of_proof })
    }

    fn judge_claims(&self, claims: &RawClaims) -> Result<(), Rejection> {
        // Methods are case-sensitive (RFC 9110 §9.1).
        if claims.htm != *self.request.method {
            return Err(Rejection::ProofMethod);
        }
        if !self.policy.public_url().matches(&self.request.path, &claims.htu) {
            return Err(Rejection::ProofUrl);
        }
        let NumericDate(made_at) = claims.iat;
        if made_at > self.now.plus(self.leeway.as_duration()) {
            return Err(Rejection::ProofFromFuture);
        }
        if self.now >= made_at.plus(self.policy.proof_max_age()) {
            return Err(Rejection::ProofTooOld);
        }
        if !(1..=MAX_ID_BYTES).contains(&claims.jti.len()) {
            return Err(Rejection::ProofId);
        }
        if claims.ath != self.token.as_ath() {
            return Err(Rejection::ProofTokenHash);
        }
        Ok(())
    }

    /// RFC 9449 §9: last of all, so that a client is told to come again only with a proof that is good otherwise.
    fn judge_nonce(&self, nonce: Option<&str>) -> Result<(), Rejection> {
        let Some(nonces) = self.policy.nonces() else { return Ok(()) };
        if nonce.is_some_and(|nonce| nonces.knows(nonce)) { Ok(()) } else { Err(Rejection::ProofNonce) }
    }
}

fn read_header(encoded: &str) -> Result<(Algorithm, EmbeddedKey), Rejection> {
    let raw: RawHeader = read_part(encoded).map_err(|_| Rejection::ProofMalformed)?;
    if raw.typ.as_deref() != Some("dpop+jwt") {
        return Err(Rejection::ProofType);
    }
    let algorithm = raw
        .alg
        .and_then(|name| Algorithm::from_name(&name))
        .filter(|algorithm| DpopPolicy::ALGORITHMS.contains(algorithm))
        .ok_or(Rejection::ProofAlgorithm)?;
    // RFC 7515 §4.1.11: an extension that is not understood makes the proof invalid, and we understand none.
    if raw.crit.is_some() {
        return Err(Rejection::ProofCriticalHeader);
    }
    Ok((algorithm, raw.jwk.ok_or(Rejection::ProofKey)?))
}

impl ProvenSender<'_> {
    /// Checks the signature; what is left is the question to the store, which must not hear of a bad proof.
    pub(crate) fn check_signature(self) -> Result<UseOfProof, Rejection> {
        let is_good = self.key.verifies(self.algorithm, self.segments.signed, self.segments.signature);
        if is_good { Ok(self.use_of_proof) } else { Err(Rejection::ProofSignature) }
    }
}

impl UseOfProof {
    /// Whether [`must_be_first`](Self::must_be_first) never waits.
    pub(crate) fn is_known_at_once(&self) -> bool {
        self.store.answers_at_once()
    }

    /// Asks the store.
    pub(crate) fn must_be_first(&self) -> Result<(), VerifyError> {
        match self.store.remember(&self.proof) {
            Ok(ProofUse::First) => Ok(()),
            Ok(ProofUse::Repeated) => Err(VerifyError::Rejected(Rejection::ProofReplayed)),
            Err(trouble) => Err(VerifyError::ProofsUnavailable(BoxError::from(trouble))),
        }
    }
}

#[cfg(test)]
mod tests;
