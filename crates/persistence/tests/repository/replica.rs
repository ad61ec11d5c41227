//! A standby that looks users up: what it may answer, and what it never does.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use domain::{AsyncUserRepository, Saved, Seen, UserRepository};
use persistence::{Database, ReplicaReport, ReplicaState};
use scratch_database::{OwnPostgres, PostgresPlan, ScratchDatabase};

use crate::batched::settled;
use crate::bench::{SaveLogin, SqlBench, patient, record, subject, until, url};

/// So long that a standby whose replay is halted counts as current all the same.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// A primary and a standby that streams from it, with one migrated database.
struct Pair {
    standby: OwnPostgres,
    there: ScratchDatabase,
    here: SqlBench,
    _primary: OwnPostgres,
}

impl Pair {
    fn start() -> Self {
        let primary = swift().start().expect("a primary");
        let here = SqlBench::migrated(primary.database());
        let standby = swift().copy_of(&primary).start().expect("a standby");
        let name = here.database.scalar("SELECT current_database()").expect("a name");
        let there = ScratchDatabase::at(&standby.url_of(&name));
        Self { standby, there, here, _primary: primary }
    }

    fn open(&self, greatest_lag: Duration) -> Node {
        Node::open(&self.here, &self.there, greatest_lag)
    }

    /// From now on the standby shows what it shows, until it is let go on.
    fn halt(&self) {
        let node = self.open(FOR_EVER);
        node.until_shown();
        self.there.execute("SELECT pg_wal_replay_pause()");
        until("the replay is halted", || {
            self.there.scalar("SELECT pg_get_wal_replay_pause_state()").as_deref() == Some("paused")
        });
    }
}

/// Streaming needs a durable server's log, and no test needs its patience.
fn swift() -> PostgresPlan {
    OwnPostgres::plan().durable().set("fsync", "off").set("autovacuum", "off")
}

/// A process with both.
struct Node {
    database: Database,
    users: Arc<dyn UserRepository>,
    lookups: Arc<dyn AsyncUserRepository>,
}

impl Node {
    fn open(here: &SqlBench, there: &ScratchDatabase, greatest_lag: Duration) -> Self {
        let database = Database::open(&url(&here.database), &patient()).expect("a database");
        let database = database.looking_up_at(&url(there), greatest_lag).expect("two of PostgreSQL");
        Self { users: database.users(), lookups: database.async_users(), database }
    }

    fn report(&self) -> ReplicaReport {
        self.database.replica_report().expect("a standby")
    }

    fn until_state(&self, state: ReplicaState) {
        until(state.label(), || self.report().state == state);
    }

    /// Until the standby is known to show what was committed before this call.
    fn until_shown(&self) {
        let began = std::time::Instant::now();
        until("the standby shows everything", || self.report().lag.is_some_and(|lag| lag < began.elapsed()));
    }

    /// The name that somebody is let in by.
    fn name_to_confirm(&self, who: &str) -> Option<String> {
        name(settled(self.lookups.find_to_confirm(&subject(who))).expect("an answer"))
    }

    /// The name that is decided on.
    fn name(&self, who: &str) -> Option<String> {
        name(settled(self.lookups.find(&subject(who))).expect("an answer"))
    }
}

fn name(known: Option<Arc<domain::KnownUser>>) -> Option<String> {
    known.map(|known| known.user.name.as_ref().map_or_else(String::new, |name| name.as_str().to_owned()))
}

fn insert(bench: &SqlBench, who: &str) {
    let (email, subject) = (format!("{who}@x.de"), format!("auth0|{who}"));
    bench
        .database
        .execute(&format!("INSERT INTO users (email, auth0_id, name) VALUES ('{email}', '{subject}', 'old')"));
}

#[test]
fn a_standby_lets_in_whom_it_knows_and_turns_nobody_away() {
    let pair = Pair::start();
    for who in ["ada", "bob", "eve"] {
        insert(&pair.here, who);
    }
    pair.here.database.execute("UPDATE users SET blocked = TRUE WHERE auth0_id = 'auth0|eve'");
    pair.halt();
    let node = pair.open(FOR_EVER);
    node.until_state(ReplicaState::Current);

    // Another program changes rows, and the standby does not show it: so it tells who was asked.
    pair.here.database.execute("UPDATE users SET name = 'new', blocked = FALSE");
    // The first of them may find the standby's own connection still on its way, and go to the primary.
    until("the standby answers", || {
        node.name_to_confirm("auth0|ada");
        node.report().answered > 0
    });
    let before = node.report();
    let since = |report: ReplicaReport| {
        [
            report.answered - before.answered,
            report.asked_again - before.asked_again,
            report.just_written - before.just_written,
        ]
    };
    assert_eq!(node.name_to_confirm("auth0|ada").as_deref(), Some("old"));
    assert_eq!(node.name("auth0|ada").as_deref(), Some("new"), "what is decided on comes from the primary");
    assert_eq!(since(node.report()), [1, 0, 0]);

    // Nobody is turned away by its word alone.
    insert(&pair.here, "newcomer");
    assert_eq!(node.name_to_confirm("auth0|eve").as_deref(), Some("new"));
    assert_eq!(node.name_to_confirm("auth0|newcomer").as_deref(), Some("old"));
    assert_eq!(node.name_to_confirm("auth0|nobody"), None);
    assert_eq!(since(node.report()), [1, 3, 0]);

    // Who was written here is looked up where they were written, whichever way it was done.
    let bob = node.users.save_login(&record("auth0|bob", "bob@x.de")).expect("a save");
    assert!(matches!(bob, Saved::Updated(_)), "{bob:?}");
    assert_eq!(node.name_to_confirm("auth0|bob").as_deref(), Some("Ann Example"));
    let login = Arc::new(record("auth0|ada", "ada@x.de").login());
    settled(node.lookups.log_in(login, Seen::Row, Instant::now())).expect("a save");
    assert_eq!(node.name_to_confirm("auth0|ada").as_deref(), Some("Ann Example"));
    assert_eq!(since(node.report()), [1, 3, 2]);

    // And at the standby again, once it is known to show that.
    pair.there.execute("SELECT pg_wal_replay_resume()");
    node.until_shown();
    assert_eq!(node.name_to_confirm("auth0|ada").as_deref(), Some("Ann Example"));
    assert_eq!(since(node.report()), [2, 3, 2]);
}

