//! `authsync events …` as an operator calls it.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use fake_auth0::FakeUser;

use crate::program::Program;
use crate::spawn::Setup;
use crate::waiting::eventually;

/// Killed when dropped, if it still runs.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _reaped_already = self.0.wait();
    }
}

fn pull(setup: &Setup, secret: &str) -> Killed {
    let (tenant, database) = (&setup.tenant, &setup.database);
    let variables = [
        ("AUTH0_DOMAIN", tenant.domain()),
        ("AUTH0_API_IDENTIFIER", tenant.audience()),
        ("AUTH0_CLIENT_ID", &tenant.client_id()),
        ("AUTH0_CLIENT_SECRET", secret),
        ("DATABASE_URL", database.url()),
        ("AUTHSYNC_LOG", "trace"),
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_authsync"));
    command.env_clear().envs(variables).args(["events", "pull"]);
    Killed(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program"))
}

/// The exit code, and everything that was written to standard error.
fn ended(mut pull: Killed) -> (Option<i32>, String) {
    let status = eventually("it ends", || pull.0.try_wait().expect("a child"));
    let mut log = String::new();
    pull.0.stderr.take().expect("a pipe").read_to_string(&mut log).expect("text");
    (status.code(), log)
}

#[test]
fn a_pull_ends_well_when_it_is_told_to_even_while_it_listens() {
    for signal in ["TERM", "INT"] {
        let setup = Setup::on_sqlite();
        setup.tenant.set_management_scope("read:events");
        let pull = pull(&setup, &setup.tenant.client_secret());
        eventually("it listens", || (setup.tenant.event_connections() == 1).then_some(()));
        setup.tenant.add_user(FakeUser::new("auth0|ada").email("s3cret@example.com", true));
        eventually("the user shows", || setup.database.scalar("SELECT id FROM users WHERE auth0_id = 'auth0|ada'"));
        let kill = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &pull.0.id().to_string()]).status();
        assert!(kill.expect("a shell").success());
        let (code, log) = ended(pull);
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("pulling events from") && log.contains("user.created applied"), "{log}");
        for secret in ["s3cret", "eyJ", &setup.tenant.client_secret()] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}

#[test]
fn a_pull_with_a_wrong_secret_ends_and_says_so() {
    let setup = Setup::on_sqlite();
    let (code, log) = ended(pull(&setup, "an0ther-one"));
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("AUTH0_CLIENT_SECRET") && !log.contains("an0ther-one"), "{log}");
}

#[test]
fn dead_letters_are_listed_and_tried_again_from_the_command_line() {
    let program = Program::on_sqlite();
    let list = program.run(&["events", "dead-letters", "list"]);
    assert_eq!((list.code, list.stdout.as_str()), (Some(0), "no dead letters\n"), "{list:?}");
    let setup = Setup::on_sqlite();
    let url = setup.database.url().to_owned();
    crate::databases::migrate_up(&setup.database);
    setup.database.execute(
        "INSERT INTO auth0_dead_letters (source, reason, body, parked_at) VALUES ('push', 'a reason', 'nonsense', 0)",
    );
    let program = Program::of(setup);
    let json = program.run(&["events", "dead-letters", "list", "--format", "json", "--database-url", &url]);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((json.code, &document["dead_letters"][0]["body"]), (Some(0), &"nonsense".into()), "{json:?}");
    let retry = program.run(&["events", "dead-letters", "retry", "--database-url", &url]);
    assert_eq!(retry.code, Some(1), "{retry:?}");
    assert!(retry.stdout.ends_with("0 done, 1 still parked\n"), "{retry:?}");
}
