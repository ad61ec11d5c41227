//! Whether a table can be adopted.

use domain::{EmailAddress, Subject};

use super::error::LegacyError;
use super::obstacle::Obstacle;
use super::shape::{Column, Family, Shape};
use super::table::UsersTable;

/// How many rows are read at a time.
const PAGE: usize = 1_000;
/// How many rows are named.
const NAMED: usize = 10;

/// What stands in the way, without a look at the rows.
pub(super) fn of_the_shape<C: UsersTable>(shape: &Shape) -> Vec<Obstacle> {
    if !shape.is_plain {
        return vec![Obstacle::NotAPlainTable];
    }
    let mut found = Vec::new();
    match shape.column("id") {
        None => found.push(Obstacle::NoId),
        // A smaller integer could not take the ids to come.
        Some(id) if id.family != Family::Integer || id.data_type == "smallint" => {
            found.push(Obstacle::IdType { found: id.data_type.clone() });
        }
        Some(id) => {
            found.extend((!shape.id_is_unique).then_some(Obstacle::IdNotUnique));
            let is_not_given = if shape.is_without_rowid { Obstacle::WithoutRowid } else { Obstacle::IdNotGiven };
            found.extend((!id.has_default).then_some(is_not_given));
        }
    }
    if shape.column("email").is_none_or(|email| !Family::TEXTS.contains(&email.family) || email.generated) {
        found.push(Obstacle::NoEmail);
    }
    let kept: [(_, &[Family], _); 6] = [
        ("auth0_id", &[Family::Text], "text of which every letter counts"),
        ("name", &Family::TEXTS, "text"),
        ("picture", &Family::TEXTS, "text"),
        ("email_verified", &[Family::Bool], "a boolean"),
        // Never read, and written by its default alone.
        ("created_at", &Family::ALL, "a timestamp of its own"),
        ("updated_at", C::MOMENTS, "a timestamp"),
    ];
    for (name, families, wanted) in kept {
        let is_fit = |column: &Column| families.contains(&column.family) && !column.generated;
        if let Some(column) = shape.column(name).filter(|column| !is_fit(column)) {
            let (column, found_type) = (column.name.clone(), column.data_type.clone());
            found.push(Obstacle::ColumnType { column, found: found_type, wanted });
        }
    }
    // It cannot be loosened.
    let in_key = shape.columns.iter().filter(|column| column.in_key && column.is_required() && column.name != "id");
    found.extend(in_key.map(|column| Obstacle::KeyNotGiven { column: column.name.clone() }));
    for name in ["blocked", "deleted_at"] {
        found.extend(shape.column(name).map(|column| Obstacle::ColumnTaken { column: column.name.clone() }));
    }
    let narrow = shape.narrow();
    let shown = shape.shown.iter().filter(|(column, _)| narrow.iter().any(|(name, _)| name == column));
    found.extend(shown.map(|(column, view)| Obstacle::Shown { column: column.clone(), view: view.clone() }));
    found.extend((!shape.is_owned).then_some(Obstacle::NotOwner));
    found.extend(shape.is_strict.then_some(Obstacle::Strict));
    found
}

/// What stands in the way, the rows included. One pass over the table in constant memory.
pub(super) fn of_the_table<C: UsersTable>(connection: &mut C, shape: &Shape) -> Result<Vec<Obstacle>, LegacyError> {
    let mut found = of_the_shape::<C>(shape);
    if !found.is_empty() {
        return Ok(found);
    }
    let ends = connection.read_one("SELECT CAST(min(id) AS TEXT), CAST(max(id) AS TEXT) FROM users")?;
    for id in [ends.number(0), ends.number(1)].into_iter().flatten() {
        if i32::try_from(id).is_err() || id < 1 {
            found.push(Obstacle::IdTooLarge { id });
        }
    }
    if shape.column("email_verified").is_some_and(|column| column.nullable) {
        let empty = "SELECT CAST(id AS TEXT) FROM users WHERE email_verified IS NULL ORDER BY users.id LIMIT 10";
        let first = connection.list(empty)?.iter().filter_map(|id| id.parse().ok()).collect::<Vec<_>>();
        if !first.is_empty() {
            let rows = connection.count("SELECT count(*) FROM users WHERE email_verified IS NULL")?;
            found.push(unreadable("email_verified", "is NULL", rows, first));
        }
    }
    if let Some(column) = shape.column("auth0_id") {
        found.extend(of_the_subjects(connection, column)?);
    }
    found.extend(connection.other_obstacles(shape)?);
    Ok(found)
}

