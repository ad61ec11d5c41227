//! `authsync legacy plan`: what the table holds, what Auth0 would take of it, and what stands in the way.

mod remedy;
mod table;

use std::collections::BTreeMap;

use anyhow::Context as _;
use persistence::{Era, Inspection, LegacyUsers};
use serde::Serialize;

use super::candidate::{Fate, Sorter, password_of};
use super::next;
use super::sample::Sample;
use crate::command::{Format, Outcome};
use crate::progress::Screen;

/// How many kinds are told apart; a table of nothing but oddities must not fill the memory.
const MOST_KINDS: usize = 200;

/// What was found. The members of the JSON document, which stay.
#[derive(Debug, Serialize)]
struct Plan {
    era: &'static str,
    rows: u64,
    id_type: Option<String>,
    password_columns: Vec<String>,
    password_column_users: Vec<String>,
    columns: Vec<PlannedColumn>,
    references: Vec<PlannedReference>,
    hashes: Vec<HashKind>,
    emails: Emails,
    refused: Vec<Kind>,
    left_out: Vec<Kind>,
    deactivated: Sample,
    importable: u64,
    importable_with_password: u64,
    settled: u64,
    obstacles: Vec<Hindrance>,
    next: String,
}

#[derive(Debug, Serialize)]
struct PlannedColumn {
    name: String,
    r#type: String,
    nullable: bool,
    required: bool,
}

#[derive(Debug, Serialize)]
struct PlannedReference {
    table: String,
    columns: String,
    to: String,
}

/// Hashes of one format.
#[derive(Debug, Serialize)]
struct HashKind {
    format: String,
    /// Why they cannot be imported; absent if they can.
    reason: Option<String>,
    #[serde(flatten)]
    sample: Sample,
}

/// Rows with one trait.
#[derive(Debug, Serialize)]
struct Kind {
    reason: String,
    #[serde(flatten)]
    sample: Sample,
}

#[derive(Debug, Serialize)]
struct Emails {
    /// Addresses that more than one row has, but for case and white space.
    shared: u64,
    /// Ids by address; the first of each keeps it.
    first_shared: Vec<Vec<i64>>,
    /// Rows whose address is missing or not one that authsync can keep.
    unkept: Sample,
}

/// What stands in the way of the adoption, and what to do about it.
#[derive(Debug, Serialize)]
struct Hindrance {
    obstacle: String,
    remedy: String,
}

type Kinds<K> = BTreeMap<K, Sample>;

/// Looks and reports.
///
/// # Errors
/// When the database is out of reach or has no such table or column.
pub(super) fn run(users: &LegacyUsers, format: Format, screen: &Screen) -> anyhow::Result<Outcome> {
    screen.say("plan: looking at the table users");
    let inspection = users.inspect(None).context("legacy plan")?;
    anyhow::ensure!(inspection.era != Era::Absent, "legacy plan: there is no table users");
    let plan = Plan::of(inspection, users, screen).context("legacy plan")?;
    let report = match format {
        Format::Table => plan.to_string(),
        Format::Json => serde_json::to_string_pretty(&plan)? + "\n",
    };
    Ok(Outcome { report, complete: plan.obstacles.is_empty() })
}

