//! A guarded service.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use auth0_verify_tokio::{Admission, Guard};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Extensions, Request, Response};
use http_body::Body;
use http_body_util::{Either, Full};
use tower_service::Service;

use crate::presented::presented_by;
use crate::{Caller, CurrentUser, Refused};

/// The body of a guarded service's responses: its own, or that of a refusal.
pub type GuardBody<B> = Either<B, Full<<B as Body>::Data>>;

/// What [`GuardLayer`](crate::GuardLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct GuardService<S> {
    guard: Arc<Guard>,
    inner: S,
}

impl<S> GuardService<S> {
    /// Puts the guard before the service.
    #[must_use]
    pub fn new(guard: Guard, inner: S) -> Self {
        Self { guard: Arc::new(guard), inner }
    }
}

impl<S, B, R> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Body,
    R::Data: From<String>,
{
    type Response = Response<GuardBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let guard = Arc::clone(&self.guard);
        // The one that was asked whether it is ready serves this request; its clone is asked for the next.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let earlier = request.extensions().get::<Admission>().cloned();
        let presented = presented_by(&request);
        Box::pin(async move {
            match guard.admit(earlier, presented).await {
                Ok(admission) => {
                    leave(admission.clone(), request.extensions_mut());
                    let mut response = inner.call(request).await?;
                    add(admission.answer_header(), response.headers_mut());
                    Ok(response.map(Either::Left))
                }
                Err(denial) => Ok(Refused::from(denial).into_http::<R::Data>().map(Full::new).map(Either::Right)),
            }
        })
    }
}

/// Leaves what the guard found out, and nothing of what was there before under these names.
fn leave(admission: Admission, extensions: &mut Extensions) {
    extensions.remove::<Caller>();
    extensions.remove::<CurrentUser>();
    if let Some(caller) = Caller::admitted(&admission) {
        extensions.insert(caller);
    }
    if let Some(user) = CurrentUser::admitted(&admission) {
        extensions.insert(user);
    }
    extensions.insert(admission);
}

fn add(header: Option<(&str, &str)>, headers: &mut HeaderMap) {
    if let Some((name, value)) = header
        && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
    {
        headers.insert(name, value);
    }
}
