//! `/dev/…` for logins: what a developer changes by hand while people are logged in.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde::Deserialize;
use serde_json::{Map, Value, json};

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

/// The members of a profile that have a place of their own.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ProfileOrder {
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    picture: Option<String>,
    blocked: Option<bool>,
    #[serde(flatten)]
    extra: Map<String, Value>,
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

/// `{name?, email?, email_verified?, picture?, blocked?, …}`: changes these members of the profile.
pub(super) async fn change_user(id: Path<String>, body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let order = match serde_json::from_slice::<ProfileOrder>(&body) {
        Ok(order) if order.extra.contains_key("user_id") => return bad_order("user_id stays as it is".to_owned()),
        Ok(order) => order,
        Err(error) => return bad_order(error.to_string()),
    };
    let changed = tenant.users().change(&id, |user| {
        user.name = order.name.or(user.name.take());
        user.email = order.email.or(user.email.take());
        user.email_verified = order.email_verified.or(user.email_verified);
        user.picture = order.picture.or(user.picture.take());
        user.blocked = order.blocked.or(user.blocked);
        user.extra.extend(order.extra);
    });
    match (changed, tenant.users().find(&id)) {
        (true, Some(user)) => HttpResponse::Ok().json(user.to_json()),
        _ => HttpResponse::NotFound().json(json!({ "error": "not_found", "message": "there is no such user" })),
    }
}
