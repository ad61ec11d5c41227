//! `/exports/…`: where a finished export is fetched from, as from the storage that Auth0's `location` names.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::api_answer;
use crate::jobs::ExportFile;
use crate::tenant::Tenant;

/// Whoever knows the address may fetch; a token has no business there, and a storage with signed addresses refuses
/// requests that bring one.
pub(super) async fn download(
    request: HttpRequest,
    path: Path<(String, String, String)>,
    tenant: Data<Tenant>,
) -> HttpResponse {
    if request.headers().contains_key(header::AUTHORIZATION) {
        return api_answer::error(StatusCode::BAD_REQUEST, "Only one authentication mechanism is allowed.", None);
    }
    let (id, key, file) = path.into_inner();
    let jobs = tenant.jobs();
    let Some(export) = jobs.export_for(&id, &key, tenant.clock.now_in_milliseconds()) else {
        return api_answer::error(StatusCode::FORBIDDEN, "Request has expired.", None);
    };
    let body = ExportFile::new(export.clone(), &tenant.users(), jobs.export_faults);
    HttpResponse::Ok()
        .content_type("application/gzip")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .body(body)
}
