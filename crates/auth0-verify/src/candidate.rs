//! Tokens on their way from good but for a signature to verified.

use std::sync::Arc;

use domain::{Rejection, VerifiedToken, VerifyError};

use crate::algorithm::Algorithm;
use crate::claims::Judged;
use crate::dpop::{ProvenSender, UseOfProof};
use crate::jwk::PublicKey;
use crate::key_cache::KeyCache;
use crate::key_id::KeyId;
use crate::segment::Segments;
use crate::token_cache::KnownToken;
use crate::token_digest::TokenDigest;

/// A token that is good but for its signature, and that of the proof where one came.
pub(crate) struct Candidate<'a> {
    pub(crate) keys: &'a KeyCache,
    pub(crate) key_id: KeyId,
    pub(crate) algorithm: Algorithm,
    pub(crate) segments: Segments<'a>,
    pub(crate) claims: Judged,
    pub(crate) sender: Option<ProvenSender<'a>>,
    /// Where the token may be kept.
    pub(crate) digest: Option<TokenDigest>,
}

impl Candidate<'_> {
    /// Checks the signature of the token, and after it that of the proof.
    pub(crate) fn check_signatures(self, key: &PublicKey) -> Result<(KnownToken, Option<UseOfProof>), Rejection> {
        // RFC 8725 §3.1: the key decides which algorithms it is for, not the token.
        if !key.fits(self.algorithm) {
            return Err(Rejection::KeyMismatch);
        }
        if !key.verifies(self.algorithm, self.segments.signed, self.segments.signature) {
            return Err(Rejection::BadSignature);
        }
        let use_of_proof = self.sender.map(ProvenSender::check_signature).transpose()?;
        let Judged { issuer, confirmation, lifetime, .. } = self.claims;
        let token = Arc::new(VerifiedToken::assert_verified(self.claims.into_claims()));
        Ok((KnownToken { token, lifetime, confirmation, issuer, key: key.serial() }, use_of_proof))
    }
}

/// A token that is good unless its proof was used before.
pub(crate) struct Unsettled {
    pub(crate) token: Arc<VerifiedToken>,
    pub(crate) use_of_proof: Option<UseOfProof>,
}

impl Unsettled {
    /// Whether [`settle`](Self::settle) never waits.
    pub(crate) fn is_known_at_once(&self) -> bool {
        self.use_of_proof.as_ref().is_none_or(UseOfProof::is_known_at_once)
    }

    pub(crate) fn settle(self) -> Result<Arc<VerifiedToken>, VerifyError> {
        if let Some(use_of_proof) = &self.use_of_proof {
            use_of_proof.must_be_first()?;
        }
        Ok(self.token)
    }
}
