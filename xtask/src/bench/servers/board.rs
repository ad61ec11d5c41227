//! All measurements so far, and the table of a scenario.

use super::contender::{Contender, Store};
use super::figures::Figure;
use super::scenario::Scenario;
use super::trial::Sample;

/// The samples of one server in one scenario, a round each.
#[derive(Debug)]
struct Row {
    scenario: Scenario,
    contender: Contender,
    samples: Vec<Sample>,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub(in crate::bench) struct Board {
    rows: Vec<Row>,
}

impl Board {
    /// Adds what came of one more round.
    pub(in crate::bench) fn add(&mut self, scenario: Scenario, contender: &Contender, sample: Sample) {
        let found = self.rows.iter_mut().find(|row| row.scenario == scenario && row.contender.name == contender.name);
        match found {
            Some(row) => row.samples.push(sample),
            None => self.rows.push(Row { scenario, contender: *contender, samples: vec![sample] }),
        }
    }

    /// The servers of a scenario, in the order in which they were measured.
    pub(in crate::bench) fn contenders(&self, scenario: Scenario) -> impl Iterator<Item = &Contender> {
        self.rows.iter().filter(move |row| row.scenario == scenario).map(|row| &row.contender)
    }

    /// A figure of a server, round by round.
    pub(in crate::bench) fn values(&self, scenario: Scenario, name: &str, of: impl Fn(&Sample) -> f64) -> Vec<f64> {
        let row = self.rows.iter().find(|row| row.scenario == scenario && row.contender.name == name);
        row.map(|row| row.samples.iter().map(of).collect()).unwrap_or_default()
    }

    /// The same, with its spread.
    pub(in crate::bench) fn figure(
        &self,
        scenario: Scenario,
        name: &str,
        of: impl Fn(&Sample) -> f64,
    ) -> Option<Figure> {
        Figure::of(self.values(scenario, name, of))
    }

    /// The peer that answers most requests a second.
    pub(in crate::bench) fn best_peer(&self, scenario: Scenario) -> Option<&Contender> {
        let median = |name| self.figure(scenario, name, |sample| sample.per_second).map_or(0.0, |figure| figure.median);
        let peers = self.contenders(scenario).filter(|contender| contender.is_peer());
        peers.max_by(|one, other| median(one.name).total_cmp(&median(other.name)))
    }

    /// The peer that needs the least processor time for a request.
    pub(in crate::bench) fn leanest_peer(&self, scenario: Scenario) -> Option<&Contender> {
        let median = |name| self.figure(scenario, name, cpu_us).map_or(f64::MAX, |figure| figure.median);
        let peers = self.contenders(scenario).filter(|contender| contender.is_peer());
        peers.min_by(|one, other| median(one.name).total_cmp(&median(other.name)))
    }

    /// The table of a scenario, as Markdown, aligned for reading as it is.
    pub(in crate::bench) fn table(&self, scenario: Scenario) -> String {
        let best = self.best_peer(scenario).map(|contender| contender.name);
        let mut rows = vec![HEAD.map(str::to_owned)];
        for contender in self.contenders(scenario) {
            let name = contender.name;
            let shown = |of: fn(&Sample) -> f64, digits| {
                self.figure(scenario, name, of).map_or_else(dash, |figure| figure.with(digits).to_string())
            };
            let speed = |name: &str| self.values(scenario, name, |sample| sample.per_second);
            let ratio = |other: Option<&str>| {
                let other = other.filter(|other| *other != name);
                let ratio = other.and_then(|other| Figure::ratio(&speed(name), &speed(other)));
                ratio.map_or_else(dash, |ratio| ratio.with(2).to_string())
            };
            let postgres = match contender.store {
                Store::Postgres => shown(|sample| sample.postgres_us, 1),
                _ => dash(),
            };
            rows.push([
                contender.title.to_owned(),
                shown(|sample| sample.per_second, 0),
                shown(|sample| sample.p50_ms, 2),
                shown(|sample| sample.p99_ms, 2),
                shown(|sample| sample.server_us, 1),
                postgres,
                shown(|sample| sample.server_us / sample.load_us, 2),
                ratio(Some(super::contender::BARE)),
                ratio(best),
                shown(|sample| sample.resident_mib, 1),
                shown(|sample| sample.peak_mib, 1),
            ]);
        }
        super::markdown::table(&rows)
    }
}

const HEAD: [&str; 11] = [
    "server",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "server CPU µs",
    "PostgreSQL CPU µs",
    "server ÷ generator CPU",
    "÷ bare",
    "÷ best peer",
    "RSS MiB",
    "peak MiB",
];

/// Processor time of server and PostgreSQL for each request.
pub(in crate::bench) fn cpu_us(sample: &Sample) -> f64 {
    sample.server_us + sample.postgres_us
}

fn dash() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::contender::{ALL, AUTHSYNC, BARE};
    use super::*;

    fn sample(per_second: f64) -> Sample {
        Sample {
            per_second,
            p50_ms: 1.0,
            p99_ms: 2.0,
            server_us: 1e6 / per_second,
            postgres_us: 10.0,
            load_us: 10.0,
            resident_mib: 8.0,
            peak_mib: 9.0,
        }
    }

    fn board() -> Board {
        let mut board = Board::default();
        for speeds in [[100_000.0, 5000.0, 8000.0, 80_000.0], [50_000.0, 2600.0, 4000.0, 45_000.0]] {
            for (contender, speed) in ALL.iter().zip(speeds) {
                board.add(Scenario::VerifyHot, contender, sample(speed));
            }
        }
        board
    }

    #[test]
    fn the_best_peer_is_the_fastest_of_the_peers() {
        let board = board();
        assert_eq!(board.best_peer(Scenario::VerifyHot).unwrap().name, "axum-jwt-authorizer");
        assert_eq!(board.leanest_peer(Scenario::VerifyHot).unwrap().name, "axum-jwt-authorizer");
        assert!(board.best_peer(Scenario::SyncNew).is_none());
    }

    #[test]
    fn the_table_has_a_line_for_each_server_with_its_ratios() {
        let table = board().table(Scenario::VerifyHot);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 2 + 4, "{table}");
        let authsync = lines.last().unwrap();
        assert!(authsync.contains(" 62,500 (45,000–80,000)") && authsync.contains("0.85 (0.80–0.90)"), "{table}");
        assert!(lines[2].contains("bare") && lines[2].contains('–'));
        let names: Vec<&str> = board().contenders(Scenario::VerifyHot).map(|one| one.name).collect();
        assert_eq!((names[0], names[3]), (BARE, AUTHSYNC));
    }
}
