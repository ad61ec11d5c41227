//! Before the upgrade: everything that can be refused is refused here, as an ordinary answer.

use actix_web::http::Version;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use actix_web::{FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse, rt, web};
use auth0_verify_actix::{Gate, target_of};
use domain::{VerifiedToken, confirm_user_later};

use super::announced::FrameByFrame;
use super::live::Live;
use super::origins::AllowedOrigins;
use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::credentials::{BEARER_PROTOCOL, DPOP_NONCE, credentials_of_handshake};
use crate::settings::WebSocketSettings;

/// Opens a socket for the user behind the token. The order of refusals: a page that may not ask (403), the token (401,
/// 503), what is no handshake (400), no place for one more (503), no such user (404).
pub(crate) async fn open(
    request: HttpRequest,
    payload: web::Payload,
    services: web::Data<Services>,
    gate: web::Data<Gate>,
    origins: web::Data<AllowedOrigins>,
    settings: web::Data<WebSocketSettings>,
) -> Result<HttpResponse, ApiError> {
    if !origins.admit(request.headers()) {
        return Err(ApiError::OriginNotAllowed);
    }
    let presented = credentials_of_handshake(request.headers()).for_request(|| target_of(request.head()));
    let admission = gate.token().admit(None, presented).await?;
    request.extensions_mut().insert(admission.clone());
    let caller = VerifiedToken::clone(admission.token().ok_or_else(|| admission.no_token())?);
    if request.version() < Version::HTTP_11 || !asks_for_a_socket(request.headers()) {
        return Err(ApiError::NoHandshake);
    }
    // The place first: what changes while the row is being read is told to the place.
    let seat =
        services.sockets.admit(caller.subject(), &settings).map_err(|full| ApiError::Unavailable(full.into()))?;
    let user = confirm_user_later(&caller, &*services.known_users).await?;
    let mut frames = FrameByFrame::new(payload.into_inner()).into_payload();
    let payload = web::Payload::from_request(&request, &mut frames).await.map_err(|_| ApiError::NoHandshake)?;
    let (mut response, session, messages) =
        actix_ws::handle_with_protocols(&request, payload, &[BEARER_PROTOCOL]).map_err(|_| ApiError::NoHandshake)?;
    if let Some((_, nonce)) = admission.answer_header() {
        let nonce = HeaderValue::from_str(nonce).map_err(|error| ApiError::Internal(error.into()))?;
        response.headers_mut().insert(HeaderName::from_static(DPOP_NONCE), nonce);
    }
    rt::spawn(Live::new(session, messages, seat, caller, services, gate, settings).run(user));
    Ok(response)
}

/// What RFC 6455 §4.2.1 asks for in detail is checked by the library. A body it does not expect: there is none to a GET
/// whose connection becomes a socket.
fn asks_for_a_socket(headers: &HeaderMap) -> bool {
    let upgrades = headers.get(UPGRADE).and_then(|protocols| protocols.to_str().ok()).is_some_and(|protocols| {
        protocols.split(',').any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
    });
    let has_body = headers.contains_key(TRANSFER_ENCODING)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    upgrades && !has_body
}
