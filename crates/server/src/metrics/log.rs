//! The lines of the log that were lost.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{MetricFamily, MetricType};

use super::family::{counted, described, family};
use crate::logging::{Dropped, dropped};

/// Asks the log of the process, which all servers in it have in common.
#[derive(Debug)]
pub(super) struct LogFamily(Desc);

impl LogFamily {
    pub(super) fn new() -> prometheus::Result<Self> {
        described(
            "authsync_log_lines_dropped_total",
            "Lines of the log that were lost, because standard error was not read: about requests, or others.",
            &["about"],
        )
        .map(Self)
    }
}

impl Collector for LogFamily {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.0]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Dropped { requests, others } = dropped();
        let series =
            [("requests", requests), ("others", others)].map(|(about, lines)| counted(&[("about", about)], lines));
        vec![family(&self.0, MetricType::COUNTER, series.into())]
    }
}
