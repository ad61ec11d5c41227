//! The tables as diesel sees them; the columns are made in `migrations/sqlite`.

use diesel::define_sql_function;
use diesel::sql_types::Text;

diesel::table! {
    users (id) {
        // SQLite has 64 bits; that an id has no more than 31 is checked when the row is read.
        id -> BigInt,
        // Compared without case: the column is COLLATE NOCASE.
        email -> Text,
        name -> Nullable<Text>,
        auth0_id -> Text,
        updated_at -> Nullable<Text>,
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
    /// A moment as text.
    fn strftime(format: Text, moment: Text) -> Text;
}
