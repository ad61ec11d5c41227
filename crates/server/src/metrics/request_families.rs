//! The counts of requests as Prometheus sees them.

use std::time::Duration;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Bucket, Histogram, Metric, MetricFamily, MetricType};

use super::Route;
use super::family::{counted, described, family, labelled, measured};
use super::requests::{DURATION_BOUNDS, RequestMetrics, RouteSums};

/// The families of a server's requests.
#[derive(Debug)]
pub(super) struct RequestFamilies {
    requests: RequestMetrics,
    descriptions: [Desc; 4],
}

impl RequestFamilies {
    pub(super) fn of(requests: RequestMetrics) -> prometheus::Result<Self> {
        let in_flight = described("authsync_http_requests_in_flight", "Requests that are being answered.", &[])?;
        let answered = described(
            "authsync_http_requests_total",
            "Requests answered, by route and status; a preflight counts as a route of its own.",
            &["route", "status"],
        )?;
        let took = described(
            "authsync_http_request_duration_seconds",
            "Time from the head of a request to the head of its answer, by route.",
            &["route"],
        )?;
        let shed = described(
            "authsync_http_requests_shed_total",
            "Requests answered 503 at once, because too many were waiting already, by route.",
            &["route"],
        )?;
        Ok(Self { requests, descriptions: [in_flight, answered, took, shed] })
    }
}

impl Collector for RequestFamilies {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let [in_flight, answered, took, shed] = &self.descriptions;
        let routes = Route::ALL.map(|route| (route, self.requests.sums(route)));
        let open = routes.iter().map(|(_, sums)| sums.in_flight).fold(0, u64::wrapping_add);
        vec![
            family(in_flight, MetricType::GAUGE, vec![measured(open as f64)]),
            family(
                answered,
                MetricType::COUNTER,
                routes.iter().flat_map(|(route, sums)| by_status(*route, sums)).collect(),
            ),
            family(took, MetricType::HISTOGRAM, routes.iter().map(|(route, sums)| durations(*route, sums)).collect()),
            family(
                shed,
                MetricType::COUNTER,
                routes
                    .iter()
                    .filter(|(route, _)| route.may_wait())
                    .map(|(route, sums)| counted(&[("route", route.label())], sums.shed))
                    .collect(),
            ),
        ]
    }
}

fn by_status(route: Route, sums: &RouteSums) -> Vec<Metric> {
    let expected = route.statuses().iter().map(u16::to_string).chain(["other".to_owned()]);
    let counted = |(status, count): (String, &u64)| counted(&[("route", route.label()), ("status", &status)], *count);
    expected.zip(&sums.statuses).map(counted).collect()
}

fn durations(route: Route, sums: &RouteSums) -> Metric {
    let mut so_far = 0;
    let buckets = DURATION_BOUNDS.iter().zip(&sums.durations).map(|(bound, count)| {
        so_far += count;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(Duration::from_nanos(*bound).as_secs_f64());
        bucket.set_cumulative_count(so_far);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(sums.durations.iter().sum());
    histogram.set_sample_sum(Duration::from_nanos(sums.nanos).as_secs_f64());
    let mut metric = Metric::from_label(labelled(&[("route", route.label())]));
    metric.set_histogram(histogram);
    metric
}
