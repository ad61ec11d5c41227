//! The clock on the wall jumps, forward and back.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use serde_json::json;
use ureq::http::Method;

use super::metrics::Metrics;
use super::person::Person;
use super::record::Record;
use super::rotation::pause;
use super::sockets::Sockets;
use super::{Drill, Ground, Load, LoadPlan, NodePlan, Tenant, wait};
use crate::apt_get;
use crate::token::token_in;

pub(super) const DRILL: Drill =
    Drill { name: "clock-jump", fault: "the clock of the machine jumps an hour ahead, and an hour back", perform };

const HOUR: i64 = 3600;
const P99_MS: f64 = 500.0;
/// From the jump until every verdict is the new time's: requests that are under way, on a busy machine.
const EDGE: f64 = 1.0;

/// Who comes with which tokens, relative to the true time, in seconds.
#[derive(Clone, Copy, Debug)]
struct Crowd {
    name: &'static str,
    issued: i64,
    expires: i64,
}

const CROWDS: [Crowd; 3] = [
    Crowd { name: "are good at any time", issued: -2 * HOUR, expires: 20 * HOUR },
    Crowd { name: "end in half an hour", issued: -2 * HOUR, expires: HOUR / 2 },
    Crowd { name: "were issued just now", issued: 0, expires: 20 * HOUR },
];

impl Crowd {
    /// What is answered while the clock is so many seconds ahead.
    fn verdict(self, ahead: i64) -> u16 {
        if self.expires < ahead || self.issued > ahead { 401 } else { 200 }
    }

    /// Its people, whose tokens the tenant signs at another time.
    fn people(self, tenant: &Tenant, count: usize) -> anyhow::Result<Vec<Person>> {
        order(tenant, "/dev/clock", &json!({ "offset": self.issued }))?;
        let crowd = self.name.replace(' ', "-");
        let lifetime = self.expires - self.issued;
        let person = |number| {
            let body = json!({ "sub": Person::subject(&crowd, number), "expires_in": lifetime });
            let answer = tenant.ask(Method::POST, "/dev/token", Some(body.to_string()))?;
            Ok(Person::new(&crowd, number, token_in(&answer).context("no token")?))
        };
        let people = (0..count).map(person).collect();
        order(tenant, "/dev/clock", &json!({ "offset": 0 }))?;
        people
    }
}

/// While the clock is so far ahead.
struct Stretch {
    ahead: i64,
    begin: Instant,
    end: Instant,
    fetches: f64,
}

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let library = library(ground)?;
    let clock = Clock::at(ground.folder())?;
    let tenant = ground.tenant()?;
    let plan = NodePlan::new("authsync", &tenant, &ground.sqlite())
        .variable("LD_PRELOAD", &library.display().to_string())
        .variable("FAKETIME_TIMESTAMP_FILE", &clock.file.display().to_string())
        .variable("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .variable("FAKETIME_NO_CACHE", "1");
    let node = ground.node(plan)?;
    if !fs::read_to_string(ground.folder().join("authsync.log"))?.contains("listening on") {
        bail!("the node does not say that it listens");
    }
    let load_plan = LoadPlan { clients: 4, per_second: 80, ..LoadPlan::ORDINARY };
    let mut loads = Vec::new();
    for crowd in CROWDS {
        let people = crowd.people(&tenant, 40)?;
        let sockets: Vec<Person> = people.iter().take(5).cloned().collect();
        let load = Load::start(load_plan, &[node.address()], people, Vec::new());
        load.wait_until_all_are_known(Duration::from_secs(30))?;
        loads.push((crowd, load, sockets));
    }
    let [always, ..] = &loads[..] else { bail!("nobody") };
    let sockets = Sockets::of(always.2.clone(), node.address());
    sockets.wait_until_open(5, Duration::from_secs(30))?;

    let mut stretches = Vec::new();
    for ahead in [0, HOUR, 0, -HOUR, 0] {
        clock.set(ahead)?;
        wait::until("the node sees the new time", Duration::from_secs(10), || {
            let said = clock_of(node.address())?;
            Ok(((said - ahead).abs() < 60).then_some(()))
        })?;
        ground.step(format_args!("the node's clock is {ahead} s ahead"));
        let (begin, before) = (Instant::now(), Metrics::of(&node)?.fetches());
        pause(Duration::from_secs_f64(EDGE) + ground.span(0.8, 8.0));
        let fetches = Metrics::of(&node)?.fetches() - before;
        stretches.push(Stretch { ahead, begin, end: Instant::now(), fetches });
        // Nothing of this stretch is under way any more when the next one begins.
        pause(Duration::from_millis(500));
    }
    let ready = node.look_at("/readyz")?.status.as_u16();
    let (seen, p99) = (sockets.stop()?, ground.leeway(P99_MS));

    for (crowd, load, _) in loads {
        let (record, ledger) = load.stop()?;
        let balance = ledger.compare(&ground.sqlite())?;
        let report = &mut ground.report;
        let mut all = Vec::new();
        for stretch in &stretches {
            let record = record.between(stretch.begin + Duration::from_secs_f64(EDGE), stretch.end);
            let expected = crowd.verdict(stretch.ahead);
            let what = format!("tokens that {}, {} s ahead: {expected}", crowd.name, stretch.ahead);
            let wrong = record.answered_otherwise(&[expected]) + record.unanswered();
            report.promise(&what, wrong == 0 && record.len() > 0, record.outcomes());
            all.push(record);
        }
        let all = Record::joined(all);
        report.at_most("p99", Some(all.percentile(99)), p99, "ms");
        report.none(
            "answers other than 200 and 401, or none",
            record.answered_otherwise(&[200, 401]) + record.unanswered(),
        );
        balance.hold(report);
    }
    let report = &mut ground.report;
    for stretch in &stretches {
        let what = format!("fetches of keys, {} s ahead", stretch.ahead);
        report.at_most(&what, Some(stretch.fetches), 2.0, "fetches");
    }
    report.none("sockets of tokens that are good at any time that ended", seen.ends.len());
    report.promise("/readyz in the end", ready == 200, ready);
    Ok(())
}

