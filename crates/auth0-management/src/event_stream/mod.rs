//! Events pulled from the Events API (`GET /api/v2/events`, server-sent events), instead of pushed to a webhook.

mod client;
mod error;
mod message;
mod sse;

pub use self::client::{EventStream, EventStreamClient, StreamStart};
pub use self::error::StreamError;
pub use self::message::{StreamContent, StreamMessage};
