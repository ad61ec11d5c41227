//! `authsync events pull`: the table follows a tenant that tells its events and delivers none.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fake_auth0::{Endpoint, FakeAuth0, FakeUser};
use scratch_database::OwnPostgres;
use server::composition::{Services, puller};
use server::events::{Pace, Puller, Stop};
use server::settings::{Environment, TenantSettings};

use crate::databases::{count, migrate_up, on_both_databases};
use crate::spawn::Setup;
use crate::waiting::eventually;

on_both_databases! {
    what_happens_to_users_shows_in_the_table,
    a_stream_that_auth0_closes_is_followed_by_another,
    a_restart_goes_on_where_it_left_off,
    marks_of_progress_are_kept,
    a_place_that_has_expired_is_gone_on_from_by_time,
    an_outage_of_auth0_is_waited_for,
    what_is_no_event_is_parked_and_the_next_one_taken_in,
}

const QUICK: Pace = Pace { first: Duration::from_millis(5), longest: Duration::from_millis(50) };

/// A tenant, a database, and what follows the one for the other.
struct Bench {
    setup: Setup,
    running: Option<Running>,
}

struct Running {
    stop: Arc<Stop>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Bench {
    fn new(setup: Setup) -> Self {
        setup.tenant.set_management_scope("read:events");
        let mut bench = Self { setup, running: None };
        bench.start();
        bench
    }

    fn tenant(&self) -> &FakeAuth0 {
        &self.setup.tenant
    }

    fn puller(&self) -> Puller {
        let tenant = self.tenant();
        let environment = Environment::default()
            .with("AUTH0_DOMAIN", tenant.domain())
            .with("AUTH0_API_IDENTIFIER", tenant.audience())
            .with("AUTH0_CLIENT_ID", tenant.client_id())
            .with("AUTH0_CLIENT_SECRET", tenant.client_secret())
            .with("DATABASE_URL", self.setup.database.url());
        let settings = TenantSettings::load(&environment).unwrap_or_else(|problems| panic!("{problems}"));
        Puller { pace: QUICK, ..puller(&settings, Services::system_clock()).expect("the services") }
    }

    /// Starts, and waits until it listens.
    fn start(&mut self) {
        self.start_deaf();
        eventually("it listens", || (self.tenant().event_connections() == 1).then_some(()));
    }

    fn start_deaf(&mut self) {
        let (puller, stop) = (self.puller(), Arc::new(Stop::default()));
        let order = Arc::clone(&stop);
        self.running = Some(Running { thread: thread::spawn(move || puller.run(&order)), stop });
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        let Some(Running { stop, thread }) = self.running.take() else { return Ok(()) };
        stop.order();
        eventually("it ends", || {
            // Whatever comes on the stream shows it the order.
            self.tenant().mark_event_progress();
            thread.is_finished().then_some(())
        });
        thread.join().expect("no panic")
    }

    fn add(&self, id: &str) {
        self.tenant().add_user(FakeUser::new(id).email(format!("{}@example.com", id.replace('|', "-")), true));
    }

    fn column(&self, column: &str, id: &str) -> Option<String> {
        self.setup.database.scalar(&format!("SELECT {column} FROM users WHERE auth0_id = '{id}'"))
    }

    #[track_caller]
    fn shows(&self, id: &str) {
        eventually("the user shows", || self.column("id", id));
    }

    /// The offset that is kept.
    fn offset(&self) -> Option<String> {
        let position = self.setup.database.scalar("SELECT position FROM auth0_cursors WHERE name = 'events'")?;
        let position: serde_json::Value = serde_json::from_str(&position).expect("JSON");
        position["offset"].as_str().map(str::to_owned)
    }

    fn letters(&self) -> i64 {
        count(&self.setup.database, "SELECT count(*) FROM auth0_dead_letters")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.stop().expect("a good end");
        }
    }
}

fn what_happens_to_users_shows_in_the_table(setup: Setup) {
    let bench = Bench::new(setup);
    bench.add("auth0|ada");
    bench.shows("auth0|ada");
    assert!(bench.tenant().update_user("auth0|ada", |user| user.name = Some("Countess".to_owned())));
    eventually("the name shows", || bench.column("name", "auth0|ada").filter(|name| name == "Countess"));
    assert!(bench.tenant().delete_user("auth0|ada"));
    eventually("the deletion shows", || bench.column("deleted_at", "auth0|ada"));
    assert_eq!(bench.letters(), 0);
}

fn a_stream_that_auth0_closes_is_followed_by_another(setup: Setup) {
    let bench = Bench::new(setup);
    bench.tenant().close_event_connections_after(Some(2));
    for number in 0..7 {
        bench.add(&format!("auth0|{number}"));
    }
    (0..7).for_each(|number| bench.shows(&format!("auth0|{number}")));
    assert!(bench.tenant().requests(Endpoint::Events) > 3);
    assert_eq!(bench.tenant().requests(Endpoint::Token), 1);
    bench.tenant().close_event_connections_after(None);
}

