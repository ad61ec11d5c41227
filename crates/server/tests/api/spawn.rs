//! A server as production starts it, on a port of its own, with a tenant and a database of its own.

use std::net::{SocketAddr, TcpListener};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use fake_auth0::FakeAuth0;
use scratch_database::ScratchDatabase;
use server::composition::Services;
use server::serve;
use server::settings::{Environment, Settings};
use tempfile::TempDir;

use crate::client::{Client, PATIENCE};
use crate::databases::{count, migrate_up};
use crate::raw_connection::RawConnection;
use crate::waiting::eventually;

/// What a server is to be started with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) tenant: Arc<FakeAuth0>,
    pub(crate) database: ScratchDatabase,
    variables: Vec<(String, String)>,
    file: String,
}

/// A running server, and a client of it.
#[derive(Debug)]
pub(crate) struct TestServer {
    client: Client,
    _running: Running,
    pub(crate) database: ScratchDatabase,
    pub(crate) tenant: Arc<FakeAuth0>,
}

/// Stops its server when dropped.
#[derive(Debug)]
struct Running {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Setup {
    pub(crate) fn on_sqlite() -> Self {
        Self::on(ScratchDatabase::sqlite())
    }

    /// Migrated, as an operator has done before the server starts.
    pub(crate) fn on_postgres() -> Self {
        let database = ScratchDatabase::postgres();
        migrate_up(&database);
        Self::on(database)
    }

    /// The database as it is.
    pub(crate) fn on(database: ScratchDatabase) -> Self {
        let tenant = Arc::new(FakeAuth0::start());
        Self { tenant, database, variables: Vec::new(), file: String::new() }
    }

    pub(crate) fn with_tenant(self, tenant: FakeAuth0) -> Self {
        Self { tenant: Arc::new(tenant), ..self }
    }

    /// One variable more, or in place of one that is set anyway.
    pub(crate) fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// Lines of TOML for the file between the defaults and the variables.
    pub(crate) fn with_file(self, toml: &str) -> Self {
        Self { file: format!("{}{toml}\n", self.file), ..self }
    }

    /// Starts the server and waits until it is ready.
    pub(crate) fn start(self) -> TestServer {
        let server = self.start_without_waiting();
        server.wait_until_ready();
        server
    }

    /// Starts the server, which may have to wait for its issuer or its database.
    pub(crate) fn start_without_waiting(self) -> TestServer {
        let Self { tenant, database, variables, file } = self;
        let directory = TempDir::new().expect("a directory");
        std::fs::create_dir(directory.path().join("config")).expect("a directory");
        std::fs::write(directory.path().join("config/test.toml"), file).expect("a file");
        let environment = Environment::default()
            .with("AUTH0_DOMAIN", tenant.domain())
            .with("AUTH0_API_IDENTIFIER", tenant.audience())
            .with("DATABASE_URL", database.url())
            .with("AUTHSYNC_BIND", "127.0.0.1:0")
            .with("AUTHSYNC_ENV", "test")
            .in_directory(directory.path());
        let environment = variables.into_iter().fold(environment, |all, (name, value)| all.with(name, value));
        let settings = Settings::load(&environment).unwrap_or_else(|problems| panic!("{problems}"));
        let (address, running) = Running::start(settings);
        TestServer { client: Client::new(address), _running: running, database, tenant }
    }
}

impl TestServer {
    pub(crate) fn wait_until_ready(&self) {
        eventually("the server is ready", || (self.get("/readyz").status == 200).then_some(()));
    }

    pub(crate) fn raw(&self) -> RawConnection {
        RawConnection::open(self.address())
    }

    /// How many users there are.
    pub(crate) fn rows(&self) -> i64 {
        count(&self.database, "SELECT count(*) FROM users")
    }

    /// One column of the user with this `auth0_id`.
    pub(crate) fn column(&self, column: &str, auth0_id: &str) -> Option<String> {
        self.database.scalar(&format!("SELECT {column} FROM users WHERE auth0_id = '{auth0_id}'"))
    }

    /// The whole table, as text that changes when anything in it does.
    pub(crate) fn table(&self) -> Vec<String> {
        let row = "coalesce(id || '|' || email || '|' || coalesce(name, '-') || '|' || auth0_id || '|' || created_at \
                   || '|' || updated_at || '|' || coalesce(picture, '-') || '|' || email_verified, 'unreadable')";
        let query = |n| format!("SELECT {row} FROM users ORDER BY id LIMIT 1 OFFSET {n}");
        (0..self.rows()).map(|n| self.database.scalar(&query(n)).expect("a row")).collect()
    }

    /// Moves all timestamps into the past, so that a write shows however soon it comes.
    pub(crate) fn age_rows(&self) {
        let long_ago = "'2001-01-01T00:00:00Z'";
        self.database.execute(&format!("UPDATE users SET created_at = {long_ago}, updated_at = {long_ago}"));
    }
}

impl Deref for TestServer {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Running {
    fn start(settings: Settings) -> (SocketAddr, Self) {
        let (sender, receiver) = channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let services = Services::from_settings(&settings, Services::system_clock()).expect("the services");
                let listener = TcpListener::bind(settings.http.bind.as_str()).expect("a free port");
                let address = listener.local_addr().expect("an address");
                let server = serve::start(listener, &services, &settings.http).expect("a server");
                sender.send((address, server.handle())).expect("a test that waits");
                server.await.expect("a server that ends well");
            });
        });
        let (address, handle) = receiver.recv_timeout(PATIENCE).expect("the server starts");
        (address, Self { handle, thread: Some(thread) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The order is given here; awaiting it would only tell when it has been carried out, as the thread's end does.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the server's thread panicked");
        }
    }
}
