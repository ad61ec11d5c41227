//! The issuers' keys, as they stand at the scrape.

use domain::{FetchOutcome, IssuerKeys, KeyReadiness, KeyReport};
use prometheus::{Gauge, GaugeVec, IntCounter, IntGauge, IntGaugeVec, Opts, Registry};

use super::{counters, registered};

/// The name of a state, here and in `/readyz`.
pub(crate) const fn state_label(readiness: KeyReadiness) -> &'static str {
    match readiness {
        KeyReadiness::Fresh => "fresh",
        KeyReadiness::Stale => "stale",
        KeyReadiness::Missing => "missing",
    }
}

/// The name of an outcome, here and in `/readyz`.
pub(crate) fn outcome_label(outcome: FetchOutcome) -> &'static str {
    match outcome {
        FetchOutcome::Fetched => "ok",
        FetchOutcome::NotModified => "not_modified",
        FetchOutcome::Failed => "failed",
    }
}

/// A registry of their own: first what all issuers have together, then each by itself. The issuers are those of the
/// configuration, so their number is fixed. An age is left out while there are no keys.
pub(super) fn registry(issuers: &[IssuerKeys]) -> prometheus::Result<Registry> {
    let registry = Registry::new();
    together(issuers, &registry)?;
    each(issuers, &registry)?;
    Ok(registry)
}

fn together(issuers: &[IssuerKeys], registry: &Registry) -> prometheus::Result<()> {
    let sum = |count: Count| issuers.iter().map(|issuer| count(&issuer.report)).sum::<u64>();
    let held = IntGauge::new("authsync_jwks_keys", "Usable keys of the issuers that are held.")?;
    let keys: usize = issuers.iter().map(|issuer| issuer.report.keys).sum();
    registered(registry, held)?.set(i64::try_from(keys).unwrap_or(i64::MAX));
    let fetches =
        counters(registry, "authsync_jwks_fetches_total", "Fetches of the issuers' keys, by outcome.", &["outcome"])?;
    for (outcome, count) in outcomes() {
        fetches.with_label_values(&[outcome_label(outcome)]).inc_by(sum(count));
    }
    let stale = IntCounter::new(
        "authsync_jwks_stale_uses_total",
        "Tokens judged with keys past their greatest age, because the issuer was out of reach.",
    )?;
    registered(registry, stale)?.inc_by(sum(|report| report.stale_uses));
    if let Some(age) = issuers.iter().filter_map(|issuer| issuer.report.age).max() {
        let gauge = Gauge::new(
            "authsync_jwks_age_seconds",
            "Time since the issuer last said that these are its keys; of several issuers, the longest.",
        )?;
        registered(registry, gauge)?.set(age.as_secs_f64());
    }
    Ok(())
}

fn each(issuers: &[IssuerKeys], registry: &Registry) -> prometheus::Result<()> {
    let ages =
        Opts::new("authsync_issuer_keys_age_seconds", "Time since the issuer last said that these are its keys.");
    let ages = registered(registry, GaugeVec::new(ages, &["issuer"])?)?;
    let states =
        Opts::new("authsync_issuer_keys_state", "1 for the state that the issuer's keys are in, 0 for others.");
    let states = registered(registry, IntGaugeVec::new(states, &["issuer", "state"])?)?;
    let last = Opts::new("authsync_issuer_keys_last_fetch", "1 for what the last fetch brought, 0 for other outcomes.");
    let last = registered(registry, IntGaugeVec::new(last, &["issuer", "outcome"])?)?;
    let fetches = counters(
        registry,
        "authsync_issuer_keys_fetches_total",
        "Fetches of the issuer's keys, by outcome.",
        &["issuer", "outcome"],
    )?;
    for IssuerKeys { issuer, report } in issuers {
        if let Some(age) = report.age {
            ages.with_label_values(&[issuer]).set(age.as_secs_f64());
        }
        for state in [KeyReadiness::Fresh, KeyReadiness::Stale, KeyReadiness::Missing] {
            states.with_label_values(&[issuer, state_label(state)]).set(i64::from(report.readiness == state));
        }
        for (outcome, count) in outcomes() {
            let labels = [issuer.as_str(), outcome_label(outcome)];
            last.with_label_values(&labels).set(i64::from(report.last_fetch == Some(outcome)));
            fetches.with_label_values(&labels).inc_by(count(report));
        }
    }
    Ok(())
}

