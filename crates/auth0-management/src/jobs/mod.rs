//! Long-running jobs of the Management API: bulk imports and exports, for commands that may take their time.

mod client;
mod courier;
mod download;
mod error;
mod export_lines;
mod import_errors;
mod job;
mod patience;
mod reply;
mod waiter;

pub use client::{ImportOrder, JobClient};
pub use error::JobError;
pub use export_lines::{ExportBroken, ExportLine, ExportLines, LineTooLong, MAX_EXPORT_LINE_BYTES};
pub use import_errors::{ImportErrors, RefusedRow, RowFault};
pub use job::{ImportSummary, Job, JobStatus};
pub use patience::Patience;
pub use waiter::{SleepingWaiter, Waiter, Waiting};
