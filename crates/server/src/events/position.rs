//! How far the events have been pulled.

use std::time::Duration;

use auth0_management::StreamStart;
use domain::{Cursor, EventInbox, RepositoryError, UnixTime};
use serde::{Deserialize, Serialize};

/// The name of the cursor.
const NAME: &str = "events";
/// How much is read again where only a time is known: events come late and clocks differ, and reading one twice is harmless.
const MARGIN: Duration = Duration::from_secs(10 * 60);

/// A place in the stream of events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Auth0's name for it, as long as that is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset: Option<String>,
    /// When the latest event that was taken in happened, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
}

impl Position {
    /// The place that was kept; the present where none was, or none that can be read.
    pub(super) fn load(inbox: &dyn EventInbox, now: UnixTime) -> Result<Self, RepositoryError> {
        let kept = inbox.load_cursor(NAME)?;
        let position = kept.as_ref().map(|cursor| (serde_json::from_str(&cursor.position), cursor.moved_at));
        Ok(match position {
            Some((Ok(position), _)) => position,
            Some((Err(_), moved_at)) => {
                log::warn!(target: "events", "the position that was kept cannot be read: going on from when it was kept");
                Self { offset: None, time: Some(moved_at.as_millis()) }
            }
            None => Self { offset: None, time: Some(now.as_millis()) },
        })
    }

    /// Keeps it.
    pub(super) fn store(&self, inbox: &dyn EventInbox, now: UnixTime) -> Result<(), RepositoryError> {
        let position = serde_json::to_string(self).map_err(|error| RepositoryError::Failed(error.into()))?;
        inbox.store_cursor(NAME, &Cursor { position, moved_at: now })
    }

    /// Where a stream goes on from here.
    pub(super) fn start(&self) -> StreamStart {
        match (&self.offset, self.time) {
            (Some(offset), _) => StreamStart::Behind(offset.clone()),
            (None, Some(time)) => {
                StreamStart::At(UnixTime::from_millis(time.saturating_sub(MARGIN.as_millis() as i64)))
            }
            (None, None) => StreamStart::Now,
        }
    }

    /// Moves behind a message, and to the time of its event if that is later. A time that is still to come counts as now.
    pub(super) fn advance(&mut self, offset: Option<String>, time: Option<UnixTime>, now: UnixTime) {
        self.offset = offset.or_else(|| self.offset.take());
        self.time = self.time.max(time.map(|time| time.min(now).as_millis()));
    }

    /// Auth0 does not take this place any more: what is known of it less exactly is left. `false`: nothing is, and events
    /// may have been missed.
    pub(super) fn fall_back(&mut self) -> bool {
        if self.offset.take().is_some() && self.time.is_some() {
            return true;
        }
        self.time = None;
        false
    }
}

#[cfg(test)]
mod tests {
    use domain::in_memory_inbox::InMemoryEventInbox;

    use super::*;

    fn at(secs: i64) -> UnixTime {
        UnixTime::from_secs(secs)
    }

    #[test]
    fn a_position_that_was_kept_is_found_again() {
        let inbox = InMemoryEventInbox::default();
        let mut position = Position::load(&inbox, at(10_000)).expect("a position");
        assert_eq!(position.start(), StreamStart::At(at(9_400)));
        position.advance(Some("MTI=".to_owned()), Some(at(9_000)), at(10_001));
        position.store(&inbox, at(10_001)).expect("kept");
        let kept = Position::load(&inbox, at(20_000)).expect("a position");
        assert_eq!(kept, position);
        assert_eq!(kept.start(), StreamStart::Behind("MTI=".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_goes_on_from_when_it_was_kept() {
        let inbox = InMemoryEventInbox::default();
        inbox.store_cursor(NAME, &Cursor { position: "MTI=".to_owned(), moved_at: at(5_000) }).expect("kept");
        assert_eq!(Position::load(&inbox, at(9_000)).expect("a position").start(), StreamStart::At(at(4_400)));
    }

    #[test]
    fn a_place_that_is_refused_falls_back_to_its_time_and_then_to_the_present() {
        let mut position = Position { offset: Some("MTI=".to_owned()), time: Some(at(5_000).as_millis()) };
        assert!(position.fall_back());
        assert_eq!(position.start(), StreamStart::At(at(4_400)));
        assert!(!position.fall_back());
        assert_eq!(position.start(), StreamStart::Now);
    }

    #[test]
    fn an_event_from_the_future_moves_the_time_no_further_than_now_and_an_old_one_moves_it_not_back() {
        let mut position = Position::default();
        position.advance(None, Some(at(99_000)), at(5_000));
        position.advance(Some("a".to_owned()), Some(at(1_000)), at(6_000));
        position.advance(None, None, at(7_000));
        assert_eq!(position, Position { offset: Some("a".to_owned()), time: Some(at(5_000).as_millis()) });
    }
}
