//! Bodies that do not arrive as they should.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;

use crate::request_log::InFlight;

/// A body that comes byte by byte.
pub(super) struct DrippingBody {
    bytes: Bytes,
    position: usize,
    pause: Duration,
    timer: Pin<Box<Sleep>>,
    _in_flight: InFlight,
}

impl DrippingBody {
    pub(super) fn new(bytes: Bytes, pause: Duration, in_flight: InFlight) -> Self {
        Self { bytes, position: 0, pause, timer: Box::pin(sleep(pause)), _in_flight: in_flight }
    }
}

impl MessageBody for DrippingBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.position >= self.bytes.len() {
            return Poll::Ready(None);
        }
        ready!(self.timer.as_mut().poll(cx));
        let pause = self.pause;
        self.timer = Box::pin(sleep(pause));
        let byte = self.bytes.slice(self.position..self.position + 1);
        self.position += 1;
        Poll::Ready(Some(Ok(byte)))
    }
}

/// A body of which a part arrives before the connection ends. With no part, not even the head is sent.
pub(super) struct BrokenBody {
    part: Option<Bytes>,
    announced: u64,
    flushed: bool,
}

impl BrokenBody {
    /// The connection ends without a word.
    pub(super) fn nothing() -> Self {
        Self { part: None, announced: 1, flushed: true }
    }

    /// The first half of the bytes arrives.
    pub(super) fn half(bytes: &Bytes) -> Self {
        Self { part: Some(bytes.slice(..bytes.len() / 2)), announced: bytes.len() as u64, flushed: false }
    }
}

impl MessageBody for BrokenBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.announced)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(part)));
        }
        if !self.flushed {
            // What was given so far is written before the next poll.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}

/// A body whose length is not announced.
pub(super) struct UnannouncedBody(Option<Bytes>);

impl UnannouncedBody {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self(Some(bytes))
    }
}

impl MessageBody for UnannouncedBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}
