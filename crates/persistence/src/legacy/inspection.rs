//! A look at a users table that changes nothing.

use super::document::{Document, Stage};
use super::emails::{PLACEHOLDER, SAME};
use super::error::LegacyError;
use super::obstacle::Obstacle;
use super::obstacles::{self, Fault, each_text, judged};
use super::shape::{Column, Reference, Shape};
use super::table::UsersTable;

/// How many of a kind are named.
const NAMED: usize = 100;

/// What there is, and what stands in the way of adopting it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// How far the table has come.
    pub era: Era,
    /// Why it cannot be adopted as it is; empty where it can, or is.
    pub obstacles: Vec<Obstacle>,
    /// The type of `id`, as the database writes it.
    pub id_type: Option<String>,
    /// All columns, in their order.
    pub columns: Vec<Column>,
    /// The columns that hold passwords, the hash first: those that were named, or else those of a usual name.
    pub password_columns: Vec<String>,
    /// What uses the password columns and has to go before they can be dropped at the end, in the database's words.
    pub password_column_users: Vec<String>,
    /// Foreign keys that point at the table.
    pub references: Vec<Reference>,
    /// How many rows there are.
    pub rows: u64,
    /// Rows whose addresses differ in nothing but case and white space, by their ids, the one that keeps it first.
    pub clashes: Sample<Vec<i64>>,
    /// Rows whose address authsync cannot keep at all.
    pub email_faults: Sample<(i64, EmailFault)>,
}

/// How far the users table of a database has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// There is no users table.
    Absent,
    /// authsync made it; there never were passwords.
    Authsync,
    /// It is not authsync's; `obstacles` says whether it can become so.
    Password,
    /// Its adoption was begun and not ended.
    HalfAdopted,
    /// It is adopted, with its password columns.
    Adopted,
    /// Its password columns are gone.
    Finished,
}

/// How many there are of a kind, and the first hundred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample<T> {
    /// All.
    pub count: u64,
    /// At most a hundred, in the order of their ids.
    pub first: Vec<T>,
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailFault {
    /// NULL.
    Missing,
    /// Not of the form `local@domain`, or with white space or control characters in it.
    Malformed,
    /// More than 255 characters.
    TooLong,
}

impl<T> Sample<T> {
    fn none() -> Self {
        Self { count: 0, first: Vec::new() }
    }

    fn add(&mut self, one: T) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(one);
        }
    }
}

impl Inspection {
    fn absent() -> Self {
        Self {
            era: Era::Absent,
            obstacles: Vec::new(),
            id_type: None,
            columns: Vec::new(),
            password_columns: Vec::new(),
            password_column_users: Vec::new(),
            references: Vec::new(),
            rows: 0,
            clashes: Sample::none(),
            email_faults: Sample::none(),
        }
    }
}

/// How far the table has come; reads no rows of it.
pub(super) fn era<C: UsersTable>(connection: &mut C) -> Result<(Era, Option<Document>), LegacyError> {
    if !connection.has_table("users")? {
        return Ok((Era::Absent, None));
    }
    let document = Document::load(connection)?;
    let era = match &document {
        Some(document) => match document.stage {
            Stage::Begun | Stage::Expanded => Era::HalfAdopted,
            Stage::Adopted => Era::Adopted,
            Stage::Finished => Era::Finished,
        },
        None if crate::migrations::has_first_step(connection)? => Era::Authsync,
        None => Era::Password,
    };
    Ok((era, document))
}

pub(super) fn inspect<C: UsersTable>(connection: &mut C, named: &[String]) -> Result<Inspection, LegacyError> {
    let (era, document) = era(connection)?;
    if era == Era::Absent {
        return Ok(Inspection::absent());
    }
    let shape = connection.shape()?;
    let obstacles = if era == Era::Password { obstacles::of_the_table(connection, &shape)? } else { Vec::new() };
    let password_columns = match document {
        Some(document) if named.is_empty() => document.password_columns,
        _ => shape.password_columns(named).map_err(|name| LegacyError::NoSuchColumn { name })?,
    };
    // Without these there is nothing to look at rows by.
    let can_read = era != Era::Password || !obstacles.iter().any(Obstacle::is_foreign);
    let (clashes, email_faults) =
        if can_read { addresses(connection, &shape)? } else { (Sample::none(), Sample::none()) };
    Ok(Inspection {
        era,
        obstacles,
        id_type: shape.column("id").map(|column| column.data_type.clone()),
        rows: connection.count("SELECT count(*) FROM users")?,
        password_column_users: connection.users_of(&password_columns)?,
        password_columns,
        clashes,
        email_faults,
        columns: shape.columns,
        references: shape.references,
    })
}

type Addresses = (Sample<Vec<i64>>, Sample<(i64, EmailFault)>);

fn addresses<C: UsersTable>(connection: &mut C, shape: &Shape) -> Result<Addresses, LegacyError> {
    let mut faults = Sample::none();
    if let Some(email) = shape.column("email") {
        each_text(connection, email, |id, text| {
            let fault = match judged(text) {
                Ok(_) => return,
                Err(Fault::Missing) => EmailFault::Missing,
                Err(Fault::Malformed) => EmailFault::Malformed,
                Err(Fault::TooLong) => EmailFault::TooLong,
            };
            faults.add((id, fault));
        })?;
    }
    // Texts without an @ are malformed anyway, and may be alike by the thousand.
    let groups = format!(
        "SELECT min(id) AS first, {SAME} AS address FROM users WHERE email LIKE '%_@_%' AND email <> {PLACEHOLDER} \
         GROUP BY {SAME} HAVING count(*) > 1"
    );
    let mut clashes =
        Sample { count: connection.count(&format!("SELECT count(*) FROM ({groups}) AS g"))?, first: Vec::new() };
    let members = format!(
        "SELECT CAST(g.first AS TEXT), CAST(users.id AS TEXT) FROM ({groups} ORDER BY 1 LIMIT {NAMED}) AS g \
         JOIN users ON {SAME} = g.address ORDER BY g.first, users.id LIMIT 10000"
    );
    let mut group = None;
    for cells in connection.read(&members, &[])? {
        let Some(id) = cells.number(1) else { continue };
        if group != cells.number(0) {
            group = cells.number(0);
            clashes.first.push(Vec::new());
        }
        if let Some(ids) = clashes.first.last_mut() {
            ids.push(id);
        }
    }
    Ok((clashes, faults))
}
