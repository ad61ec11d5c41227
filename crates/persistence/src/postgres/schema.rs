//! The tables as diesel sees them; the columns are made in `migrations/postgres`.

use diesel::define_sql_function;
use diesel::sql_types::{BigInt, Text};

diesel::table! {
    users (id) {
        id -> Integer,
        email -> Varchar,
        name -> Nullable<Varchar>,
        auth0_id -> Varchar,
        updated_at -> Nullable<Timestamptz>,
        picture -> Nullable<Text>,
        email_verified -> Bool,
    }
}

diesel::table! {
    issuer_key_sets (issuer) {
        issuer -> Text,
        document -> Text,
        fetched_at -> BigInt,
    }
}

define_sql_function! {
    /// Text in lower case, as the index `users_email_lower_key` has it.
    fn lower(text: Text) -> Text;
}

define_sql_function! {
    /// Waits for a lock that ends with the transaction. PostgreSQL returns `void`, which diesel has no name for: only
    /// ever execute it, never load it.
    fn pg_advisory_xact_lock(key: BigInt) -> Bool;
}
