//! The authsync service: HTTP over the domain's rules.
//!
//! A library, so that tests start exactly what production starts. A request takes one way: `http` reads it, a verified
//! token and a parsed body go into a rule of [`domain`], and what comes back becomes an answer. The concrete types behind
//! the domain's traits are named in [`composition`] and nowhere else.

pub mod backfill;
pub mod check;
pub mod command;
pub mod composition;
pub mod events;
pub mod http;
pub mod legacy;
pub mod logging;
pub mod metrics;
pub mod migrate;
mod open_files;
pub mod progress;
pub mod readiness;
pub mod reconcile;
pub mod serve;
pub mod settings;
pub mod user_cache;
mod user_export;