fn a_restart_goes_on_where_it_left_off(setup: Setup) {
    let mut bench = Bench::new(setup);
    bench.add("auth0|1");
    bench.shows("auth0|1");
    let offset = eventually("the offset is kept", || bench.offset());
    bench.stop().expect("a good end");
    assert!(bench.offset().is_some());
    bench.add("auth0|2");
    bench.setup.database.execute("DELETE FROM users WHERE auth0_id = 'auth0|1'");
    bench.setup.database.execute("DELETE FROM auth0_events_seen");
    bench.start();
    bench.shows("auth0|2");
    assert_eq!(bench.column("id", "auth0|1"), None, "what was taken in is not read again");
    eventually("the offset moves on", || bench.offset().filter(|now| *now != offset));
}

fn marks_of_progress_are_kept(setup: Setup) {
    let bench = Bench::new(setup);
    assert_eq!(bench.offset(), None);
    bench.tenant().mark_event_progress();
    eventually("the offset is kept", || bench.offset());
}

fn a_place_that_has_expired_is_gone_on_from_by_time(setup: Setup) {
    let mut bench = Bench::new(setup);
    bench.add("auth0|1");
    bench.shows("auth0|1");
    eventually("the offset is kept", || bench.offset());
    bench.stop().expect("a good end");
    bench.add("auth0|2");
    bench.tenant().expire_event_offsets();
    bench.start();
    bench.shows("auth0|2");
    bench.tenant().expire_event_offsets();
    bench.tenant().fail_event_connections("cursor_expired");
    bench.add("auth0|3");
    bench.shows("auth0|3");
    assert_eq!(bench.letters(), 0);
}

fn an_outage_of_auth0_is_waited_for(setup: Setup) {
    let bench = Bench::new(setup);
    bench.tenant().fail(Endpoint::Events, 503);
    bench.tenant().fail_event_connections("processing_error");
    bench.add("auth0|1");
    let asked = bench.tenant().requests(Endpoint::Events);
    eventually("it asks again", || (bench.tenant().requests(Endpoint::Events) > asked + 2).then_some(()));
    assert_eq!(bench.column("id", "auth0|1"), None);
    bench.tenant().restore_all();
    bench.shows("auth0|1");
}

fn what_is_no_event_is_parked_and_the_next_one_taken_in(setup: Setup) {
    let bench = Bench::new(setup);
    bench.tenant().add_user(FakeUser::new("machine@clients"));
    bench.add("auth0|1");
    bench.shows("auth0|1");
    assert_eq!(bench.letters(), 1);
    let row = bench.setup.database.scalar("SELECT source || ' ' || reason FROM auth0_dead_letters");
    assert_eq!(row.as_deref(), Some("pull data.object.user_id is missing or no subject of a user"));
}

#[test]
fn an_outage_of_the_database_loses_nothing() {
    let postgres = OwnPostgres::start();
    let database = postgres.database();
    migrate_up(&database);
    let bench = Bench::new(Setup::on(database));
    bench.add("auth0|1");
    bench.shows("auth0|1");
    postgres.stop();
    bench.add("auth0|2");
    eventually("it lets go of the stream", || {
        // The tenant notices when it sends something.
        bench.tenant().mark_event_progress();
        (bench.tenant().event_connections() == 0).then_some(())
    });
    postgres.start_again();
    eventually("the user shows", || {
        bench.add("auth0|3");
        bench.setup.database.scalar("SELECT id FROM users WHERE auth0_id = 'auth0|3'")
    });
    bench.shows("auth0|2");
    assert_eq!(bench.letters(), 0);
}

#[test]
fn what_the_operator_must_mend_ends_it() {
    let mut bench = Bench::new(Setup::on_sqlite());
    bench.stop().expect("a good end");
    bench.tenant().set_management_scope("read:users");
    bench.start_deaf();
    let error = bench.stop_by_itself();
    assert!(format!("{error:#}").contains("the scope read:events"), "{error:#}");
}

impl Bench {
    fn stop_by_itself(&mut self) -> anyhow::Error {
        let Running { thread, .. } = self.running.take().expect("it runs");
        eventually("it ends", || thread.is_finished().then_some(()));
        thread.join().expect("no panic").expect_err("an error")
    }
}

#[test]
fn a_postgres_that_is_not_migrated_is_told_at_once() {
    let setup = Setup::on(scratch_database::ScratchDatabase::postgres());
    let bench = Bench { setup, running: None };
    let environment = Environment::default()
        .with("AUTH0_DOMAIN", bench.tenant().domain())
        .with("AUTH0_API_IDENTIFIER", bench.tenant().audience())
        .with("AUTH0_CLIENT_ID", bench.tenant().client_id())
        .with("AUTH0_CLIENT_SECRET", bench.tenant().client_secret())
        .with("DATABASE_URL", bench.setup.database.url());
    let settings = TenantSettings::load(&environment).unwrap_or_else(|problems| panic!("{problems}"));
    let error = puller(&settings, Services::system_clock()).expect_err("no schema");
    assert!(error.to_string().contains("authsync migrate up"), "{error}");
}