impl Plan {
    fn of(inspection: Inspection, users: &LegacyUsers, screen: &Screen) -> anyhow::Result<Self> {
        let next = next::after_plan(&inspection);
        let has = |name: &String| inspection.columns.iter().any(|column| column.name == *name);
        let mut plan = Self {
            era: next::word(inspection.era),
            rows: inspection.rows,
            obstacles: inspection.obstacles.iter().map(remedy::hindrance).collect(),
            emails: Emails::of(&inspection),
            id_type: inspection.id_type,
            // Not those that are gone.
            password_columns: inspection.password_columns.into_iter().filter(|name| has(name)).collect(),
            password_column_users: inspection.password_column_users,
            columns: inspection.columns.iter().map(PlannedColumn::from).collect(),
            references: inspection.references.into_iter().map(PlannedReference::from).collect(),
            hashes: Vec::new(),
            refused: Vec::new(),
            left_out: Vec::new(),
            deactivated: Sample::default(),
            importable: 0,
            importable_with_password: 0,
            settled: 0,
            next,
        };
        match users.rows() {
            Ok(rows) if inspection.era != Era::Authsync => plan.read(rows, screen)?,
            // The obstacles say why.
            Ok(_) | Err(persistence::LegacyError::Obstacles(_)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(plan)
    }

    fn read(&mut self, rows: persistence::LegacyRows, screen: &Screen) -> anyhow::Result<()> {
        // Of rows that share an address the first keeps it; after the adoption none do.
        let losers: std::collections::HashSet<i64> =
            self.emails.first_shared.iter().flat_map(|ids| ids.iter().skip(1)).copied().collect();
        screen.say("plan: looking at every row");
        let progress = screen.begin("plan", "rows", 0);
        progress.expect(self.rows);
        let (mut hashes, mut refused, mut left_out) = (Kinds::new(), Kinds::new(), Kinds::new());
        let mut sorter = Sorter::default();
        for row in rows {
            let row = row?;
            let kind = match password_of(&row) {
                Ok(known) => (known.format.to_string(), None),
                Err(none) => (none.label, Some(none.reason)),
            };
            if !self.password_columns.is_empty() {
                count(&mut hashes, kind, row.id, || ("others".to_owned(), None));
            }
            if row.is_active == Some(false) {
                self.deactivated.add(row.id);
            }
            match sorter.fate_of(&row) {
                Fate::Settled => self.settled += 1,
                Fate::Sent(_) if losers.contains(&row.id) => {}
                Fate::LeftOut(reason) => count(&mut refused, reason, row.id, || "other reasons".to_owned()),
                Fate::Sent(candidate) => {
                    self.importable += 1;
                    self.importable_with_password += u64::from(candidate.password.is_ok());
                    for refusal in candidate.without {
                        count(&mut left_out, refusal.to_string(), row.id, || "other reasons".to_owned());
                    }
                }
            }
            progress.add(1);
        }
        let kind = |(reason, sample)| Kind { reason, sample };
        self.refused = refused.into_iter().map(kind).collect();
        self.left_out = left_out.into_iter().map(kind).collect();
        self.hashes =
            hashes.into_iter().map(|((format, reason), sample)| HashKind { format, reason, sample }).collect();
        self.hashes.sort_by_key(|kind| (kind.reason.is_some(), std::cmp::Reverse(kind.sample.rows)));
        Ok(())
    }

    /// Whether more addresses are shared than were looked at, so that some of their rows count as importable.
    fn is_upper_bound(&self) -> bool {
        self.emails.shared > u64::try_from(self.emails.first_shared.len()).unwrap_or(u64::MAX)
    }
}

fn count<K: Ord>(kinds: &mut Kinds<K>, kind: K, id: i64, others: impl FnOnce() -> K) {
    let is_known = kinds.len() < MOST_KINDS || kinds.contains_key(&kind);
    kinds.entry(if is_known { kind } else { others() }).or_default().add(id);
}

impl Emails {
    fn of(inspection: &Inspection) -> Self {
        let faults = &inspection.email_faults;
        let unkept = Sample { rows: faults.count, first_ids: faults.first.iter().map(|(id, _)| *id).collect() };
        Self { shared: inspection.clashes.count, first_shared: inspection.clashes.first.clone(), unkept }
    }
}

impl From<&persistence::Column> for PlannedColumn {
    fn from(column: &persistence::Column) -> Self {
        let (name, r#type) = (column.name.clone(), column.data_type.clone());
        Self { name, r#type, nullable: column.nullable, required: column.is_required() }
    }
}

impl From<persistence::Reference> for PlannedReference {
    fn from(reference: persistence::Reference) -> Self {
        Self { table: reference.table, columns: reference.columns, to: reference.to }
    }
}
