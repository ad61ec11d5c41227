//! A request body of JSON, bounded in size and time.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::{JsonBody as ReadJson, Payload};
use actix_web::error::{JsonPayloadError, PayloadError};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use tokio::time::timeout;

use crate::http::api_error::ApiError;

/// What a client may take of us with one body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// The body, read whole: one JSON object, declared as `application/json`. A body that announces more than the limit is
/// refused before a byte of it is read.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A value that was written as an object. Derived readers of a struct take an array of its values, too.
struct Object<T>(T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let Some(limits) = request.app_data::<BodyLimits>().copied() else {
            return Box::pin(async { Err(ApiError::Internal("a route with a body and without its limits".into())) });
        };
        // actix takes every type that ends in `json`.
        if !request.content_type().eq_ignore_ascii_case("application/json") {
            return Box::pin(async { Err(ApiError::BodyNotJson) });
        }
        let body = ReadJson::<Object<T>>::new(request, payload, None, true).limit(limits.bytes);
        Box::pin(async move {
            match timeout(limits.time, body).await {
                Ok(outcome) => outcome.map(|Object(body)| Self(body)).map_err(|error| refusal(&error)),
                Err(_) => Err(ApiError::BodyTooSlow),
            }
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
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
