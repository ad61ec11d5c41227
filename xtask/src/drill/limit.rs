//! No drill lasts for ever, whatever hangs.

use std::process;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::screen::{Screen, duration};

/// Ends this program, and with it everything that it has started, unless it is dropped in time.
#[derive(Debug)]
pub(super) struct Limit {
    _in_time: Sender<()>,
}

impl Limit {
    pub(super) fn set(drill: &'static str, limit: Duration, screen: Screen) -> Self {
        let (in_time, dropped) = channel();
        thread::spawn(move || {
            if dropped.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                screen.line(format_args!("{} {drill}: not over within {}", screen.red("✗"), duration(limit)));
                process::exit(1);
            }
        });
        Self { _in_time: in_time }
    }
}
