//! `authsync legacy status`: how far everybody is, and what comes next.

use anyhow::Context as _;
use persistence::{LegacyUsers, Phase, Status};
use serde::Serialize;

use crate::command::{Format, Outcome};

/// The members of the JSON document, which stay.
#[derive(Serialize)]
struct Standing<'a> {
    phase: &'static str,
    rows: u64,
    exported: u64,
    imported: u64,
    linked: u64,
    unlinked: u64,
    with_problems: u64,
    displaced: u64,
    newcomers: u64,
    password_columns: &'a [String],
    dump: Option<&'a str>,
    next: &'static str,
}

/// Looks and reports.
///
/// # Errors
/// When the database is out of reach.
pub(super) fn run(users: &LegacyUsers, format: Format) -> anyhow::Result<Outcome> {
    let status = users.status().context("legacy status")?;
    Ok(Outcome::complete(match format {
        Format::Table => table(&status),
        Format::Json => serde_json::to_string_pretty(&standing(&status))? + "\n",
    }))
}

fn standing(status: &Status) -> Standing<'_> {
    let counts = &status.counts;
    Standing {
        phase: word(status.phase),
        rows: counts.rows,
        exported: counts.exported,
        imported: counts.imported,
        linked: counts.linked,
        unlinked: counts.unlinked,
        with_problems: counts.with_problems,
        displaced: counts.displaced,
        newcomers: counts.newcomers,
        password_columns: &status.password_columns,
        dump: status.dump.as_deref(),
        next: status.next_step(),
    }
}

fn table(status: &Status) -> String {
    let counts = &status.counts;
    let mut text = format!("phase             {}\nrows              {:>9}\n", word(status.phase), counts.rows);
    if !matches!(status.phase, Phase::NothingToDo | Phase::NotAdopted | Phase::HalfAdopted) {
        for (what, count) in [
            ("exported", counts.exported),
            ("imported", counts.imported),
            ("linked", counts.linked),
            ("not linked", counts.unlinked),
            ("  with a problem", counts.with_problems),
            ("address put aside", counts.displaced),
            ("came since", counts.newcomers),
        ] {
            text += &format!("{what:<17} {count:>9}\n");
        }
    }
    if let Some(dump) = &status.dump {
        text += &format!("dump              {dump}\n");
    }
    text + &format!("\nnext: {}\n", status.next_step())
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::NothingToDo => "nothing_to_do",
        Phase::NotAdopted => "not_adopted",
        Phase::HalfAdopted => "half_adopted",
        Phase::Adopted => "adopted",
        Phase::Exporting => "exporting",
        Phase::Exported => "exported",
        Phase::Importing => "importing",
        Phase::Imported => "imported",
        Phase::Linked => "linked",
        Phase::Finished => "finished",
    }
}
