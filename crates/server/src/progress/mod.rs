//! How far a long command has come: how many, how fast, how long still. A bar on a terminal, a plain line every few
//! seconds elsewhere.

mod bar;
mod span;

use std::fmt;
use std::io::{IsTerminal as _, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Clock;
use indicatif::ProgressBar;

pub use self::span::Span;

/// The time between two lines.
const EVERY: Duration = Duration::from_secs(5);

/// Where progress is shown.
#[derive(Clone)]
pub struct Screen {
    clock: Arc<dyn Clock>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Terminal,
    Lines(Arc<Mutex<dyn Write + Send>>),
}

/// One thing under way. Shared by the threads that work on it; gone from the terminal when dropped.
pub struct Progress {
    task: &'static str,
    unit: &'static str,
    clock: Arc<dyn Clock>,
    begun_at: Duration,
    /// Done before this run began.
    earlier: u64,
    done: AtomicU64,
    /// [`UNKNOWN`], or how many there will be in all.
    total: AtomicU64,
    face: Face,
}

const UNKNOWN: u64 = u64::MAX;

enum Face {
    Bar(ProgressBar),
    Lines { out: Arc<Mutex<dyn Write + Send>>, due_at: Mutex<Duration> },
}

impl Screen {
    /// Standard error: whoever reads the report on standard output is not disturbed.
    #[must_use]
    pub fn stderr(clock: Arc<dyn Clock>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let kind = if terminal { Kind::Terminal } else { Kind::Lines(Arc::new(Mutex::new(std::io::stderr()))) };
        Self { clock, kind }
    }

    /// No terminal: lines into this.
    #[must_use]
    pub fn lines(clock: Arc<dyn Clock>, out: Arc<Mutex<dyn Write + Send>>) -> Self {
        Self { clock, kind: Kind::Lines(out) }
    }

    /// Begins to count: `backfill` and `users`, say. So many were done by an earlier run.
    #[must_use]
    pub fn begin(&self, task: &'static str, unit: &'static str, earlier: u64) -> Progress {
        let now = self.clock.uptime();
        let face = match &self.kind {
            Kind::Terminal => Face::Bar(bar::begin(task, unit, earlier)),
            Kind::Lines(out) => Face::Lines { out: Arc::clone(out), due_at: Mutex::new(now + EVERY) },
        };
        Progress {
            task,
            unit,
            clock: Arc::clone(&self.clock),
            begun_at: now,
            earlier,
            done: AtomicU64::new(earlier),
            total: AtomicU64::new(UNKNOWN),
            face,
        }
    }

    /// Says one thing, in a line.
    pub fn say(&self, line: &str) {
        match &self.kind {
            Kind::Terminal => print_line(&mut std::io::stderr(), line),
            Kind::Lines(out) => print_line(&mut *out.lock().unwrap_or_else(PoisonError::into_inner), line),
        }
    }
}

impl Progress {
    /// It has become known how many there are in all, those of earlier runs included.
    pub fn expect(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        if let Face::Bar(bar) = &self.face {
            bar::expect(bar, total);
        }
    }

    /// So many more are done.
    pub fn add(&self, count: u64) {
        let done = self.done.fetch_add(count, Ordering::Relaxed) + count;
        match &self.face {
            Face::Bar(bar) => bar.set_position(done),
            Face::Lines { out, due_at } => {
                let now = self.clock.uptime();
                let mut due_at = due_at.lock().unwrap_or_else(PoisonError::into_inner);
                if now >= *due_at {
                    *due_at = now + EVERY;
                    drop(due_at);
                    print_line(&mut *out.lock().unwrap_or_else(PoisonError::into_inner), &self.to_string());
                }
            }
        }
    }

    /// How many are done, those of earlier runs included.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How long this run has gone on.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.clock.uptime().saturating_sub(self.begun_at)
    }

    /// How many this run has done in a second; nothing before the first second is over.
    #[must_use]
    pub fn per_second(&self) -> Option<u64> {
        let millis = self.elapsed().as_millis();
        let done = u128::from(self.done().saturating_sub(self.earlier));
        if millis < 1_000 { None } else { u64::try_from(done * 1_000 / millis).ok() }
    }

    fn left(&self) -> Option<Duration> {
        let total = Some(self.total.load(Ordering::Relaxed)).filter(|total| *total != UNKNOWN)?;
        let rate = self.per_second().filter(|rate| *rate > 0)?;
        Some(Duration::from_secs(total.saturating_sub(self.done()).div_ceil(rate)))
    }
}

