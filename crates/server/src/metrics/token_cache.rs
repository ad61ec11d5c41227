//! What is known of tokens without another signature check.

use std::sync::Arc;

use domain::TokenVerifier;
use prometheus::core::{Collector, Desc};
use prometheus::proto::{Gauge, Metric, MetricFamily, MetricType};

use super::Metrics;
use super::family::{counted, described, family};

/// Asks the verifier at each scrape: what it counts costs a request one addition.
struct TokenCacheFamilies {
    verifier: Arc<dyn TokenVerifier>,
    lookups: Desc,
    admissions: Desc,
    entries: Desc,
}

impl Metrics {
    /// Tells of the verifier's known tokens from now on; zeros where it keeps none.
    ///
    /// # Errors
    /// Where it was asked for before.
    pub fn tell_of_known_tokens(&self, verifier: Arc<dyn TokenVerifier>) -> prometheus::Result<()> {
        let families = TokenCacheFamilies {
            verifier,
            lookups: described(
                "authsync_token_cache_lookups_total",
                "Tokens looked for among the known ones: hit, or miss; what is forged or comes for the first time is a miss.",
                &["outcome"],
            )?,
            admissions: described(
                "authsync_token_cache_admissions_total",
                "Tokens that became known, each when it was found good for the second time.",
                &[],
            )?,
            entries: described("authsync_token_cache_entries", "Tokens that are known.", &[])?,
        };
        self.registry.register(Box::new(families))
    }
}

impl Collector for TokenCacheFamilies {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.lookups, &self.admissions, &self.entries]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let report = self.verifier.token_cache_report().unwrap_or_default();
        let lookups = [("hit", report.hits), ("miss", report.misses)];
        let lookups = lookups.map(|(outcome, count)| counted(&[("outcome", outcome)], count));
        let mut entries = Gauge::default();
        entries.set_value(report.entries as f64);
        let mut held = Metric::default();
        held.set_gauge(entries);
        vec![
            family(&self.lookups, MetricType::COUNTER, lookups.into()),
            family(&self.admissions, MetricType::COUNTER, vec![counted(&[], report.admissions)]),
            family(&self.entries, MetricType::GAUGE, vec![held]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use domain::{AtOnce, IssuerKeys, Presented, Rejection, TokenCacheReport, VerifiedToken, VerifyError};

    use super::*;

    struct Verifier(Option<TokenCacheReport>);

    impl TokenVerifier for Verifier {
        fn verify(&self, _: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
            Err(VerifyError::Rejected(Rejection::Opaque))
        }

        fn verify_at_once(&self, presented: &Presented) -> AtOnce {
            AtOnce::Judged(self.verify(presented))
        }

        fn key_reports(&self) -> Vec<IssuerKeys> {
            Vec::new()
        }

        fn token_cache_report(&self) -> Option<TokenCacheReport> {
            self.0
        }
    }

    fn told(report: Option<TokenCacheReport>) -> Vec<String> {
        let metrics = Metrics::new().expect("names that differ");
        metrics.tell_of_known_tokens(Arc::new(Verifier(report))).expect("the first time");
        let text = metrics.render(&[]);
        let lines = text.lines().filter(|line| line.starts_with("authsync_token_cache"));
        lines.map(|line| line.trim_start_matches("authsync_token_cache_").to_owned()).collect()
    }

    #[test]
    fn the_known_tokens_are_those_of_the_scrape() {
        let report = TokenCacheReport { hits: 7, misses: 5, admissions: 3, entries: 2, capacity: 10 };
        let lines = [
            "admissions_total 3",
            "entries 2",
            r#"lookups_total{outcome="hit"} 7"#,
            r#"lookups_total{outcome="miss"} 5"#,
        ];
        assert_eq!(told(Some(report)), lines);
        let zeros = lines.map(|line| format!("{} 0", line.rsplit_once(' ').expect("a value").0));
        assert_eq!(told(None), zeros);
    }
}
