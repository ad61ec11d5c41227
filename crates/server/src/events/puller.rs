//! Follows Auth0's events, for as long as it takes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use auth0_management::{EventStreamClient, StreamContent, StreamError, StreamMessage};
use domain::{
    Clock, EventInbox, InboxPorts, Letter, LetterBody, ProfileDirectory, RepositoryError, UserRepository, in_one_line,
};

use super::position::Position;
use super::receive::{Source, receive};
use super::stop::Stop;

/// Takes in what the Events API tells, and remembers how far it has come.
pub struct Puller {
    /// Where the events come from.
    pub client: EventStreamClient,
    /// The users table.
    pub users: Arc<dyn UserRepository>,
    /// Auth0's own profiles, which may be remembered.
    pub profiles: Arc<dyn ProfileDirectory>,
    /// What is remembered of events.
    pub inbox: Arc<dyn EventInbox>,
    /// What time is told by.
    pub clock: Arc<dyn Clock>,
    /// How long it pauses.
    pub pace: Pace,
}

/// How long to pause between two streams. The pauses after failures double from the first to the longest; a pause that
/// Auth0 asks for by the stream is no longer than the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The pause after a stream that was closed, if Auth0 says nothing, and the first one after a failure.
    pub first: Duration,
    /// The longest after a failure.
    pub longest: Duration,
}

/// Why a stream is left.
enum Left {
    /// Auth0 closed it, and asks for this pause.
    Closed(Option<Duration>),
    Stopped,
    Lost(StreamError),
    /// The database took neither event nor letter nor position: the message must be read again.
    NotKept(RepositoryError),
}

impl Default for Pace {
    /// One second, and a minute.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(60) }
    }
}

impl Puller {
    /// Follows the events until the order to stop. An order that comes while nothing is heard shows when Auth0 sends its
    /// next message or closes the stream; nothing is under way then, so that the process may as well end.
    ///
    /// # Errors
    /// What only the operator can mend: credentials or scopes.
    pub fn run(&self, stop: &Stop) -> anyhow::Result<()> {
        let mut failures = 0;
        let mut position = None;
        while !stop.is_ordered() {
            let before = position.clone();
            let pause = match self.follow(&mut position, stop) {
                Left::Stopped => break,
                Left::Closed(asked) => {
                    log::debug!(target: "events", "auth0 closed the stream, as it does now and then");
                    failures = 0;
                    asked.unwrap_or(self.pace.first).min(self.pace.longest)
                }
                Left::Lost(error) if error.is_misconfiguration() => return Err(error).context("events pull"),
                Left::Lost(StreamError::PositionExpired | StreamError::PositionRefused) => {
                    self.fall_back(&mut position);
                    self.after_failure(&mut failures)
                }
                Left::Lost(error) => {
                    if position != before {
                        failures = 0;
                    }
                    let asked = error.asks_for(self.clock.now()).unwrap_or_default();
                    let pause = self.after_failure(&mut failures).max(asked);
                    log::warn!(target: "events", "{}; trying again in {} ms", in_one_line(&error), pause.as_millis());
                    pause
                }
                Left::NotKept(error) => {
                    let pause = self.after_failure(&mut failures);
                    log::warn!(
                        target: "events",
                        "an event could not be kept: {}; reading it again in {} ms",
                        in_one_line(&error),
                        pause.as_millis()
                    );
                    // What is kept counts, not what is remembered.
                    position = None;
                    pause
                }
            };
            stop.pause(pause);
        }
        Ok(())
    }

    /// One stream, to its end.
    fn follow(&self, position: &mut Option<Position>, stop: &Stop) -> Left {
        let position = match self.position(position) {
            Ok(position) => position,
            Err(error) => return Left::NotKept(error),
        };
        let mut stream = match self.client.open(&position.start()) {
            Ok(stream) => stream,
            Err(error) => return Left::Lost(error),
        };
        log::debug!(target: "events", "following auth0's events");
        loop {
            let message = match stream.next_message() {
                Ok(Some(message)) => message,
                Ok(None) => return Left::Closed(stream.retry()),
                Err(error) => return Left::Lost(error),
            };
            let Some(_piece) = stop.begin_piece() else { return Left::Stopped };
            if let Err(error) = self.take(message, position) {
                return Left::NotKept(error);
            }
        }
    }

    /// The place to go on from. A first one is kept at once, so that a restart before the first message misses nothing.
    fn position<'p>(&self, known: &'p mut Option<Position>) -> Result<&'p mut Position, RepositoryError> {
        let position = match known.take() {
            Some(position) => position,
            None => {
                let position = Position::load(&*self.inbox, self.clock.now())?;
                position.store(&*self.inbox, self.clock.now())?;
                position
            }
        };
        Ok(known.insert(position))
    }

    fn take(&self, message: StreamMessage, position: &mut Position) -> Result<(), RepositoryError> {
        let now = self.clock.now();
        let time = match &message.content {
            StreamContent::OffsetOnly => None,
            StreamContent::Event { body, is_whole: true } => {
                let ports = InboxPorts { users: &*self.users, profiles: &*self.profiles, inbox: &*self.inbox };
                receive(body, Source::Pull.name(), &ports, now)?.time
            }
            StreamContent::Event { body, is_whole: false } => {
                let reason = "the event is too long to be read whole".to_owned();
                log::warn!(target: "events", "event parked: {reason}");
                let (source, body) = (Source::Pull.name().to_owned(), LetterBody::keep(body));
                self.inbox.park(&Letter { source, event: None, subject: None, reason, body }, now)?;
                None
            }
        };
        position.advance(message.offset, time, now);
        position.store(&*self.inbox, now)
    }

    fn fall_back(&self, position: &mut Option<Position>) {
        let Some(position) = position else { return };
        if position.fall_back() {
            log::warn!(target: "events", "auth0 no longer takes the position: going on from the time of the last event");
        } else {
            log::error!(
                target: "events",
                "auth0 no longer has the events from there on: some were missed, which `authsync reconcile` finds"
            );
        }
    }

    fn after_failure(&self, failures: &mut u32) -> Duration {
        let pause = self.pace.first.saturating_mul(1 << (*failures).min(16)).min(self.pace.longest);
        *failures += 1;
        pause
    }
}

impl std::fmt::Debug for Puller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Puller").field("client", &self.client).field("pace", &self.pace).finish_non_exhaustive()
    }
}
