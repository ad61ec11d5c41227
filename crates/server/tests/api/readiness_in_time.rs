//! `/readyz` while what it asks about does not answer.

use std::net::SocketAddr;
use std::time::Duration;

use scratch_database::{OwnPostgres, SilentProxy};

use crate::client::Answer;
use crate::databases::migrate_up;
use crate::program::Program;
use crate::raw_connection::{RawConnection, head};
use crate::spawn::Setup;
use crate::waiting::eventually;

/// What the contract allows.
const LIMIT: Duration = Duration::from_secs(30);

/// The answer to a probe on a connection of its own.
fn probe(address: SocketAddr) -> Answer {
    let mut connection = RawConnection::open(address);
    connection.send(head("GET", "/readyz", &[]));
    connection.answer()
}

/// A probe whose sender gives it up at once.
fn probe_and_leave(address: SocketAddr) {
    RawConnection::open(address).send(head("GET", "/readyz", &[]));
}

#[test]
fn a_database_that_hangs_is_said_to_be_out_of_reach_and_no_probe_is_left_waiting() {
    let postgres = OwnPostgres::plan().on_a_port().start().expect("a server");
    let port = postgres.port().expect("a port");
    let database = postgres.database();
    migrate_up(&database);
    let proxy = SilentProxy::before(port);
    let through = database.url().replace(&format!(":{port}/"), &format!(":{}/", proxy.port()));
    let setup = Program::of(Setup::on(database)).with("DATABASE_URL", &through).with_file("[http]\ndrain_ms = 3000");
    let mut program = setup.serve_ready();
    let address = program.address();
    proxy.silence_everybody();
    let silent = eventually("the database is said to be out of reach", || {
        Some(probe(address)).filter(|answer| answer.status == 503)
    });
    let said = silent.json();
    assert_eq!((&said["database"]["state"], &said["schema"]["state"]), (&"unreachable".into(), &"unknown".into()));

    let open = program.process().open_files();
    (0..50).for_each(|_| probe_and_leave(address));
    // Connections of our own to the database come and go.
    eventually("the probes are gone", || (program.process().open_files() < open + 20).then_some(()));

    program.signal("TERM");
    eventually("probes are told that it drains", || {
        let answer = probe(address);
        (answer.status == 503 && answer.json()["draining"] == true).then_some(())
    });
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
}
