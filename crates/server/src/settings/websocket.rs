//! What sockets are allowed.

use std::time::Duration;

use super::key;
use super::reader::Reader;

/// The limits of `GET /ws`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSocketSettings {
    /// The most sockets at once.
    pub max_sockets: usize,
    /// The most of them for one user.
    pub max_sockets_per_user: usize,
    /// The most frames that a client may send in ten seconds.
    pub max_frames: u32,
    /// How often a client is asked for a sign of life; it may fail to answer twice.
    pub ping_every: Duration,
    /// How long a client may take over what it is sent.
    pub write_timeout: Duration,
}

impl WebSocketSettings {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let max_sockets = reader.number(key::MAX_SOCKETS, "sockets", 0..=1_000_000);
        let max_sockets_per_user = reader.number(key::MAX_SOCKETS_PER_USER, "sockets", 1..=1_000_000);
        let max_frames = reader.number(key::MAX_FRAMES, "frames", 5..=100_000);
        let ping_every = reader.milliseconds(key::PING, 100..=600_000);
        let write_timeout = reader.milliseconds(key::WRITE_TIMEOUT, 100..=600_000);
        Some(Self {
            max_sockets: usize::try_from(max_sockets?).ok()?,
            max_sockets_per_user: usize::try_from(max_sockets_per_user?).ok()?,
            max_frames: u32::try_from(max_frames?).ok()?,
            ping_every: ping_every?,
            write_timeout: write_timeout?,
        })
    }
}
