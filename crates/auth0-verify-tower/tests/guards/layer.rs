//! The layer over services that are not axum's, and what it leaves in a request.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use auth0_verify::Challenger;
use auth0_verify::dpop::{DpopMode, DpopPolicy, InMemoryReplayStore, PublicUrl, ServerNonces};
use auth0_verify_tower::{Caller, CurrentUser, Gate, GuardLayer, GuardService, Requirement};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use domain::{
    AtOnce, Clock, Grants, IssuerKeys, Presented, Profile, ProvenToken, Rejection, Secret, Subject, SystemClock,
    TokenVerifier, UnixTime, VerifiedClaims, VerifiedToken, VerifyError,
};
use http::{Request, Response};
use tower_layer::Layer as _;
use tower_service::Service;

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

fn gate(verifier: &Arc<Verifier>) -> Gate {
    Gate::new(verifier.clone(), Challenger::for_realm("notes").expect("a realm"))
}

fn another_gate() -> Gate {
    gate(&Arc::default())
}

/// Answers who it finds in the request's extensions. Only a clone that was asked whether it is ready may be called.
#[derive(Default)]
struct WhoIsIt {
    ready: bool,
}

impl Clone for WhoIsIt {
    fn clone(&self) -> Self {
        Self { ready: false }
    }
}

impl<B> Service<Request<B>> for WhoIsIt {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        assert!(self.ready, "called without having been asked whether it is ready");
        let caller = request.extensions().get::<Caller>().map_or("nobody", |caller| caller.subject().as_str());
        assert!(request.extensions().get::<CurrentUser>().is_none());
        ready(Ok(Response::new(Body::from(caller.to_owned()))))
    }
}

async fn ask<S, B>(service: &mut S, request: Request<B>) -> (u16, String)
where
    S: Service<Request<B>, Error = Infallible>,
    S::Response: axum::response::IntoResponse,
{
    std::future::poll_fn(|context| service.poll_ready(context)).await.expect("it never fails");
    let answer = axum::response::IntoResponse::into_response(service.call(request).await.expect("it never fails"));
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1024).await.expect("a short body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

/// A body that is no stream of anything: the guard cannot so much as try to read it.
struct Unreadable;

fn request(authorization: Option<&str>) -> Request<Unreadable> {
    let mut request = Request::new(Unreadable);
    if let Some(value) = authorization {
        request.headers_mut().insert("authorization", value.parse().expect("a header"));
    }
    request
}

fn guarded(gate: &Gate) -> GuardService<WhoIsIt> {
    GuardLayer::new(gate.optional_token()).layer(WhoIsIt::default())
}

#[tokio::test]
async fn a_service_without_a_framework_finds_the_caller_in_the_extensions() {
    let mut service = guarded(&another_gate());
    assert_eq!(ask(&mut service, request(Some("Bearer good"))).await, (200, "auth0|ada".to_owned()));
    assert_eq!(ask(&mut service, request(None)).await, (200, "nobody".to_owned()));
    assert_eq!(ask(&mut service, request(Some("Bearer bad"))).await.0, 401);
}

#[tokio::test]
async fn a_caller_whom_another_gate_let_in_is_judged_anew() {
    let outer = Arc::<Verifier>::default();
    let inner = GuardLayer::new(another_gate().require(Requirement::scope("any"))).layer(WhoIsIt::default());
    // The inner guard's verifier would let the token in as well, and holds it against its own requirement.
    let mut service = GuardLayer::new(gate(&outer).token()).layer(inner);
    assert_eq!(ask(&mut service, request(Some("Bearer good"))).await.0, 403);

    // Nothing that was there before is taken for this request's caller.
    let stale = Arc::new(Mutex::new(None));
    let keep = KeepExtensions(stale.clone());
    let mut keeping = GuardLayer::new(another_gate().token()).layer(keep);
    ask(&mut keeping, request(Some("Bearer good"))).await;
    let extensions = stale.lock().expect("a lock").take().expect("extensions");
    assert!(extensions.get::<Caller>().is_some());
    let mut forged = request(None);
    *forged.extensions_mut() = extensions;
    assert_eq!(ask(&mut guarded(&another_gate()), forged).await, (200, "nobody".to_owned()));
}

/// Keeps what a guard left.
#[derive(Clone)]
struct KeepExtensions(Arc<Mutex<Option<http::Extensions>>>);

impl<B> Service<Request<B>> for KeepExtensions {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        *self.0.lock().expect("a lock") = Some(request.extensions().clone());
        ready(Ok(Response::new(Body::empty())))
    }
}

#[tokio::test]
async fn a_proof_is_for_the_path_as_the_client_sent_it_and_the_answer_brings_the_next_nonce() {
    let verifier = Arc::<Verifier>::default();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let url = PublicUrl::parse("https://notes.acme.com").expect("a URL");
    let nonces = ServerNonces::new(&[Secret::new("0123456789abcdef0123456789abcdef")], clock).expect("a secret");
    let used = Arc::new(InMemoryReplayStore::default());
    let policy = DpopPolicy::new(DpopMode::Allowed, url, used).with_nonces(Arc::new(nonces));
    let challenger = Challenger::for_realm("notes").expect("a realm").with_dpop(&policy);
    let layer = GuardLayer::new(Gate::new(verifier.clone(), challenger).token());
    let inner = Router::new().route("/notes/{id}", get(|| async { "seen" }).layer(layer.clone()));
    let mut routes = Router::new().nest("/api", inner.layer(layer));
    let request = |scheme: &str| {
        let request = Request::get("/api/notes/a%2Fb?c=d").header("authorization", format!("{scheme} good"));
        request.header("dpop", "p.r.f").body(Body::empty()).expect("a request")
    };
    let answer = routes.call(request("DPoP")).await.expect("it never fails");
    assert_eq!((answer.status().as_u16(), answer.headers().get_all("dpop-nonce").iter().count()), (200, 1));
    assert_eq!(*verifier.paths.lock().expect("a lock"), ["GET /api/notes/a%2Fb"]);
    let answer = routes.call(request("Bearer")).await.expect("it never fails");
    assert_eq!((answer.status().as_u16(), answer.headers().contains_key("dpop-nonce")), (200, false));
}
