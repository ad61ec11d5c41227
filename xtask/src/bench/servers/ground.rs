//! What all servers share: the tenant, a throwaway PostgreSQL with stock settings, and tables that are as they should be.

use std::fs;
use std::path::Path;

use anyhow::Context;
use persistence::{DatabaseUrl, Migrator};
use scratch_database::{OwnPostgres, ScratchDatabase};
use tempfile::TempDir;

use super::contender::{Contender, Program, Store};
use super::programs::Programs;
use super::scenario::{SEED, SEED_SQLITE, Scenario};
use super::tenant::Tenant;
use crate::screen::Screen;

/// The columns that the requirements name, which is what a server by the book has.
const PLAIN_TABLE: &str = "CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    email VARCHAR(255) UNIQUE NOT NULL,
    name VARCHAR(255),
    auth0_id VARCHAR(255) UNIQUE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
)";

/// Everything that is there while servers come and go.
#[derive(Debug)]
pub(in crate::bench) struct Ground {
    pub(in crate::bench) programs: Programs,
    pub(in crate::bench) tenant: Tenant,
    /// PostgreSQL's first process.
    pub(in crate::bench) postmaster: u32,
    own: Tables,
    plain: Tables,
    sqlite: TempDir,
    // Databases go before their server.
    postgres: OwnPostgres,
}

/// Two databases of the same tables.
#[derive(Debug)]
struct Tables {
    /// Every user of a token has a row.
    known: ScratchDatabase,
    /// Nobody has one.
    empty: ScratchDatabase,
}

impl Ground {
    /// Starts everything and fills the tables. `rows`: users who have one. `tokens`: so many are signed.
    ///
    /// # Errors
    /// Something does not start.
    pub(in crate::bench) fn lay(
        programs: Programs,
        tokens: usize,
        rows: usize,
        screen: Screen,
    ) -> anyhow::Result<Self> {
        screen.line(screen.bold("── tenant and databases"));
        let tenant = Tenant::start(&programs.tenant, tokens, screen)?;
        let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
        let pid_file = postgres.socket_folder().join("data/postmaster.pid");
        let pid_text = fs::read_to_string(&pid_file).with_context(|| pid_file.display().to_string())?;
        let postmaster = pid_text.lines().next().and_then(|line| line.trim().parse().ok()).context("no process id")?;
        let own = Tables::on(&postgres, rows, migrate)?;
        let plain = Tables::on(&postgres, rows, |url| ScratchDatabase::at(url).try_execute(PLAIN_TABLE))?;
        let sqlite = tempfile::Builder::new().prefix("sqlite-").tempdir_in(super::folder()?)?;
        for (name, rows) in [("known.db", rows), ("empty.db", 0)] {
            let url = url_of_file(&sqlite.path().join(name));
            migrate(&url)?;
            let database = ScratchDatabase::at(&url);
            fill(&database, SEED_SQLITE, rows)?;
            // One file, without a log beside it, so that it can be copied.
            database.try_execute("PRAGMA journal_mode = DELETE")?;
        }
        screen.line(format_args!("{} users in each table", super::figures::count(rows)));
        Ok(Self { programs, tenant, postmaster, own, plain, sqlite, postgres })
    }

    /// PostgreSQL's version, for the report.
    ///
    /// # Errors
    /// It does not answer.
    pub(in crate::bench) fn postgres_version(&self) -> anyhow::Result<String> {
        let version =
            ScratchDatabase::at(&self.postgres.url()).try_scalar("SELECT current_setting('server_version')")?;
        version.context("no version")
    }

    /// An empty database on the same PostgreSQL.
    ///
    /// # Errors
    /// It cannot be made.
    pub(in crate::bench) fn another_database(&self) -> anyhow::Result<ScratchDatabase> {
        self.postgres.try_database()
    }

    /// Where the contender finds its users, in the state that the scenario wants and with nothing left to do for the
    /// database.
    ///
    /// # Errors
    /// The database refuses.
    pub(in crate::bench) fn database_for(&self, contender: &Contender, scenario: Scenario) -> anyhow::Result<String> {
        let tables = match (contender.store, contender.program) {
            (Store::Nothing, _) => return Ok(String::new()),
            (Store::Sqlite, _) => return self.copied(scenario),
            (Store::Postgres, Program::Authsync) => &self.own,
            (Store::Postgres, Program::Peer(_)) => &self.plain,
        };
        if scenario.users_are_known() {
            settle(&tables.known)?;
            return Ok(tables.known.url().to_owned());
        }
        // Not analysed while it is empty: PostgreSQL plans for a table of ten pages if it knows nothing, as it does for a
        // new deployment, and for no rows at all if it was told so.
        tables.empty.try_execute("TRUNCATE users RESTART IDENTITY")?;
        tables.empty.try_execute("CHECKPOINT")?;
        Ok(tables.empty.url().to_owned())
    }

    fn copied(&self, scenario: Scenario) -> anyhow::Result<String> {
        let template = if scenario.users_are_known() { "known.db" } else { "empty.db" };
        let copy = self.sqlite.path().join("users.db");
        for left_over in ["users.db-wal", "users.db-shm"] {
            let _ = fs::remove_file(self.sqlite.path().join(left_over));
        }
        fs::copy(self.sqlite.path().join(template), &copy).context("the SQLite database cannot be copied")?;
        Ok(url_of_file(&copy))
    }
}

impl Tables {
    fn on(postgres: &OwnPostgres, rows: usize, make: impl Fn(&str) -> anyhow::Result<()>) -> anyhow::Result<Self> {
        let tables = Self { known: postgres.try_database()?, empty: postgres.try_database()? };
        make(tables.known.url())?;
        make(tables.empty.url())?;
        fill(&tables.known, SEED, rows)?;
        Ok(tables)
    }
}

/// Migrates as `authsync migrate up` does.
///
/// # Errors
/// The database refuses.
pub(in crate::bench) fn migrate(url: &str) -> anyhow::Result<()> {
    Migrator::new(DatabaseUrl::parse(url)?).up()?;
    Ok(())
}

/// What autovacuum and the checkpointer would do at some time of their own choice.
///
/// # Errors
/// The database refuses.
pub(in crate::bench) fn settle(database: &ScratchDatabase) -> anyhow::Result<()> {
    database.try_execute("VACUUM (ANALYZE) users")?;
    database.try_execute("CHECKPOINT")
}

fn fill(database: &ScratchDatabase, statement: &str, rows: usize) -> anyhow::Result<()> {
    let Some(last) = rows.checked_sub(1) else { return Ok(()) };
    database.try_execute(&statement.replace("{from}", "0").replace("{to}", &last.to_string()))
}

fn url_of_file(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}
