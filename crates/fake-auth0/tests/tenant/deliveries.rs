//! Events pushed to a webhook.

use std::collections::HashSet;
use std::time::Duration;

use fake_auth0::{Attempt, FakeAuth0, FakeUser, TENANT_NAME, UserEvent};
use serde_json::json;

use crate::management::Management;
use crate::receiver::Receiver;

const LONG: Duration = Duration::from_secs(10);

fn start() -> (FakeAuth0, Receiver) {
    let (tenant, receiver) = (FakeAuth0::start(), Receiver::start());
    tenant.set_webhook(&receiver.url(), "the-token");
    (tenant, receiver)
}

#[test]
fn every_change_of_a_user_is_an_event_of_auth0s_shape() {
    let (tenant, receiver) = start();
    tenant.add_user(FakeUser::new("auth0|1").email("a@example.test", true));
    tenant.update_user("auth0|1", |user| user.blocked = Some(true));
    tenant.delete_user("auth0|1");
    assert!(tenant.wait_until_delivered(LONG));
    assert_eq!(receiver.kinds(), ["user.created", "user.updated", "user.deleted"]);
    let received = receiver.received();
    assert_eq!(received[0].head[0], "post /auth0/events http/1.1");
    for line in ["authorization: bearer the-token", "content-type: application/json"] {
        assert!(received[0].head.iter().any(|header| header == line), "{line}");
    }
    for (position, kind) in ["user.created", "user.updated", "user.deleted"].into_iter().enumerate() {
        let event = &received[position].event;
        let id = event["id"].as_str().unwrap().strip_prefix("evt_").unwrap();
        assert!(id.len() == 22 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        let mut user = event["data"]["object"].clone();
        assert_eq!(user["user_id"], "auth0|1");
        assert!(user["identities"].is_array() && user["created_at"].is_string());
        let own_time = if kind == "user.deleted" { user["deleted_at"].take() } else { user["updated_at"].take() };
        assert_eq!(
            *event,
            json!({
                "specversion": "1.0", "type": kind, "source": format!("urn:auth0:{TENANT_NAME}.example.test"),
                "id": event["id"], "time": own_time, "data": event["data"], "a0tenant": TENANT_NAME,
                "a0stream": tenant.event_stream_id(),
            })
        );
    }
    assert!(tenant.event_stream_id().starts_with("est_") && tenant.event_stream_id().len() == 26);
    let times: Vec<_> = received.iter().map(|received| received.event["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|one, other| one < other), "{times:?}");
}

#[test]
fn an_import_tells_of_everybody_it_takes_in() {
    let management = Management::start();
    let receiver = Receiver::start();
    management.tenant.set_webhook(&receiver.url(), "t");
    management.import_whole(&json!([{ "email": "a@example.test" }, { "email": "b@example.test" }, {}]), false);
    assert!(management.tenant.wait_for_deliveries(2, LONG) && management.tenant.wait_until_delivered(LONG));
    assert_eq!(receiver.kinds(), ["user.created", "user.created"]);
}

#[test]
fn without_a_webhook_nothing_waits() {
    let tenant = FakeAuth0::start();
    tenant.add_user(FakeUser::new("auth0|1"));
    assert_eq!(tenant.waiting_events(), 0);
    let receiver = Receiver::start();
    tenant.set_webhook(&receiver.url(), "t");
    tenant.hold_deliveries();
    tenant.add_user(FakeUser::new("auth0|2"));
    assert_eq!(tenant.waiting_events(), 1);
    tenant.remove_webhook();
    assert_eq!(tenant.waiting_events(), 0);
    assert!(receiver.received().is_empty());
}

#[test]
fn a_delivery_is_tried_four_times_and_a_4xx_ends_it_at_once() {
    let (tenant, receiver) = start();
    receiver.answer_with(&[503, 500, 302, 503]);
    tenant.add_user(FakeUser::new("auth0|1"));
    assert!(tenant.wait_for_deliveries(1, LONG));
    receiver.answer_with(&[500, 204, 503, 409]);
    tenant.add_user(FakeUser::new("auth0|2"));
    tenant.add_user(FakeUser::new("auth0|3"));
    assert!(tenant.wait_for_deliveries(3, LONG));
    let answers = |statuses: &[u16]| statuses.iter().map(|status| Attempt::Answered(*status)).collect::<Vec<_>>();
    let deliveries = tenant.deliveries();
    assert_eq!(deliveries[0].attempts, answers(&[503, 500, 302, 503]));
    assert_eq!(deliveries[1].attempts, answers(&[500, 204]));
    assert_eq!(deliveries[2].attempts, answers(&[503, 409]));
    assert_eq!(deliveries.iter().map(|delivery| delivery.succeeded()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(deliveries[0].event["data"]["object"]["user_id"], "auth0|1");

    receiver.answer_with(&[0]);
    tenant.add_user(FakeUser::new("auth0|4"));
    assert!(tenant.wait_for_deliveries(4, LONG));
    assert!(matches!(tenant.deliveries()[3].attempts[..], [Attempt::Unanswered(_), Attempt::Answered(204)]));
}

#[test]
fn failed_events_are_delivered_again_by_order() {
    let (tenant, receiver) = start();
    receiver.answer_with(&[400, 400, 204]);
    for id in ["auth0|1", "auth0|2", "auth0|3"] {
        tenant.add_user(FakeUser::new(id));
    }
    assert!(tenant.wait_for_deliveries(3, LONG));
    assert_eq!(tenant.redeliver_failed(), 2);
    assert!(tenant.wait_for_deliveries(5, LONG));
    assert_eq!(tenant.redeliver_failed(), 0);
    let id = tenant.deliveries()[2].event_id.clone();
    assert!(tenant.redeliver(&id));
    assert!(!tenant.redeliver("evt_unknown"));
    assert!(tenant.wait_for_deliveries(6, LONG));
    let ids: Vec<_> = tenant.deliveries().into_iter().map(|delivery| delivery.event_id).collect();
    assert_eq!((&ids[0], &ids[1], &ids[2]), (&ids[3], &ids[4], &ids[5]));
}

#[test]
fn held_deliveries_are_shuffled_and_duplicated() {
    let (tenant, receiver) = start();
    tenant.hold_deliveries();
    tenant.shuffle_deliveries(true);
    tenant.duplicate_deliveries(1);
    for number in 0..30 {
        tenant.add_user(FakeUser::new(format!("auth0|{number:02}")));
    }
    assert_eq!((tenant.waiting_events(), receiver.received().len()), (60, 0));
    tenant.release_deliveries();
    assert!(tenant.wait_for_deliveries(60, LONG));
    let ids: Vec<_> =
        receiver.received().iter().map(|one| one.event["data"]["object"]["user_id"].to_string()).collect();
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (60, 30));
    assert!(!ids.is_sorted());
}

#[test]
fn a_test_event_says_that_it_is_one_and_changes_nobody() {
    let (tenant, receiver) = start();
    tenant.send_test_event(UserEvent::Deleted);
    assert!(tenant.wait_for_deliveries(1, LONG));
    let event = receiver.received()[0].event.clone();
    assert_eq!((&event["a0purpose"], &event["type"]), (&json!("test"), &json!("user.deleted")));
    assert!(event["data"]["object"]["deleted_at"].is_string() && tenant.users().is_empty());
}

#[test]
fn a_webhook_elsewhere_is_refused() {
    let tenant = FakeAuth0::start();
    assert!(tenant.try_set_webhook("http://192.0.2.1/events", "t").is_err());
    assert!(tenant.try_set_webhook("https://127.0.0.1/events", "t").is_err());
}