#[test]
fn a_standby_that_is_behind_its_limit_or_gone_is_not_asked_until_it_is_back() {
    let pair = Pair::start();
    insert(&pair.here, "ada");
    let node = pair.open(Duration::from_secs(1));
    node.until_state(ReplicaState::Current);

    pair.halt();
    pair.here.database.execute("UPDATE users SET name = 'new'");
    node.until_state(ReplicaState::Behind);
    let before = node.report();
    assert_eq!(node.name_to_confirm("auth0|ada").as_deref(), Some("new"));
    let report = node.report();
    assert_eq!((report.answered, report.not_current), (before.answered, before.not_current + 1));

    pair.standby.kill().expect("a standby to kill");
    node.until_state(ReplicaState::OutOfReach);
    assert_eq!(node.name_to_confirm("auth0|ada").as_deref(), Some("new"));

    pair.standby.start_again();
    node.until_state(ReplicaState::Current);
    let answered = node.report().answered;
    until("the standby answers", || {
        assert_eq!(node.name_to_confirm("auth0|ada").as_deref(), Some("new"));
        node.report().answered > answered
    });
}

#[test]
fn a_standby_that_falls_silent_between_two_proofs_costs_a_detour_and_no_answer() {
    let pair = Pair::start();
    insert(&pair.here, "ada");
    let node = pair.open(FOR_EVER);
    node.until_state(ReplicaState::Current);
    pair.standby.stop();
    assert_eq!(node.name_to_confirm("auth0|ada").as_deref(), Some("old"));
    assert_eq!((node.report().answered, node.report().failed), (0, 1));
}

#[test]
fn a_standby_that_a_failover_has_left_behind_is_not_asked_however_far_the_new_primary_has_come() {
    let primary = swift().start().expect("a primary");
    let before = SqlBench::migrated(primary.database());
    insert(&before, "eve");
    let heir = swift().copy_of(&primary).start().expect("a standby");
    let left_behind = swift().copy_of(&primary).start().expect("another one");
    let name = before.database.scalar("SELECT current_database()").expect("a name");
    let at = |server: &OwnPostgres| ScratchDatabase::at(&server.url_of(&name));
    // The last words of the primary reach one of them alone, and it is not the one that takes over.
    heir.stop();
    before.database.execute("UPDATE users SET name = 'lost'");
    let there = at(&left_behind);
    until("the last words have come", || there.scalar("SELECT name FROM users").as_deref() == Some("lost"));
    primary.kill().expect("a primary to kill");
    heir.start_again();
    heir.promote().expect("a standby to promote");

    let here = SqlBench::unmigrated(at(&heir), &patient());
    here.database.execute("UPDATE users SET name = 'kept'");
    for _ in 0..2 {
        let node = Node::open(&here, &there, FOR_EVER);
        node.until_state(ReplicaState::Diverged);
        assert_eq!(node.name_to_confirm("auth0|eve").as_deref(), Some("kept"));
        assert_eq!((node.report().answered, node.report().not_current), (0, 1));
        // Once the new log is further than the old one, positions alone tell nothing.
        let reached = there.scalar("SELECT pg_last_wal_replay_lsn()").expect("a position");
        let is_further = format!("SELECT pg_current_wal_flush_lsn() > '{reached}'");
        until("the new primary has come further", || {
            here.database.execute("UPDATE users SET name = name; SELECT pg_switch_wal()");
            here.database.scalar(&is_further).as_deref() == Some("true")
        });
    }

    // One that follows the new primary is.
    let follower = swift().copy_of(&heir).start().expect("a standby");
    let node = Node::open(&here, &at(&follower), FOR_EVER);
    node.until_state(ReplicaState::Current);
}

#[test]
fn what_is_no_copy_of_the_database_is_never_asked() {
    let (here, elsewhere) = (SqlBench::postgres(), SqlBench::postgres());
    for (bench, name) in [(&here, "here"), (&elsewhere, "elsewhere")] {
        insert(bench, "ada");
        bench.database.execute(&format!("UPDATE users SET name = '{name}'"));
    }
    let strange = Node::open(&here, &elsewhere.database, FOR_EVER);
    strange.until_state(ReplicaState::Stranger);
    assert_eq!(strange.name_to_confirm("auth0|ada").as_deref(), Some("here"));
    let itself = Node::open(&here, &here.database, FOR_EVER);
    itself.until_state(ReplicaState::NoStandby);
    assert_eq!(itself.name_to_confirm("auth0|ada").as_deref(), Some("here"));
    assert_eq!((strange.report().answered, itself.report().answered), (0, 0));
}

#[test]
fn there_is_no_standby_of_sqlite_and_none_in_sqlite() {
    let (file, server) = (SqlBench::sqlite(), SqlBench::postgres());
    for (one, other) in [(&file, &server), (&server, &file), (&file, &file)] {
        let database = Database::open(&url(&one.database), &patient()).expect("a database");
        assert_eq!(database.replica_report(), None);
        let refusal = database.looking_up_at(&url(&other.database), FOR_EVER).map(|_| ());
        assert_eq!(refusal, Err(persistence::OpenError::NoStandby));
    }
}
