//! A request body of JSON, bounded in size and time.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{ContentLength, Header as _};
use actix_web::web::{self, Bytes};
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

/// The text of a body that was declared as `application/json`, read whole. A body that announces more than the limit is
/// refused before a byte of it is read.
pub(crate) struct JsonBody(Bytes);

/// A value that was written as an object. Derived readers of a struct take an array of its values, too.
struct Object<T>(T);

impl JsonBody {
    /// The text, as it came.
    pub(crate) fn text(&self) -> &[u8] {
        &self.0
    }

    /// What the one object says that it has to be.
    pub(crate) fn object<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let read = serde_json::from_slice(&self.0);
        read.map(|Object(object)| object).map_err(|_| ApiError::InvalidBody)
    }
}

impl FromRequest for JsonBody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let Some(limits) = request.app_data::<BodyLimits>().copied() else {
            return Box::pin(async { Err(ApiError::Internal("a route with a body and without its limits".into())) });
        };
        if !request.content_type().eq_ignore_ascii_case("application/json") {
            return Box::pin(async { Err(ApiError::BodyNotJson) });
        }
        if ContentLength::parse(request).is_ok_and(|announced| *announced > limits.bytes) {
            return Box::pin(async { Err(ApiError::BodyTooLarge) });
        }
        let payload = web::Payload::from_request(request, payload).into_inner();
        Box::pin(async move {
            let payload = payload.map_err(|_| ApiError::InvalidBody)?;
            match timeout(limits.time, payload.to_bytes_limited(limits.bytes)).await {
                Ok(Ok(read)) => read.map(Self).map_err(|_| ApiError::InvalidBody),
                Ok(Err(_too_long)) => Err(ApiError::BodyTooLarge),
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
