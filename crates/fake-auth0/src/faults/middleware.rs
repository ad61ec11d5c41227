//! Counts each request and lets the fault in force have its way.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::Ordering;

use actix_web::body::{self, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_core::Stream;

use super::Fault;
use super::body::{BrokenBody, DrippingBody, UnannouncedBody};
use crate::endpoint::Endpoint;
use crate::http::api_answer;
use crate::request_log::InFlight;
use crate::tenant::Tenant;

/// Answers a request to the endpoint, or does what its fault says.
pub(crate) async fn watched(
    endpoint: Endpoint,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let tenant = request
        .app_data::<Data<Tenant>>()
        .map(|data| Data::clone(data).into_inner())
        .ok_or_else(|| ErrorInternalServerError("no tenant"))?;
    if tenant.down.load(Ordering::SeqCst) {
        return Ok(request.into_response(no_answer()));
    }
    let in_flight = tenant.requests.arrive(endpoint);
    let now = tenant.clock.now_in_milliseconds();
    let allowance = if endpoint.is_management() { tenant.budget.take(now) } else { None };
    let mut response = match allowance.filter(|allowance| !allowance.is_served) {
        Some(_) => {
            drain(request.take_payload()).await;
            request.into_response(api_answer::too_many_requests())
        }
        None => answer(endpoint, request, next, &tenant, in_flight).await?,
    };
    // A header that is there was ordered.
    if !response.headers().contains_key(header::DATE)
        && let Some(date) = tenant.clock.http_date()
    {
        response.headers_mut().insert(header::DATE, date);
    }
    if let Some(allowance) = allowance {
        allowance.tell(response.headers_mut());
    }
    Ok(response)
}

/// The right answer, or what the fault in force makes of it.
async fn answer(
    endpoint: Endpoint,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
    tenant: &Tenant,
    in_flight: InFlight,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let fault = tenant.faults.beyond_stall(endpoint).await;
    match fault {
        None => next.call(request).await,
        Some(fault) => match answer_in_place(&fault) {
            Some(answer) => {
                drain(request.take_payload()).await;
                Ok(request.into_response(answer))
            }
            None => spoil(next.call(request).await?, &fault, in_flight).await,
        },
    }
}

/// Reads the request's body to its end: an answer to a request that is still being sent may never be seen.
async fn drain(mut body: Payload) {
    while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {}
}

/// For faults that need no right answer to spoil.
fn answer_in_place(fault: &Fault) -> Option<HttpResponse> {
    match fault {
        Fault::Status(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Some(api_answer::error(status, "The tenant was told to fail.", None))
        }
        Fault::Garble => {
            Some(HttpResponse::Ok().content_type("text/html").body("<!doctype html><title>Sign in to Wi-Fi</title>"))
        }
        Fault::Redirect(location) => {
            Some(HttpResponse::Found().insert_header((header::LOCATION, location.as_str())).finish())
        }
        Fault::Close => Some(no_answer()),
        Fault::RateLimit { reset } => Some(api_answer::rate_limited(*reset)),
        Fault::RetryAfter { seconds } => Some(api_answer::retry_after(*seconds)),
        Fault::Stall | Fault::Drip(_) | Fault::Truncate | Fault::Oversize(_) | Fault::OversizeUnannounced(_) => None,
    }
}

/// Ends the connection without a word.
fn no_answer() -> HttpResponse {
    HttpResponse::Ok().body(BrokenBody::nothing())
}

async fn spoil(
    response: ServiceResponse<BoxBody>,
    fault: &Fault,
    in_flight: InFlight,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = body::to_bytes(body).await.map_err(ErrorInternalServerError)?;
    let spoilt = match fault {
        Fault::Drip(pause) => DrippingBody::new(bytes, *pause, in_flight).boxed(),
        Fault::Truncate => BrokenBody::half(&bytes).boxed(),
        Fault::Oversize(size) => padded(&bytes, *size).boxed(),
        Fault::OversizeUnannounced(size) => UnannouncedBody::new(padded(&bytes, *size)).boxed(),
        _ => bytes.boxed(),
    };
    Ok(ServiceResponse::new(request, head.set_body(spoilt)))
}

/// Still good JSON, so that its size is the only thing wrong with it.
fn padded(bytes: &Bytes, size: usize) -> Bytes {
    let mut padded = bytes.to_vec();
    padded.resize(size.max(padded.len()), b' ');
    padded.into()
}
