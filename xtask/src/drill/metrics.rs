//! What a node counts about itself.

use std::fmt::Display;

use anyhow::Context;

use super::node::Node;
use crate::http::Client;

/// The answer of `/metrics`.
#[derive(Debug)]
pub(super) struct Metrics(String);

impl Metrics {
    /// Asks the node.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) fn of(node: &Node) -> anyhow::Result<Self> {
        // On a connection of its own: one that was kept may be closed at this very moment.
        let answer = Client::new().look_at(format!("http://{}/metrics", node.address()));
        Ok(Self(answer.context("/metrics")?.body))
    }

    /// That were asked for in another way.
    pub(super) fn in_text(text: String) -> Self {
        Self(text)
    }

    /// Asks several.
    ///
    /// # Errors
    /// One of them does not answer.
    pub(super) fn of_all(nodes: &[Node]) -> anyhow::Result<Vec<Self>> {
        nodes.iter().map(Self::of).collect()
    }

    /// The sum over all of this name whose labels hold these, such as `outcome="ok"`.
    pub(super) fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let matching = self.0.lines().filter_map(|line| {
            let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']))?;
            let (described, value) = rest.rsplit_once(' ')?;
            labels.iter().all(|label| described.contains(label)).then_some(value)
        });
        matching.filter_map(|value| value.parse::<f64>().ok()).sum()
    }

    /// As [`sum`](Self::sum), as a difference to an earlier look.
    pub(super) fn since(&self, earlier: &Self, name: &str, labels: &[&str]) -> f64 {
        self.sum(name, labels) - earlier.sum(name, labels)
    }

    /// Fetches of the issuer's keys since then, by outcome.
    pub(super) fn fetches_since(&self, earlier: &Self) -> impl Display + use<> {
        let count = |outcome| self.since(earlier, "authsync_jwks_fetches_total", &[&format!("outcome=\"{outcome}\"")]);
        format!("{} new, {} not modified, {} failed", count("ok"), count("not_modified"), count("failed"))
    }

    /// Fetches of the issuer's keys, whatever came of them.
    pub(super) fn fetches(&self) -> f64 {
        self.sum("authsync_jwks_fetches_total", &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_added_up_by_their_labels() {
        let metrics = Metrics("# HELP a x\na{b=\"1\",c=\"2\"} 3\na{b=\"1\"} 4\nab{b=\"1\"} 9\na 0.5\n".to_owned());
        assert!((metrics.sum("a", &["b=\"1\""]) - 7.0).abs() < 1e-9);
        assert!((metrics.sum("a", &[]) - 7.5).abs() < 1e-9);
        assert!(metrics.sum("b", &[]).abs() < 1e-9);
    }
}
