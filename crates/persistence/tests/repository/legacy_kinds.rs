//! Users tables as frameworks and people make them.

use domain::UnixTime;
use scratch_database::ScratchDatabase;

use crate::bench::{LoginRecord, SaveLogin, SqlBench, name, patient, record};
use crate::legacy_bench::{adopt, go_on, legacy, python_table, value};

#[test]
fn a_row_with_columns_of_types_without_equality_is_synced_and_linked() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    database.execute(
        "ALTER TABLE users ADD COLUMN profile JSON, ADD COLUMN place POINT, ADD COLUMN page XML;
         UPDATE users SET profile = '{}', place = '(1,2)', page = '<a/>'",
    );
    adopt(&database);
    database.execute("UPDATE users SET full_name = 'Renamed by the application' WHERE id = 3");
    let legacy = legacy(&database);
    legacy.mark_imported(&[3], UnixTime::from_secs(1)).expect("marks");
    assert_eq!(legacy.link(UnixTime::from_secs(1), &mut go_on).expect("links").linked, 1);
    let bench = SqlBench::unmigrated(database, &patient());
    let login = record("auth0|3", "user3@example.com");
    bench.users.save_login(&login).expect("a saved user");
    let renamed = LoginRecord { name: name("Ann Renamed"), ..login };
    bench.users.save_login(&renamed).expect("a saved user");
    assert_eq!(value(&bench.database, "name", 3).as_deref(), Some("Ann Renamed"));
}

#[test]
fn authsyncs_own_tables_bear_columns_of_types_without_equality() {
    let bench = SqlBench::postgres();
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    bench.database.execute(
        "INSERT INTO auth0_records (auth0_id, record) VALUES ('auth0|9', '{}');
         ALTER TABLE users ADD COLUMN profile JSON DEFAULT '{}'; ALTER TABLE auth0_records ADD COLUMN note JSON DEFAULT '{}'",
    );
    let renamed = LoginRecord { name: name("Ann Renamed"), ..record("auth0|1", "ann@example.com") };
    bench.users.save_login(&renamed).expect("a saved user");
    bench.database.execute("UPDATE auth0_records SET note = '[]'");
    assert_eq!(bench.column("name", "auth0|1").as_deref(), Some("Ann Renamed"));
}
