//! The directory against a tenant on this machine, over real sockets.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing; outside of #[test] functions clippy does not know that"
)]

mod budget;
mod events_read;
mod events_stream;
mod import_check;
mod import_files;
mod import_hashes;
mod import_login;
mod import_odd_hashes;
mod import_users;
mod jobs_bench;
mod jobs_export;
mod jobs_import;
mod jobs_trouble;
mod log_lines;
mod outage;
mod profiles;
mod remembered;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use auth0_management::{Limits, ManagementDirectory, ManagementError};
use domain::{Clock as _, DirectoryAnswer, ManualClock, Profile, ProfileDirectory as _, Secret, Subject, UnixTime};
use fake_auth0::{Endpoint, FakeAuth0, FakeUser};

/// The only user of most tests.
const ADA: &str = "auth0|ada";

/// A tenant with one user and a directory over it, both at the same moment of a clock that tests move.
struct Bench {
    tenant: FakeAuth0,
    directory: ManagementDirectory,
    clock: Arc<ManualClock>,
}

impl Bench {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        let tenant = FakeAuth0::start();
        tenant.set_clock(tenant.now());
        tenant.add_user(FakeUser::new(ADA).email("ada@example.test", true).name("Ada Lovelace"));
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(tenant.now())));
        let directory = ManagementDirectory::new(
            tenant.issuer(),
            tenant.client_id(),
            Secret::new(tenant.client_secret()),
            clock.clone(),
            limits,
        );
        Self { tenant, directory, clock }
    }

    fn ask(&self, id: &str) -> Result<DirectoryAnswer, ManagementError> {
        self.directory
            .profile_of(&subject(id))
            .map_err(|error| error.0.downcast_ref::<ManagementError>().cloned().unwrap_or_else(|| panic!("{error:?}")))
    }

    #[track_caller]
    fn profile(&self, id: &str) -> Profile {
        match self.ask(id) {
            Ok(DirectoryAnswer::Found(said)) => said.profile,
            other => panic!("{id}: {other:?}"),
        }
    }

    #[track_caller]
    fn trouble(&self, id: &str) -> ManagementError {
        match self.ask(id) {
            Err(error) => error,
            Ok(answer) => panic!("{id}: {answer:?}"),
        }
    }

    fn reads(&self) -> usize {
        self.tenant.requests(Endpoint::Users)
    }

    fn token_requests(&self) -> usize {
        self.tenant.requests(Endpoint::Token)
    }

    /// Lets time pass for both sides.
    fn pass(&self, secs: u64) {
        self.clock.advance(Duration::from_secs(secs));
        self.tenant.set_clock(self.clock.now().as_secs());
    }
}

fn subject(id: &str) -> Subject {
    Subject::parse(id).expect("a subject")
}

/// A user who was not asked about before, so that nothing is remembered of them.
fn stranger(number: u32) -> String {
    format!("auth0|stranger-{number}")
}
