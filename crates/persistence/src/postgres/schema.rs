//! The tables as diesel sees them; the columns are made in `migrations/postgres`.

use diesel::define_sql_function;
use diesel::sql_types::{BigInt, Double, Nullable, Text, Timestamptz};

diesel::table! {
    users (id) {
        id -> Integer,
        email -> Varchar,
        name -> Nullable<Varchar>,
        auth0_id -> Varchar,
        updated_at -> Nullable<Timestamptz>,
        picture -> Nullable<Text>,
        email_verified -> Bool,
        blocked -> Bool,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    auth0_records (auth0_id) {
        auth0_id -> Varchar,
        email -> Nullable<Varchar>,
        record -> Text,
    }
}

diesel::table! {
    legacy_users (user_id) {
        user_id -> Integer,
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
        event_id -> Varchar,
        seen_at -> BigInt,
    }
}

diesel::table! {
    auth0_dead_letters (id) {
        id -> Integer,
        source -> Varchar,
        event_id -> Nullable<Varchar>,
        auth0_id -> Nullable<Varchar>,
        reason -> Text,
        body -> Text,
        parked_at -> BigInt,
        attempts -> Integer,
    }
}

diesel::table! {
    auth0_cursors (name) {
        name -> Varchar,
        position -> Text,
        moved_at -> BigInt,
    }
}

diesel::table! {
    dpop_proofs_used (digest) {
        digest -> Bytea,
        forget_at -> BigInt,
    }
}

define_sql_function! {
    /// A part of a moment; `epoch` is the seconds since 1970.
    fn date_part(part: Text, moment: Nullable<Timestamptz>) -> Nullable<Double>;
}

define_sql_function! {
    /// The moment so many seconds after 1970.
    fn to_timestamp(seconds: Nullable<Double>) -> Nullable<Timestamptz>;
}

define_sql_function! {
    /// Waits for a lock that ends with the transaction. PostgreSQL returns `void`, which diesel has no name for: only
    /// ever execute it, never load it.
    fn pg_advisory_xact_lock(key: BigInt) -> Bool;
}