/// The wall clock of a process that was started with `libfaketime`.
struct Clock {
    file: PathBuf,
}

impl Clock {
    fn at(folder: &Path) -> anyhow::Result<Self> {
        let clock = Self { file: folder.join("clock") };
        clock.set(0)?;
        Ok(clock)
    }

    fn set(&self, ahead: i64) -> anyhow::Result<()> {
        // Whole, or not at all: it is read at any moment.
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{ahead:+}\n"))?;
        fs::rename(&next, &self.file).context("the clock cannot be set")
    }
}

/// How many seconds the `Date` of its answers is ahead of our clock.
fn clock_of(node: std::net::SocketAddr) -> anyhow::Result<i64> {
    let config = ureq::Agent::config_builder().proxy(None).timeout_global(Some(Duration::from_secs(5)));
    let answer = config.build().new_agent().get(format!("http://{node}/healthz")).call()?;
    let date = answer.headers().get("date").context("no Date")?.to_str()?.to_owned();
    let said = seconds(&date).context("no date that can be read")?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    Ok(said - i64::try_from(now)?)
}

/// Of a date as in `Sun, 06 Nov 1994 08:49:37 GMT`, the seconds since 1970.
fn seconds(date: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = date.split(' ').skip(1);
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (clock.next()??, clock.next()??, clock.next()??);
    // Years that begin in March have the day that may be missing at their end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

fn order(tenant: &Tenant, path: &str, body: &serde_json::Value) -> anyhow::Result<()> {
    let answer = tenant.ask(Method::POST, path, Some(body.to_string()))?;
    if !answer.status.is_success() {
        bail!("the tenant answers {} to {path}: {}", answer.status, answer.body);
    }
    Ok(())
}

/// Debian's `libfaketime`: that of the system, or one that is fetched and unpacked, and kept.
fn library(ground: &Ground) -> anyhow::Result<PathBuf> {
    let kept = crate::workspace::root().join("target/libfaketime");
    if let Some(library) = library_in(Path::new("/usr/lib")).or_else(|| library_in(&kept.join("usr/lib"))) {
        return Ok(library);
    }
    if !apt_get::exists() {
        bail!("libfaketime is missing, and there is no apt-get: install it");
    }
    ground.step("libfaketime is fetched");
    if !apt_get::unpack("libfaketime", &kept)? {
        bail!("libfaketime cannot be fetched: install it");
    }
    library_in(&kept.join("usr/lib")).context("the package libfaketime has another shape than it had")
}

/// `<folder>/<architecture>/faketime/libfaketimeMT.so.1`, for programs with threads.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(folder).ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_to_the_second() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        assert_eq!(seconds("today"), None);
    }

    #[test]
    fn verdicts_follow_the_clock() {
        let verdicts = |ahead| CROWDS.map(|crowd| crowd.verdict(ahead));
        assert_eq!(verdicts(0), [200, 200, 200]);
        assert_eq!(verdicts(HOUR), [200, 401, 200]);
        assert_eq!(verdicts(-HOUR), [200, 200, 401]);
    }
}
