//! A thousand clients that send slowly, stop in the middle, or never read.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{AddressFamily, SocketType, ipproto};

use super::metrics::Metrics;
use super::person::Person;
use super::phases::Phases;
use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, NodePlan, wait};

pub(super) const DRILL: Drill = Drill {
    name: "slow-client",
    fault: "a thousand clients send byte by byte, stop in the middle, say nothing, or never read",
    perform,
};

/// Of well-behaved clients, in milliseconds.
const P99_MS: f64 = 500.0;
const GROWTH_MEBIBYTES: f64 = 48.0;
/// How much later than its limit a connection may end, in seconds: timers are coarse, and the machine is busy.
const SLACK: f64 = 4.0;
/// Between two bytes of a slow client, and between two looks.
const GLANCE: Duration = Duration::from_millis(100);
/// What the system takes for a client that does not read, in bytes: no more than it must.
const RECEIVED: usize = 4096;

/// The settings that decide when each of them ends, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Limits {
    head: u64,
    body: u64,
    keep_alive: u64,
    ping: u64,
    write: u64,
}

/// What a client does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// The head comes byte by byte.
    SlowHead,
    /// The body comes byte by byte.
    SlowBody,
    /// Half of the body never comes.
    HalfBody,
    /// It connects, and that is all.
    Silent,
    /// It asks once, and keeps the connection.
    Idle,
    /// It asks for long answers, and reads none.
    NeverReads,
    /// It opens a socket, and reads nothing of it any more.
    NeverReadsSocket,
}

