//! `/dev/webhook`, `/dev/events/test` and `/dev/deliveries`: events by hand.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde::Deserialize;
use serde_json::{Value, json};

use super::dev::{bad_order, read, read_optional};
use crate::events::{Attempt, UserEvent, Webhook};
use crate::tenant::Tenant;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookOrder {
    url: Option<String>,
    #[serde(default)]
    token: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TestOrder {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// `{url, token}`; a `url` of `null` sends events nowhere.
pub(super) async fn webhook(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let order = read::<WebhookOrder>(&body).and_then(|order| {
        let webhook = order.url.map(|url| Webhook::new(&url, &order.token)).transpose();
        webhook.map_err(|error| error.to_string())
    });
    order.map_or_else(bad_order, |webhook| {
        tenant.events.deliveries.set_webhook(webhook);
        HttpResponse::NoContent().finish()
    })
}

/// `{type?}`; `user.created` unless it is given.
pub(super) async fn test_event(body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let kind = read_optional::<TestOrder>(&body).and_then(|order| {
        let name = order.kind.unwrap_or_else(|| UserEvent::Created.name().to_owned());
        UserEvent::from_name(&name).ok_or_else(|| format!("no event is called {name:?}"))
    });
    kind.map_or_else(bad_order, |kind| {
        tenant.send_test_event(kind);
        HttpResponse::NoContent().finish()
    })
}

pub(super) async fn deliveries(tenant: Data<Tenant>) -> HttpResponse {
    let shown = tenant.events.deliveries.finished().into_iter().map(|delivery| {
        let attempts: Vec<Value> = delivery.attempts.iter().map(attempt).collect();
        json!({ "event": delivery.event, "succeeded": delivery.succeeded(), "attempts": attempts })
    });
    HttpResponse::Ok().json(shown.collect::<Vec<_>>())
}

fn attempt(attempt: &Attempt) -> Value {
    match attempt {
        Attempt::Answered(status) => json!({ "status": status }),
        Attempt::Unanswered(problem) => json!({ "error": problem }),
    }
}
