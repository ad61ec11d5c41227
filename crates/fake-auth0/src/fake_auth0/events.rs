//! Events that a running tenant sends and tells.

use std::sync::Arc;
use std::time::Duration;

use super::FakeAuth0;
use crate::events::{Delivery, Event, UserEvent, Webhook, WebhookError};
use crate::users::FakeUser;

/// Events pushed to a webhook. Every change of a user is one, from the moment that there is a webhook.
impl FakeAuth0 {
    /// Sends events there from now on, with `Authorization: Bearer <token>`: an `http://` address on loopback.
    ///
    /// # Panics
    /// Where [`try_set_webhook`](Self::try_set_webhook) would return an error.
    #[expect(clippy::panic, reason = "a test whose webhook cannot be reached has failed")]
    pub fn set_webhook(&self, url: &str, token: &str) {
        self.try_set_webhook(url, token).unwrap_or_else(|error| panic!("fake-auth0 cannot send events: {error}"));
    }

    /// Sends events there from now on, with `Authorization: Bearer <token>`.
    ///
    /// # Errors
    /// [`WebhookError`]: the address is no `http://` one on loopback, or the token cannot stand in a header.
    pub fn try_set_webhook(&self, url: &str, token: &str) -> Result<(), WebhookError> {
        self.tenant.events.deliveries.set_webhook(Some(Webhook::new(url, token)?));
        Ok(())
    }

    /// Sends events nowhere from now on. Those that wait are forgotten.
    pub fn remove_webhook(&self) {
        self.tenant.events.deliveries.set_webhook(None);
    }

    /// The `a0stream` of its events.
    #[must_use]
    pub fn event_stream_id(&self) -> &str {
        &self.tenant.events.stream
    }

    /// What became of every delivery that is finished, the first first; the last 100,000 are remembered.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.tenant.events.deliveries.finished()
    }

    /// Waits until so many deliveries were finished since the start. `false`: the time was up first.
    #[must_use]
    pub fn wait_for_deliveries(&self, wanted: usize, timeout: Duration) -> bool {
        self.tenant.events.deliveries.wait_for(wanted, timeout)
    }

    /// Waits until no event waits and none is under way. `false`: the time was up first.
    #[must_use]
    pub fn wait_until_delivered(&self, timeout: Duration) -> bool {
        self.tenant.events.deliveries.wait_until_idle(timeout)
    }

    /// How many events wait to be sent.
    #[must_use]
    pub fn waiting_events(&self) -> usize {
        self.tenant.events.deliveries.waiting()
    }

    /// Waits between the four attempts of a delivery: 1, 2 and 4 seconds at Auth0, none here unless set.
    pub fn set_delivery_waits(&self, waits: [Duration; 3]) {
        self.tenant.events.deliveries.control(|controls| controls.waits = waits.to_vec());
    }

    /// Keeps events waiting until [`release_deliveries`](Self::release_deliveries).
    pub fn hold_deliveries(&self) {
        self.tenant.events.deliveries.control(|controls| controls.held = true);
    }

    /// Sends what waits, and what comes.
    pub fn release_deliveries(&self) {
        self.tenant.events.deliveries.control(|controls| controls.held = false);
    }

    /// Whether events that wait are sent in any order, not the one in which they happened.
    pub fn shuffle_deliveries(&self, shuffle: bool) {
        self.tenant.events.deliveries.control(|controls| controls.shuffled = shuffle);
    }

    /// Sends each event that happens from now on so many times more than once.
    pub fn duplicate_deliveries(&self, times: usize) {
        self.tenant.events.deliveries.control(|controls| controls.duplicates = times);
    }

    /// Sends the event of this id once more. `false`: no delivery of it is finished.
    pub fn redeliver(&self, event_id: &str) -> bool {
        self.tenant.events.deliveries.redeliver(|id, _| id == event_id) > 0
    }

    /// Sends every event once more whose last delivery failed; how many there are.
    pub fn redeliver_failed(&self) -> usize {
        self.tenant.events.deliveries.redeliver(|_, succeeded| !succeeded)
    }

    /// Sends an event as Auth0 does to try a stream out: it has `a0purpose: "test"`, and nothing has happened.
    pub fn send_test_event(&self, kind: UserEvent) {
        self.tenant.send_test_event(kind);
    }
}

/// The events API, `GET /api/v2/events`. It tells the last 100,000 events, webhook or not.
impl FakeAuth0 {
    /// Connections end after so many messages, progress marks included; `None`: they do not, which is the default.
    pub fn close_event_connections_after(&self, messages: Option<u64>) {
        self.tenant.events.feed.set(|settings| settings.close_after = messages);
    }

    /// Ends every connection.
    pub fn close_event_connections(&self) {
        self.tenant.events.feed.close_connections();
    }

    /// Ends every connection with an `error` message. Auth0's codes are `invalid_cursor`, `cursor_expired`,
    /// `timeout`, `payload_too_large`, `processing_error` and `connection_timeout`.
    pub fn fail_event_connections(&self, code: &'static str) {
        self.tenant.events.feed.fail_connections(code);
    }

    /// How many connections are open.
    #[must_use]
    pub fn event_connections(&self) -> usize {
        self.tenant.events.feed.connections()
    }

    /// Sends every connection an `offset-only` message now.
    pub fn mark_event_progress(&self) {
        self.tenant.events.feed.mark_progress();
    }

    /// An `offset-only` message comes after so many events of a connection; 5 unless set.
    pub fn mark_event_progress_every(&self, events: u64) {
        self.tenant.events.feed.set(|settings| settings.mark_every = events.max(1));
    }

    /// A connection on which nothing happens gets a comment and an `offset-only` message in this interval; 15 seconds
    /// unless set. It holds from the next message of a connection on.
    pub fn set_event_heartbeat(&self, interval: Duration) {
        self.tenant.events.feed.set(|settings| settings.heartbeat = interval);
    }

    /// Makes every offset that was given so far an expired one (410). The events are still told by `from_timestamp`.
    pub fn expire_event_offsets(&self) {
        self.tenant.events.feed.expire_offsets();
    }
}

impl crate::tenant::Tenant {
    pub(crate) fn send_test_event(&self, kind: UserEvent) {
        let time = self.clock.now_in_milliseconds();
        let moment = crate::timestamp::iso8601(time);
        let mut user = FakeUser::new("auth0|test-event").email("test-event@example.test", true).name("Test Event");
        user.created_at = Some(moment.clone());
        user.updated_at = Some(moment);
        let event = Event::test(kind, user.to_json(), time, &self.events.stream);
        self.events.deliveries.enqueue(Arc::new(event));
    }
}
