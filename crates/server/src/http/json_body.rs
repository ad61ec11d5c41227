//! A request body of JSON, bounded in size and time.

use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::{JsonBody as ReadJson, Payload};
use actix_web::error::{JsonPayloadError, PayloadError};
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::http::api_error::ApiError;

/// What a client may take of us with one body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// The body, read whole. A body that announces more than the limit is refused before a byte of it is read.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let Some(limits) = request.app_data::<BodyLimits>().copied() else {
            return Box::pin(async { Err(ApiError::Internal("a route with a body and without its limits".into())) });
        };
        let body = ReadJson::<T>::new(request, payload, None, true).limit(limits.bytes);
        Box::pin(async move {
            match timeout(limits.time, body).await {
                Ok(outcome) => outcome.map(Self).map_err(|error| refusal(&error)),
                Err(_) => Err(ApiError::BodyTooSlow),
            }
        })
    }
}

fn refusal(error: &JsonPayloadError) -> ApiError {
    match error {
        JsonPayloadError::OverflowKnownLength { .. }
        | JsonPayloadError::Overflow { .. }
        | JsonPayloadError::Payload(PayloadError::Overflow) => ApiError::BodyTooLarge,
        JsonPayloadError::ContentType => ApiError::BodyNotJson,
        _ => ApiError::InvalidBody,
    }
}