impl Manner {
    const ALL: [Self; 7] = [
        Self::SlowHead,
        Self::SlowBody,
        Self::HalfBody,
        Self::Silent,
        Self::Idle,
        Self::NeverReads,
        Self::NeverReadsSocket,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::SlowHead => "heads byte by byte",
            Self::SlowBody => "bodies byte by byte",
            Self::HalfBody => "bodies that stop in the middle",
            Self::Silent => "connections that say nothing",
            Self::Idle => "connections kept after one answer",
            Self::NeverReads => "answers that nobody reads",
            Self::NeverReadsSocket => "sockets that nobody reads",
        }
    }

    /// How many there are; a thousand in all. What nobody reads fills the buffers of the system, 2.6 MB each on loopback.
    fn count(self) -> usize {
        match self {
            Self::NeverReads => 30,
            Self::NeverReadsSocket => 70,
            _ => 180,
        }
    }

    /// What it is told, as the beginning of what it finds when it looks at last; nothing where it is just cut off.
    fn answers(self) -> &'static [&'static str] {
        match self {
            Self::SlowHead => &["HTTP/1.1 408 "],
            Self::SlowBody | Self::HalfBody => &["HTTP/1.1 408 "],
            Self::Silent => &["", "HTTP/1.1 408 "],
            Self::Idle | Self::NeverReads => &["HTTP/1.1 200 "],
            Self::NeverReadsSocket => &["HTTP/1.1 101 "],
        }
    }

    /// The longest that it may hold on, in seconds.
    fn ends_within(self, limits: Limits) -> f64 {
        let millis = match self {
            Self::SlowHead | Self::Silent => limits.head,
            Self::SlowBody | Self::HalfBody => limits.body,
            Self::Idle => limits.keep_alive,
            // The system notices at one of its own attempts, which are further and further apart.
            Self::NeverReads => 2 * limits.body.max(2 * limits.ping),
            // It misses two pings, and the close takes its time.
            Self::NeverReadsSocket => 3 * limits.ping + limits.write,
        };
        Duration::from_millis(millis).as_secs_f64() + SLACK
    }
}

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let limits = if ground.is_short() {
        Limits { head: 1000, body: 2000, keep_alive: 2000, ping: 1000, write: 2000 }
    } else {
        // The defaults, but for the pings.
        Limits { head: 5000, body: 10_000, keep_alive: 15_000, ping: 5000, write: 10_000 }
    };
    let tenant = ground.tenant()?;
    let Limits { head, body, keep_alive, ping, write } = limits;
    let plan = NodePlan::new("authsync", &tenant, &ground.sqlite()).toml(&format!(
        "[http]\nheader_timeout_ms = {head}\nbody_timeout_ms = {body}\nkeep_alive_ms = {keep_alive}\n\
         [websocket]\nping_ms = {ping}\nwrite_timeout_ms = {write}"
    ));
    let node = ground.node(plan)?;
    let people = tenant.people("person", 100)?;
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LoadPlan { per_second: 200, ..LoadPlan::ORDINARY }, &[node.address()], people, Vec::new());
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let slow_people = tenant.people("person", 100)?;
    let begin = Instant::now();
    load.run_for(ground.span(1.5, 10.0));

    let fault = Instant::now();
    let earlier = Metrics::of(&node)?;
    let crowd = Crowd::gather(node.address(), slow_people);
    let longest = Manner::ALL.map(|manner| manner.ends_within(limits)).into_iter().fold(0.0, f64::max);
    wait::up_to(fault + ground.span(1.0, 2.0));
    let held = Metrics::of(&node)?.sum("authsync_websockets_open", &[]);
    ground.step(format_args!("{held} of them have a socket by now"));
    crowd.wait_until_all_have_ended(Duration::from_secs_f64(longest + SLACK))?;
    let over = Instant::now();
    load.run_for(ground.span(1.0, 5.0));
    let end = Instant::now();
    let ends = crowd.stop()?;
    let later = Metrics::of(&node)?;
    let (record, ledger) = load.stop()?;
    let balance = ledger.compare(&ground.sqlite())?;
    let course = watch.stop()?;

    let report = &mut ground.report;
    let phases = Phases { begin, fault, over, end };
    phases.tell(&record, report);
    let during = phases.during(&record);
    report.at_most("p99 of the others", Some(during.percentile(99)), P99_MS, "ms");
    report.none("others who did not get 200", {
        let all = record.between(begin, end);
        all.answered_otherwise(&[200]) + all.unanswered()
    });
    for manner in Manner::ALL {
        let of: Vec<&Slow> = ends.iter().filter(|slow| slow.manner == manner).collect();
        let took = of.iter().map(|slow| slow.ended).collect::<Option<Vec<Duration>>>();
        let slowest = took.and_then(|took| took.into_iter().max()).map(|took| took.as_secs_f64());
        report.at_most(&format!("until the last has ended: {}", manner.name()), slowest, manner.ends_within(limits), "s");
        let wrong = of.iter().filter(|slow| !slow.was_told(manner.answers())).count();
        let heard = of.first().map(|slow| slow.heard()).unwrap_or_default();
        report.promise(&format!("others than it should be told: {}", manner.name()), wrong == 0, {
            if wrong == 0 { "0".to_owned() } else { format!("{wrong}, for example {heard:?}") }
        });
    }
    let told = later.since(&earlier, "authsync_http_requests_total", &["status=\"408\""]);
    report.figure("408 counted", told);
    report.figure("sockets closed by the server that were counted", later.since(&earlier, "authsync_websockets_closed_total", &[]));
    let open = later.sum("authsync_websockets_open", &[]);
    report.promise("sockets still open", open < 0.5, open);
    phases.hold_memory(&course, GROWTH_MEBIBYTES, report);
    let (first, last) = (course.between(begin, fault).most_descriptors(), course.0.last().map_or(0, |it| it.descriptors));
    report.promise("descriptors in the end, at most as before", last <= first + 8, format!("{first} / {last}"));
    balance.hold(report);
    Ok(())
}

/// All of them, looked after by one thread.
struct Crowd {
    over: Arc<AtomicBool>,
    all_ended: Arc<AtomicBool>,
    keeper: Option<JoinHandle<Vec<Slow>>>,
}

