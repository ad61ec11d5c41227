//! One event, as it came, through the rule.

use auth0_management::{EventContent, EventKind, read_event};
use domain::{EventId, InboxPorts, Letter, LetterBody, RepositoryError, TakenIn, ToldEvent, UnixTime, take_in};

/// How an event came, as its letter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The webhook.
    Push,
    /// The Events API.
    Pull,
}

/// What became of something that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// Which event, as far as that can be told.
    pub(crate) event: Option<EventId>,
    /// When it happened, as far as that can be told.
    pub(crate) time: Option<UnixTime>,
    /// What became of it.
    pub(crate) outcome: Outcome,
}

/// What became of something that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The table says now what it says.
    Applied,
    /// The table said so already.
    Unchanged,
    /// It was dealt with before.
    Duplicate,
    /// It says nothing about a user.
    Ignored,
    /// Auth0 tries out whether it is heard.
    Test,
    /// It waits as a letter.
    Parked,
}

impl Source {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Pull => "pull",
        }
    }
}

/// Takes in what came. Whatever it is, it is dealt with or kept; the log says which, and holds nothing of the body.
///
/// # Errors
/// [`RepositoryError`] when it is neither: it must come again.
pub(crate) fn receive(
    body: &[u8],
    source: &str,
    ports: &InboxPorts<'_>,
    now: UnixTime,
) -> Result<Received, RepositoryError> {
    let event = match read_event(body) {
        Ok(event) => event,
        Err(problem) => {
            let reason = problem.fault.to_string();
            let (event, body) = (problem.event, LetterBody::keep(body));
            ports.inbox.park(
                &Letter {
                    source: source.to_owned(),
                    event: event.clone(),
                    subject: None,
                    reason: reason.clone(),
                    body,
                },
                now,
            )?;
            log_parked(event.as_ref(), EventKind::Other, &reason);
            return Ok(Received { event, time: None, outcome: Outcome::Parked });
        }
    };
    let (id, kind) = (event.id, event.kind);
    let outcome = match event.content {
        EventContent::Test => Outcome::Test,
        EventContent::OtherType => Outcome::Ignored,
        EventContent::Fact(fact) => {
            log::debug!(target: "events", "event {id} is about {}", fact.subject);
            match take_in(&ToldEvent { id: &id, fact: &fact, source, body }, ports, now)? {
                TakenIn::Applied => Outcome::Applied,
                TakenIn::Unchanged => Outcome::Unchanged,
                TakenIn::Duplicate => Outcome::Duplicate,
                TakenIn::Parked { reason } => {
                    log_parked(Some(&id), kind, &reason);
                    Outcome::Parked
                }
            }
        }
    };
    if outcome != Outcome::Parked {
        log::info!(target: "events", "event {id} {} {}", kind.name(), outcome.label());
    }
    Ok(Received { event: Some(id), time: event.time, outcome })
}

fn log_parked(event: Option<&EventId>, kind: EventKind, reason: &str) {
    let id = event.map_or("without an id", EventId::as_str);
    log::warn!(target: "events", "event {id} {} parked: {reason}", kind.name());
}

impl Outcome {
    /// Every outcome there is.
    pub(crate) const ALL: [Self; 6] =
        [Self::Applied, Self::Unchanged, Self::Duplicate, Self::Ignored, Self::Test, Self::Parked];

    /// The word for it, in the log and in the metrics.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Test => "test",
            Self::Parked => "parked",
        }
    }
}
