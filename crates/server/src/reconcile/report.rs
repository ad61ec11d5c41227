//! The report, written as it comes: findings are not kept.

use std::io::{self, Write};

use serde_json::json;

use super::finding::{Field, Finding, Kind, Outcome};
use super::summary::Summary;
use crate::command::Format;
use crate::user_export::UserExport;

/// A report under way.
pub(super) struct Report<'a> {
    out: &'a mut dyn Write,
    format: Format,
    findings: u64,
}

impl<'a> Report<'a> {
    pub(super) fn begin(
        out: &'a mut dyn Write,
        format: Format,
        export: &UserExport<'_>,
        dry_run: bool,
    ) -> io::Result<Self> {
        if format == Format::Json {
            let asked_at = export.asked_at.as_millis();
            write!(out, "{{\"export\":{},\"asked_at\":{asked_at},\"dry_run\":{dry_run}", json!(export.job))?;
            write!(out, ",\"findings\":[")?;
        }
        Ok(Self { out, format, findings: 0 })
    }

    pub(super) fn note(&mut self, finding: &Finding) -> io::Result<()> {
        match self.format {
            Format::Json => {
                let comma = if self.findings == 0 { "" } else { "," };
                write!(self.out, "{comma}\n{}", serde_json::to_string(finding)?)?;
            }
            Format::Table => {
                if self.findings == 0 {
                    writeln!(self.out, "{:<10} {:<7} {:>10} {:<36} WHAT", "KIND", "OUTCOME", "ID", "AUTH0_ID")?;
                }
                let id = finding.id.map_or_else(|| "-".to_owned(), |id| id.to_string());
                let auth0_id = finding.auth0_id.as_deref().unwrap_or("-");
                let (kind, outcome) = (kind(finding.kind), outcome(finding.outcome));
                writeln!(self.out, "{kind:<10} {outcome:<7} {id:>10} {auth0_id:<36} {}", what(finding))?;
            }
        }
        self.findings += 1;
        Ok(())
    }

    pub(super) fn end(self, summary: &Summary) -> io::Result<()> {
        match self.format {
            Format::Json => writeln!(self.out, "\n],\"summary\":{}}}", serde_json::to_string(summary)?)?,
            Format::Table => {
                if self.findings > 0 {
                    writeln!(self.out)?;
                }
                for (name, count) in summary.lines() {
                    writeln!(self.out, "{name:<12} {count}")?;
                }
            }
        }
        self.out.flush()
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Missing => "missing",
        Kind::Different => "different",
        Kind::Extra => "extra",
        Kind::Waiting => "waiting",
        Kind::Unreadable => "unreadable",
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Found => "found",
        Outcome::Mended => "mended",
        Outcome::Newer => "newer",
        Outcome::Left => "left",
    }
}

fn what(finding: &Finding) -> String {
    let place = finding.line.map(|line| format!("line {line} of the export"));
    let fields = finding.fields.iter().map(|Field { field, auth0, here }| format!("{field}: {auth0}, here {here}"));
    let parts: Vec<String> = place.into_iter().chain(fields).chain(finding.reason.clone()).collect();
    match (finding.kind, finding.outcome) {
        _ if !parts.is_empty() => parts.join("; "),
        (Kind::Missing, Outcome::Mended) => "has a row now".to_owned(),
        (Kind::Missing, _) => "has no row".to_owned(),
        (Kind::Extra, Outcome::Mended) => "no such user at Auth0; a tombstone now".to_owned(),
        (Kind::Extra, _) => "no such user in the export".to_owned(),
        _ => String::new(),
    }
}
