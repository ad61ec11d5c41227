//! The tables as diesel sees them; the columns are made in `migrations/sqlite`.

use diesel::define_sql_function;
use diesel::sql_types::{Double, Nullable, Text};

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
        blocked -> Bool,
        deleted_at -> Nullable<Text>,
    }
}

diesel::table! {
    auth0_records (auth0_id) {
        auth0_id -> Text,
        email -> Nullable<Text>,
        record -> Text,
    }
}

diesel::table! {
    legacy_users (user_id) {
        user_id -> BigInt,
        exported_at -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(auth0_records, legacy_users, users);

diesel::table! {
    issuer_key_sets (issuer) {
        issuer -> Text,
        document -> Text,
        fetched_at -> BigInt,
    }
}

diesel::table! {
    auth0_events_seen (event_id) {
        event_id -> Text,
        seen_at -> BigInt,
    }
}

diesel::table! {
    auth0_dead_letters (id) {
        id -> Integer,
        source -> Text,
        event_id -> Nullable<Text>,
        auth0_id -> Nullable<Text>,
        reason -> Text,
        body -> Text,
        parked_at -> BigInt,
        attempts -> Integer,
    }
}

diesel::table! {
    auth0_cursors (name) {
        name -> Text,
        position -> Text,
        moved_at -> BigInt,
    }
}

diesel::table! {
    dpop_proofs_used (digest) {
        digest -> Binary,
        forget_at -> BigInt,
    }
}

define_sql_function! {
    /// A moment as text.
    fn strftime(format: Text, moment: Text) -> Text;
}

define_sql_function! {
    /// A number of seconds after 1970 as text, with the modifier `unixepoch`.
    #[sql_name = "strftime"]
    fn strftime_of(format: Text, seconds: Nullable<Double>, modifier: Text) -> Nullable<Text>;
}

define_sql_function! {
    /// The seconds since 1970 of a moment; with the modifier `subsec` and a fraction.
    fn unixepoch(moment: Nullable<Text>, modifier: Text) -> Nullable<Double>;
}
