//! Errors in the shape of Auth0's Management API.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

/// `{"statusCode":…,"error":…,"message":…,"errorCode":…}`.
pub(crate) fn error(status: StatusCode, message: &str, code: Option<&str>) -> HttpResponse {
    let mut body = json!({
        "statusCode": status.as_u16(),
        "error": status.canonical_reason().unwrap_or("Error"),
        "message": message,
    });
    if let (Some(code), Some(members)) = (code, body.as_object_mut()) {
        members.insert("errorCode".to_owned(), json!(code));
    }
    HttpResponse::build(status).json(body)
}

/// 429 without further headers.
pub(crate) fn too_many_requests() -> HttpResponse {
    error(StatusCode::TOO_MANY_REQUESTS, "Global limit has been reached", Some("too_many_requests"))
}

/// 429 with the headers that a client is to obey; `reset` is a Unix time.
pub(crate) fn rate_limited(reset: i64) -> HttpResponse {
    let mut answer = too_many_requests();
    for (name, value) in [("x-ratelimit-limit", 10), ("x-ratelimit-remaining", 0), ("x-ratelimit-reset", reset)] {
        let name = actix_web::http::header::HeaderName::from_static(name);
        answer.headers_mut().insert(name, value.into());
    }
    answer
}

/// 429 with `Retry-After`.
pub(crate) fn retry_after(seconds: u64) -> HttpResponse {
    let mut answer = error(StatusCode::TOO_MANY_REQUESTS, "Too many connections", Some("too_many_requests"));
    answer.headers_mut().insert(actix_web::http::header::RETRY_AFTER, seconds.into());
    answer
}

pub(crate) async fn not_found() -> HttpResponse {
    error(StatusCode::NOT_FOUND, "Not Found", None)
}
