//! Files that the operator uploaded to Auth0 by hand: whom they hold is imported, but for those whom Auth0 refused.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use domain::Clock;
use persistence::LegacyUsers;
use serde::Deserialize;

use super::directory::{Directory, JOURNAL};
use super::local_users::{LocalFile, local_id};
use crate::progress::Screen;

/// A row of Auth0's answer to `GET /api/v2/jobs/{id}/errors`.
#[derive(Deserialize)]
struct Refused {
    user: Named,
}

#[derive(Deserialize)]
struct Named {
    user_id: Option<String>,
    email: Option<String>,
}

/// Marks the users of all files as imported, except those whom `job-errors*.json` in the same directory names: Auth0's
/// answers to `GET /api/v2/jobs/{id}/errors`, one file for each job that refused somebody. Returns how many are marked.
///
/// # Errors
/// The directory holds no finished export, `authsync legacy import` has worked in it, a file is broken, or the database
/// refuses. Run it again.
pub(super) fn mark(users: &LegacyUsers, path: &Path, clock: &dyn Clock, screen: &Screen) -> anyhow::Result<u64> {
    let (directory, manifest) = Directory::for_import(path)?;
    ensure!(
        !directory.join(JOURNAL).exists(),
        "authsync legacy import has worked in {}: go on with that, and link without --uploaded",
        path.display()
    );
    let refused = refused_in(path)?;
    screen.say("link: marking whom the files hold");
    let progress = screen.begin("link", "users", 0);
    progress.expect(manifest.users);
    let mut marked = 0;
    for file in &manifest.files {
        let local = LocalFile::read(&directory.join(&file.file))?;
        let is_refused = |row: &&Refused| {
            let found = local.find(row.user.user_id.as_deref(), row.user.email.as_deref());
            found.and_then(local_id)
        };
        let refused: HashSet<i64> = refused.iter().filter_map(|row| is_refused(&row)).collect();
        let (refused, imported): (Vec<_>, Vec<_>) = local.ids().into_iter().partition(|id| refused.contains(id));
        marked += users.mark_imported(&imported, clock.now())?;
        for id in refused {
            users.note_problem(id, "Auth0 refused the user")?;
        }
        progress.add(u64::try_from(file.users)?);
    }
    Ok(marked)
}

fn refused_in(path: &Path) -> anyhow::Result<Vec<Refused>> {
    let mut refused = Vec::new();
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("job-errors") && name.ends_with(".json") {
            let text = fs::read(entry.path()).with_context(|| name.clone())?;
            let rows: Vec<Refused> = serde_json::from_slice(&text)
                .with_context(|| format!("{name}: not what Auth0 answers to GET /api/v2/jobs/{{id}}/errors"))?;
            refused.extend(rows);
        }
    }
    Ok(refused)
}
