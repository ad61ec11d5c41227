//! `/dev/…`: what a developer does by hand to the tenant of the binary.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::clock::TenantTime;
use crate::endpoint::Endpoint;
use crate::faults::Fault;
use crate::lock::lock;
use crate::tenant::Tenant;
use crate::tokens::{BadToken, GoodToken, TokenBuilder};

/// The person of a token for whom nobody was named.
const DEFAULT_SUBJECT: &str = "auth0|ada";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TokenOrder {
    sub: Option<String>,
    email: Option<String>,
    expires_in: Option<i64>,
    scope: Option<String>,
    permissions: Option<Vec<String>>,
    org_id: Option<String>,
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    endpoint: String,
    fault: String,
    status: Option<u16>,
    bytes: Option<usize>,
    location: Option<String>,
    reset: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RestoreOrder {
    endpoint: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderOrder {
    name: String,
    values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOrder {
    offset: i64,
}

/// `{sub?, email?, expires_in?, scope?, permissions?, org_id?, kind?}`; an empty body asks for a good token of Ada's.
pub(super) async fn token(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    read_optional(&body).and_then(|order| order_token(&order, &tenant)).map_or_else(bad_order, |token| {
        HttpResponse::Ok().json(json!({ "access_token": token, "token_type": "Bearer" }))
    })
}

pub(super) async fn rotate(tenant: Data<Tenant>) -> HttpResponse {
    let kid = tenant.keys().rotate();
    HttpResponse::Ok().json(json!({ "kid": kid }))
}

pub(super) async fn rotate_suddenly(tenant: Data<Tenant>) -> HttpResponse {
    let kid = tenant.keys().rotate_suddenly();
    HttpResponse::Ok().json(json!({ "kid": kid }))
}

pub(super) async fn withdraw_previous(tenant: Data<Tenant>) -> HttpResponse {
    let withdrawn = tenant.keys().withdraw_previous();
    HttpResponse::Ok().json(json!({ "withdrawn": withdrawn }))
}

/// `{name, values}`.
pub(super) async fn jwks_header(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let order = read::<HeaderOrder>(&body).and_then(|order| lock(&tenant.jwks_headers).set(&order.name, &order.values));
    order.map_or_else(bad_order, |()| HttpResponse::NoContent().finish())
}

/// `{offset}`, in seconds.
pub(super) async fn clock(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    read::<ClockOrder>(&body).map_or_else(bad_order, |order| {
        tenant.clock.set(TenantTime::Offset(order.offset));
        HttpResponse::NoContent().finish()
    })
}

/// `{endpoint, fault, status?, bytes?, location?, reset?}`.
pub(super) async fn fault(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let order = read::<FaultOrder>(&body).and_then(|order| {
        let endpoint = endpoint_named(&order.endpoint)?;
        Ok((endpoint, fault_ordered(&order, &tenant)?))
    });
    order.map_or_else(bad_order, |(endpoint, fault)| {
        tenant.faults.set(endpoint, fault);
        HttpResponse::NoContent().finish()
    })
}

/// `{endpoint?}`; without one, every endpoint.
pub(super) async fn restore(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let endpoint = read_optional::<RestoreOrder>(&body)
        .and_then(|order| order.endpoint.map(|name| endpoint_named(&name)).transpose());
    endpoint.map_or_else(bad_order, |endpoint| {
        match endpoint {
            Some(endpoint) => tenant.faults.lift(endpoint),
            None => tenant.faults.lift_all(),
        }
        HttpResponse::NoContent().finish()
    })
}

pub(super) async fn requests(tenant: Data<Tenant>) -> HttpResponse {
    let counts: Map<String, Value> = Endpoint::ALL
        .iter()
        .map(|endpoint| (endpoint.name().to_owned(), json!(tenant.requests.arrived(*endpoint))))
        .collect();
    HttpResponse::Ok().json(counts)
}

pub(super) async fn users(tenant: Data<Tenant>) -> HttpResponse {
    let users: Vec<Value> = tenant.users().all().map(crate::FakeUser::to_json).collect();
    HttpResponse::Ok().json(users)
}

fn order_token(order: &TokenOrder, tenant: &Data<Tenant>) -> Result<String, String> {
    let sub = order.sub.as_deref().unwrap_or(DEFAULT_SUBJECT);
    let kind = order.kind.as_deref().unwrap_or("good");
    let shared = Data::clone(tenant).into_inner();
    let mut good = TokenBuilder::new(Data::clone(tenant).into_inner(), sub);
    if let Some(email) = &order.email {
        good = good.email(email.as_str(), true);
    }
    if let Some(seconds) = order.expires_in {
        good = good.expires_in(seconds);
    }
    if let Some(scope) = &order.scope {
        good = good.scope(scope.as_str());
    }
    if let Some(permissions) = &order.permissions {
        good = good.claim("permissions", permissions.as_slice());
    }
    if let Some(id) = &order.org_id {
        good = good.claim("org_id", id.as_str());
    }
    match (kind, BadToken::from_name(kind), GoodToken::from_name(kind)) {
        ("good", _, _) => Ok(good.mint()),
        ("machine", _, _) => Ok(TokenBuilder::machine(shared, "machine-client").mint()),
        ("anonymous", _, _) => Ok(TokenBuilder::new(shared, "anon@session").mint()),
        (_, Some(bad), _) => Ok(bad.spoil(good)),
        (_, _, Some(unusual)) => Ok(unusual.mint_from(&shared, sub)),
        _ => Err(format!("no kind of token is called {kind:?}")),
    }
}

fn fault_ordered(order: &FaultOrder, tenant: &Tenant) -> Result<Fault, String> {
    let bytes = order.bytes.unwrap_or(1024 * 1024);
    Ok(match order.fault.as_str() {
        "status" => Fault::Status(order.status.unwrap_or(503)),
        "stall" => Fault::Stall,
        "drip" => Fault::Drip(Duration::from_millis(50)),
        "garble" => Fault::Garble,
        "truncate" => Fault::Truncate,
        "oversize" => Fault::Oversize(bytes),
        "oversize-unannounced" => Fault::OversizeUnannounced(bytes),
        "redirect" => Fault::Redirect(order.location.clone().ok_or("a redirect needs a location")?),
        "close" => Fault::Close,
        "rate-limit" => Fault::RateLimit { reset: order.reset.unwrap_or_else(|| tenant.now() + 60) },
        "retry-after" => Fault::RetryAfter { seconds: order.reset.unwrap_or(1).unsigned_abs() },
        unknown => return Err(format!("no fault is called {unknown:?}")),
    })
}

fn endpoint_named(name: &str) -> Result<Endpoint, String> {
    let found = Endpoint::ALL.iter().copied().find(|endpoint| endpoint.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = Endpoint::ALL.iter().map(|endpoint| endpoint.name()).collect();
        format!("no endpoint is called {name:?}; there are {}", names.join(", "))
    })
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

pub(super) fn read_optional<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, String> {
    if body.is_empty() { Ok(T::default()) } else { read(body) }
}

pub(crate) fn bad_order(problem: String) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({ "error": "bad_request", "message": problem }))
}
