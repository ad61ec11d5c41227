//! Looking at a users table of the password era.

use domain::Secret;
use persistence::{EmailFault, Era, LegacyError, LegacyUsers, Obstacle, Phase};
use scratch_database::ScratchDatabase;

use crate::bench::url;
use crate::legacy_bench::{COLUMNS, adopt, is_sqlite, legacy, on_both_databases, python_table, rows, schema};

on_both_databases! {
    a_look_tells_what_is_there_and_changes_nothing,
    every_row_is_read_once_before_and_after_the_adoption,
    hashes_are_in_no_debug_output,
    columns_of_other_names_hold_passwords_if_the_operator_says_so,
    a_database_without_passwords_is_told_from_one_with_them,
    what_stands_in_the_way_is_named,
}

fn a_look_tells_what_is_there_and_changes_nothing(database: ScratchDatabase) {
    python_table(&database, 1_200);
    let before = (schema(&database), rows(&database, COLUMNS));
    let found = legacy(&database).inspect(None).expect("an answer");
    assert_eq!((found.era, found.rows, found.obstacles), (Era::Password, 1_200, vec![]));
    assert_eq!(found.password_columns, ["hashed_password"]);
    let required: Vec<_> =
        found.columns.iter().filter(|column| column.is_required()).map(|c| c.name.as_str()).collect();
    assert_eq!(required, ["hashed_password", "username", "is_active"]);
    let references: Vec<_> = found.references.iter().map(|r| (&*r.table, &*r.columns, &*r.to)).collect();
    assert_eq!(references, [("orders", "user_id", "id"), ("users", "manager_id", "id")]);
    assert_eq!((found.clashes.count, found.clashes.first[0].clone()), (12, vec![50, 100]));
    assert_eq!(found.email_faults.count, 24);
    assert_eq!(found.email_faults.first[..2], [(1, EmailFault::Missing), (2, EmailFault::Malformed)]);
    assert_eq!(legacy(&database).rows().expect("rows").count(), 1_200);
    assert_eq!(legacy(&database).status().expect("an answer").phase, Phase::NotAdopted);
    assert_eq!((schema(&database), rows(&database, COLUMNS)), before);
}

fn every_row_is_read_once_before_and_after_the_adoption(database: ScratchDatabase) {
    python_table(&database, 1_200);
    let read = || legacy(&database).rows().expect("rows").collect::<Result<Vec<_>, _>>().expect("every row");
    let before = read();
    assert!(before.iter().zip(1..).all(|(row, id)| row.id == id));
    let row = &before[99];
    assert_eq!(row.email.as_deref(), Some("USER50@EXAMPLE.com"));
    assert_eq!(row.passwords, [("hashed_password".to_owned(), Secret::new("$2b$12$secret100"))]);
    assert_eq!((row.name.as_deref(), row.username.as_deref()), (Some("Ann  No100"), Some("u100")));
    assert_eq!((row.is_active, row.email_verified, row.displaced), (Some(true), None, false));
    assert_eq!(before[6].is_active, Some(false));
    adopt(&database);
    let after = read();
    assert_eq!(after.len(), 1_200);
    let row = &after[99];
    assert_eq!(row.email.as_deref(), Some("user-100@displaced.invalid"));
    assert_eq!((row.displaced, row.email_before.as_deref()), (true, Some("USER50@EXAMPLE.com")));
    assert_eq!((row.auth0_id.as_deref(), row.passwords.len()), (Some("legacy|100"), 1));
}

fn hashes_are_in_no_debug_output(database: ScratchDatabase) {
    python_table(&database, 3);
    let rows: Vec<_> = legacy(&database).rows().expect("rows").collect();
    assert!(!format!("{rows:?} {rows:#?}").contains("$2b$"));
}

