//! `GET /healthz` and `GET /readyz`.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};

use crate::composition::Services;

/// The process runs and answers; nothing else is looked at, so that an outage of the database restarts nobody.
pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

/// Requests can be served, or which part stands in the way.
pub(crate) async fn ready(services: web::Data<Services>) -> HttpResponse {
    let report = services.readiness.report().await;
    let mut answer = if report.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((CACHE_CONTROL, "no-store")).json(report)
}
