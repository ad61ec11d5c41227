//! A standby for lookups.

use super::*;

fn on_postgres() -> Environment {
    minimal().with("DATABASE_URL", "postgres://authsync@db1/authsync")
}

#[test]
fn there_is_no_standby_unless_one_is_named() {
    assert!(load(&on_postgres()).database.replica.is_none());
    assert!(load(&on_postgres().with("DATABASE_READ_URL", " ")).database.replica.is_none());
    let replica = load(&on_postgres().with("DATABASE_READ_URL", "postgres://reader@db2,db3/authsync")).database.replica;
    let replica = replica.expect("a standby");
    assert_eq!(replica.url, persistence::DatabaseUrl::parse("postgres://reader@db2,db3/authsync").expect("a URL"));
    assert_eq!(replica.greatest_lag, std::time::Duration::from_secs(1));
}

#[test]
fn only_postgresql_has_standbys_and_only_postgresql_is_one() {
    let said = |environment: &Environment| problems(environment).to_string();
    let of_sqlite = minimal().with("DATABASE_READ_URL", "postgres://db2/authsync");
    assert!(
        said(&of_sqlite).contains("DATABASE_READ_URL: expected DATABASE_URL to name a PostgreSQL"),
        "{}",
        said(&of_sqlite)
    );
    let in_sqlite = on_postgres().with("DATABASE_READ_URL", "sqlite://copy.db");
    assert!(
        said(&in_sqlite).contains("DATABASE_READ_URL: expected postgres://… or postgresql://…"),
        "{}",
        said(&in_sqlite)
    );
    let bad = on_postgres().with("DATABASE_READ_URL", "postgres://user:se@cret@db2/authsync");
    assert!(said(&bad).contains("DATABASE_READ_URL: ") && !said(&bad).contains("cret"), "{}", said(&bad));
}
