//! A request body read whole, bounded in size and time.

use std::time::Duration;

use actix_web::http::header::{ContentLength, Header as _};
use actix_web::web::{Bytes, Payload};
use actix_web::{Error, HttpRequest};
use tokio::time::timeout;

use crate::http::api_error::ApiError;

/// What a client may take of us with one body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

impl BodyLimits {
    /// The limits of the route.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let limits = request.app_data::<Self>().copied();
        limits.ok_or_else(|| ApiError::Internal("a route with a body and without its limits".into()))
    }
}

/// Why there is no body.
#[derive(Debug)]
pub(super) enum Unread {
    TooLong,
    TooSlow,
    Broken(Error),
}

/// The body. Of one that announces more than the limit not a byte is read.
pub(super) fn read_whole(
    request: &HttpRequest,
    payload: Payload,
    limits: BodyLimits,
) -> impl Future<Output = Result<Bytes, Unread>> + use<> {
    let is_too_long = ContentLength::parse(request).is_ok_and(|announced| *announced > limits.bytes);
    async move {
        if is_too_long {
            return Err(Unread::TooLong);
        }
        match timeout(limits.time, payload.to_bytes_limited(limits.bytes)).await {
            Ok(Ok(read)) => read.map_err(Unread::Broken),
            Ok(Err(_too_long)) => Err(Unread::TooLong),
            Err(_) => Err(Unread::TooSlow),
        }
    }
}