/// `backfill: 120000 of 1000000 users (12 %), 2400 a second, 6 min 7 s left`, as far as it is known.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, total) = (self.done(), self.total.load(Ordering::Relaxed));
        write!(f, "{}: {done}", self.task)?;
        match total {
            UNKNOWN => write!(f, " {}", self.unit)?,
            _ => {
                let percent = (u128::from(done) * 100).checked_div(u128::from(total)).unwrap_or(100);
                write!(f, " of {total} {} ({percent} %)", self.unit)?;
            }
        }
        if let Some(rate) = self.per_second() {
            write!(f, ", {rate} a second")?;
        }
        self.left().map_or(Ok(()), |left| write!(f, ", {} left", Span(left)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Face::Bar(bar) = &self.face {
            bar.finish_and_clear();
        }
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Progress({self})")
    }
}

/// Nobody to read it is no reason to stop.
fn print_line(out: &mut dyn Write, line: &str) {
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use domain::{ManualClock, UnixTime};

    use super::*;

    struct Watched {
        clock: Arc<ManualClock>,
        out: Arc<Mutex<Vec<u8>>>,
        screen: Screen,
    }

    impl Watched {
        fn new() -> Self {
            let (clock, out) = (Arc::new(ManualClock::at(UnixTime::from_secs(0))), Arc::<Mutex<Vec<u8>>>::default());
            let screen = Screen::lines(Arc::clone(&clock) as Arc<dyn Clock>, Arc::clone(&out) as _);
            Self { clock, out, screen }
        }

        fn pass(&self, seconds: u64) {
            self.clock.advance(Duration::from_secs(seconds));
        }

        fn text(&self) -> String {
            String::from_utf8(self.out.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn a_line_every_five_seconds_tells_count_rate_and_time_left() {
        let watched = Watched::new();
        let progress = watched.screen.begin("backfill", "users", 0);
        progress.expect(1_000);
        progress.add(10);
        watched.pass(4);
        progress.add(10);
        assert_eq!(watched.text(), "");
        watched.pass(1);
        progress.add(80);
        progress.add(0);
        assert_eq!(watched.text(), "backfill: 100 of 1000 users (10 %), 20 a second, 45 s left\n");
    }

    #[test]
    fn what_an_earlier_run_did_counts_as_done_and_not_as_speed() {
        let watched = Watched::new();
        let progress = watched.screen.begin("backfill", "users", 900);
        progress.expect(1_000);
        watched.pass(10);
        progress.add(50);
        assert_eq!(progress.to_string(), "backfill: 950 of 1000 users (95 %), 5 a second, 10 s left");
        assert_eq!((progress.done(), progress.per_second()), (950, Some(5)));
    }

    #[test]
    fn without_an_end_in_sight_there_is_no_time_left() {
        let watched = Watched::new();
        let progress = watched.screen.begin("link", "rows", 0);
        assert_eq!(progress.to_string(), "link: 0 rows");
        watched.pass(2);
        progress.add(7);
        assert_eq!(progress.to_string(), "link: 7 rows, 3 a second");
    }

    #[test]
    fn nothing_to_do_is_done() {
        let progress = Watched::new().screen.begin("export", "rows", 0);
        progress.expect(0);
        assert_eq!(progress.to_string(), "export: 0 of 0 rows (100 %)");
    }

    #[test]
    fn a_line_is_said_at_once() {
        let watched = Watched::new();
        watched.screen.say("waiting for Auth0");
        assert_eq!(watched.text(), "waiting for Auth0\n");
    }
}
