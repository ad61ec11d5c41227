//! `authsync legacy import` in this process, with a clock of its own and a tenant that can be made to fail.

use std::fmt;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth0_management::{Waiter, Waiting};
use domain::{Clock, ManualClock, UnixTime};
use fake_auth0::{DATABASE_CONNECTION_ID, FakeAuth0};
use scratch_database::ScratchDatabase;
use serde_json::Value;
use server::command::Outcome;
use server::legacy::{ImportServices, import_with};
use server::progress::Screen;
use server::settings::{Environment, TenantSettings};
use tempfile::TempDir;

use crate::legacy_table::LegacyTable;

/// An exported table and a tenant that takes imports.
#[derive(Debug)]
pub(crate) struct ImportBench {
    pub(crate) table: LegacyTable,
    pub(crate) tenant: Arc<FakeAuth0>,
    pub(crate) out: PathBuf,
    pub(crate) waiter: Arc<HookedWaiter>,
    said: Arc<Mutex<Vec<u8>>>,
    _directory: TempDir,
}

type Hook = Box<dyn FnMut() + Send>;

/// Moves the clock instead of waiting, and does something else besides.
pub(crate) struct HookedWaiter {
    clock: Arc<ManualClock>,
    hook: Mutex<Option<Hook>>,
}

impl ImportBench {
    pub(crate) fn new(database: ScratchDatabase, rows: i64) -> Self {
        let tenant = Arc::new(FakeAuth0::builder().management_scope("create:users read:users").start());
        let table = LegacyTable::make(database, rows);
        table.done(&["adopt"]);
        let directory = tempfile::tempdir().expect("a directory");
        let out = directory.path().join("out");
        table.legacy(&["export", "--out", out.to_str().expect("a name")]);
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(tenant.now())));
        let waiter = Arc::new(HookedWaiter { clock, hook: Mutex::default() });
        Self { table, tenant, out, waiter, said: Arc::default(), _directory: directory }
    }

    /// One run, as a new process would make it.
    pub(crate) fn import(&self) -> anyhow::Result<Outcome> {
        self.import_from(&self.out, DATABASE_CONNECTION_ID)
    }

    pub(crate) fn import_from(&self, directory: &Path, connection: &str) -> anyhow::Result<Outcome> {
        let environment = Environment::default()
            .with("AUTH0_DOMAIN", self.tenant.domain())
            .with("AUTH0_API_IDENTIFIER", self.tenant.audience())
            .with("AUTH0_CLIENT_ID", self.tenant.client_id())
            .with("AUTH0_CLIENT_SECRET", "machine-secret")
            .with("DATABASE_URL", self.table.database.url());
        let settings = TenantSettings::load(&environment).expect("good settings");
        let clock: Arc<dyn Clock> = Arc::clone(&self.waiter.clock) as _;
        let screen = Screen::lines(Arc::clone(&clock), Arc::clone(&self.said) as _);
        let waiter = Arc::clone(&self.waiter) as _;
        import_with(directory, connection, &ImportServices::with(&settings, clock, screen, waiter))
    }

    /// What a run that must not succeed says.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        format!("{:#}", self.import().expect_err("an error"))
    }

    /// What was said on the way so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8(self.said.lock().expect("no panic").clone()).expect("text")
    }

    /// How many rows are marked as imported.
    #[track_caller]
    pub(crate) fn imported(&self) -> i64 {
        self.table.count("SELECT count(*) FROM legacy_users WHERE imported_at IS NOT NULL")
    }

    pub(crate) fn problem(&self, id: i64) -> Option<String> {
        self.table.database.scalar(&format!("SELECT problem FROM legacy_users WHERE user_id = {id}"))
    }

    /// The lines of the report: id, outcome, codes.
    pub(crate) fn report(&self) -> Vec<(i64, String, String)> {
        let lines: Vec<Value> =
            serde_json::from_slice(&fs::read(self.out.join("import-report.json")).expect("a report")).expect("JSON");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let line =
            |line: &Value| (line["id"].as_i64().expect("an id"), text(&line["outcome"]), text(&line["codes"][0]));
        lines.iter().map(line).collect()
    }

    /// Changes one user of the first file.
    pub(crate) fn change(&self, id: i64, change: impl FnOnce(&mut Value)) {
        change_user(&self.out, id, change);
    }
}

/// Changes one user of the first file of a directory.
pub(crate) fn change_user(directory: &Path, id: i64, change: impl FnOnce(&mut Value)) {
    let file = directory.join("users-0001.json");
    let mut users: Vec<Value> = serde_json::from_slice(&fs::read(&file).expect("a file")).expect("an array");
    change(users.iter_mut().find(|user| user["user_id"] == *id.to_string()).expect("the user"));
    fs::write(&file, serde_json::to_vec(&users).expect("JSON")).expect("a file");
}

impl HookedWaiter {
    /// What is to happen at each wait.
    pub(crate) fn hook(&self, hook: impl FnMut() + Send + 'static) {
        *self.hook.lock().expect("no panic") = Some(Box::new(hook));
    }
}

impl Waiter for HookedWaiter {
    fn wait(&self, span: Duration, _: Waiting<'_>) -> ControlFlow<()> {
        self.clock.advance(span);
        self.hook.lock().expect("no panic").iter_mut().for_each(|hook| hook());
        ControlFlow::Continue(())
    }
}

impl fmt::Debug for HookedWaiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookedWaiter").finish_non_exhaustive()
    }
}
