//! A guard as middleware.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{Error, HttpMessage as _};
use auth0_verify_tokio::{Admission, Denial, Guard};

use crate::Refused;
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
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (guard, inner, answer) = (Rc::clone(&self.guard), Rc::clone(&self.inner), self.answer);
        Box::pin(async move {
            let earlier = request.extensions().get::<Admission>().cloned();
            match guard.admit(earlier, presented_by(request.head())).await {
                Ok(admission) => {
                    request.extensions_mut().insert(admission.clone());
                    let mut response = inner.call(request).await?;
                    add(admission.answer_header(), response.headers_mut());
                    Ok(response.map_into_left_body())
                }
                Err(denial) => Ok(request.error_response(answer(denial)).map_into_right_body()),
            }
        })
    }
}

fn add(header: Option<(&str, &str)>, headers: &mut HeaderMap) {
    if let Some((name, value)) = header
        && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
    {
        headers.insert(name, value);
    }
}
