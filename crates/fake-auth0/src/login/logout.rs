//! `GET /v2/logout`: ends the tenant's session with this browser and leads back to the application.

use actix_web::http::header;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::{page, session};
use crate::tenant::Tenant;

#[derive(Deserialize)]
struct Asked {
    client_id: Option<String>,
    #[serde(rename = "returnTo")]
    return_to: Option<String>,
}

pub(super) async fn logout(request: HttpRequest, tenant: Data<Tenant>) -> HttpResponse {
    let Ok(asked) = Query::<Asked>::from_query(request.query_string()).map(Query::into_inner) else {
        return page::refusal("The query is malformed, or has a parameter twice");
    };
    let allowed = |url: &str| match &asked.client_id {
        Some(id) => tenant.login.client(id).is_some_and(|client| client.allows_logout(url)),
        None => tenant.login.clients.iter().any(|client| client.allows_logout(url)),
    };
    let mut answer = match asked.return_to.as_deref() {
        Some(url) if allowed(url) => HttpResponse::Found().insert_header((header::LOCATION, url)).finish(),
        Some(url) => {
            page::refusal(&format!("returnTo leads to {url}, which is not in the list of allowed logout URLs"))
        }
        None => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("OK"),
    };
    session::end(&request, &tenant).set(&mut answer);
    answer
}
