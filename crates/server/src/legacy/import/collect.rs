//! What an import came to: a list of whom Auth0 did not take, and the users among them that can be mended, as import
//! files.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use auth0_management::ImportFiles;
use serde::Serialize;

use super::journal::{Found, Journal, RefusedUser, State};
use crate::command::Outcome;
use crate::legacy::directory::{Directory, ERRORS, IMPORT_REPORT, Manifest};
use crate::legacy::files::{self, JsonLines};
use crate::legacy::local_users::LocalFile;

/// A line of the list. Holds no address.
#[derive(Serialize)]
struct Line<'a> {
    id: Option<i64>,
    file: &'a str,
    outcome: &'static str,
    codes: &'a [String],
}

#[derive(Debug, Default)]
struct Tally {
    imported: u64,
    refused: u64,
    elsewhere: u64,
    id_taken: u64,
}

/// Writes both, and says so.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) fn collect(
    directory: &Directory,
    manifest: &Manifest,
    journal: &Journal,
    connection: &str,
) -> anyhow::Result<Outcome> {
    let tally = report(directory, manifest, journal).context(IMPORT_REPORT)?;
    if tally.refused > 0 {
        errors(directory, manifest, journal).context(ERRORS)?;
    }
    let complete = tally.refused + tally.elsewhere + tally.id_taken == 0;
    Ok(Outcome { report: told(&tally, directory.path(), connection), complete })
}

fn report(directory: &Directory, manifest: &Manifest, journal: &Journal) -> anyhow::Result<Tally> {
    let place = directory.join(IMPORT_REPORT);
    let temporary = place.with_extension("part");
    let (mut lines, mut tally) = (JsonLines::create(&temporary)?, Tally::default());
    for file in &manifest.files {
        let State::Over { refused, .. } = journal.state(&file.file) else { continue };
        tally.imported += u64::try_from(file.users.saturating_sub(refused.len()))?;
        for user in &refused {
            let (count, outcome) = match user.found {
                Some(Found::IdTaken) => (&mut tally.id_taken, "id_taken"),
                Some(Found::Elsewhere) => (&mut tally.elsewhere, "address_taken"),
                None => (&mut tally.refused, "refused"),
            };
            *count += 1;
            lines.push(&Line { id: user.id, file: &file.file, outcome, codes: &user.codes })?;
        }
    }
    fs::rename(lines.finish()?, &place)?;
    files::sync_directory(directory.path())?;
    Ok(tally)
}

/// The refused users as they were sent, in a directory of their own that can be imported when they are mended. Once there,
/// it is the operator's.
fn errors(directory: &Directory, manifest: &Manifest, journal: &Journal) -> anyhow::Result<()> {
    let place = directory.join(ERRORS);
    if place.exists() {
        return Ok(());
    }
    let stage = directory.stage()?;
    let mut users = ImportFiles::create(&stage)?;
    for file in &manifest.files {
        let State::Over { refused, .. } = journal.state(&file.file) else { continue };
        let mendable: Vec<_> = refused.iter().filter(|user| !user.is_there()).collect();
        if mendable.is_empty() {
            continue;
        }
        let local = LocalFile::read(&directory.join(&file.file))?;
        for RefusedUser { id, .. } in mendable {
            if let Some(user) = id.and_then(|id| local.find(Some(&id.to_string()), None)) {
                users.push_again(user)?;
            }
        }
    }
    let manifest = Manifest::of(&users.finish()?);
    manifest.write(&stage)?;
    fs::rename(&stage, &place)?;
    Ok(files::sync_directory(directory.path())?)
}

fn told(tally: &Tally, directory: &Path, connection: &str) -> String {
    let Tally { imported, refused, elsewhere, id_taken } = tally;
    let dir = directory.display();
    let mut text = format!("imported {imported} users into {connection}\n");
    for (count, what) in [
        (refused, format!("refused by Auth0: mend them in {dir}/{ERRORS}, and import that directory")),
        (
            elsewhere,
            "not imported: Auth0 has another user with the address; they link at login once it is verified".into(),
        ),
        (id_taken, "not imported: their id is somebody else's at Auth0".into()),
    ] {
        if *count > 0 {
            text += &format!("  {count:>9}  {what}\n");
        }
    }
    if refused + elsewhere + id_taken > 0 {
        text += &format!("who and why: {dir}/{IMPORT_REPORT}\n");
    }
    text + "\nnext: authsync legacy link\n"
}
