//! The one connection of a thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{HandleError as _, R2D2Connection as _};
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::errors::classify;
use super::session::Session;
use crate::connection_failures::ConnectionFailures;
use crate::fault::{Fault, Meaning};

/// For how long the server's plans are kept. A plan is made for the table as it is at that moment: one for an empty table
/// reads all of it, which is as good as any other way then, and would go on to do so when there are a million users.
const PLANS_LAST: Duration = Duration::from_secs(1);
/// For how long the first ones are kept, each time twice as long: the first users of all may come by the thousand.
const FIRST_PLANS_LAST: Duration = Duration::from_millis(16);

/// A connection that is opened again when it breaks.
pub(super) struct Link {
    url: Arc<str>,
    session: Session,
    failures: Arc<ConnectionFailures>,
    connection: Option<PgConnection>,
    planned: Instant,
    plans_last: Duration,
}

impl Link {
    /// Not connected yet.
    pub(super) fn new(url: Arc<str>, session: Session, failures: Arc<ConnectionFailures>) -> Self {
        Self { url, session, failures, connection: None, planned: Instant::now(), plans_last: FIRST_PLANS_LAST }
    }

    pub(super) fn connect(&mut self) -> Result<(), String> {
        self.connection = None;
        match self.session.connect(&self.url) {
            Ok(connection) => {
                self.connection = Some(connection);
                self.planned = Instant::now();
                Ok(())
            }
            Err(reason) => {
                self.failures.handle_error(&reason);
                Err(reason)
            }
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    pub(super) fn disconnect(&mut self) {
        self.connection = None;
    }

    /// Does by single statements what stands for itself.
    pub(super) fn statements<T>(
        &mut self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Fault>,
    ) -> Result<T, Broke> {
        if self.session.is_lasting { self.run(work) } else { self.transaction(work) }
    }

    /// Does all of it or nothing. Each statement sees what was committed before it, whatever the server's default is.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, Fault>,
    ) -> Result<T, Broke> {
        let (session, mut is_done) = (self.session, false);
        let outcome = self.run(|connection| {
            connection.build_transaction().read_committed().run(|connection| {
                session.set_in_transaction(connection)?;
                let done = work(connection)?;
                is_done = true;
                Ok(done)
            })
        });
        outcome.map_err(|broke| if is_done && matches!(broke, Broke::Before) { Broke::AtTheEnd } else { broke })
    }

    /// The connection is given up if it turns out to be broken, or to lead to a server that takes no writes: another one may
    /// lead elsewhere.
    fn run<T>(&mut self, work: impl FnOnce(&mut PgConnection) -> Result<T, Fault>) -> Result<T, Broke> {
        let Some(connection) = &mut self.connection else { return Err(Broke::Before) };
        if self.session.is_lasting && self.planned.elapsed() >= self.plans_last {
            self.planned = Instant::now();
            self.plans_last = (self.plans_last * 2).min(PLANS_LAST);
            // Where this is not known, plans are another matter too; where the connection broke, the work will tell.
            if let Err(error) = connection.batch_execute("DISCARD PLANS") {
                log::debug!("plans are kept: {error}");
            }
        }
        let fault = match work(connection) {
            Ok(done) => return Ok(done),
            Err(fault) => fault,
        };
        if let Fault::Statement(error) = &fault
            && classify(error) == Meaning::Outage
        {
            // The error alone does not tell: a server that is shut down says so in words of its own.
            if connection.is_broken() || connection.batch_execute("SELECT 1").is_err() {
                self.connection = None;
                return Err(Broke::Before);
            }
            if matches!(error, DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)) {
                self.connection = None;
            }
        }
        Err(Broke::Work(fault))
    }
}

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Broke {
    /// There is no connection any more, and nothing was committed.
    Before,
    /// The connection was cut while the transaction ended: nobody knows whether it was committed.
    AtTheEnd,
    /// It failed, nothing was committed, and the connection is as good as before.
    Work(Fault),
}
