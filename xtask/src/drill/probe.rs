//! Requests that need no database, asked again and again beside a load.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::record::{Ask, Outcome, Record, Sample};
use super::wire::Wire;

const INTERVAL: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(10);
/// What is asked, and what the answer must be.
const REQUESTS: [(&str, u16); 3] = [
    ("GET /healthz HTTP/1.1\r\nhost: authsync\r\n\r\n", 200),
    ("GET /metrics HTTP/1.1\r\nhost: authsync\r\n\r\n", 200),
    ("GET /auth/verify HTTP/1.1\r\nhost: authsync\r\nauthorization: Bearer e30.e30.e30\r\n\r\n", 401),
];

/// One client that asks for what is always there: `/healthz`, `/metrics`, and the refusal of a forged token.
#[derive(Debug)]
pub(super) struct Probe {
    over: Arc<AtomicBool>,
    asker: Option<JoinHandle<(Vec<Sample>, usize)>>,
}

impl Probe {
    pub(super) fn begin(address: SocketAddr) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let asker = thread::spawn(move || {
            let (mut wire, mut samples, mut wrong) = (Wire::new(address, PATIENCE), Vec::new(), 0);
            for (request, status) in REQUESTS.into_iter().cycle() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let begun = Instant::now();
                let reply = wire.ask(request);
                let took = begun.elapsed();
                wrong += usize::from(reply.as_ref().map(|reply| reply.status) != Ok(status));
                let outcome = reply.map_or_else(Outcome::Failed, |reply| Outcome::Status(reply.status));
                samples.push(Sample { begun, took, ask: Ask::Other, outcome, stale: false, retry_after: false });
                thread::park_timeout(INTERVAL);
            }
            (samples, wrong)
        });
        Self { over, asker: Some(asker) }
    }

    /// Everything that was asked, and how many answers were not what they must be.
    ///
    /// # Errors
    /// The asker has panicked.
    pub(super) fn stop(mut self) -> anyhow::Result<(Record, usize)> {
        self.over.store(true, Ordering::SeqCst);
        let asker = self.asker.take().ok_or_else(|| anyhow!("stopped twice"))?;
        asker.thread().unpark();
        let (samples, wrong) = asker.join().map_err(|_| anyhow!("the probe panicked"))?;
        Ok((Record::new(samples), wrong))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}