/// How often an outcome came about.
type Count = fn(&KeyReport) -> u64;

fn outcomes() -> [(FetchOutcome, Count); 3] {
    [
        (FetchOutcome::Fetched, |report| report.fetched),
        (FetchOutcome::NotModified, |report| report.not_modified),
        (FetchOutcome::Failed, |report| report.fetch_failures),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Metrics;
    use super::*;

    fn of(issuer: &str, report: KeyReport) -> IssuerKeys {
        IssuerKeys { issuer: issuer.to_owned(), report }
    }

    const STALE: KeyReport = KeyReport {
        readiness: KeyReadiness::Stale,
        age: Some(Duration::from_millis(700_500)),
        keys: 2,
        fetched: 7,
        not_modified: 5,
        fetch_failures: 3,
        last_fetch: Some(FetchOutcome::Failed),
        stale_uses: 11,
    };
    const FRESH: KeyReport = KeyReport {
        readiness: KeyReadiness::Fresh,
        age: Some(Duration::from_secs(1)),
        fetch_failures: 0,
        last_fetch: Some(FetchOutcome::NotModified),
        stale_uses: 0,
        ..STALE
    };
    const MISSING: KeyReport = KeyReport {
        readiness: KeyReadiness::Missing,
        age: None,
        keys: 0,
        fetched: 0,
        not_modified: 0,
        last_fetch: None,
        stale_uses: 0,
        ..STALE
    };

    #[track_caller]
    fn assert_line(text: &str, line: &str) {
        assert!(text.lines().any(|l| l == line), "no line {line} in\n{text}");
    }

    #[test]
    fn the_state_of_the_keys_is_that_of_the_scrape() {
        let metrics = Metrics::new().expect("names that differ");
        for _ in 0..2 {
            let text = metrics.render(&[of("https://a/", STALE)]);
            assert_line(&text, "authsync_jwks_age_seconds 700.5");
            assert_line(&text, "authsync_jwks_keys 2");
            assert_line(&text, r#"authsync_jwks_fetches_total{outcome="ok"} 7"#);
            assert_line(&text, r#"authsync_jwks_fetches_total{outcome="not_modified"} 5"#);
            assert_line(&text, r#"authsync_jwks_fetches_total{outcome="failed"} 3"#);
            assert_line(&text, "authsync_jwks_stale_uses_total 11");
        }
        let text = metrics.render(&[of("https://a/", MISSING)]);
        assert_line(&text, "authsync_jwks_keys 0");
        assert!(!text.contains("age_seconds{") && !text.contains("authsync_jwks_age_seconds"), "{text}");
    }

    #[test]
    fn of_several_issuers_each_is_told_by_itself_and_all_together() {
        let metrics = Metrics::new().expect("names that differ");
        let text = metrics.render(&[of("https://a/", FRESH), of("https://b/", STALE), of("https://c/", MISSING)]);
        assert_line(&text, "authsync_jwks_age_seconds 700.5");
        assert_line(&text, "authsync_jwks_keys 4");
        assert_line(&text, r#"authsync_jwks_fetches_total{outcome="ok"} 14"#);
        assert_line(&text, r#"authsync_issuer_keys_age_seconds{issuer="https://a/"} 1"#);
        assert_line(&text, r#"authsync_issuer_keys_age_seconds{issuer="https://b/"} 700.5"#);
        for (issuer, state) in [("a", "fresh"), ("b", "stale"), ("c", "missing")] {
            for other in ["fresh", "stale", "missing"] {
                let value = i32::from(state == other);
                assert_line(
                    &text,
                    &format!(r#"authsync_issuer_keys_state{{issuer="https://{issuer}/",state="{other}"}} {value}"#),
                );
            }
        }
        for (issuer, outcome, is_last, count) in
            [("a", "not_modified", 1, 5), ("b", "failed", 1, 3), ("b", "ok", 0, 7), ("c", "failed", 0, 3)]
        {
            let labels = format!(r#"{{issuer="https://{issuer}/",outcome="{outcome}"}}"#);
            assert_line(&text, &format!("authsync_issuer_keys_last_fetch{labels} {is_last}"));
            assert_line(&text, &format!("authsync_issuer_keys_fetches_total{labels} {count}"));
        }
    }
}
