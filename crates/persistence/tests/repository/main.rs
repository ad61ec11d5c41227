//! What the repository promises, on every database.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing loudly; outside of #[test] functions clippy does not know that"
)]

mod batch_histories;
mod batched;
mod batches;
mod bench;
mod changes;
mod contract;
mod convergence;
mod event_inbox;
mod foreign_addresses;
mod hung_primary;
mod key_sets;
mod legacy_adopt;
mod legacy_bench;
mod legacy_ends;
mod legacy_inspection;
mod legacy_kinds;
mod legacy_link;
mod legacy_rights;
mod legacy_subjects;
mod legacy_times;
mod legacy_trouble;
mod migrations;
mod new_users;
mod placeholders;
mod postgres;
mod replica;
mod sql_contract;
mod sqlite;
mod used_proofs;
mod user_pages;