/// Identities that are there already stay; rows without one are to get `legacy|<id>`.
fn of_the_subjects<C: UsersTable>(connection: &mut C, column: &Column) -> Result<Vec<Obstacle>, LegacyError> {
    let (mut wrong, mut first) = (0, Vec::new());
    each_text(connection, column, |id, text| {
        if !can_stay(id, text.unwrap_or_default()) {
            wrong += 1;
            first.extend((first.len() < NAMED).then_some(id));
        }
    })?;
    let mut found = Vec::new();
    if wrong > 0 {
        found.push(unreadable(&column.name, "no user of Auth0 can have", wrong, first));
    }
    // Whatever the column thinks of case.
    let shared = "FROM users WHERE auth0_id <> '' AND auth0_id || '' IN \
                  (SELECT auth0_id || '' FROM users GROUP BY auth0_id || '' HAVING count(*) > 1)";
    let first = connection.list(&format!("SELECT CAST(id AS TEXT) {shared} ORDER BY users.id LIMIT {NAMED}"))?;
    if !first.is_empty() {
        let rows = connection.count(&format!("SELECT count(*) {shared}"))?;
        let first = first.iter().filter_map(|id| id.parse().ok()).collect();
        found.push(unreadable(&column.name, "is another row's, too", rows, first));
    }
    Ok(found)
}

fn can_stay(id: i64, subject: &str) -> bool {
    let is_its_own = |subject: &Subject| !subject.is_legacy() || subject.as_str() == format!("legacy|{id}");
    subject.is_empty() || Subject::parse(subject).is_ok_and(|subject| is_its_own(&subject))
}

fn unreadable(column: &str, rule: &'static str, rows: u64, first: Vec<i64>) -> Obstacle {
    Obstacle::Unreadable { column: column.to_owned(), rule, rows, first }
}

/// Hands out one column of every row, by id.
pub(super) fn each_text<C: UsersTable>(
    connection: &mut C,
    column: &Column,
    mut take: impl FnMut(i64, Option<&str>),
) -> Result<(), LegacyError> {
    let mut after: Option<i64> = None;
    loop {
        let beyond = after.map(|id| format!("WHERE id > {id} ")).unwrap_or_default();
        let text = C::text_of(column);
        let page = connection
            .read(&format!("SELECT CAST(id AS TEXT), {text} FROM users {beyond}ORDER BY users.id LIMIT {PAGE}"), &[])?;
        for cells in &page {
            after = cells.number(0).or(after);
            take(cells.number(0).unwrap_or_default(), cells.text(1));
        }
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Missing,
    Malformed,
    TooLong,
}

/// The address that a row keeps; one between white space is the same without it.
pub(super) fn judged(email: Option<&str>) -> Result<&str, Fault> {
    let text = email.ok_or(Fault::Missing)?;
    match EmailAddress::parse(text) {
        Ok(_) if text.trim().chars().count() <= EmailAddress::MAX_CHARS => Ok(text.trim()),
        Ok(_) | Err(domain::EmailAddressError::TooLong) => Err(Fault::TooLong),
        Err(domain::EmailAddressError::Malformed | domain::EmailAddressError::Placeholder) => Err(Fault::Malformed),
    }
}
