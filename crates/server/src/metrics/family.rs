//! Families whose numbers are kept elsewhere and read at the scrape.

use std::collections::HashMap;

use prometheus::core::Desc;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// The name of a family, what it tells, and its labels.
pub(super) fn described(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Desc> {
    let labels = labels.iter().map(|&label| label.to_owned()).collect();
    Desc::new(name.to_owned(), help.to_owned(), labels, HashMap::new())
}

/// The family with its series.
pub(super) fn family(description: &Desc, kind: MetricType, series: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(description.fq_name.clone());
    family.set_help(description.help.clone());
    family.set_field_type(kind);
    family.set_metric(series);
    family
}

/// A counter among its labels.
pub(super) fn counted(labels: &[(&str, &str)], count: u64) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(count as f64);
    let mut metric = Metric::from_label(labelled(labels));
    metric.set_counter(counter);
    metric
}

/// A counter of something that is no whole number.
pub(super) fn counted_in(amount: f64) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(amount);
    let mut metric = Metric::default();
    metric.set_counter(counter);
    metric
}

/// A gauge without labels.
pub(super) fn measured(value: f64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    Metric::from_gauge(gauge)
}

/// Labels with their values.
pub(super) fn labelled(labels: &[(&str, &str)]) -> Vec<LabelPair> {
    let pair = |(name, value): &(&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    };
    labels.iter().map(pair).collect()
}
