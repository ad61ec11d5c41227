//! The server from outside: started as production starts it, asked over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing loudly; outside of #[test] functions clippy does not know that"
)]

mod client;
mod databases;
mod described;
#[path = "../../../auth0-management/tests/management/import_login.rs"]
mod import_login;
mod legacy_import_bench;
mod legacy_passwords;
mod legacy_runs;
mod legacy_table;
#[cfg(target_os = "linux")]
mod process;
mod program;
mod raw_connection;
mod spawn;
mod tenant_commands;
mod waiting;
mod websocket_client;

mod asyncapi;
mod backfill;
mod backfill_program;
mod bodies;
mod check;
mod command_line;
mod concurrency;
mod configuration;
mod cors;
mod credentials;
mod deployment;
mod deployment_files;
mod dpop;
mod endless_bodies;
mod errors;
mod events;
mod events_commands;
mod events_dead_letters;
mod events_delivered;
mod events_pulled;
mod gone_and_blocked;
mod issuers;
mod keep_alive;
mod keys;
mod keys_kept;
mod leaks;
mod legacy_import;
mod legacy_journey;
mod legacy_plan;
mod limits;
mod log_format;
mod management;
mod metrics;
mod migrate;
mod newcomers;
mod openapi;
mod openapi_answers;
mod outage;
mod overload;
mod placeholders;
mod protected_resource;
mod readiness;
#[cfg(target_os = "linux")]
mod readiness_in_time;
mod reconcile;
mod rehearsal;
mod replica;
mod request_id;
mod shutdown;
mod sync;
mod tokens;
mod user_cache;
mod user_cache_faults;
mod user_cache_interleavings;
mod verify;
mod websocket_changes;
mod websocket_handshake;
mod websocket_life;
mod websocket_messages;
