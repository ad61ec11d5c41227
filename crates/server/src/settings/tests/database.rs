//! Poolers, a place to listen, and how durable a file is.

use persistence::Synchronous;

use super::*;

fn on_postgres() -> Environment {
    minimal().with("DATABASE_URL", "postgres://authsync@pooler/authsync")
}

#[test]
fn statements_are_prepared_unless_a_pooler_forbids_it() {
    assert!(load(&on_postgres()).database.pool.prepared_statements);
    let pooled = on_postgres().with("AUTHSYNC_DATABASE_PREPARED_STATEMENTS", "false");
    assert!(!load(&pooled).database.pool.prepared_statements);
    let said = problems(&on_postgres().with("AUTHSYNC_DATABASE_PREPARED_STATEMENTS", "no")).to_string();
    assert!(said.contains("AUTHSYNC_DATABASE_PREPARED_STATEMENTS: expected true or false"), "{said}");
}

#[test]
fn changes_are_listened_for_elsewhere_only_at_a_postgresql() {
    assert!(load(&on_postgres()).database.listen_url.is_none());
    let direct = on_postgres().with("DATABASE_LISTEN_URL", "postgres://authsync@db1/authsync");
    assert!(load(&direct).database.listen_url.is_some());
    let of_sqlite = minimal().with("DATABASE_LISTEN_URL", "postgres://authsync@db1/authsync");
    let said = problems(&of_sqlite).to_string();
    assert!(said.contains("DATABASE_LISTEN_URL: expected DATABASE_URL to name a PostgreSQL"), "{said}");
    let said = problems(&on_postgres().with("DATABASE_LISTEN_URL", "sqlite://copy.db")).to_string();
    assert!(said.contains("DATABASE_LISTEN_URL: expected postgres://… or postgresql://…"), "{said}");
}

#[test]
fn a_file_is_as_durable_as_wanted() {
    assert_eq!(load(&minimal()).database.pool.synchronous, Synchronous::Normal);
    let full = minimal().with("AUTHSYNC_SQLITE_SYNCHRONOUS", "full");
    assert_eq!(load(&full).database.pool.synchronous, Synchronous::Full);
    let said = problems(&minimal().with("AUTHSYNC_SQLITE_SYNCHRONOUS", "off")).to_string();
    assert!(said.contains("AUTHSYNC_SQLITE_SYNCHRONOUS: expected normal or full"), "{said}");
}