impl Crowd {
    fn gather(address: SocketAddr, people: Vec<Person>) -> Self {
        let (over, all_ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (stop, done) = (Arc::clone(&over), Arc::clone(&all_ended));
        let keeper = thread::spawn(move || {
            let mut people = people.iter().cycle();
            let mut crowd = Vec::new();
            for manner in Manner::ALL.into_iter().flat_map(|manner| std::iter::repeat_n(manner, manner.count())) {
                crowd.extend(people.next().and_then(|person| Slow::begin(manner, address, person)));
            }
            while !stop.load(Ordering::SeqCst) {
                for slow in &mut crowd {
                    slow.go_on();
                }
                done.store(crowd.iter().all(|slow| slow.ended.is_some()), Ordering::SeqCst);
                thread::park_timeout(GLANCE);
            }
            crowd
        });
        Self { over, all_ended, keeper: Some(keeper) }
    }

    /// Not all in time is no error here: how long each took is judged later.
    fn wait_until_all_have_ended(&self, within: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        let done = || self.all_ended.load(Ordering::SeqCst) || Instant::now() > deadline;
        wait::until("they have ended", within + SECOND, || Ok(done().then_some(())))
    }

    fn stop(mut self) -> anyhow::Result<Vec<Slow>> {
        self.over.store(true, Ordering::SeqCst);
        let keeper = self.keeper.take().ok_or_else(|| anyhow!("stopped twice"))?;
        keeper.join().map_err(|_| anyhow!("the keeper of the slow clients panicked"))
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// A connection on which little can be received unread.
fn connected(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::TCP))?;
    set_socket_recv_buffer_size(&socket, RECEIVED)?;
    rustix::net::connect(&socket, &address)?;
    Ok(TcpStream::from(socket))
}

/// One of them.
struct Slow {
    manner: Manner,
    stream: TcpStream,
    begun: Instant,
    /// What it will say, and how much of it is said.
    words: Vec<u8>,
    said: usize,
    heard: Vec<u8>,
    /// After how long the server was done with it.
    ended: Option<Duration>,
}

impl Slow {
    fn begin(manner: Manner, address: SocketAddr, person: &Person) -> Option<Self> {
        let mut stream = connected(address).ok()?;
        let token = &person.token;
        let post = format!(
            "POST /auth/sync HTTP/1.1\r\nhost: authsync\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: 4000\r\n\r\n"
        );
        // Said at once, and what comes byte by byte.
        let (first, rest) = match manner {
            Manner::SlowHead => (String::new(), format!("GET /healthz HTTP/1.1\r\nx: {}", "y".repeat(4000))),
            Manner::SlowBody => (post, " ".repeat(3000)),
            Manner::HalfBody => (post + r#"{"auth0_id":"#, String::new()),
            Manner::Silent => (String::new(), String::new()),
            Manner::Idle => ("GET /healthz HTTP/1.1\r\nhost: authsync\r\n\r\n".to_owned(), String::new()),
            // It goes on asking: that is how it hears that nobody is there any more.
            Manner::NeverReads => ("GET /openapi.json HTTP/1.1\r\nhost: authsync\r\n\r\n".repeat(100), "GET".repeat(999)),
            Manner::NeverReadsSocket => (
                format!(
                    "GET /ws HTTP/1.1\r\nhost: authsync\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                     sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                     authorization: Bearer {token}\r\n\r\n"
                ),
                String::new(),
            ),
        };
        stream.write_all(first.as_bytes()).ok()?;
        stream.set_nonblocking(true).ok()?;
        let begun = Instant::now();
        Some(Self { manner, stream, begun, words: rest.into_bytes(), said: 0, heard: Vec::new(), ended: None })
    }

    fn go_on(&mut self) {
        if self.ended.is_some() {
            return;
        }
        let byte = self.words.get(self.said..self.said + 1).unwrap_or_default();
        let wrote = self.stream.write(byte);
        self.said += *wrote.as_ref().unwrap_or(&0);
        let reads = !matches!(self.manner, Manner::NeverReads | Manner::NeverReadsSocket);
        if reads {
            self.read();
        } else if self.is_cut_off() {
            self.read();
            self.ended.get_or_insert_with(|| self.begun.elapsed());
        }
    }

    /// What the system knows of the connection, without reading from it.
    fn is_cut_off(&self) -> bool {
        let ends = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
        let mut fds = [PollFd::new(&self.stream, ends)];
        poll(&mut fds, Some(&Timespec::default())).is_ok_and(|count| count > 0)
    }

    fn read(&mut self) {
        let mut piece = [0; 4096];
        loop {
            match self.stream.read(&mut piece) {
                Ok(count) if count > 0 => {
                    let room = 64_usize.saturating_sub(self.heard.len()).min(count);
                    self.heard.extend_from_slice(piece.get(..room).unwrap_or_default());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                _ => {
                    self.ended.get_or_insert_with(|| self.begun.elapsed());
                    return;
                }
            }
        }
    }

    fn heard(&self) -> String {
        let heard = String::from_utf8_lossy(&self.heard);
        heard.lines().next().unwrap_or_default().to_owned()
    }

    fn was_told(&self, answers: &[&str]) -> bool {
        let heard = self.heard();
        answers.iter().any(|answer| if answer.is_empty() { heard.is_empty() } else { heard.starts_with(answer) })
    }
}
