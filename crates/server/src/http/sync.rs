//! `POST /auth/sync`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use auth0_verify_actix::Caller;
use domain::{
    AsyncSyncPorts, BodyProfile, DirectoryAnswer, DisplayName, EmailAddress, PictureUrl, Saved, Subject, SyncError,
    SyncPorts, SyncRequest, VerifiedToken, sync_user, sync_user_at_once,
};
use serde::Deserialize;

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::blocking::blocking;
use crate::http::json_body::JsonBody;
use crate::http::user_answer::{private_json, sync_body};

/// The body. Members beyond these are ignored, so that a frontend may send Auth0's whole profile.
#[derive(Deserialize)]
pub(crate) struct SyncBody {
    email: String,
    auth0_id: String,
    name: Option<String>,
    picture: Option<String>,
}

/// Brings the caller's row up to date and answers it.
pub(crate) async fn sync(
    caller: Caller,
    services: web::Data<Services>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let caller = caller.token();
    let in_memory = services.known_users.cache().current(caller.subject());
    if let Some(user) = in_memory.as_ref().filter(|user| user.is_unchanged_by(caller, body.text())) {
        services.metrics.synced_again();
        return Ok(private_json(user.sync_body()));
    }
    let request = body.object::<SyncBody>()?.parse().ok_or(ApiError::InvalidBody)?;
    let at_once = {
        let users = services.known_users.after(in_memory.as_ref());
        let ports = AsyncSyncPorts { profiles: &*services.profiles, users: &users };
        sync_user_at_once(caller, &request, &ports).await
    };
    let outcome = match at_once {
        Some(outcome) => outcome,
        None => patiently(caller, request, &services).await?,
    };
    services.metrics.synced(&outcome);
    let saved = outcome?;
    match in_memory.filter(|user| user.known().user == *saved.user()) {
        Some(user) => {
            // A directory may say something else the next time.
            let is_all = services.profiles.profile_at_once(caller.subject()) == Some(DirectoryAnswer::NotConfigured);
            if is_all && matches!(saved, Saved::Unchanged(_)) {
                user.note_unchanged(caller, body.text());
            }
            Ok(private_json(user.sync_body()))
        }
        None => Ok(private_json(sync_body(saved.user()).map_err(|error| ApiError::Internal(error.into()))?)),
    }
}

/// With Auth0's directory asked, and whatever else takes its time.
async fn patiently(
    caller: &Arc<VerifiedToken>,
    request: SyncRequest,
    services: &web::Data<Services>,
) -> Result<Result<Saved, SyncError>, ApiError> {
    let (caller, services) = (Arc::clone(caller), services.clone());
    blocking(move || {
        let ports = SyncPorts { profiles: &*services.profiles, users: &*services.users };
        sync_user(&caller, &request, &ports)
    })
    .await
}

impl SyncBody {
    /// `None` where a value breaks its rule.
    fn parse(self) -> Option<SyncRequest> {
        Some(SyncRequest {
            auth0_id: Subject::parse(&self.auth0_id).ok()?,
            profile: BodyProfile {
                email: EmailAddress::from_outside(&self.email).ok()?,
                name: self.name.map(|name| DisplayName::parse(&name)).transpose().ok()?,
                // Auth0 gives some people an empty picture, and frontends pass it on.
                picture: self
                    .picture
                    .filter(|picture| !picture.is_empty())
                    .map(|picture| PictureUrl::parse(&picture))
                    .transpose()
                    .ok()?,
            },
        })
    }
}
