//! `authsync legacy export`: import files for Auth0, and lists of those who are not in them whole.

mod lists;

use std::path::Path;

use anyhow::Context as _;
use auth0_management::{ImportFile, ImportFiles, ImportFilesError};
use domain::Clock;
use persistence::{LegacyError, LegacyRow, LegacyUsers, Phase};

use self::lists::Lists;
use super::candidate::{Fate, Sorter};
use super::directory::{Directory, Manifest};
use super::local_users::LocalFile;
use crate::command::Outcome;
use crate::progress::Screen;

/// How many went where.
#[derive(Debug, Default)]
struct Tally {
    exported: u64,
    with_password: u64,
    left_out: u64,
    settled: u64,
}

/// What is said where no hash was found at all.
const NOBODY_WITH_PASSWORD: &str =
    "no hash was found: where the column has no usual name, export again with --password-column NAME\n";

/// Writes the files, and then marks whom they hold as exported.
///
/// # Errors
/// When the table is not adopted, the database is out of reach, or the directory is not fit. Run it again.
pub(super) fn run(users: &LegacyUsers, out: &Path, clock: &dyn Clock, screen: &Screen) -> anyhow::Result<Outcome> {
    let status = users.status().context("legacy export")?;
    match status.phase {
        Phase::NothingToDo => return Err(LegacyError::NeverHeldPasswords).context("legacy export"),
        Phase::NotAdopted => return Err(LegacyError::NotAdopted).context("legacy export"),
        Phase::HalfAdopted => return Err(LegacyError::HalfAdopted).context("legacy export"),
        Phase::Finished => return Err(LegacyError::Finished).context("legacy export"),
        _ => {}
    }
    let directory = Directory::for_export(out).context("legacy export")?;
    let (files, tally) = write(users, &directory, status.counts.rows, screen).context("legacy export")?;
    mark(users, &files, clock, screen).context("legacy export")?;
    let manifest = Manifest::of(&files);
    directory.finish(&manifest).context("legacy export")?;
    let mut report = report(&tally, &manifest, out);
    if tally.exported > 0 && tally.with_password == 0 && status.password_columns.is_empty() {
        report.push_str(NOBODY_WITH_PASSWORD);
    }
    Ok(Outcome { report, complete: tally.left_out == 0 })
}

/// All files, in their places.
fn write(
    users: &LegacyUsers,
    directory: &Directory,
    total: u64,
    screen: &Screen,
) -> anyhow::Result<(Vec<ImportFile>, Tally)> {
    let stage = directory.stage().with_context(|| directory.path().display().to_string())?;
    let mut files = ImportFiles::create(&stage)?;
    let mut lists = Lists::create(&stage)?;
    let (mut tally, mut sorter) = (Tally::default(), Sorter::default());
    screen.say("export: writing the files");
    let progress = screen.begin("export", "rows", 0);
    progress.expect(total);
    for row in users.rows()? {
        let row = row?;
        match sorter.fate_of(&row) {
            Fate::Settled => tally.settled += 1,
            Fate::LeftOut(reason) => leave_out(users, &row, &reason, &mut lists, &mut tally)?,
            Fate::Sent(candidate) => match files.push(&candidate.user) {
                Ok(()) => {
                    tally.exported += 1;
                    tally.with_password += u64::from(candidate.password.is_ok());
                    lists.leave_off(row.id, &candidate)?;
                    // What kept the user from being imported earlier may be mended.
                    if row.problem.is_some() {
                        users.clear_problem(row.id)?;
                    }
                }
                Err(error @ ImportFilesError::Io { .. }) => return Err(error.into()),
                Err(error) => leave_out(users, &row, &error.to_string(), &mut lists, &mut tally)?,
            },
        }
        progress.add(1);
    }
    let mut written = files.finish()?;
    let mut staged: Vec<_> = written.iter().map(|file| file.path.clone()).collect();
    staged.extend(lists.finish()?);
    directory.publish(&staged).with_context(|| directory.path().display().to_string())?;
    for file in &mut written {
        if let Some(name) = file.path.file_name() {
            file.path = directory.path().join(name);
        }
    }
    Ok((written, tally))
}

/// Nobody of this row is in a file; the list and the database say why.
fn leave_out(
    users: &LegacyUsers,
    row: &LegacyRow,
    reason: &str,
    lists: &mut Lists,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    tally.left_out += 1;
    if row.problem.as_deref() != Some(reason) {
        users.note_problem(row.id, reason)?;
    }
    lists.leave_out(row.id, reason)
}

/// Reads each file as Auth0 does, and marks its users: who is marked is in a file that is whole and in its place.
fn mark(users: &LegacyUsers, files: &[ImportFile], clock: &dyn Clock, screen: &Screen) -> anyhow::Result<()> {
    screen.say("export: marking whom they hold");
    let progress = screen.begin("export", "users", 0);
    progress.expect(files.iter().map(|file| u64::try_from(file.users).unwrap_or(0)).sum());
    for file in files {
        let ids = LocalFile::read(&file.path)?.ids();
        users.mark_exported(&ids, clock.now())?;
        progress.add(u64::try_from(ids.len()).unwrap_or(0));
    }
    Ok(())
}

fn report(tally: &Tally, manifest: &Manifest, out: &Path) -> String {
    let Tally { exported, with_password, left_out, settled } = tally;
    let out = out.display();
    let mut text = format!("exported {exported} users into {} files in {out}\n", manifest.files.len());
    text += &format!("  with their password     {with_password}\n");
    text += &format!("  without a password      {}\n", exported - with_password);
    text += &format!("  not exported            {left_out}\n");
    text += &format!("  no export needed        {settled}\n");
    if *exported > *with_password || *left_out > 0 {
        text +=
            &format!("who and why: {out}/{}, {out}/{}\n", super::directory::NOT_EXPORTED, super::directory::IN_PART);
    }
    text +=
        "\nThe files hold password hashes and addresses: keep them to yourself, and delete them after the import.\n";
    text += &match manifest.files.len() {
        0 => "next: authsync legacy status\n".to_owned(),
        _ => format!(
            "next: authsync legacy import --dir {out} --connection con_…\n      or upload the files by hand, then \
             authsync legacy link --uploaded {out}\n"
        ),
    };
    text
}
