//! Tokens that are bound to a key.

use std::sync::{Arc, Mutex};

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use auth0_verify::Challenger;
use auth0_verify::dpop::{DpopMode, DpopPolicy, InMemoryReplayStore, PublicUrl, ServerNonces};
use auth0_verify_actix::{Gate, Guarded};
use domain::{
    AtOnce, Clock, Grants, IssuerKeys, Presented, Profile, ProvenToken, Rejection, Secret, Subject, SystemClock,
    TokenVerifier, UnixTime, VerifiedClaims, VerifiedToken, VerifyError,
};

/// Lets everybody in whose token is `good`, and keeps the paths that proofs must be for.
#[derive(Default)]
struct Verifier {
    paths: Mutex<Vec<String>>,
}

impl TokenVerifier for Verifier {
    fn verify(&self, presented: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
        if let Presented::Dpop(ProvenToken { request, .. }) = presented {
            self.paths.lock().expect("a lock").push(format!("{} {}", request.method, request.path));
        }
        if presented.token().reveal() != "good" {
            return Err(VerifyError::Rejected(Rejection::BadSignature));
        }
        Ok(Arc::new(VerifiedToken::assert_verified(VerifiedClaims {
            subject: Subject::parse("auth0|ada").expect("a subject"),
            issued_at: None,
            expires_at: UnixTime::from_secs(2_000_000_000),
            profile: Profile::default(),
            grants: Grants::default(),
        })))
    }

    fn verify_at_once(&self, presented: &Presented) -> AtOnce {
        AtOnce::Judged(self.verify(presented))
    }

    fn key_reports(&self) -> Vec<IssuerKeys> {
        Vec::new()
    }
}

#[actix_web::test]
async fn a_proof_is_for_the_path_as_the_client_sent_it_and_the_answer_brings_the_next_nonce() {
    let verifier = Arc::<Verifier>::default();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let url = PublicUrl::parse("https://notes.acme.com").expect("a URL");
    let nonces = ServerNonces::new(&[Secret::new("0123456789abcdef0123456789abcdef")], clock).expect("a secret");
    let used = Arc::new(InMemoryReplayStore::default());
    let policy = DpopPolicy::new(DpopMode::Allowed, url, used).with_nonces(Arc::new(nonces));
    let challenger = Challenger::for_realm("notes").expect("a realm").with_dpop(&policy);
    let guard = Guarded::by(Gate::new(verifier.clone(), challenger).token());
    let seen = web::get().to(|| async { "seen" }).wrap(guard.clone());
    let app = init_service(App::new().service(web::scope("/api").wrap(guard).route("/notes/{id}", seen))).await;
    let request = |scheme: &str| {
        let request = TestRequest::get().uri("/api/notes/a%2Fb?c=d");
        request.insert_header(("authorization", format!("{scheme} good"))).insert_header(("dpop", "p.r.f")).to_request()
    };
    let answer = call_service(&app, request("DPoP")).await;
    assert_eq!((answer.status().as_u16(), answer.headers().get_all("dpop-nonce").count()), (200, 1));
    assert_eq!(*verifier.paths.lock().expect("a lock"), ["GET /api/notes/a%2Fb"]);
    let answer = call_service(&app, request("Bearer")).await;
    assert_eq!((answer.status().as_u16(), answer.headers().contains_key("dpop-nonce")), (200, false));
}
