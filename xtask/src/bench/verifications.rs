//! How long `GET /auth/verify` takes for one who asks without a pause.

use std::time::Duration;

use super::place::{Person, Place};

/// Asked and not counted: connections are opened, caches filled.
const WARM_UP: usize = 500;
/// At each server.
const COUNTED: usize = 10_000;

/// How long verifications took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

/// Asks two servers in turn, one request after the other, so that whatever else the machine does is felt by both.
///
/// # Errors
/// An answer is not 200.
pub(super) fn measure(servers: [(&Place, &Person); 2]) -> anyhow::Result<[Latency; 2]> {
    for _ in 0..WARM_UP {
        for (place, person) in servers {
            place.verify(person)?;
        }
    }
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..COUNTED {
        for ((place, person), times) in servers.iter().zip(&mut times) {
            times.push(place.verify(person)?.took);
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        Latency { p50: percentile(&times, 50), p99: percentile(&times, 99) }
    }))
}

/// The smallest of these sorted times that so many percent of them do not exceed.
pub(super) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }
}
