//! The port through which a token becomes a verified one.

use std::sync::Arc;
use std::time::Duration;

use crate::{AtOnce, BoxError, Presented, VerifiedToken};

/// Judges access tokens.
pub trait TokenVerifier: Send + Sync {
    /// Judges the token; may wait for one fetch of the issuer's keys and for the store of used proofs, so it belongs on
    /// a thread that may block.
    ///
    /// # Errors
    /// [`VerifyError::Rejected`] is the token's fault, the others are ours.
    fn verify(&self, presented: &Presented) -> Result<Arc<VerifiedToken>, VerifyError>;

    /// Judges the token with what is at hand and never waits.
    fn verify_at_once(&self, presented: &Presented) -> AtOnce;

    /// What can be told of the token before a signature is checked, which takes a hundred times as long as all else; `None`
    /// where its signature must tell. Never waits. A verifier that makes no difference tells all.
    fn recognise(&self, presented: &Presented) -> Option<AtOnce> {
        Some(self.verify_at_once(presented))
    }

    /// Judges a token that was not recognised with what is at hand, its signature among it. Never waits.
    fn check_at_once(&self, presented: &Presented) -> AtOnce {
        self.verify_at_once(presented)
    }

    /// How the keys of each trusted issuer stand, for readiness and metrics: always the same issuers in the same order.
    /// Never waits.
    fn key_reports(&self) -> Vec<IssuerKeys>;

    /// How the cache of verified tokens does; `None` where there is none. Never waits.
    fn token_cache_report(&self) -> Option<TokenCacheReport> {
        None
    }
}

/// Why a token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The token is at fault; its holder may sign in again.
    #[error("token rejected: {}", .0.code())]
    Rejected(Rejection),
    /// The issuer's keys could not be obtained; the caller may try again.
    #[error("the issuer's keys are unavailable")]
    KeysUnavailable(#[source] BoxError),
    /// Nobody can tell at present whether the proof was used before; the caller may try again.
    #[error("the store of used proofs is unavailable")]
    ProofsUnavailable(#[source] BoxError),
}

/// Whether tokens can be judged at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyReadiness {
    /// Keys younger than their greatest age.
    Fresh,
    /// Keys past that age, kept because the issuer is out of reach.
    Stale,
    /// No usable keys.
    Missing,
}

/// What a fetch of keys brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// A key set.
    Fetched,
    /// Word that the set in use is still the issuer's (304).
    NotModified,
    /// Neither.
    Failed,
}

/// What is kept of verified tokens, so that one which comes again costs no signature check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCacheReport {
    /// Tokens that were known and still good, since start.
    pub hits: u64,
    /// Tokens that had to be judged from the beginning, since start; forged ones are among them.
    pub misses: u64,
    /// Tokens that were kept, since start.
    pub admissions: u64,
    /// How many are kept.
    pub entries: usize,
    /// How many may be.
    pub capacity: usize,
}

/// The state of one issuer's keys at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// Whether tokens can be judged.
    pub readiness: KeyReadiness,
    /// How long ago the issuer last said that these are its keys.
    pub age: Option<Duration>,
    /// How many usable keys are held.
    pub keys: usize,
    /// Fetches that brought a key set, since start.
    pub fetched: u64,
    /// Fetches that brought word that the set in use is still the issuer's, since start.
    pub not_modified: u64,
    /// Fetches that brought neither, since start.
    pub fetch_failures: u64,
    /// What the last fetch brought; `None` before the first.
    pub last_fetch: Option<FetchOutcome>,
    /// Lookups answered from keys past their greatest age, since start.
    pub stale_uses: u64,
}

/// A trusted issuer and how its keys stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerKeys {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Its keys.
    pub report: KeyReport,
}

