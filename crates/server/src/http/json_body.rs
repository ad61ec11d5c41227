//! A request body of JSON.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};

use crate::http::api_error::ApiError;
use crate::http::whole_body::{BodyLimits, Unread, read_whole};

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
        // All of it is UTF-8, also the values that nobody looks at (RFC 8259 §8.1).
        let text = str::from_utf8(&self.0).map_err(|_| ApiError::InvalidBody)?;
        serde_json::from_str(text).map(|Object(object)| object).map_err(|_| ApiError::InvalidBody)
    }
}

impl FromRequest for JsonBody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = match BodyLimits::of(request) {
            Ok(limits) => limits,
            Err(defect) => return Box::pin(async { Err(defect) }),
        };
        if !request.content_type().eq_ignore_ascii_case("application/json") {
            return Box::pin(async { Err(ApiError::BodyNotJson) });
        }
        let payload = web::Payload::from_request(request, payload).into_inner();
        let whole = payload.map(|payload| read_whole(request, payload, limits));
        Box::pin(async move {
            let text = whole.map_err(|_| ApiError::InvalidBody)?.await;
            text.map(Self).map_err(|unread| match unread {
                Unread::TooLong => ApiError::BodyTooLarge,
                Unread::TooSlow => ApiError::BodyTooSlow,
                Unread::Broken(_) => ApiError::InvalidBody,
            })
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
