//! The rows of a users table of the password era, one by one.

use std::collections::VecDeque;

use diesel::prelude::*;
use domain::Secret;

use super::document::Document;
use super::error::LegacyError;
use super::obstacle::Obstacle;
use super::obstacles;
use super::shape::{Column, Shape};
use super::table::UsersTable;

/// How many rows are in memory at a time.
const PAGE: usize = 500;

/// One row, as it stands. Nothing is checked or changed.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegacyRow {
    /// The local id.
    pub id: i64,
    /// The address in the row; after the adoption the placeholder of a row that was displaced.
    pub email: Option<String>,
    /// Whether the adoption took the row's address away, or tidied it.
    pub displaced: bool,
    /// The address of before, where `displaced`; `None` also where there was none.
    pub email_before: Option<String>,
    /// The password columns that hold something, the hash first, by their names; none where the first of them holds
    /// nothing, since the others say nothing without it. Bytes are given as the text that they spell.
    pub passwords: Vec<(String, Secret)>,
    /// `name`, `full_name`, `fullname` or `display_name`, or else first and last name together.
    pub name: Option<String>,
    /// `username`, `user_name` or `login`.
    pub username: Option<String>,
    /// `first_name` or `given_name`.
    pub given_name: Option<String>,
    /// `last_name`, `family_name` or `surname`.
    pub family_name: Option<String>,
    /// `picture`, `picture_url`, `avatar` or `avatar_url`.
    pub picture: Option<String>,
    /// `email_verified`, `is_verified`, `email_confirmed` or `verified`. Of an adopted table without such a column of
    /// its own: what authsync knows.
    pub email_verified: Option<bool>,
    /// `is_active`, `active` or `enabled`.
    pub is_active: Option<bool>,
    /// `legacy|<id>` while the row waits to be linked; before the adoption what the table says, which is mostly nothing.
    pub auth0_id: Option<String>,
    /// When it was marked as exported, in milliseconds since 1970.
    pub exported_at: Option<i64>,
    /// When it was marked as imported, in milliseconds since 1970.
    pub imported_at: Option<i64>,
    /// What was noted of it.
    pub problem: Option<String>,
    /// Whether authsync inserted it since the adoption, so that it has no password.
    pub newcomer: bool,
}

/// Every row, by id. Reads a page at a time; constant memory. An error ends it.
pub struct LegacyRows(Box<dyn Iterator<Item = Result<LegacyRow, LegacyError>> + Send>);

impl Iterator for LegacyRows {
    type Item = Result<LegacyRow, LegacyError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl std::fmt::Debug for LegacyRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LegacyRows(…)")
    }
}

impl LegacyRows {
    /// Over a connection of its own. Without `named` the columns of the document or of a usual name.
    pub(super) fn over<C>(mut connection: C, named: &[String]) -> Result<Self, LegacyError>
    where
        C: UsersTable + Send + 'static,
    {
        let shape = connection.shape()?;
        // Without these there is nothing to read the rows by.
        let found = obstacles::of_the_shape::<C>(&shape).into_iter();
        let found: Vec<_> = found.filter(Obstacle::is_foreign).collect();
        if !found.is_empty() {
            return Err(LegacyError::Obstacles(found));
        }
        let document = Document::load(&mut connection)?;
        let passwords = match &document {
            Some(document) if named.is_empty() => document.password_columns.clone(),
            _ => shape.password_columns(named).map_err(|name| LegacyError::NoSuchColumn { name })?,
        };
        let plan = Plan::new::<C>(&shape, document.is_some(), passwords);
        let (mut page, mut after, mut ended) = (VecDeque::new(), None, false);
        Ok(Self(Box::new(std::iter::from_fn(move || {
            if page.is_empty() && !ended {
                match plan.page(&mut connection, after) {
                    Ok(rows) => {
                        ended = rows.len() < PAGE;
                        after = rows.back().map(|row| row.id).or(after);
                        page = rows;
                    }
                    Err(error) => {
                        ended = true;
                        return Some(Err(error.into()));
                    }
                }
            }
            page.pop_front().map(Ok)
        }))))
    }
}

