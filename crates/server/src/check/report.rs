//! What was found, a line for each part.

use std::fmt;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and somebody may want to know.
    Note,
    /// It does not work.
    Failed,
}

/// The lines, in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    verdict: Verdict,
    part: &'static str,
    finding: String,
}

/// The longest text of somebody else's that is repeated, in characters.
const MAX_FOREIGN_CHARS: usize = 80;

/// A text that came over the network, fit for a terminal: without what could steer it, and not too long.
pub(super) fn foreign(text: &str) -> String {
    let shown: String = text
        .chars()
        .take(MAX_FOREIGN_CHARS)
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if text.chars().nth(MAX_FOREIGN_CHARS).is_some() { format!("{shown}…") } else { shown }
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn all_good(&self) -> bool {
        self.lines.iter().all(|line| line.verdict != Verdict::Failed)
    }

    /// The lines; with colours if a person reads them on a terminal.
    #[must_use]
    pub fn text(&self, in_colour: bool) -> String {
        let width = self.lines.iter().map(|line| line.part.len()).max().unwrap_or_default();
        let line = |line: &Line| {
            let label = format!("{:<6}", line.verdict.label());
            let label = if in_colour { line.verdict.coloured(&label) } else { label };
            format!("{label}  {:<width$}  {}\n", line.part, line.finding)
        };
        self.lines.iter().map(line).collect()
    }

    pub(super) fn add(&mut self, verdict: Verdict, part: &'static str, finding: impl Into<String>) {
        self.lines.push(Line { verdict, part, finding: finding.into() });
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(false))
    }
}

impl Verdict {
    /// As it stands at the beginning of a line.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Failed => "failed",
        }
    }

    /// Green, yellow, red (ECMA-48 §8.3.117).
    pub(super) fn coloured(self, text: &str) -> String {
        let colour = match self {
            Self::Ok => 32,
            Self::Note => 33,
            Self::Failed => 31,
        };
        format!("\u{1b}[{colour}m{text}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> CheckReport {
        let mut report = CheckReport::default();
        report.add(Verdict::Ok, "configuration", "complete");
        report.add(Verdict::Note, "clock", "12 s behind");
        report
    }

    #[test]
    fn the_columns_are_aligned_and_a_note_is_no_failure() {
        let mut report = report();
        assert!(report.all_good());
        report.add(Verdict::Failed, "keys", "none");
        assert!(!report.all_good());
        assert_eq!(
            report.to_string(),
            "ok      configuration  complete\nnote    clock          12 s behind\nfailed  keys           none\n"
        );
    }

    #[test]
    fn colours_change_nothing_but_the_colour() {
        let coloured = report().text(true);
        assert!(coloured.starts_with("\u{1b}[32mok    \u{1b}[0m  configuration  complete\n"), "{coloured:?}");
        let plain =
            ["\u{1b}[32m", "\u{1b}[33m", "\u{1b}[0m"].iter().fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(plain, report().to_string());
    }

    #[test]
    fn what_somebody_else_wrote_cannot_steer_the_terminal() {
        assert_eq!(foreign("a\u{1b}[2Jb\r\nc"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c");
        assert_eq!(foreign(&"x".repeat(80)), "x".repeat(80));
        assert_eq!(foreign(&"x".repeat(81)), format!("{}…", "x".repeat(80)));
    }
}
