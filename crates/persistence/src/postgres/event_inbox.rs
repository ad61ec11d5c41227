//! What is remembered of events, on PostgreSQL.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use domain::{Cursor, DeadLetter, EventId, EventInbox, Letter, LetterId, RepositoryError, SEEN_FOR, Subject, UnixTime};

use super::errors::classify;
use super::pool::{Borrowed, PostgresPool};
use super::schema::{auth0_cursors, auth0_dead_letters, auth0_events_seen};
use crate::fault::Fault;
use crate::letter_row::{LetterColumns, letter_from};

/// Those who forget at once share the work instead of waiting for each other.
const FORGET: &str = "DELETE FROM auth0_events_seen WHERE event_id IN (SELECT event_id FROM auth0_events_seen \
                      WHERE seen_at < $1 ORDER BY seen_at LIMIT 100 FOR UPDATE SKIP LOCKED)";

/// The inbox.
pub(crate) struct PostgresEventInbox {
    pool: PostgresPool,
}

impl PostgresEventInbox {
    pub(crate) fn over(pool: PostgresPool) -> Self {
        Self { pool }
    }

    fn connection(&self) -> Result<Borrowed, Fault> {
        Ok(self.pool.get()?)
    }

    fn run<T>(&self, work: impl FnOnce(&mut PgConnection) -> Result<T, Fault>) -> Result<T, RepositoryError> {
        self.connection().and_then(|mut connection| work(&mut connection)).map_err(|fault| fault.explained(classify))
    }
}

impl EventInbox for PostgresEventInbox {
    fn has_seen(&self, event: &EventId) -> Result<bool, RepositoryError> {
        self.run(|connection| {
            let row: Option<String> = auth0_events_seen::table
                .find(event.as_str())
                .select(auth0_events_seen::event_id)
                .first(connection)
                .optional()?;
            Ok(row.is_some())
        })
    }

    fn mark_seen(&self, event: &EventId, now: UnixTime) -> Result<(), RepositoryError> {
        let oldest = now.as_millis().saturating_sub(i64::try_from(SEEN_FOR.as_millis()).unwrap_or(i64::MAX));
        self.run(|connection| {
            connection.transaction(|connection| {
                sql_query(FORGET).bind::<BigInt, _>(oldest).execute(connection)?;
                diesel::delete(auth0_dead_letters::table.filter(auth0_dead_letters::event_id.eq(event.as_str())))
                    .execute(connection)?;
                diesel::insert_into(auth0_events_seen::table)
                    .values((
                        auth0_events_seen::event_id.eq(event.as_str()),
                        auth0_events_seen::seen_at.eq(now.as_millis()),
                    ))
                    .on_conflict_do_nothing()
                    .execute(connection)?;
                Ok(())
            })
        })
    }

    fn park(&self, letter: &Letter, now: UnixTime) -> Result<(), RepositoryError> {
        use auth0_dead_letters::{attempts, auth0_id, body, event_id, parked_at, reason, source};
        self.run(|connection| {
            diesel::insert_into(auth0_dead_letters::table)
                .values((
                    source.eq(&letter.source),
                    event_id.eq(letter.event.as_ref().map(EventId::as_str)),
                    auth0_id.eq(letter.subject.as_ref().map(Subject::as_str)),
                    reason.eq(&letter.reason),
                    body.eq(letter.body.as_str()),
                    parked_at.eq(now.as_millis()),
                    attempts.eq(1),
                ))
                .on_conflict(event_id)
                .do_update()
                .set((
                    source.eq(excluded(source)),
                    auth0_id.eq(excluded(auth0_id)),
                    reason.eq(excluded(reason)),
                    body.eq(excluded(body)),
                    attempts.eq(attempts + 1),
                ))
                .execute(connection)?;
            Ok(())
        })
    }

    fn dead_letters(&self, after: Option<LetterId>, limit: usize) -> Result<Vec<DeadLetter>, RepositoryError> {
        use auth0_dead_letters::{attempts, auth0_id, body, event_id, id, parked_at, reason, source};
        self.run(|connection| {
            let rows: Vec<LetterColumns> = auth0_dead_letters::table
                .filter(id.gt(after.map_or(i32::MIN, LetterId::get)))
                .order(id)
                .limit(i64::try_from(limit).unwrap_or(i64::MAX))
                .select((id, source, event_id, auth0_id, reason, body, parked_at, attempts))
                .load(connection)?;
            Ok(rows.into_iter().map(letter_from).collect())
        })
    }

    fn discard(&self, letter: LetterId) -> Result<(), RepositoryError> {
        self.run(|connection| {
            diesel::delete(auth0_dead_letters::table.find(letter.get())).execute(connection)?;
            Ok(())
        })
    }

    fn load_cursor(&self, name: &str) -> Result<Option<Cursor>, RepositoryError> {
        use auth0_cursors::{moved_at, position};
        self.run(|connection| {
            let row: Option<(String, i64)> =
                auth0_cursors::table.find(name).select((position, moved_at)).first(connection).optional()?;
            Ok(row.map(|(text, millis)| Cursor { position: text, moved_at: UnixTime::from_millis(millis) }))
        })
    }

    fn store_cursor(&self, name: &str, cursor: &Cursor) -> Result<(), RepositoryError> {
        use auth0_cursors::{moved_at, name as key, position};
        self.run(|connection| {
            diesel::insert_into(auth0_cursors::table)
                .values((key.eq(name), position.eq(&cursor.position), moved_at.eq(cursor.moved_at.as_millis())))
                .on_conflict(key)
                .do_update()
                .set((position.eq(excluded(position)), moved_at.eq(excluded(moved_at))))
                .execute(connection)?;
            Ok(())
        })
    }
}
