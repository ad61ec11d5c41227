//! The users table (<https://diesel.rs/guides/all-about-inserts#upsert>).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

diesel::table! {
    users (id) {
        id -> Int4,
        email -> Varchar,
        name -> Nullable<Varchar>,
        auth0_id -> Varchar,
        updated_at -> Nullable<Timestamptz>,
    }
}

/// What is answered.
#[derive(Queryable, Selectable, Serialize)]
#[diesel(table_name = users)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct User {
    id: i32,
    email: String,
    name: Option<String>,
}

/// What is sent.
#[derive(Deserialize, Insertable, AsChangeset)]
#[diesel(table_name = users)]
pub struct Profile {
    email: String,
    name: Option<String>,
    /// Whose it is.
    pub auth0_id: String,
}

/// The row of this subject.
pub fn find(connection: &mut PgConnection, subject: &str) -> QueryResult<Option<User>> {
    users::table.filter(users::auth0_id.eq(subject)).select(User::as_select()).first(connection).optional()
}

/// Creates the row or brings it up to date.
pub fn upsert(connection: &mut PgConnection, profile: &Profile) -> QueryResult<User> {
    diesel::insert_into(users::table)
        .values(profile)
        .on_conflict(users::auth0_id)
        .do_update()
        .set((profile, users::updated_at.eq(diesel::dsl::now)))
        .returning(User::as_returning())
        .get_result(connection)
}
