//! What keeps a users table from being adopted.

use std::fmt;

/// Why a table cannot be adopted.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is a view, a partitioned table or the like.
    NotAPlainTable,
    /// There is no column `id`.
    NoId,
    /// There is no column `email` that holds text.
    NoEmail,
    /// `id` is no integer of 32 bits.
    IdType {
        /// The type it has.
        found: String,
    },
    /// `id` alone does not tell rows apart: it is no primary key.
    IdNotUnique,
    /// The database does not give ids by itself.
    IdNotGiven,
    /// Another column of the primary key is filled by the application alone.
    KeyNotGiven {
        /// The column.
        column: String,
    },
    /// It refuses rows that hold what authsync writes and nothing else.
    RefusesNewcomers {
        /// What does so, in the database's words.
        by: String,
    },
    /// A WITHOUT ROWID table of SQLite, for which SQLite gives no ids.
    WithoutRowid,
    /// An id has more than 31 bits.
    IdTooLarge {
        /// The largest.
        id: i64,
    },
    /// A column of one of our names holds something else.
    ColumnType {
        /// The column.
        column: String,
        /// The type it has.
        found: String,
        /// What it would have to hold.
        wanted: &'static str,
    },
    /// A column has a name that a later migration needs.
    ColumnTaken {
        /// The column.
        column: String,
    },
    /// A column has to become wider, and a view shows it, so that PostgreSQL does not allow it.
    Shown {
        /// The column.
        column: String,
        /// The view.
        view: String,
    },
    /// Values that authsync could not read back.
    Unreadable {
        /// The column.
        column: String,
        /// What is wrong with them.
        rule: &'static str,
        /// How many rows.
        rows: u64,
        /// The first of them, at most ten.
        first: Vec<i64>,
    },
    /// An index of another table has a name that one of authsync's needs.
    NameTaken {
        /// The index, or whatever it is.
        name: String,
        /// The table that it belongs to.
        table: String,
    },
    /// The role that connects does not own the table.
    NotOwner,
    /// A STRICT table of SQLite, to which the columns of the migrations cannot be added.
    Strict,
}

impl Obstacle {
    /// Whether this is a table of something else altogether, rather than one of users that needs a hand first.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self, Self::NotAPlainTable | Self::NoId | Self::NoEmail | Self::IdType { .. })
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPlainTable => f.write_str("it is no plain table"),
            Self::NoId => f.write_str("it has no column id"),
            Self::NoEmail => f.write_str("it has no column email that holds text"),
            Self::IdType { found } => {
                write!(f, "its id is of the type {found}, and authsync's ids are integers of 32 bits")
            }
            Self::IdNotUnique => f.write_str("its id is neither a primary key nor unique"),
            Self::IdNotGiven => f.write_str("the database does not give its ids (no SERIAL, no INTEGER PRIMARY KEY)"),
            Self::KeyNotGiven { column } => {
                write!(f, "its column {column} is in the primary key, and the database does not fill it")
            }
            Self::RefusesNewcomers { by } => {
                write!(f, "it refuses rows that hold nothing in the columns of the application: {by}")
            }
            Self::WithoutRowid => f.write_str("it is a WITHOUT ROWID table, for which SQLite gives no ids"),
            Self::IdTooLarge { id } => write!(f, "the id {id} is outside of 1 to 2147483647"),
            Self::ColumnType { column, found, wanted } => {
                write!(f, "its column {column} is of the type {found}, where authsync keeps {wanted}")
            }
            Self::ColumnTaken { column } => {
                write!(f, "its column {column} has a name that authsync needs for something else; rename it")
            }
            Self::Shown { column, view } => {
                write!(f, "its column {column} has to become wider, but the view {view} shows it: drop it meanwhile")
            }
            Self::Unreadable { column, rule, rows, first } => {
                let first: Vec<_> = first.iter().map(i64::to_string).collect();
                write!(f, "{rows} rows hold a {column} that {rule} (first ids: {})", first.join(", "))
            }
            Self::NameTaken { name, table } => {
                write!(f, "the name {name}, which an index of it is to have, is taken by one of {table}")
            }
            Self::NotOwner => f.write_str("the database user does not own it"),
            Self::Strict => f.write_str("it is a STRICT table"),
        }
    }
}
