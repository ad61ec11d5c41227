//! What is wrong with a configuration, all of it.

use std::fmt;

/// Everything that is wrong with a configuration: each by the name of its variable and with what was expected. The
/// values themselves are never part of it, because some of them are secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    name: String,
    complaint: String,
}

impl Problems {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of what is wrong, in the order of the report.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|problem| problem.name.as_str())
    }

    /// Notes one. The same thing said twice is reported once.
    pub(super) fn add(&mut self, name: &str, complaint: impl Into<String>) {
        let problem = Problem { name: printable(name), complaint: complaint.into() };
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(f, "authsync: the configuration has {} problem{plural}", self.0.len())?;
        for Problem { name, complaint } in &self.0 {
            write!(f, "\n  {name}: {complaint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A quoted TOML key may hold anything, so what would disturb a terminal is escaped, and what is too long is cut.
fn printable(name: &str) -> String {
    name.chars().take(80).flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_counts_and_names_each() {
        let mut problems = Problems::default();
        problems.add("AUTH0_DOMAIN", "expected a domain");
        assert_eq!(
            problems.to_string(),
            "authsync: the configuration has 1 problem\n  AUTH0_DOMAIN: expected a domain"
        );
        problems.add("AUTHSYNC_BIND", "expected host:port");
        problems.add("AUTHSYNC_BIND", "expected host:port");
        assert_eq!(
            problems.to_string(),
            "authsync: the configuration has 2 problems\n  AUTH0_DOMAIN: expected a domain\n  \
             AUTHSYNC_BIND: expected host:port"
        );
    }

    #[test]
    fn a_name_from_a_file_cannot_add_lines_to_the_report() {
        let mut problems = Problems::default();
        problems.add(&format!("a\n\x1b[2J{}", "x".repeat(500)), "expected nothing");
        let report = problems.to_string();
        assert_eq!(report.lines().count(), 2, "{report}");
        assert!(!report.contains('\x1b') && report.len() < 200, "{report}");
    }
}
