//! A database of an application of the password era, as SQLAlchemy makes one.

use std::ops::ControlFlow;

use persistence::{Adopted, LegacyError, LegacyUsers, Progress};
use scratch_database::ScratchDatabase;

use crate::bench::url;

macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::postgres()); })+ }
    };
}
pub(crate) use on_both_databases;

const POSTGRES: &str = "
    CREATE TABLE users (
        id SERIAL NOT NULL, email VARCHAR(100), hashed_password VARCHAR NOT NULL, username VARCHAR(50) NOT NULL,
        full_name VARCHAR, is_active BOOLEAN NOT NULL, manager_id INTEGER REFERENCES users (id), PRIMARY KEY (id));
    CREATE UNIQUE INDEX ix_users_email ON users (email);
    CREATE UNIQUE INDEX ix_users_username ON users (username);
    CREATE TABLE orders (
        id SERIAL NOT NULL, user_id INTEGER NOT NULL, total NUMERIC(8, 2), PRIMARY KEY (id),
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
    CREATE VIEW active_users AS SELECT id, full_name FROM users WHERE is_active;";

const SQLITE: &str = "
    CREATE TABLE users (
        id INTEGER NOT NULL, email VARCHAR(100), -- the login
        hashed_password VARCHAR NOT NULL, username VARCHAR(50) NOT NULL,
        full_name VARCHAR, is_active BOOLEAN NOT NULL, manager_id INTEGER,
        PRIMARY KEY (id), FOREIGN KEY(manager_id) REFERENCES users (id));
    CREATE UNIQUE INDEX ix_users_email ON users (email);
    CREATE UNIQUE INDEX ix_users_username ON users (username);
    CREATE TABLE orders (
        id INTEGER NOT NULL, user_id INTEGER NOT NULL, total NUMERIC(8, 2), PRIMARY KEY (id),
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
    CREATE VIEW active_users AS SELECT id, full_name FROM users WHERE is_active;
    CREATE TRIGGER orders_of_nobody AFTER INSERT ON orders
        WHEN (SELECT count(*) FROM users WHERE id = NEW.user_id) = 0 BEGIN SELECT RAISE(ABORT, 'nobody'); END;";

/// Ids 1 to `rows`; every hundredth clashes with the one 50 before it, every hundredth and one has no address, every
/// hundredth and two a malformed one, and the next has one between spaces. Each has an order.
pub(crate) fn python_table(database: &ScratchDatabase, rows: u32) {
    let sqlite = is_sqlite(database);
    database.execute(if sqlite { SQLITE } else { POSTGRES });
    let numbers = if sqlite {
        format!(
            "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {rows}) SELECT i FROM s) AS s"
        )
    } else {
        format!("generate_series(1, {rows}) AS s(i)")
    };
    database.execute(&format!(
        "INSERT INTO users (email, hashed_password, username, full_name, is_active, manager_id)
         SELECT CASE i % 100 WHEN 0 THEN 'USER' || CAST(i - 50 AS TEXT) || '@EXAMPLE.com' WHEN 1 THEN NULL
                WHEN 2 THEN 'nonsense ' || CAST(i AS TEXT) WHEN 3 THEN '  user' || CAST(i AS TEXT) || '@example.com '
                ELSE 'User' || CAST(i AS TEXT) || '@Example.com' END,
                '$2b$12$secret' || CAST(i AS TEXT), 'u' || CAST(i AS TEXT), ' Ann  No' || CAST(i AS TEXT), i % 7 <> 0,
                CASE WHEN i > 1 THEN 1 END
         FROM {numbers} WHERE i <= {rows} ORDER BY i;
         INSERT INTO orders (user_id, total) SELECT id, id FROM users"
    ));
}

pub(crate) fn is_sqlite(database: &ScratchDatabase) -> bool {
    database.url().starts_with("sqlite")
}

pub(crate) fn legacy(database: &ScratchDatabase) -> LegacyUsers {
    LegacyUsers::new(url(database))
}

/// What the old application does when somebody registers.
pub(crate) fn register(database: &ScratchDatabase, email: &str, username: &str) {
    database.execute(&format!(
        "INSERT INTO users (email, hashed_password, username, full_name, is_active) \
         VALUES ({email}, '$2b$12$new', '{username}', 'New One', TRUE)"
    ));
}

pub(crate) fn go_on(_: &Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub(crate) fn adopt(database: &ScratchDatabase) -> Adopted {
    legacy(database).adopt(&mut go_on).expect("an adoption")
}

/// Stops at the step of this number; `None` if it never came to that.
pub(crate) fn stopped_at<T>(
    stop: usize,
    step: impl FnOnce(&mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<T, LegacyError>,
) -> Option<LegacyError> {
    let mut calls = 0;
    let outcome = step(&mut |_| {
        calls += 1;
        if calls > stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    outcome.err()
}

/// Everything that makes up the schema, as the database itself words it.
pub(crate) fn schema(database: &ScratchDatabase) -> String {
    let query = if is_sqlite(database) {
        "SELECT group_concat(coalesce(sql, name), ';\n') FROM (SELECT name, sql FROM sqlite_master \
         WHERE name <> 'sqlite_sequence' ORDER BY type, name)"
    } else {
        "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
            SELECT concat_ws(' ', 'column', table_name, column_name, data_type, character_maximum_length, is_nullable,
                column_default) AS line FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
                FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL SELECT 'invalid ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid
            UNION ALL SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS lines"
    };
    database.scalar(query).expect("a schema")
}

/// The rows of these columns, and all orders.
pub(crate) fn rows(database: &ScratchDatabase, columns: &str) -> String {
    let joined = columns.split(", ").map(|column| format!("coalesce(CAST({column} AS TEXT), 'NULL')"));
    let joined = joined.collect::<Vec<_>>().join(" || '|' || ");
    let aggregate = if is_sqlite(database) { "group_concat(line, ';')" } else { "string_agg(line, ';')" };
    let of = |query: &str| database.scalar(&format!("SELECT {aggregate} FROM ({query}) AS lines")).unwrap_or_default();
    of(&format!("SELECT {joined} AS line FROM users ORDER BY id"))
        + &of("SELECT CAST(id AS TEXT) || '|' || CAST(user_id AS TEXT) AS line FROM orders ORDER BY id")
}

/// The columns of the old application.
pub(crate) const COLUMNS: &str = "id, email, hashed_password, username, full_name, is_active, manager_id";

/// One value of one row.
pub(crate) fn value(database: &ScratchDatabase, column: &str, id: u32) -> Option<String> {
    database.scalar(&format!("SELECT {column} FROM users WHERE id = {id}"))
}
