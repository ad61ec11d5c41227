//! `authsync events dead-letters list|retry`.

use std::io::{self, Write};

use anyhow::Context as _;
use auth0_management::read_event;
use domain::{DeadLetter, EventInbox, InboxPorts, LetterId, RepositoryError, UnixTime};

use super::letter_list::LetterList;
use super::receive::{Outcome as Became, receive};
use crate::command::{Format, Outcome};
use crate::composition::EventServices;
use crate::settings::LocalSettings;

/// How many letters are in memory at once; each may have 256 KiB.
const PAGE: usize = 16;

/// Writes what could not be taken in. Changes nothing.
///
/// # Errors
/// When the database is out of reach, or nothing can be written.
pub fn dead_letters_list(settings: &LocalSettings, format: Format, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let services = EventServices::from_settings(settings)?;
    match list(&*services.inbox, format, out) {
        // Whoever reads has seen enough.
        Err(error)
            if error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe) => {}
        outcome => outcome.context("dead letters")?,
    }
    Ok(Outcome::complete(""))
}

/// Tries again what could not be taken in, each letter once, and writes a line for each and their sum. The outcome is
/// complete when no letter is left of those that were tried.
///
/// # Errors
/// When the database is out of reach: what was tried until then is done. When nothing can be written.
pub fn dead_letters_retry(settings: &LocalSettings, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let services = EventServices::from_settings(settings)?;
    let ports = InboxPorts { users: &*services.users, profiles: &*services.profiles, inbox: &*services.inbox };
    let (mut done, mut left) = (0_u64, 0_u64);
    let tried = retry(&ports, services.clock.now(), &mut |letter, became| {
        let id = letter.letter.event.as_ref().map_or("-", |event| event.as_str());
        let word = became.label();
        *(if became == Became::Parked { &mut left } else { &mut done }) += 1;
        writeln!(out, "{:>6}  {id}  {}", letter.id, if became == Became::Parked { "still parked" } else { word })
    });
    tried.with_context(|| format!("dead letters: stopped after {done} done and {left} still parked"))?;
    writeln!(out, "{done} done, {left} still parked")?;
    Ok(Outcome { report: String::new(), complete: left == 0 })
}

fn list(inbox: &dyn EventInbox, format: Format, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut list = LetterList::begin(out, format)?;
    let mut after = None;
    while let Some(last) = for_page(inbox, after, &mut |letter| Ok(list.add(&letter)?))? {
        after = Some(last);
    }
    Ok(list.end()?)
}

/// Tries every letter that is there at the beginning once.
fn retry(
    ports: &InboxPorts<'_>,
    now: UnixTime,
    tell: &mut dyn FnMut(&DeadLetter, Became) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut after = None;
    while let Some(last) = for_page(ports.inbox, after, &mut |letter| {
        // Parked meanwhile, perhaps by this very run.
        if letter.parked_at >= now {
            return Ok(());
        }
        let became = try_again(&letter, ports, now)?;
        Ok(tell(&letter, became)?)
    })? {
        after = Some(last);
    }
    Ok(())
}

fn try_again(letter: &DeadLetter, ports: &InboxPorts<'_>, now: UnixTime) -> Result<Became, RepositoryError> {
    let body = letter.letter.body.as_str().as_bytes();
    let Ok(event) = read_event(body) else {
        // As unreadable as before. Only a letter that names an event can be counted up.
        if letter.letter.event.is_some() {
            ports.inbox.park(&letter.letter, now)?;
        }
        return Ok(Became::Parked);
    };
    let became = receive(body, &letter.letter.source, ports, now)?.outcome;
    // If it is parked again, it is so under the event's id.
    if became != Became::Parked || letter.letter.event.as_ref() != Some(&event.id) {
        ports.inbox.discard(letter.id)?;
    }
    Ok(became)
}

/// Does something with the letters of one page, and says which was the last.
fn for_page(
    inbox: &dyn EventInbox,
    after: Option<LetterId>,
    act: &mut dyn FnMut(DeadLetter) -> anyhow::Result<()>,
) -> anyhow::Result<Option<LetterId>> {
    let page = inbox.dead_letters(after, PAGE)?;
    let last = page.last().map(|letter| letter.id);
    page.into_iter().try_for_each(act)?;
    Ok(last)
}
