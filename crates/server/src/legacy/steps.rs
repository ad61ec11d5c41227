//! The steps that the database does by itself: adopt, link, finish, rollback.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::Clock;
use persistence::{LegacyError, LegacyUsers, Newcomers};

use super::by_hand;
use super::told::Told;
use crate::command::Outcome;
use crate::progress::Screen;

/// Where the dump goes unless it is said: into the working directory.
const DUMP: &str = "legacy-passwords.jsonl";

/// `authsync legacy adopt`.
///
/// # Errors
/// When the table cannot be adopted, or the database is out of reach. Run it again.
pub(super) fn adopt(users: &LegacyUsers, screen: &Screen) -> anyhow::Result<Outcome> {
    let mut told = Told::of("adopt", screen);
    let adopted = users.adopt(&mut |progress| told.hear(progress)).context("legacy adopt")?;
    let mut text: String = adopted.applied.iter().map(|name| format!("applied   {name}\n")).collect();
    text += &format!(
        "the table users is adopted: {} rows, each with auth0_id, name, picture, email_verified and times\n",
        adopted.rows
    );
    text += "  ids, passwords, all other columns and foreign keys are as they were, and the application goes on\n";
    if adopted.displaced > 0 {
        text += &format!(
            "  {} rows could not keep their address as it was; it is in legacy_users.email\n",
            adopted.displaced
        );
    }
    text += "back: authsync legacy rollback\n";
    Ok(Outcome::complete(text + &next(users)?))
}

/// `authsync legacy link`.
///
/// # Errors
/// When the table is not adopted, the files that were uploaded by hand cannot be read, or the database is out of reach.
/// Run it again.
pub(super) fn link(
    users: &LegacyUsers,
    uploaded: Option<&Path>,
    clock: &dyn Clock,
    screen: &Screen,
) -> anyhow::Result<Outcome> {
    let mut text = String::new();
    if let Some(directory) = uploaded {
        let marked = by_hand::mark(users, directory, clock, screen).context("legacy link")?;
        text += &format!("uploaded by hand  {marked:>9}\n");
    }
    let mut told = Told::of("link", screen);
    let linked = users.link(clock.now(), &mut |progress| told.hear(progress)).context("legacy link")?;
    text += &format!("linked            {:>9}\n", linked.linked);
    text += &format!("linked before     {:>9}\n", linked.already);
    if linked.taken > 0 {
        text += &format!("left as they are  {:>9}  another row is linked to their Auth0 user already\n", linked.taken);
    }
    let counts = users.status().context("legacy link")?.counts;
    text +=
        &format!("not linked        {:>9}  they link at their first login with a verified address\n", counts.unlinked);
    Ok(Outcome { report: text + &next(users)?, complete: linked.taken == 0 })
}

/// `authsync legacy finish`.
///
/// # Errors
/// When more rows wait than are accepted, the dump cannot be written, or the database is out of reach: nothing is dropped
/// then.
pub(super) fn finish(
    users: &LegacyUsers,
    accept_unlinked: u64,
    dump: Option<&Path>,
    screen: &Screen,
) -> anyhow::Result<Outcome> {
    let noted = users.status().context("legacy finish")?.dump;
    let dump = dump.map(Path::to_owned).or(noted.map(PathBuf::from)).unwrap_or_else(|| PathBuf::from(DUMP));
    let mut told = Told::of("finish", screen);
    let finished = match users.finish(accept_unlinked, &dump, &mut |progress| told.hear(progress)) {
        Err(error @ LegacyError::StillUnlinked { unlinked, .. }) => {
            return Err(error).with_context(|| {
                format!(
                    "legacy finish: nothing was dropped (authsync legacy status; with --accept-unlinked {unlinked} they \
                     lose their password and link by a verified address alone)"
                )
            });
        }
        other => other.context("legacy finish")?,
    };
    let columns = finished.columns.join(", ");
    Ok(Outcome::complete(match finished.dumped {
        0 => format!("the migration was finished before: {columns} is gone\n"),
        rows => format!(
            "dropped {columns}\nthe dump of {rows} rows is {}: it holds password hashes, keep it to yourself and delete it \
             when nobody needs it\nthere is no way back from here\n",
            dump.display()
        ),
    }))
}

/// `authsync legacy rollback`.
///
/// # Errors
/// When the migration is finished, the way back would lose something, or the database is out of reach: nothing has
/// changed then.
pub(super) fn rollback(users: &LegacyUsers, newcomers: Newcomers, screen: &Screen) -> anyhow::Result<Outcome> {
    let mut told = Told::of("rollback", screen);
    let outcome = match users.rollback(newcomers, &mut |progress| told.hear(progress)) {
        Err(error @ LegacyError::Newcomers { .. }) => {
            return Err(error).context("legacy rollback: nothing was changed (--newcomers keep or --newcomers drop)");
        }
        other => other.context("legacy rollback")?,
    };
    let mut text = "the table users is as the application made it\n".to_owned();
    for (count, what) in [
        (outcome.dropped, "users who came since the adoption were deleted"),
        (outcome.kept, "users who came since the adoption are there still, without a password"),
    ] {
        if count > 0 {
            text += &format!("  {count} {what}\n");
        }
    }
    text.extend(outcome.left.iter().map(|left| format!("  {left}\n")));
    text += "users whom Auth0 has imported are there still: delete them there if they are not to stay\n";
    Ok(Outcome { report: text + &next(users)?, complete: outcome.left.is_empty() })
}

/// The line on what comes next.
pub(super) fn next(users: &LegacyUsers) -> anyhow::Result<String> {
    Ok(format!("\nnext: {}\n", users.status()?.next_step()))
}
