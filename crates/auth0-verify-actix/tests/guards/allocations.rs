//! What a guard allocates for a request that it can judge at once.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, web};
use auth0_verify::Challenger;
use auth0_verify_actix::{Caller, Gate, Guarded};
use domain::{
    AtOnce, Grants, IssuerKeys, Presented, Profile, Subject, TokenVerifier, UnixTime, VerifiedClaims, VerifiedToken,
    VerifyError,
};

/// Knows the token already.
struct Knows(Arc<VerifiedToken>);

impl TokenVerifier for Knows {
    fn verify(&self, _: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
        Ok(Arc::clone(&self.0))
    }

    fn verify_at_once(&self, presented: &Presented) -> AtOnce {
        AtOnce::Judged(self.verify(presented))
    }

    fn key_reports(&self) -> Vec<IssuerKeys> {
        Vec::new()
    }
}

fn gate() -> Gate {
    let token = VerifiedToken::assert_verified(VerifiedClaims {
        subject: Subject::parse("auth0|ada").expect("a subject"),
        issued_at: None,
        expires_at: UnixTime::from_secs(2_000_000_000),
        profile: Profile::default(),
        grants: Grants::default(),
    });
    Gate::new(Arc::new(Knows(Arc::new(token))), Challenger::for_realm("notes").expect("a realm"))
}

/// Of a request that is answered without waiting.
fn allocations<R, B>(
    app: &impl Service<R, Response = ServiceResponse<B>, Error = Error>,
    request: impl Fn() -> R,
) -> u64 {
    let answer = |request| {
        let mut answer = pin!(app.call(request));
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => assert_eq!(response.status(), 200),
            _ => unreachable!("nobody is waited for"),
        }
    };
    answer(request());
    let request = request();
    allocation_counter::measure(|| answer(request)).count_total
}

#[actix_web::test]
async fn a_known_token_costs_three_allocations_from_the_request_to_the_handler() {
    let bare = web::get().to(async || "seen");
    let guarded = web::get().to(async |_: Caller| "seen").wrap(Guarded::by(gate().token()));
    let app = init_service(App::new().route("/bare", bare).route("/guarded", guarded)).await;
    let of = |path| {
        let request = || TestRequest::get().uri(path).insert_header(("Authorization", "Bearer a.b.c")).to_request();
        allocations(&app, request)
    };
    let (bare, guarded) = (of("/bare"), of("/guarded"));
    // The token's text, the handler's future behind the guard, and the caller in the request's extensions.
    assert_eq!(guarded - bare, 3, "{bare} without a guard, {guarded} with one");
}
