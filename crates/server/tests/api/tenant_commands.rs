//! Commands that ask the Management API, run in this process: with a clock and a pause of the test's own.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth0_management::{Waiter, Waiting};
use domain::{Clock, ManualClock, UnixTime};
use fake_auth0::FakeAuth0;
use scratch_database::ScratchDatabase;
use server::composition::TenantServices;
use server::progress::Screen;
use server::settings::{Environment, TenantSettings};

use crate::databases::{count, migrate_up};

/// A tenant, a migrated database, and what a command says on its way.
#[derive(Debug)]
pub(crate) struct CommandBench {
    pub(crate) tenant: FakeAuth0,
    pub(crate) database: ScratchDatabase,
    pub(crate) clock: Arc<ManualClock>,
    said: Arc<Mutex<Vec<u8>>>,
}

/// Moves the clock instead of waiting.
#[derive(Debug)]
struct MovingClock(Arc<ManualClock>);

impl Waiter for MovingClock {
    fn wait(&self, span: Duration, _: Waiting<'_>) -> ControlFlow<()> {
        self.0.advance(span);
        ControlFlow::Continue(())
    }
}

impl CommandBench {
    pub(crate) fn new(tenant: FakeAuth0, database: ScratchDatabase) -> Self {
        migrate_up(&database);
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(tenant.now())));
        Self { tenant, database, clock, said: Arc::default() }
    }

    /// The settings that an operator would make.
    pub(crate) fn settings(&self) -> TenantSettings {
        let environment = Environment::default()
            .with("AUTH0_DOMAIN", self.tenant.domain())
            .with("AUTH0_API_IDENTIFIER", self.tenant.audience())
            .with("AUTH0_CLIENT_ID", self.tenant.client_id())
            .with("AUTH0_CLIENT_SECRET", self.tenant.client_secret())
            .with("DATABASE_URL", self.database.url());
        TenantSettings::load(&environment).expect("good settings")
    }

    /// Services for one run, as a new process would have them.
    pub(crate) fn services(&self) -> TenantServices {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        let screen = Screen::lines(Arc::clone(&clock), Arc::clone(&self.said) as _);
        let waiter = Arc::new(MovingClock(Arc::clone(&self.clock)));
        TenantServices::with(&self.settings(), clock, screen, waiter).expect("services")
    }

    /// What was said on the way so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8(self.said.lock().expect("no panic").clone()).expect("text")
    }

    pub(crate) fn rows(&self) -> i64 {
        count(&self.database, "SELECT count(*) FROM users")
    }

    /// One column of the user with this `auth0_id`.
    pub(crate) fn column(&self, column: &str, auth0_id: &str) -> Option<String> {
        self.database.scalar(&format!("SELECT {column} FROM users WHERE auth0_id = '{auth0_id}'"))
    }
}

/// Makes two tests of each case, a function of a [`ScratchDatabase`]: one on SQLite, one on PostgreSQL.
macro_rules! on_both_scratch_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::postgres()); })+ }
    };
}

pub(crate) use on_both_scratch_databases;
