//! What a drill found: figures, and promises that were kept or not.

use std::fmt::Display;

use crate::screen::Screen;

/// Figures and promises are shown as they come; the broken ones are kept for the verdict.
#[derive(Debug)]
pub(super) struct Report {
    screen: Screen,
    kept: usize,
    broken: Vec<String>,
}

impl Report {
    /// An empty one.
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen, kept: 0, broken: Vec::new() }
    }

    /// A line of the table.
    pub(super) fn figure(&mut self, what: &str, measured: impl Display) {
        self.screen.line(format_args!("  {what:<58}{measured:>14}"));
    }

    /// Something that has to hold, and what was measured.
    pub(super) fn promise(&mut self, what: &str, holds: bool, measured: impl Display) {
        let measured = measured.to_string();
        let sign = if holds { self.screen.green("✓") } else { self.screen.red("✗") };
        self.screen.line(format_args!("{sign} {what:<58}{measured:>14}"));
        if holds {
            self.kept += 1;
        } else {
            self.broken(format!("{what} ({measured})"));
        }
    }

    /// A figure that must not exceed its bound. What was not measured at all exceeds it.
    pub(super) fn at_most(&mut self, what: &str, measured: Option<f64>, bound: f64, unit: &str) {
        let shown = measured.map_or("never".to_owned(), |measured| format!("{measured:.2} {unit}"));
        let holds = measured.is_some_and(|measured| measured <= bound);
        self.promise(&format!("{what} (at most {bound} {unit})"), holds, shown);
    }

    /// Nothing of this may be there.
    pub(super) fn none(&mut self, what: &str, count: usize) {
        self.promise(what, count == 0, count);
    }

    /// For the verdict alone.
    pub(super) fn broken(&mut self, what: String) {
        self.broken.push(what);
    }

    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    /// Whether something was promised, and everything kept.
    pub(super) fn is_good(&self) -> bool {
        self.broken.is_empty() && self.kept > 0
    }

    pub(super) fn all_broken(&self) -> Vec<String> {
        if self.broken.is_empty() { vec!["nothing was promised".to_owned()] } else { self.broken.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_promise_is_enough_and_none_at_all_is_no_good() {
        let mut report = Report::new(Screen::detect());
        assert!(!report.is_good());
        report.at_most("seconds without writes", Some(1.0), 2.0, "s");
        assert!(report.is_good());
        report.at_most("seconds without writes", None, 2.0, "s");
        report.none("answers 500", 1);
        assert_eq!(report.all_broken(), ["seconds without writes (at most 2 s) (never)", "answers 500 (1)"]);
    }
}
