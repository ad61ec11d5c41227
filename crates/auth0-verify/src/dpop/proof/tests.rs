//! The examples of RFC 9449. Their tokens are not JWTs of Auth0's, so they are held against the proof's rules alone.

use std::time::Duration;

use super::*;
use crate::dpop::{DpopMode, InMemoryReplayStore, PublicUrl};

/// §6.1: `cnf.jkt` of the token that is bound to the key of every example.
const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

/// §4.2: the proof of a token request.
const OF_TOKEN_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
    VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
    nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
    QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIj\
    oiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia\
    WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg\
    4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

/// §7.1: the token and the proof of a request for a resource.
const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const OF_RESOURCE_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
    VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
    nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
    QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj\
    oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z\
    WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF\
    c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E\
    OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const MADE_AT: i64 = 1_562_262_618;

struct Example {
    token: &'static str,
    method: &'static str,
    path: &'static str,
    now: i64,
}

/// The request of §7.1, at the moment of its proof.
const REQUEST: Example = Example { token: TOKEN, method: "GET", path: "/protectedresource", now: MADE_AT };

impl Example {
    fn judge(&self, proof: &str) -> Result<(), Rejection> {
        let url = PublicUrl::parse("https://resource.example.org").expect("a URL");
        let policy = DpopPolicy::new(DpopMode::Required, url, Arc::new(InMemoryReplayStore::default()))
            .with_proof_max_age(Duration::from_secs(60));
        let judge = ProofJudge {
            policy: &policy,
            token: TokenDigest::of(self.token),
            bound_to: KeyThumbprint::parse(JKT).expect("a thumbprint"),
            request: &RequestTarget { method: self.method.into(), path: self.path.into() },
            leeway: Leeway::default(),
            now: UnixTime::from_secs(self.now),
        };
        let proof = DpopProof::new(proof);
        judge.judge(Some(&proof))?.check_signature().map(|_| ())
    }
}

#[test]
fn the_rfcs_proof_for_a_resource_is_good_for_its_request_and_token() {
    assert_eq!(REQUEST.judge(OF_RESOURCE_REQUEST), Ok(()));
}

#[test]
fn the_rfcs_proof_is_good_for_no_other_request_token_or_time() {
    for (example, rejection) in [
        (Example { method: "POST", ..REQUEST }, Rejection::ProofMethod),
        (Example { path: "/protectedresource/1", ..REQUEST }, Rejection::ProofUrl),
        (Example { token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxV", ..REQUEST }, Rejection::ProofTokenHash),
        (Example { now: MADE_AT + 60, ..REQUEST }, Rejection::ProofTooOld),
        (Example { now: MADE_AT - 31, ..REQUEST }, Rejection::ProofFromFuture),
    ] {
        assert_eq!(example.judge(OF_RESOURCE_REQUEST), Err(rejection));
    }
    for now in [MADE_AT + 59, MADE_AT - 30] {
        assert_eq!(Example { now, ..REQUEST }.judge(OF_RESOURCE_REQUEST), Ok(()), "{now}");
    }
}

#[test]
fn the_rfcs_proof_for_the_token_endpoint_is_signed_by_the_same_key_and_names_no_token() {
    let segments = Segments::of(OF_TOKEN_REQUEST).expect("three parts");
    let (algorithm, embedded) = read_header(segments.header).expect("a header");
    assert_eq!(embedded.thumbprint().map(|thumbprint| thumbprint.to_string()).as_deref(), Ok(JKT));
    let key = embedded.usable(algorithm).expect("a public key");
    assert!(key.verifies(algorithm, segments.signed, segments.signature));
    assert_eq!(REQUEST.judge(OF_TOKEN_REQUEST), Err(Rejection::ProofMalformed));
}

/// §7.1: `ath` in the example.
#[test]
fn the_hash_of_the_rfcs_token_is_the_rfcs() {
    let hash = TokenDigest::of(TOKEN).as_ath();
    assert_eq!(hash, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}
