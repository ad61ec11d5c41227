//! What is counted about sockets.

use prometheus::{IntCounter, IntGauge, Registry};

use super::{counters, find, registered};
use crate::http::{Ending, Refusal};

/// The counters of the sockets.
#[derive(Debug)]
pub struct SocketMetrics {
    open: IntGauge,
    limit: IntGauge,
    closed: Vec<(&'static str, IntCounter)>,
    renewals: IntCounter,
    refused: Vec<(Refusal, IntCounter)>,
}

/// Counts a socket as open for as long as it lives.
#[derive(Debug)]
#[must_use = "the socket counts as open until this is dropped"]
pub(crate) struct OpenSocket(IntGauge);

impl SocketMetrics {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let open = IntGauge::new("authsync_websockets_open", "Sockets that are open.")?;
        let limit = IntGauge::new("authsync_websockets_limit", "The most sockets that may be open at once.")?;
        let closed = counters(
            registry,
            "authsync_websockets_closed_total",
            "Sockets closed, by the code that was sent, or by who ended them without one.",
            &["code"],
        )?;
        let renewals =
            IntCounter::new("authsync_websocket_renewals_total", "Newer tokens that open sockets went on with.")?;
        let refused = counters(
            registry,
            "authsync_websocket_messages_refused_total",
            "Messages of clients that were answered with an error, by its code.",
            &["code"],
        )?;
        let mut endings: Vec<(&'static str, IntCounter)> = Vec::new();
        for label in Ending::ALL.map(Ending::label) {
            if find(&endings, label).is_none() {
                endings.push((label, closed.with_label_values(&[label])));
            }
        }
        Ok(Self {
            open: registered(registry, open)?,
            limit: registered(registry, limit)?,
            closed: endings,
            renewals: registered(registry, renewals)?,
            refused: Refusal::ALL.map(|refusal| (refusal, refused.with_label_values(&[refusal.code()]))).into(),
        })
    }

    /// Tells how many may be open.
    pub(crate) fn limited_to(&self, sockets: usize) {
        self.limit.set(i64::try_from(sockets).unwrap_or(i64::MAX));
    }

    /// Counts a socket as open until this is dropped.
    pub(crate) fn opened(&self) -> OpenSocket {
        self.open.inc();
        OpenSocket(self.open.clone())
    }

    /// Counts the end of a socket.
    pub(crate) fn closed(&self, ending: Ending) {
        if let Some(counter) = find(&self.closed, ending.label()) {
            counter.inc();
        }
    }

    /// Counts a renewal.
    pub(crate) fn renewed(&self) {
        self.renewals.inc();
    }

    /// Counts a message that was answered with an error.
    pub(crate) fn refused(&self, refusal: Refusal) {
        if let Some(counter) = find(&self.refused, refusal) {
            counter.inc();
        }
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;

    #[test]
    fn every_end_and_every_refusal_is_counted_and_open_sockets_are_those_that_have_not_ended() {
        let metrics = Metrics::new().expect("names that differ");
        let (one, other) = (metrics.sockets.opened(), metrics.sockets.opened());
        drop(one);
        Ending::ALL.iter().for_each(|ending| metrics.sockets.closed(*ending));
        Refusal::ALL.iter().for_each(|refusal| metrics.sockets.refused(*refusal));
        metrics.sockets.renewed();
        metrics.sockets.limited_to(7);
        let text = metrics.render(&[]);
        for line in [
            "authsync_websockets_open 1",
            "authsync_websockets_limit 7",
            r#"authsync_websockets_closed_total{code="4401"} 1"#,
            r#"authsync_websockets_closed_total{code="1008"} 2"#,
            r#"authsync_websockets_closed_total{code="client"} 1"#,
            "authsync_websocket_renewals_total 1",
            r#"authsync_websocket_messages_refused_total{code="bad_message"} 1"#,
            r#"authsync_websocket_messages_refused_total{code="forbidden"} 1"#,
        ] {
            assert!(text.lines().any(|written| written == line), "no line {line} in\n{text}");
        }
        drop(other);
    }
}
