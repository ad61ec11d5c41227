//! The program itself, started as a person would start it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use domain::{Auth0Fact, Auth0Profile, Change, DisplayName, EmailAddress, Profile, ProfileEmail, Subject, UnixTime};
use fake_auth0::FakeAuth0;
use persistence::{Database, DatabaseUrl, PoolSettings};
use tempfile::TempDir;

/// Ended when dropped.
pub(crate) struct Program {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    pub(crate) tenant: FakeAuth0,
    _folder: TempDir,
}

impl Program {
    /// On a users table with Ada in it, as `cargo xtask dev` leaves one.
    pub(crate) fn start(binary: &str) -> Self {
        let (tenant, folder) = (FakeAuth0::start(), TempDir::new().expect("a folder"));
        let url = format!("sqlite://{}", folder.path().join("users.db").display());
        add_ada(&url);
        let mut command = Command::new(Path::new(binary));
        command.env("AUTH0_DOMAIN", tenant.domain()).env("AUTH0_API_IDENTIFIER", tenant.audience());
        command.env("DATABASE_URL", url).env("NOTES_BIND", "127.0.0.1:0").stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { child, address, tenant, _folder: folder }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().expect("a program that runs");
        self.child.wait().expect("its end");
    }
}

fn add_ada(url: &str) {
    let url = DatabaseUrl::parse(url).expect("a URL");
    let database = Database::open(&url, &PoolSettings::default()).expect("a database");
    database.migrator().up().expect("a schema");
    let address = EmailAddress::parse("ada@example.com").expect("an address");
    let profile = Profile {
        email: Some(ProfileEmail { address, verified: true }),
        name: Some(DisplayName::parse("Ada Lovelace").expect("a name")),
        ..Profile::default()
    };
    let subject = Subject::parse("auth0|ada").expect("a subject");
    let fact = Auth0Fact::alive(subject, Auth0Profile::of(profile, UnixTime::from_secs(1)));
    database.users().save(Change::Fact(&fact)).expect("a row");
}
