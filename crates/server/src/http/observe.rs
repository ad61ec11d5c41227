//! What every request leaves behind: an id, a line in the log, a count.

use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::HttpMessage as _;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderValue, VARY, X_CONTENT_TYPE_OPTIONS};
use auth0_verify_tokio::Admission;

use domain::{Rejection, in_one_line};

use crate::http::api_error::ApiError;
use crate::http::request_id::{RequestId, X_REQUEST_ID};
use crate::logging::{self, AccessLine};
use crate::metrics::{InFlight, Route, WorkerRequests};

/// A request that is under way.
pub(super) struct Observed {
    began: Instant,
    id: RequestId,
    in_flight: InFlight,
}

impl Observed {
    pub(super) fn begin(worker: &Rc<WorkerRequests>, request: &ServiceRequest) -> Self {
        let in_flight = worker.started(route_of(request));
        Self { began: Instant::now(), id: RequestId::of(request.headers()), in_flight }
    }

    /// Gives the answer what every answer has, and counts and logs it.
    pub(super) fn answered(&self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let mut response = in_our_shape(response);
        let headers = response.headers_mut();
        // Neither is there already: no route of ours sets them.
        headers.append(X_REQUEST_ID, self.id.to_value());
        headers.append(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let now = Instant::now();
        let took = now.saturating_duration_since(self.began);
        self.in_flight.answered(response.status().as_u16(), took);
        log_request(&response, self.id.as_str(), self.in_flight.route().label(), now, took);
        response
    }
}

/// The route that a request is led to. A character that is percent-encoded and need not be makes no other path of it
/// (RFC 3986 §6.2.2.2), so the path is the one that actix goes by.
pub(super) fn route_of(request: &ServiceRequest) -> Route {
    Route::of(request.method().as_str(), request.match_info().as_str())
}

/// One line for each request, without anything that a client chose freely: no path (the label of the route instead),
/// no query, no header but the checked id. Our own trouble gets a second line with its cause.
fn log_request(response: &ServiceResponse<BoxBody>, id: &str, route: &'static str, now: Instant, took: Duration) {
    let request = response.request();
    let status = response.status().as_u16();
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let reason = error.and_then(ApiError::rejection).map(Rejection::code);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    logging::access(now, &AccessLine { method: name(request.method()), route, status, micros, id, reason });
    if let Some(cause) = error.and_then(ApiError::cause) {
        let chain = in_one_line(&**cause);
        if status == 503 {
            log::warn!(target: "http", "unavailable: {chain} id={id}");
        } else {
            log::error!(target: "http", "internal error: {chain} id={id}");
        }
    }
    if log::log_enabled!(target: "access", log::Level::Debug)
        && let Some(caller) = request.extensions().get::<Admission>().and_then(Admission::token)
    {
        log::debug!(target: "access", "caller={} id={id}", caller.subject());
    }
}

/// A method that nobody made up.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// A refusal that a library worded (a preflight that asks for too much) gets the shape of all others.
fn in_our_shape(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let is_foreign = response.status().is_client_error()
        && response.response().error().is_none_or(|error| error.as_error::<ApiError>().is_none());
    if !is_foreign {
        return response;
    }
    let headers = response.headers().clone();
    let (request, _) = response.into_parts();
    let mut answer = ServiceResponse::from_err(ApiError::InvalidBody, request);
    // Another origin would have been answered otherwise, which a cache must know.
    answer.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
    for (name, value) in &headers {
        if !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}
