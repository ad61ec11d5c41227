//! `/api/v2/jobs/…`: bulk imports and exports.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::import_form::{self, FormProblem};
use super::{api_answer, management};
use crate::jobs::{CONCURRENT_JOBS, Errors, Export};
use crate::tenant::Tenant;

const READ_USERS: &str = "read:users";
const CREATE_USERS: &str = "create:users";

pub(super) async fn import(request: HttpRequest, form: Multipart, tenant: Data<Tenant>) -> HttpResponse {
    // The form is read whole in any case: an answer to a request that is still being sent may never be seen.
    let import = import_form::read(form).await;
    if let Some(refusal) = management::refusal(&request, &tenant, &[CREATE_USERS]) {
        return refusal;
    }
    let import = match import {
        Ok(import) => import,
        Err(problem) => return refused_form(&problem),
    };
    let mut jobs = tenant.jobs();
    let active = jobs.active_imports();
    if active >= CONCURRENT_JOBS {
        jobs.advance_imports(tenant.clock.now_in_milliseconds(), &tenant.users);
        let message = format!(
            "There are {active} active import users jobs, please wait until some of them are finished and try again"
        );
        return api_answer::error(StatusCode::TOO_MANY_REQUESTS, &message, None);
    }
    let job = jobs.start_import(import, tenant.clock.now_in_milliseconds(), &tenant.users);
    HttpResponse::Accepted().json(job)
}

pub(super) async fn export(request: HttpRequest, body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    if let Some(refusal) = management::refusal(&request, &tenant, &[READ_USERS]) {
        return refusal;
    }
    match Export::read(&body) {
        Ok(export) => {
            let job = tenant.jobs().start_export(export, tenant.clock.now_in_milliseconds(), &tenant.users);
            HttpResponse::Ok().json(job)
        }
        Err(problem) => invalid_body(&problem),
    }
}

pub(super) async fn job(request: HttpRequest, id: Path<String>, tenant: Data<Tenant>) -> HttpResponse {
    if let Some(refusal) = management::refusal(&request, &tenant, &[CREATE_USERS, READ_USERS]) {
        return refusal;
    }
    match tenant.jobs().poll(&id, tenant.clock.now_in_milliseconds(), &tenant.users, &tenant.base) {
        Some(job) => HttpResponse::Ok().json(job),
        None => no_job(),
    }
}

pub(super) async fn errors(request: HttpRequest, id: Path<String>, tenant: Data<Tenant>) -> HttpResponse {
    if let Some(refusal) = management::refusal(&request, &tenant, &[CREATE_USERS, READ_USERS]) {
        return refusal;
    }
    match tenant.jobs().errors(&id, tenant.clock.now_in_milliseconds()) {
        Some(Errors::Rows(rows)) => HttpResponse::Ok().json(rows),
        Some(Errors::Unfinished(job)) => HttpResponse::Ok().json(job),
        Some(Errors::None) => HttpResponse::NoContent().finish(),
        None => no_job(),
    }
}

fn refused_form(problem: &FormProblem) -> HttpResponse {
    match problem {
        FormProblem::Invalid(problem) => invalid_body(problem),
        FormProblem::TooLarge(limit) => {
            let message = format!("Payload content length greater than maximum allowed: {limit}");
            api_answer::error(StatusCode::PAYLOAD_TOO_LARGE, &message, None)
        }
    }
}

fn invalid_body(problem: &str) -> HttpResponse {
    let message = format!("Payload validation error: '{problem}'.");
    api_answer::error(StatusCode::BAD_REQUEST, &message, Some("invalid_body"))
}

fn no_job() -> HttpResponse {
    api_answer::error(StatusCode::NOT_FOUND, "The job does not exist.", Some("inexistent_job"))
}
