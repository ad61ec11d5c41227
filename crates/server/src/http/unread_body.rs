//! Keeps a connection usable when an answer was ready before the body was read.

use std::cell::RefCell;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage as _};
use futures_core::Stream;
use tokio::time::timeout;

/// How long an answer may be held back for the rest of a body. It is under way already when a client means well.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many times the limit a body may be to be read and forgotten: a client that went a little too far keeps its
/// connection, one that announces eight megabytes is not worth reading to.
const LENIENCY: usize = 4;

/// Whether a request announces a small body. Of one that announces more than a few times the limit nothing is read, and
/// actix closes the connection behind the answer; one that does not say how long it is actix itself reads to its end.
pub(crate) fn announces_small_body(request: &ServiceRequest, limit: usize) -> bool {
    let Some(length) = request.headers().get(CONTENT_LENGTH) else { return false };
    let length = length.to_str().ok().and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| length > 0 && length <= limit.saturating_mul(LENIENCY))
}

/// Has a request answered, and reads and forgets what is left of its body, so that the next request on the connection is
/// served. The answer does not depend on it.
pub(crate) fn drained<S, B>(
    service: &S,
    mut request: ServiceRequest,
) -> impl Future<Output = Result<ServiceResponse<B>, Error>> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    let rest = SharedPayload(Rc::new(RefCell::new(request.take_payload())));
    let handed_on: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(rest.clone());
    request.set_payload(Payload::from(handed_on));
    let answer = service.call(request);
    async move {
        let response = answer.await;
        // A client that does not send what it announced gets its answer all the same, and its connection closed.
        drop(timeout(PATIENCE, rest.read_to_end()).await);
        response
    }
}

/// A body that its reader may leave unfinished.
#[derive(Clone)]
struct SharedPayload(Rc<RefCell<Payload>>);

impl SharedPayload {
    async fn read_to_end(mut self) {
        let mut stream = pin!(&mut self);
        while let Some(Ok(_)) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {}
    }
}

impl Stream for SharedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}
