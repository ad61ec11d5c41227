//! Statements about many users at once.

use diesel::sql_types::{BigInt, Bool, Double, Integer, Nullable, Text};

use super::held_addresses::{is_untrimmed, trimmed};
use super::prepared::prepared;

/// What [`user_from`](crate::user_row::user_from) reads, in its order.
type UserRow = (Integer, Text, Text, Bool, Nullable<Text>, Nullable<Text>, Bool, Nullable<Double>);

/// The columns of [`UserRow`].
macro_rules! user_columns {
    () => {
        "u.id, u.auth0_id, u.email, u.email_verified, u.name, u.picture, u.blocked, date_part('epoch', u.deleted_at)"
    };
}

prepared!(
    /// The rows of these subjects, each with Auth0's word on the user.
    Lookup { subjects: &'a str => Text } -> (UserRow, Nullable<Text>),
    [
        concat!(
            "SELECT ", user_columns!(), ", r.record FROM users u LEFT JOIN auth0_records r ON r.auth0_id = u.auth0_id \
             WHERE u.auth0_id = ANY("
        ),
        ")",
    ]
);

prepared!(
    /// Of each subject the row, Auth0's word, and whether the password era exported a row under the id in it. Of each
    /// subject one line, in no order.
    Bases { subjects: &'a str => Text, imported: Option<i32> => Nullable<Integer> } ->
        (Text, Nullable<UserRow>, Nullable<Text>, Bool),
    [
        concat!("SELECT w.subject, ", user_columns!(), ", r.record, l.user_id IS NOT NULL FROM unnest("),
        ", ",
        ") AS w(subject, imported) LEFT JOIN users u ON u.auth0_id = w.subject \
         LEFT JOIN auth0_records r ON r.auth0_id = w.subject \
         LEFT JOIN legacy_users l ON l.user_id = w.imported AND l.exported_at IS NOT NULL",
    ]
);

prepared!(
    /// Takes those of the locks that are free, until the transaction ends. Waits for none.
    TryLocks { keys: &'a i64 => BigInt } -> (BigInt, Bool),
    ["SELECT w.key, pg_try_advisory_xact_lock(w.key) FROM unnest(", ") AS w(key)"]
);

prepared!(
    /// Locks those of the rows that are free, until the transaction ends. Waits for none.
    TryRows { ids: &'a i32 => Integer } -> Integer,
    ["SELECT id FROM users WHERE id = ANY(", ") FOR UPDATE SKIP LOCKED"]
);

prepared!(
    /// Who holds one of these addresses, or may wait for it, and which of both.
    Claimants { addresses: &'a str => Text } -> (Text, Bool, UserRow, Nullable<Text>),
    [
        "WITH w AS MATERIALIZED (SELECT unnest(",
        concat!(
            ") AS address) SELECT w.address, TRUE, ", user_columns!(), ", r.record FROM w \
             JOIN users u ON lower(u.email) = lower(w.address) LEFT JOIN auth0_records r ON r.auth0_id = u.auth0_id \
             UNION ALL SELECT w.address, TRUE, ", user_columns!(), ", r.record FROM w \
             JOIN users u ON ", is_untrimmed!("u.email"), " AND ", trimmed!("u.email"), " = lower(w.address) \
             LEFT JOIN auth0_records r ON r.auth0_id = u.auth0_id \
             UNION ALL SELECT w.address, FALSE, ", user_columns!(), ", r.record FROM w \
             JOIN auth0_records r ON r.email = w.address JOIN users u ON u.auth0_id = r.auth0_id"
        ),
    ]
);

prepared!(
    /// Inserts those of whom nothing is known; says who got which id. The locks are those of [`locks`](super::locks).
    InsertNewUsers {
        subjects: &'a str => Text,
        imported: Option<i32> => Nullable<Integer>,
        emails: &'a str => Text,
        verified: bool => Bool,
        names: Option<&'a str> => Nullable<Text>,
        pictures: Option<&'a str> => Nullable<Text>,
        subject_keys: i64 => BigInt,
        address_keys: i64 => BigInt,
    } -> (Text, Integer),
    ["SELECT subject, user_id FROM authsync_insert_new_users(", ", ", ", ", ", ", ", ", ", ", ", ", ", ", ")"]
);

prepared!(
    /// Inserts users, but for those whose address or subject is taken; says who got which id. A plain INSERT draws an id
    /// first and finds the address taken afterwards; this one draws nothing then.
    InsertUsers {
        subjects: &'a str => Text,
        emails: &'a str => Text,
        verified: bool => Bool,
        names: Option<&'a str> => Nullable<Text>,
        pictures: Option<&'a str> => Nullable<Text>,
        blocked: bool => Bool,
        deleted_at: Option<f64> => Nullable<Double>,
    } -> (Text, Integer),
    [
        "INSERT INTO users (auth0_id, email, email_verified, name, picture, blocked, deleted_at) \
         SELECT w.auth0_id, w.email, w.verified, w.name, w.picture, w.blocked, to_timestamp(w.deleted_at) FROM unnest(",
        ", ", ", ", ", ", ", ", ", ", ", ",
        concat!(
            ") AS w(auth0_id, email, verified, name, picture, blocked, deleted_at) \
             WHERE NOT EXISTS (SELECT FROM users u WHERE lower(u.email) = lower(w.email)) \
             AND NOT EXISTS (SELECT FROM users u WHERE ", is_untrimmed!("u.email"), " AND ",
            trimmed!("u.email"), " = lower(w.email)) ON CONFLICT DO NOTHING RETURNING auth0_id, id"
        ),
    ]
);

prepared!(
    /// Updates users. Name and picture are written only where they change: of what another program wrote, less may have been
    /// read.
    UpdateUsers {
        ids: i32 => Integer,
        emails: &'a str => Text,
        verified: bool => Bool,
        new_name: bool => Bool,
        names: Option<&'a str> => Nullable<Text>,
        new_picture: bool => Bool,
        pictures: Option<&'a str> => Nullable<Text>,
        blocked: bool => Bool,
        deleted_at: Option<f64> => Nullable<Double>,
    } -> Integer,
    [
        "UPDATE users u SET email = w.email, email_verified = w.verified, \
         name = CASE WHEN w.new_name THEN w.name ELSE u.name END, \
         picture = CASE WHEN w.new_picture THEN w.picture ELSE u.picture END, blocked = w.blocked, \
         deleted_at = to_timestamp(w.deleted_at), updated_at = now() FROM unnest(",
        ", ", ", ", ", ", ", ", ", ", ", ", ", ", ", ",
        ") AS w(id, email, verified, new_name, name, new_picture, picture, blocked, deleted_at) \
         WHERE u.id = w.id RETURNING u.id",
    ]
);

prepared!(
    /// Writes Auth0's word on these subjects.
    WriteRecords {
        subjects: &'a str => Text,
        emails: Option<&'a str> => Nullable<Text>,
        records: String => Text,
    } -> (),
    [
        "INSERT INTO auth0_records (auth0_id, email, record) SELECT w.auth0_id, w.email, w.record FROM unnest(",
        ", ", ", ",
        ") AS w(auth0_id, email, record) \
         ON CONFLICT (auth0_id) DO UPDATE SET email = excluded.email, record = excluded.record",
    ]
);