/// Which expressions are read, in the order of [`Plan::row`].
struct Plan {
    select: String,
    from: &'static str,
    passwords: Vec<String>,
}

/// Where the password columns begin.
const PASSWORDS: usize = 16;

const NOTHING: &str = "CAST(NULL AS TEXT)";

impl Plan {
    fn new<C: UsersTable>(shape: &Shape, is_adopted: bool, passwords: Vec<String>) -> Self {
        let text = |column: Option<&Column>| column.map_or_else(|| NOTHING.to_owned(), C::text_of);
        let first = |names: &[&str]| text(shape.first_of(names));
        let composed = C::composed_name(shape, "").unwrap_or_else(|| NOTHING.to_owned());
        let name = match (shape.column("name"), shape.name_sources().is_empty()) {
            (Some(column), _) => C::text_of(column),
            (None, false) => composed,
            (None, true) => NOTHING.to_owned(),
        };
        let noted = |column: &str| {
            if is_adopted { format!("CAST(l.{column} AS TEXT)") } else { NOTHING.to_owned() }
        };
        let mut select = vec![
            "CAST(id AS TEXT)".to_owned(),
            first(&["email"]),
            name,
            first(&["username", "user_name", "login"]),
            first(&["first_name", "given_name"]),
            first(&["last_name", "family_name", "surname"]),
            first(&["picture", "picture_url", "avatar", "avatar_url"]),
            first(&["is_verified", "email_confirmed", "verified", "email_verified"]),
            first(&["is_active", "active", "enabled"]),
            first(&["auth0_id"]),
        ];
        select.extend(["displaced", "email_before", "exported_at", "imported_at", "problem", "newcomer"].map(noted));
        select.extend(passwords.iter().map(|name| text(shape.column(name))));
        // Under another name, so that `email` means the one of the row.
        let from = if is_adopted {
            "users LEFT JOIN (SELECT user_id, email AS email_before, displaced, exported_at, imported_at, problem, \
             newcomer FROM legacy_users) AS l ON l.user_id = users.id"
        } else {
            "users"
        };
        Self { select: select.join(", "), from, passwords }
    }

    fn page(&self, connection: &mut impl UsersTable, after: Option<i64>) -> QueryResult<VecDeque<LegacyRow>> {
        let Self { select, from, .. } = self;
        let beyond = after.map(|id| format!("WHERE id > {id} ")).unwrap_or_default();
        let rows =
            connection.read(&format!("SELECT {select} FROM {from} {beyond}ORDER BY users.id LIMIT {PAGE}"), &[])?;
        Ok(rows.iter().map(|cells| self.row(cells)).collect())
    }

    fn row(&self, cells: &super::sql::Cells) -> LegacyRow {
        let text = |at: usize| cells.text(at).map(str::to_owned);
        // A salt alone is nobody's password.
        let has_hash = cells.text(PASSWORDS).is_some();
        let secrets = self.passwords.iter().zip(PASSWORDS..).filter(|_| has_hash);
        LegacyRow {
            id: cells.number(0).unwrap_or_default(),
            email: text(1),
            name: text(2),
            username: text(3),
            given_name: text(4),
            family_name: text(5),
            picture: text(6),
            email_verified: cells.flag(7),
            is_active: cells.flag(8),
            auth0_id: text(9),
            displaced: cells.flag(10) == Some(true),
            email_before: text(11),
            exported_at: cells.number(12),
            imported_at: cells.number(13),
            problem: text(14),
            newcomer: cells.flag(15) == Some(true),
            passwords: secrets.filter_map(|(name, at)| Some((name.clone(), Secret::new(cells.text(at)?)))).collect(),
        }
    }
}
