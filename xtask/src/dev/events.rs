//! What happens while the programs run, in one queue: their lines, their ends, and the developer's Ctrl-C.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::screen::Screen;

/// One thing that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A program wrote a line.
    Line { from: &'static str, text: String },
    /// A program ended.
    Ended { from: &'static str },
    /// Ctrl-C, SIGTERM or SIGHUP.
    Interrupted,
}

/// The developer has had enough.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// The queue.
#[derive(Debug)]
pub(crate) struct Events {
    sender: Sender<Event>,
    receiver: Receiver<Event>,
}

impl Events {
    /// From here on signals no longer end this program, but arrive in the queue.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let (sender, receiver) = mpsc::channel();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be listened to")?;
        let on_signal = sender.clone();
        thread::spawn(move || signals.forever().all(|_| on_signal.send(Event::Interrupted).is_ok()));
        Ok(Self { sender, receiver })
    }

    /// For those who report.
    pub(crate) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Waits for the line of `from` in which `look` finds something.
    ///
    /// # Errors
    /// A program ended, or the time is over.
    pub(crate) fn line_of<T>(
        &self,
        from: &'static str,
        within: Duration,
        mut look: impl FnMut(&str) -> Option<T>,
    ) -> anyhow::Result<T> {
        let deadline = Instant::now() + within;
        while let Some(event) = self.next(deadline)? {
            if let Event::Line { from: speaker, text } = event
                && speaker == from
                && let Some(found) = look(&text)
            {
                return Ok(found);
            }
        }
        bail!("{from} did not start within {} seconds", within.as_secs())
    }

    /// Lets some time pass.
    ///
    /// # Errors
    /// A program ended meanwhile.
    pub(crate) fn pause(&self, time: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + time;
        while self.next(deadline)?.is_some() {}
        Ok(())
    }

    /// Shows what the programs say until the developer stops them.
    ///
    /// # Errors
    /// A program ended by itself.
    pub(crate) fn until_the_end(&self, screen: Screen) -> anyhow::Result<()> {
        for event in &self.receiver {
            match event {
                Event::Line { from, text } => {
                    screen.line(format_args!("{} {text}", screen.dim(format_args!("{from:10} │"))))
                }
                Event::Ended { from } => bail!("{from} has ended"),
                Event::Interrupted => break,
            }
        }
        Ok(())
    }

    fn next(&self, deadline: Instant) -> anyhow::Result<Option<Event>> {
        match self.receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Event::Ended { from }) => bail!("{from} ended before the login was through"),
            Ok(Event::Interrupted) => Err(Interrupted.into()),
            Ok(event) => Ok(Some(event)),
            // This end holds a sender, too, so the queue never closes.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(None),
        }
    }
}
