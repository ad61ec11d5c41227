//! `POST /auth0/events`: the webhook of Auth0's Event Streams.

use actix_web::{HttpRequest, HttpResponse, web};
use auth0_verify::Credentials;
use auth0_verify_actix::credentials_of;
use domain::{InboxPorts, LetterBody};

use crate::composition::Services;
use crate::events::{Received, Source, Webhook, receive};
use crate::http::api_error::ApiError;
use crate::http::blocking::blocking;
use crate::http::whole_body::{BodyLimits, Unread, read_whole};

/// The longest event. What is taken is kept whole if it has to be parked, so this is the longest letter as well.
const MAX_EVENT_BYTES: usize = LetterBody::MAX_BYTES;

/// Takes an event in. Auth0 tries a delivery again after a 5xx and gives it up at the first 4xx, so that everything which
/// the right sender sends is answered 204 or 503.
pub(crate) async fn events(
    request: HttpRequest,
    payload: web::Payload,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let webhook = services.webhook.clone().ok_or(ApiError::NoSuchRoute)?;
    admit(&request, &webhook)?;
    let body = read(&request, payload).await?;
    let metrics = services.metrics.clone();
    let outcome = blocking(move || {
        let ports = InboxPorts { users: &*services.users, profiles: &*services.profiles, inbox: &*webhook.inbox };
        receive(&body, Source::Push.name(), &ports, services.clock.now())
    })
    .await?;
    metrics.events.received(outcome.as_ref().ok().map(|received: &Received| received.outcome));
    // Neither applied nor kept, whatever the reason: it must come again.
    outcome.map_err(|error| ApiError::Unavailable(error.into()))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Judges who delivers. The body has not been looked at.
fn admit(request: &HttpRequest, webhook: &Webhook) -> Result<(), ApiError> {
    match credentials_of(request.headers()) {
        Credentials::None => Err(ApiError::NoEventsToken),
        Credentials::Bearer(token) if webhook.opens_to(token.reveal()) => Ok(()),
        Credentials::Bearer(_) | Credentials::Dpop(..) | Credentials::Unreadable => Err(ApiError::WrongEventsToken),
    }
}

/// The body of whatever type. What announces more than the limit is refused before a byte of it is read.
async fn read(request: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, ApiError> {
    let limits = BodyLimits { bytes: MAX_EVENT_BYTES, ..BodyLimits::of(request)? };
    read_whole(request, payload, limits).await.map_err(|unread| match unread {
        Unread::TooLong => ApiError::BodyTooLarge,
        Unread::TooSlow => ApiError::Unavailable("the event did not come in time".into()),
        Unread::Broken(error) => ApiError::Unavailable(error.to_string().into()),
    })
}
