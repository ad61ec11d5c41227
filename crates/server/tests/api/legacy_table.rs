//! A database of a Python application that kept passwords, with the rows that such tables have after some years.

use scratch_database::ScratchDatabase;

use crate::legacy_passwords::stored;
use crate::program::{Ended, run};

const POSTGRES: &str = "
    CREATE TABLE users (
        id SERIAL NOT NULL, email VARCHAR, username VARCHAR NOT NULL, full_name VARCHAR, hashed_password VARCHAR,
        is_active BOOLEAN NOT NULL, is_verified BOOLEAN NOT NULL, PRIMARY KEY (id));
    CREATE UNIQUE INDEX ix_users_email ON users (email);
    CREATE TABLE orders (id SERIAL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), item VARCHAR);";

const SQLITE: &str = "
    CREATE TABLE users (
        id INTEGER NOT NULL, email VARCHAR, username VARCHAR NOT NULL, full_name VARCHAR, hashed_password VARCHAR,
        is_active BOOLEAN NOT NULL, is_verified BOOLEAN NOT NULL, PRIMARY KEY (id));
    CREATE UNIQUE INDEX ix_users_email ON users (email);
    CREATE TABLE orders (
        id INTEGER NOT NULL, user_id INTEGER NOT NULL, item VARCHAR, PRIMARY KEY (id),
        FOREIGN KEY (user_id) REFERENCES users (id));";

/// Without an address.
pub(crate) const NOBODYS: i64 = 7;
/// With an address that is none.
pub(crate) const NONSENSE: i64 = 8;
/// Not active.
pub(crate) const INACTIVE: i64 = 9;
/// With an address that authsync keeps and Auth0 refuses.
pub(crate) const LOCAL_HOST: i64 = 11;
/// With Django's mark of an unusable password.
pub(crate) const UNUSABLE: i64 = 13;
/// Without a hash.
pub(crate) const NO_HASH: i64 = 17;
/// With a hash that Auth0 has no place for.
pub(crate) const NO_MAPPING: i64 = 19;
/// Every so many has the address of the one before, in upper case.
pub(crate) const CLASH: i64 = 40;

/// A legacy database and what is asked of it.
#[derive(Debug)]
pub(crate) struct LegacyTable {
    pub(crate) database: ScratchDatabase,
    pub(crate) rows: i64,
}

impl LegacyTable {
    /// Ids 1 to `rows`; every tenth has an order, and so has everybody out of the ordinary.
    pub(crate) fn make(database: ScratchDatabase, rows: i64) -> Self {
        database.execute(if database.url().starts_with("sqlite") { SQLITE } else { POSTGRES });
        let ids: Vec<i64> = (1..=rows).collect();
        for ids in ids.chunks(500) {
            let values: Vec<_> = ids.iter().map(|id| values(*id)).collect();
            database.execute(&format!(
                "INSERT INTO users (email, username, full_name, hashed_password, is_active, is_verified) VALUES {}",
                values.join(", ")
            ));
        }
        database
            .execute("INSERT INTO orders (user_id, item) SELECT id, 'a book' FROM users WHERE id % 10 = 0 OR id < 20");
        Self { database, rows }
    }

    /// A number that a query gives.
    #[track_caller]
    pub(crate) fn count(&self, query: &str) -> i64 {
        self.database.scalar(query).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number: {query}"))
    }

    /// A command to its end, with the database and nothing else in its environment.
    pub(crate) fn legacy(&self, arguments: &[&str]) -> Ended {
        run(&[self.variable()], &[&["legacy"], arguments].concat())
    }

    /// A command that does what it is to do.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ended = self.legacy(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended.stdout
    }

    pub(crate) fn variable(&self) -> (String, String) {
        ("DATABASE_URL".to_owned(), self.database.url().to_owned())
    }

    /// What must never change: ids, and the columns of the application with them.
    pub(crate) fn fingerprint(&self) -> Vec<Option<String>> {
        let columns = "id || '|' || username || '|' || coalesce(full_name, '-') || '|' || CAST(is_active AS TEXT)";
        let aggregate = if self.database.url().starts_with("sqlite") { "group_concat" } else { "string_agg" };
        let all = |what: &str, from: &str| {
            self.database
                .scalar(&format!("SELECT {aggregate}({what}, ',') FROM (SELECT * FROM {from} ORDER BY id) AS t"))
        };
        vec![
            all(columns, "users"),
            all("id || '|' || user_id || '|' || item", "orders"),
            self.database.scalar("SELECT count(*) FROM orders JOIN users ON users.id = orders.user_id"),
        ]
    }

    /// How many rows have no address that they can keep.
    pub(crate) fn displaced(&self) -> i64 {
        self.rows / CLASH + 2
    }

    /// How many rows go into files: all but the displaced ones, and one whose address Auth0 does not take.
    pub(crate) fn exportable(&self) -> i64 {
        self.rows - self.displaced() - 1
    }
}

/// The address that Auth0 is to get of a row.
pub(crate) fn email(id: i64) -> String {
    format!("User{id}@Example.com")
}

fn values(id: i64) -> String {
    let email = match id {
        NOBODYS => "NULL".to_owned(),
        NONSENSE => "'no address'".to_owned(),
        LOCAL_HOST => "'user11@localhost'".to_owned(),
        id if id % CLASH == 0 => format!("'{}'", email(id - 1).to_uppercase()),
        id => format!("'{}'", email(id)),
    };
    let hash = match id {
        UNUSABLE => "'!xcv'".to_owned(),
        NO_HASH => "NULL".to_owned(),
        NO_MAPPING => "'$1$salt$qJH7.N4xYta3aEG/dfqo/0'".to_owned(),
        id => format!("'{}'", stored(usize::try_from(id).expect("an id"))),
    };
    let (active, verified) = (id != INACTIVE, id % 3 == 0);
    format!("({email}, 'user{id}', 'User  No{id}', {hash}, {active}, {verified})")
}
