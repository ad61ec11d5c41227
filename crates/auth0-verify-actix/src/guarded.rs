//! A guard as middleware.

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage as _};
use auth0_verify_tokio::{Admission, Admitting, Denial, Guard};

use crate::Refused;
use crate::guarded_future::{GuardedFuture, next_nonce};
use crate::presented::presented_by;

/// Puts a guard before a route, a resource, a scope or a whole application, by their `wrap`.
///
/// On a route, other methods are still answered 405; on a scope the guard answers before any of it is looked up. CORS
/// belongs outside, so that a preflight, which never brings a token, is answered before.
#[derive(Clone, Debug)]
pub struct Guarded {
    guard: Guard,
    answer: fn(Denial) -> Error,
}

impl Guarded {
    /// Made by the [`Gate`](crate::Gate) of the service.
    #[must_use]
    pub fn by(guard: Guard) -> Self {
        Self { guard, answer: |denial| Refused::from(denial).into() }
    }

    /// The same, with refusals that the service words itself.
    #[must_use]
    pub fn answering(self, answer: fn(Denial) -> Error) -> Self {
        Self { answer, ..self }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Guarded
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type InitError = ();
    type Transform = GuardedService<S>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(GuardedService { guard: Rc::new(self.guard.clone()), inner: Rc::new(inner), answer: self.answer }))
    }
}

/// What [`Guarded`] makes of a service.
#[derive(Debug)]
pub struct GuardedService<S> {
    guard: Rc<Guard>,
    inner: Rc<S>,
    answer: fn(Denial) -> Error,
}

impl<S, B> Service<ServiceRequest> for GuardedService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = GuardedFuture<S::Future, B>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let earlier = request.extensions().get::<Admission>().cloned();
        match self.guard.begin(earlier, presented_by(request.head())) {
            Admitting::Decided(Ok(admission)) => {
                let nonce = next_nonce(&admission);
                request.extensions_mut().insert(admission);
                GuardedFuture::let_in(self.inner.call(request), nonce)
            }
            Admitting::Decided(Err(denial)) => GuardedFuture::refused(request.error_response((self.answer)(denial))),
            Admitting::Waits(waiting) => {
                let (inner, answer) = (Rc::clone(&self.inner), self.answer);
                GuardedFuture::waiting(async move {
                    match waiting.outcome().await {
                        Ok(admission) => {
                            let nonce = next_nonce(&admission);
                            request.extensions_mut().insert(admission);
                            GuardedFuture::let_in(inner.call(request), nonce).await
                        }
                        Err(denial) => Ok(request.error_response(answer(denial)).map_into_right_body()),
                    }
                })
            }
        }
    }
}
