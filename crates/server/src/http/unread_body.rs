//! Keeps a connection usable when an answer was ready before the body was read, and ends it where the body has no end.

use std::cell::RefCell;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::time::timeout;

/// How long an answer may be held back for the rest of a body. It is under way already when a client means well.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many times the limit a body may be to be read and forgotten: a client that went a little too far keeps its
/// connection, one that sends eight megabytes is not worth reading to.
const LENIENCY: usize = 4;

/// The body of a request, within reach after its route has read of it what it wanted.
pub(super) struct UnreadBody {
    rest: SharedPayload,
    /// The most that is read and forgotten, in bytes.
    most: usize,
}

/// A body that its reader may leave unfinished.
#[derive(Clone)]
struct SharedPayload(Rc<RefCell<Payload>>);

/// An answer to a request whose body did not end. As long as somebody holds on to that body, actix knows that the
/// connection is not worth keeping and closes it behind the answer; a body in chunks that everybody has let go of it
/// waits for, without any limit.
struct LastAnswer {
    body: BoxBody,
    _unfinished: SharedPayload,
}

impl UnreadBody {
    /// Of a request that may have a small body: one that announces no more than a few times the limit, or does not say
    /// how long it is. One that announces more is not read, and actix closes the connection behind the answer.
    pub(super) fn of(request: &mut ServiceRequest, limit: usize) -> Option<Self> {
        let most = limit.saturating_mul(LENIENCY);
        let is_worth_reading = match request.headers().get(CONTENT_LENGTH) {
            Some(length) => {
                let length = length.to_str().ok().and_then(|length| length.parse::<usize>().ok());
                length.is_some_and(|length| length > 0 && length <= most)
            }
            None => request.chunked().unwrap_or(false),
        };
        is_worth_reading.then(|| {
            let rest = SharedPayload(Rc::new(RefCell::new(request.take_payload())));
            let handed_on: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(rest.clone());
            request.set_payload(Payload::from(handed_on));
            Self { rest, most }
        })
    }

    /// Reads and forgets what is left, so that the next request on the connection is served. The answer does not depend
    /// on it: a client that does not come to an end gets it all the same, and its connection closed.
    pub(super) async fn drained_for(self, answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let Self { rest, most } = self;
        if timeout(PATIENCE, rest.clone().ends_within(most)).await.unwrap_or(false) {
            return answer;
        }
        answer.map_body(|_, body| BoxBody::new(LastAnswer { body, _unfinished: rest }))
    }
}

impl SharedPayload {
    /// Reads up to this many bytes. Whether that was all of it.
    async fn ends_within(mut self, most: usize) -> bool {
        let mut stream = pin!(&mut self);
        let mut read = 0_usize;
        while let Some(Ok(piece)) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
            read = read.saturating_add(piece.len());
            if read > most {
                return false;
            }
        }
        true
    }
}

impl Stream for SharedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

impl MessageBody for LastAnswer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        match self.body.size() {
            // Nothing at all is nothing to box, and this would be let go of before the answer is on its way.
            BodySize::None => BodySize::Sized(0),
            size => size,
        }
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}
