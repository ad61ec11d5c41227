//! `POST /auth/sync`.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, web};
use auth0_verify_actix::Caller;
use domain::{BodyProfile, DisplayName, EmailAddress, PictureUrl, Subject, SyncPorts, SyncRequest, sync_user};
use serde::{Deserialize, Serialize};

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::blocking::blocking;
use crate::http::json_body::JsonBody;

/// The body. Members beyond these are ignored, so that a frontend may send Auth0's whole profile.
#[derive(Deserialize)]
pub(crate) struct SyncBody {
    email: String,
    auth0_id: String,
    name: Option<String>,
    picture: Option<String>,
}

/// A user as clients see them, here and in `GET /auth/verify`.
#[derive(Serialize)]
pub(crate) struct UserAnswer<'a> {
    id: i32,
    email: &'a str,
    name: Option<&'a str>,
}

/// Brings the caller's row up to date and answers it.
pub(crate) async fn sync(
    caller: Caller,
    services: web::Data<Services>,
    JsonBody(body): JsonBody<SyncBody>,
) -> Result<HttpResponse, ApiError> {
    let request = body.parse().ok_or(ApiError::InvalidBody)?;
    let metrics = services.metrics.clone();
    let caller = Arc::clone(caller.token());
    let outcome = blocking(move || {
        let ports = SyncPorts { profiles: &*services.profiles, users: &*services.users };
        sync_user(&caller, &request, &ports)
    })
    .await?;
    metrics.synced(&outcome);
    let saved = outcome?;
    Ok(private_json().json(UserAnswer::from(saved.user())))
}

/// An answer about one person, for nobody else's cache.
pub(crate) fn private_json() -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    answer
}

impl SyncBody {
    /// `None` where a value breaks its rule.
    fn parse(self) -> Option<SyncRequest> {
        Some(SyncRequest {
            auth0_id: Subject::parse(&self.auth0_id).ok()?,
            profile: BodyProfile {
                email: EmailAddress::parse(&self.email).ok()?,
                name: self.name.map(|name| DisplayName::parse(&name)).transpose().ok()?,
                picture: self.picture.map(|picture| PictureUrl::parse(&picture)).transpose().ok()?,
            },
        })
    }
}

impl<'a> From<&'a domain::User> for UserAnswer<'a> {
    fn from(user: &'a domain::User) -> Self {
        Self { id: user.id.get(), email: user.email.as_str(), name: user.name.as_ref().map(DisplayName::as_str) }
    }
}
