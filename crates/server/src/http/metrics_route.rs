//! `GET /metrics`.

use actix_web::{HttpResponse, web};

use crate::composition::Services;
use crate::metrics::CONTENT_TYPE;

/// Everything that is counted, in Prometheus' text format 0.0.4.
pub(crate) async fn metrics(services: web::Data<Services>) -> HttpResponse {
    let text = services.metrics.render(&services.readiness.key_reports());
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(text)
}
