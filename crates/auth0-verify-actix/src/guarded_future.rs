//! A request behind a guard, until its answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use auth0_verify_tokio::Admission;
use pin_project_lite::pin_project;

type Answer<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

pin_project! {
    /// What [`GuardedService`](crate::guarded::GuardedService) answers with. A request that can be judged where it stands,
    /// as most can, takes up no memory of its own for it.
    #[project = Projected]
    pub enum GuardedFuture<F, B> {
        /// The guarded service works on it.
        LetIn { #[pin] inner: F, nonce: Option<(HeaderName, HeaderValue)> },
        /// It got no further. Empty once the answer was given.
        Refused { answer: Option<ServiceResponse<EitherBody<B>>> },
        /// Somebody else has to be asked.
        Waiting { outcome: Pin<Box<dyn Future<Output = Answer<B>>>> },
    }
}

impl<F, B> GuardedFuture<F, B> {
    pub(crate) fn let_in(inner: F, nonce: Option<(HeaderName, HeaderValue)>) -> Self {
        Self::LetIn { inner, nonce }
    }

    pub(crate) fn refused(answer: ServiceResponse) -> Self {
        Self::Refused { answer: Some(answer.map_into_right_body()) }
    }

    pub(crate) fn waiting(outcome: impl Future<Output = Answer<B>> + 'static) -> Self {
        Self::Waiting { outcome: Box::pin(outcome) }
    }
}

impl<F, B> Future for GuardedFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Answer<B>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::LetIn { inner, nonce } => {
                let mut response = ready!(inner.poll(context))?;
                if let Some((name, value)) = nonce.take() {
                    response.headers_mut().insert(name, value);
                }
                Poll::Ready(Ok(response.map_into_left_body()))
            }
            // A future that has answered is not asked again.
            Projected::Refused { answer } => answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer))),
            Projected::Waiting { outcome } => outcome.as_mut().poll(context),
        }
    }
}

impl<F, B> std::fmt::Debug for GuardedFuture<F, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardedFuture").finish_non_exhaustive()
    }
}

/// The header that the answer must have, whatever it is.
pub(crate) fn next_nonce(admission: &Admission) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = admission.answer_header()?;
    HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok())
}
