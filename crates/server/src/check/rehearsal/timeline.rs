//! What was seen, when, and how many fetches it took: a table for a person.

use std::time::Duration;

use super::super::Verdict;
use super::stage::Stage;

/// The rehearsal in lines.
#[derive(Clone, Debug)]
pub struct Timeline {
    title: String,
    rows: Vec<Row>,
    fetches: u64,
}

#[derive(Clone, Debug)]
struct Row {
    verdict: Verdict,
    time: String,
    event: String,
    seen: String,
    fetches: u64,
}

/// A span in days, hours, minutes and seconds.
pub(super) fn spoken(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (size, unit) in units {
        let count = left / size;
        left %= size;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

impl Timeline {
    pub(super) fn of(stage: &Stage) -> Self {
        let policy = stage.policy();
        let title = format!(
            "Keys of {} rotate, by the rules of this configuration:\n\
             {}; keys are good for {} at most and, while the issuer is out of reach, for {};\n\
             an unknown key is asked for at most twice, and once more each {}.\n",
            stage.issuer(),
            stage.algorithms(),
            spoken(policy.max_age),
            if policy.stale_if_error.is_zero() { "no longer".to_owned() } else { spoken(policy.stale_if_error) },
            spoken(policy.cooldown),
        );
        Self { title, rows: Vec::new(), fetches: 0 }
    }

    /// One more line, with the fetches since the line before.
    pub(super) fn write(&mut self, stage: &Stage, good: bool, event: &str, seen: String) {
        let fetches = stage.fetches();
        self.rows.push(Row {
            verdict: if good { Verdict::Ok } else { Verdict::Failed },
            time: spoken(stage.time()),
            event: event.to_owned(),
            seen,
            fetches: fetches - self.fetches,
        });
        self.fetches = fetches;
    }

    /// Whether everything went as this program promises.
    #[must_use]
    pub fn all_good(&self) -> bool {
        self.rows.iter().all(|row| row.verdict != Verdict::Failed)
    }

    /// The table; with colours if a person reads it on a terminal.
    #[must_use]
    pub fn text(&self, in_colour: bool) -> String {
        let widest = |column: fn(&Row) -> &str, head: &str| {
            self.rows.iter().map(|row| column(row).chars().count()).chain([head.len()]).max().unwrap_or_default()
        };
        let (clock, event, seen) = (
            widest(|row| &row.time, "clock"),
            widest(|row| &row.event, "what happens"),
            widest(|row| &row.seen, "what tokens do"),
        );
        let mut text = format!(
            "{}\n{:<6}  {:>clock$}  {:<event$}  {:<seen$}  fetches\n",
            self.title, "", "clock", "what happens", "what tokens do"
        );
        for row in &self.rows {
            let label = format!("{:<6}", row.verdict.label());
            let label = if in_colour { row.verdict.coloured(&label) } else { label };
            text.push_str(&format!(
                "{label}  {:>clock$}  {:<event$}  {:<seen$}  {:>7}\n",
                row.time, row.event, row.seen, row.fetches
            ));
        }
        let verdict = if self.all_good() { "Everything went as it should" } else { "Not everything went as it should" };
        text.push_str(&format!(
            "\n{verdict}. {} fetches in {}. The tenant's keys stay rotated; its key set can be fetched as before.\n",
            self.fetches,
            self.rows.last().map_or("0 s", |row| &row.time),
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_spoken_in_its_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (48, "48 s"),
            (60, "1 min"),
            (432, "7 min 12 s"),
            (86_400, "1 d"),
            (86_401, "1 d 1 s"),
            (90_061, "1 d 1 h 1 min 1 s"),
        ] {
            assert_eq!(spoken(Duration::from_secs(seconds)), text);
        }
    }
}
