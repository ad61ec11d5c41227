//! `GET /openapi.json` and `GET /docs`.

use actix_web::HttpResponse;

pub(crate) async fn document() -> HttpResponse {
    HttpResponse::NotFound().finish()
}

pub(crate) async fn page() -> HttpResponse {
    HttpResponse::NotFound().finish()
}