fn columns_of_other_names_hold_passwords_if_the_operator_says_so(database: ScratchDatabase) {
    let bytes = if is_sqlite(&database) { "BLOB" } else { "BYTEA" };
    database.execute(&format!(
        "CREATE TABLE users (id {}, email TEXT, pw {bytes}, salt TEXT, first_name TEXT, last_name TEXT, is_verified BOOLEAN)",
        if is_sqlite(&database) { "INTEGER PRIMARY KEY" } else { "SERIAL PRIMARY KEY" }
    ));
    let hash = if is_sqlite(&database) { "x'2432622431322478'" } else { "'\\x2432622431322478'" };
    database.execute(&format!(
        "INSERT INTO users (email, pw, salt, first_name, last_name, is_verified) VALUES ('a@b', {hash}, 'NaCl', 'Ann', 'Example', TRUE)"
    ));
    assert_eq!(legacy(&database).inspect(None).expect("an answer").password_columns, [""; 0]);
    let found = legacy(&database).inspect(Some("pw, salt")).expect("an answer");
    assert_eq!(found.password_columns, ["pw", "salt"]);
    let missing = legacy(&database).inspect(Some("pin")).expect_err("no such column");
    assert_eq!(missing, LegacyError::NoSuchColumn { name: "pin".to_owned() });
    let named = legacy(&database).with_password_columns("pw,salt");
    let row = named.rows().expect("rows").next().expect("a row").expect("a row");
    let expected = [("pw".to_owned(), Secret::new("$2b$12$x")), ("salt".to_owned(), Secret::new("NaCl"))];
    assert_eq!(row.passwords, expected);
    assert_eq!((row.name.as_deref(), row.email_verified), (Some("Ann Example"), Some(true)));
    // A salt of which nothing was made is nobody's password.
    database.execute("UPDATE users SET pw = NULL");
    let row = named.rows().expect("rows").next().expect("a row").expect("a row");
    assert_eq!(row.passwords, []);
}

fn a_database_without_passwords_is_told_from_one_with_them(database: ScratchDatabase) {
    let era = || legacy(&database).inspect(None).expect("an answer").era;
    database.execute("CREATE TABLE notes (text TEXT)");
    let before = schema(&database);
    assert_eq!(era(), Era::Absent);
    let adopted = legacy(&database).adopt(&mut crate::legacy_bench::go_on);
    assert_eq!(adopted, Err(LegacyError::NoUsersTable));
    assert_eq!(schema(&database), before);
    persistence::Migrator::new(url(&database)).up().expect("migrations");
    assert_eq!(era(), Era::Authsync);
    assert_eq!(legacy(&database).next_step(), Ok(None));
    let adopted = legacy(&database).adopt(&mut crate::legacy_bench::go_on);
    assert_eq!(adopted, Err(LegacyError::NeverHeldPasswords));
    assert_eq!(legacy(&database).mark_exported(&[1], domain::UnixTime::from_secs(1)), Err(LegacyError::NotAdopted));
}

fn what_stands_in_the_way_is_named(database: ScratchDatabase) {
    let key = if is_sqlite(&database) { "id INTEGER PRIMARY KEY" } else { "id SERIAL PRIMARY KEY" };
    for (columns, row, expected) in [
        (format!("{key}, email TEXT, deleted_at TEXT"), "", "deleted_at has a name that authsync needs"),
        (format!("{key}, email TEXT, picture INTEGER"), "", "picture is of the type"),
        (format!("{key}, email TEXT, auth0_id BOOLEAN"), "", "auth0_id is of the type"),
        ("id INTEGER UNIQUE NOT NULL, email TEXT".to_owned(), "", "does not give its ids"),
        (format!("{key}, email TEXT"), "(id, email) VALUES (0, 'a@b')", "the id 0 is outside"),
        (format!("{key}, email TEXT, email_verified BOOLEAN"), "(email) VALUES ('a@b')", "that is NULL"),
    ] {
        database.execute(&format!("DROP TABLE IF EXISTS users; CREATE TABLE users ({columns})"));
        if !row.is_empty() {
            database.execute(&format!("INSERT INTO users {row}"));
        }
        let found = legacy(&database).inspect(None).expect("an answer");
        let said: Vec<_> = found.obstacles.iter().map(Obstacle::to_string).collect();
        assert!(said.iter().any(|said| said.contains(expected)), "{columns}: {said:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_not_made() {
    let database = ScratchDatabase::sqlite();
    let outcome = LegacyUsers::new(url(&database)).inspect(None);
    assert!(matches!(outcome, Err(LegacyError::OutOfReach { .. })), "{outcome:?}");
    assert!(!std::path::Path::new(database.url().strip_prefix("sqlite://").expect("a path")).exists());
}
