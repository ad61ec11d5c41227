//! `/dev/…` for logins: what a developer changes by hand while people are logged in.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde::Deserialize;

use crate::http::dev::bad_order;
use crate::tenant::Tenant;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsOrder {
    access_token_lifetime: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogOutOrder {
    sub: String,
}

/// `{access_token_lifetime}`: seconds that access tokens given from now on last.
pub(super) async fn change_terms(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    match serde_json::from_slice::<TermsOrder>(&body) {
        Ok(order) => {
            tenant.login.set_access_token_lifetime(order.access_token_lifetime);
            HttpResponse::NoContent().finish()
        }
        Err(error) => bad_order(error.to_string()),
    }
}

/// `{sub}`: ends the person's sessions and refresh tokens.
pub(super) async fn log_out(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    match serde_json::from_slice::<LogOutOrder>(&body) {
        Ok(order) => {
            tenant.login.forget(&order.sub);
            HttpResponse::NoContent().finish()
        }
        Err(error) => bad_order(error.to_string()),
    }
}
