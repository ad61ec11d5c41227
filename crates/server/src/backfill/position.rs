//! How far a backfill has come, so that the next run can go on there.

use std::time::Duration;

use domain::{Cursor, EventInbox, RepositoryError, UnixTime};
use serde::{Deserialize, Serialize};

use super::tally::Tally;

/// Auth0 forgets a job after a day; one that is about to be forgotten is not worth going on with.
const GOOD_FOR: Duration = Duration::from_secs(23 * 60 * 60);

/// Where a backfill stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The export at Auth0.
    pub(super) job: String,
    /// When it was ordered, in milliseconds since 1970.
    pub(super) asked_at: i64,
    /// How many of its lines are done.
    pub(super) lines: u64,
    /// What became of them.
    pub(super) tally: Tally,
    /// Whether that was all.
    pub(super) over: bool,
}

impl Position {
    /// Where the latest run left off, if it left off half-way and Auth0 may still know its job.
    pub(super) fn left_off(name: &str, inbox: &dyn EventInbox, now: UnixTime) -> Result<Option<Self>, RepositoryError> {
        let cursor = inbox.load_cursor(name)?;
        let position = cursor.and_then(|cursor| serde_json::from_str::<Self>(&cursor.position).ok());
        Ok(position.filter(|position| !position.over && now.since(position.asked_at()) < GOOD_FOR))
    }

    pub(super) fn store(&self, name: &str, inbox: &dyn EventInbox, now: UnixTime) -> anyhow::Result<()> {
        inbox.store_cursor(name, &Cursor { position: serde_json::to_string(self)?, moved_at: now })?;
        Ok(())
    }

    pub(super) fn asked_at(&self) -> UnixTime {
        UnixTime::from_millis(self.asked_at)
    }
}

/// Under what name the position is kept: a backfill of one connection stands by itself.
pub(super) fn name_of(connection: Option<&str>) -> String {
    connection.map_or_else(|| "backfill".to_owned(), |id| format!("backfill {id}"))
}

#[cfg(test)]
mod tests {
    use domain::in_memory_inbox::InMemoryEventInbox;

    use super::*;

    const HOUR: i64 = 60 * 60;

    fn position(lines: u64, over: bool) -> Position {
        Position { job: "job_1".to_owned(), asked_at: 1_000, lines, tally: Tally::default(), over }
    }

    fn left_off(inbox: &InMemoryEventInbox, hours: i64) -> Option<Position> {
        Position::left_off("backfill", inbox, UnixTime::from_secs(hours * HOUR)).unwrap()
    }

    #[test]
    fn a_run_goes_on_where_the_last_one_left_off_for_as_long_as_auth0_knows_the_job() {
        let inbox = InMemoryEventInbox::default();
        assert_eq!(left_off(&inbox, 0), None);
        position(7, false).store("backfill", &inbox, UnixTime::from_secs(2)).unwrap();
        assert_eq!(left_off(&inbox, 22), Some(position(7, false)));
        assert_eq!(left_off(&inbox, 24), None);
    }

    #[test]
    fn what_is_over_or_cannot_be_read_is_begun_anew() {
        let inbox = InMemoryEventInbox::default();
        position(7, true).store("backfill", &inbox, UnixTime::from_secs(2)).unwrap();
        assert_eq!(left_off(&inbox, 0), None);
        let garbled = Cursor { position: "{}".to_owned(), moved_at: UnixTime::from_secs(0) };
        inbox.store_cursor("backfill", &garbled).unwrap();
        assert_eq!(left_off(&inbox, 0), None);
    }

    #[test]
    fn each_connection_has_a_position_of_its_own() {
        assert_eq!((name_of(None), name_of(Some("con_1"))), ("backfill".to_owned(), "backfill con_1".to_owned()));
    }
}
