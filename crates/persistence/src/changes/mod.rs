//! Changes of the users table, as each database can tell of them.

mod feed;
mod listeners;
mod postgres;
mod sqlite;

pub(crate) use listeners::Listeners;
pub(crate) use postgres::Channel;
pub(crate) use sqlite::FileVersion;