macro_rules! rejections {
    (
        of_tokens { $($(#[$token_doc:meta])* $token:ident => $token_code:literal,)+ }
        of_proofs { $($(#[$proof_doc:meta])* $proof:ident => $proof_code:literal,)+ }
    ) => {
        /// Why a token was refused. The client always gets the same answer; log and metrics name the reason.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rejection {
            $($(#[$token_doc])* $token,)+
            $($(#[$proof_doc])* $proof,)+
        }

        impl Rejection {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$token,)+ $(Self::$proof,)+];

            /// A stable name for logs and metric labels.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$token => $token_code,)+ $(Self::$proof => $proof_code,)+ }
            }

            /// Whether the proof is at fault (RFC 9449 §4.3), and not the token.
            #[must_use]
            pub fn is_of_proof(self) -> bool {
                match self { $(Self::$token => false,)+ $(Self::$proof => true,)+ }
            }
        }
    };
}

rejections! {
    of_tokens {
        /// Longer than a token may be.
        TooLong => "too_long",
        /// No JWS at all: an opaque token, as Auth0 issues when no audience was asked for, or an encrypted one.
        Opaque => "opaque",
        /// Not three base64url parts, or not JSON objects in them.
        Malformed => "malformed",
        /// `typ` names another kind of JWT.
        WrongType => "wrong_type",
        /// `alg` is missing or not on the allowlist.
        AlgorithmNotAllowed => "algorithm_not_allowed",
        /// `crit` is there: we understand no extension that it could name.
        CriticalHeader => "critical_header",
        /// No `kid`.
        MissingKeyId => "missing_key_id",
        /// A claim that we rely on has the wrong type.
        MalformedClaim => "malformed_claim",
        /// `iss` is another issuer or missing.
        WrongIssuer => "wrong_issuer",
        /// `aud` does not hold our identifier.
        WrongAudience => "wrong_audience",
        /// An ID token, meant for the frontend, was sent in place of an access token.
        IdToken => "id_token",
        /// No `exp`.
        MissingExpiry => "missing_expiry",
        /// `exp` has passed.
        Expired => "expired",
        /// `nbf` has not come.
        NotYetValid => "not_yet_valid",
        /// `iat` has not come.
        IssuedInFuture => "issued_in_future",
        /// `sub` is missing, empty or too long.
        BadSubject => "bad_subject",
        /// `cnf` binds the token to a key, and it was sent as a plain bearer or is bound in a way that no proof shows here.
        KeyBound => "key_bound",
        /// The token is bound to no key, and came with a proof or to a service that takes bound tokens alone.
        NotKeyBound => "not_key_bound",
        /// The token is bound to another key than the one of the proof.
        KeyBindingMismatch => "key_binding_mismatch",
        /// The token came under the scheme `DPoP`, which this service does not take: as good as none.
        SchemeNotOffered => "scheme_not_offered",
        /// The issuer publishes no such key.
        UnknownKey => "unknown_key",
        /// The key is not one for this `alg`.
        KeyMismatch => "key_mismatch",
        /// The signature does not verify.
        BadSignature => "bad_signature",
    }
    of_proofs {
        /// Under the scheme `DPoP` came no proof, or more than one.
        ProofMissing => "proof_missing",
        /// Too long, no JWS, or a member that we rely on is missing or has the wrong type.
        ProofMalformed => "proof_malformed",
        /// `typ` is not `dpop+jwt`.
        ProofType => "proof_type",
        /// `alg` is none that a proof may be signed with.
        ProofAlgorithm => "proof_algorithm",
        /// `crit` is there.
        ProofCriticalHeader => "proof_critical_header",
        /// `jwk` is missing, not public, too small, of no kind that we know, or not for this `alg`.
        ProofKey => "proof_key",
        /// `htm` is another method.
        ProofMethod => "proof_method",
        /// `htu` is another URL.
        ProofUrl => "proof_url",
        /// `iat` lies too far back.
        ProofTooOld => "proof_too_old",
        /// `iat` has not come.
        ProofFromFuture => "proof_from_future",
        /// `jti` is empty or too long.
        ProofId => "proof_id",
        /// `ath` is not the hash of the token.
        ProofTokenHash => "proof_token_hash",
        /// `nonce` is missing, not ours or too old; the answer brings a new one.
        ProofNonce => "proof_nonce",
        /// The signature of the proof does not verify.
        ProofSignature => "proof_signature",
        /// The proof was used before.
        ProofReplayed => "proof_replayed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejection_has_a_code_of_its_own() {
        let codes: std::collections::HashSet<_> = Rejection::ALL.iter().map(|rejection| rejection.code()).collect();
        assert_eq!(codes.len(), Rejection::ALL.len());
    }

    #[test]
    fn the_code_of_a_rejection_tells_whose_fault_it_is() {
        for rejection in Rejection::ALL {
            assert_eq!(rejection.is_of_proof(), rejection.code().starts_with("proof_"), "{}", rejection.code());
        }
    }
}
