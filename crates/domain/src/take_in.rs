//! The rule of Auth0's events: one that is told brings its row of the users table up to date, once.

use crate::{
    Auth0Fact, Change, EventId, EventInbox, Letter, LetterBody, ProfileDirectory, RepositoryError, Saved, Standing,
    UnixTime, UserRepository, in_one_line,
};

/// An event that says something about a user.
#[derive(Clone, Copy, Debug)]
pub struct ToldEvent<'a> {
    /// Which one.
    pub id: &'a EventId,
    /// What it says.
    pub fact: &'a Auth0Fact,
    /// How it came, as a letter would say.
    pub source: &'a str,
    /// The event as it came.
    pub body: &'a [u8],
}

/// What [`take_in`] works with.
#[derive(Clone, Copy)]
pub struct InboxPorts<'a> {
    /// The users table.
    pub users: &'a dyn UserRepository,
    /// Auth0's own profiles, which may be remembered.
    pub profiles: &'a dyn ProfileDirectory,
    /// What is remembered of events.
    pub inbox: &'a dyn EventInbox,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenIn {
    /// The table says what it says.
    Applied,
    /// The table said so already.
    Unchanged,
    /// It was dealt with before.
    Duplicate,
    /// It waits as a letter.
    Parked {
        /// What stands in the way, in words that hold no value of the event.
        reason: String,
    },
}

const ADDRESS_IS_HELD: &str = "another user has the better claim to the email address: this one waits for it";

/// Takes an event in. What cannot be applied, or not wholly, is parked and not remembered as seen: another delivery, or
/// a person, tries it again, and when nothing stands in the way any more its letter goes.
///
/// # Errors
/// [`RepositoryError`] when the event is neither applied nor parked: whoever delivers it must do so again.
pub fn take_in(event: &ToldEvent<'_>, ports: &InboxPorts<'_>, now: UnixTime) -> Result<TakenIn, RepositoryError> {
    if ports.inbox.has_seen(event.id)? {
        return Ok(TakenIn::Duplicate);
    }
    let saved = match ports.users.save(Change::Fact(event.fact)) {
        Ok(saved) => saved,
        Err(outage @ RepositoryError::Unavailable(_)) => return Err(outage),
        Err(refusal) => return park(event, ports, in_one_line(&refusal), now),
    };
    // Whatever was read before this event is older than it.
    ports.profiles.forget(&event.fact.subject);
    if lacks_its_address(event.fact, &saved) {
        return park(event, ports, ADDRESS_IS_HELD.to_owned(), now);
    }
    ports.inbox.mark_seen(event.id, now)?;
    Ok(if matches!(saved, Saved::Unchanged(_)) { TakenIn::Unchanged } else { TakenIn::Applied })
}

/// Whether the user is there and has not got the address that the event gives them.
fn lacks_its_address(fact: &Auth0Fact, saved: &Saved) -> bool {
    let user = saved.user();
    let has_one = fact.profile.as_ref().is_some_and(|said| said.profile.email.is_some());
    has_one && user.is_displaced() && !matches!(user.standing, Standing::Deleted { .. })
}

fn park(
    event: &ToldEvent<'_>,
    ports: &InboxPorts<'_>,
    reason: String,
    now: UnixTime,
) -> Result<TakenIn, RepositoryError> {
    let letter = Letter {
        source: event.source.to_owned(),
        event: Some(event.id.clone()),
        subject: Some(event.fact.subject.clone()),
        reason: reason.clone(),
        body: LetterBody::keep(event.body),
    };
    ports.inbox.park(&letter, now)?;
    Ok(TakenIn::Parked { reason })
}

impl std::fmt::Debug for InboxPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboxPorts").finish_non_exhaustive()
    }
}
