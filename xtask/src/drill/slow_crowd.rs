//! Clients that hold on to connections, each in its own manner.

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

use super::person::Person;
use super::wait;

/// How much later than its limit a connection may end, in seconds: timers are coarse, and the machine is busy.
pub(super) const SLACK: f64 = 4.0;
/// Between two bytes of a slow client, and between two looks.
const GLANCE: Duration = Duration::from_millis(100);
/// What the system takes for a client that does not read, in bytes: no more than it must.
const RECEIVED: usize = 4096;
const SECOND: Duration = Duration::from_secs(1);

/// The settings that decide when each of them ends, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) head: u64,
    pub(super) body: u64,
    pub(super) keep_alive: u64,
    pub(super) ping: u64,
    pub(super) write: u64,
}

/// What a client does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// The head comes byte by byte.
    SlowHead,
    /// The body comes byte by byte.
    SlowBody,
    /// Half of the body never comes.
    HalfBody,
    /// It shows no token, and its body comes in chunks for ever.
    EndlessChunks,
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
    pub(super) const ALL: [Self; 8] = [
        Self::SlowHead,
        Self::SlowBody,
        Self::HalfBody,
        Self::EndlessChunks,
        Self::Silent,
        Self::Idle,
        Self::NeverReads,
        Self::NeverReadsSocket,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SlowHead => "heads byte by byte",
            Self::SlowBody => "bodies byte by byte",
            Self::HalfBody => "bodies that stop in the middle",
            Self::EndlessChunks => "bodies in chunks without an end",
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
            _ => 150,
        }
    }

    /// What it is told, as the beginning of what it finds when it looks at last; nothing where it is just cut off.
    pub(super) fn answers(self) -> &'static [&'static str] {
        match self {
            Self::SlowHead => &["HTTP/1.1 408 "],
            Self::SlowBody | Self::HalfBody => &["HTTP/1.1 408 "],
            Self::EndlessChunks => &["HTTP/1.1 401 "],
            Self::Silent => &["", "HTTP/1.1 408 "],
            Self::Idle | Self::NeverReads => &["HTTP/1.1 200 "],
            Self::NeverReadsSocket => &["HTTP/1.1 101 "],
        }
    }

    /// The longest that it may hold on, in seconds.
    pub(super) fn ends_within(self, limits: Limits) -> f64 {
        let millis = match self {
            Self::SlowHead | Self::Silent => limits.head,
            Self::SlowBody | Self::HalfBody => limits.body,
            // Half a second for what may be left of the body, and one until the connection is closed for good.
            Self::EndlessChunks => 1500,
            Self::Idle => limits.keep_alive,
            // The system notices at one of its own attempts, which are further and further apart.
            Self::NeverReads => 2 * limits.body.max(2 * limits.ping),
            // It misses two pings, and the close takes its time.
            Self::NeverReadsSocket => 3 * limits.ping + limits.write,
        };
        Duration::from_millis(millis).as_secs_f64() + SLACK
    }
}

/// All of them, looked after by one thread.
pub(super) struct Crowd {
    over: Arc<AtomicBool>,
    all_ended: Arc<AtomicBool>,
    keeper: Option<JoinHandle<Vec<Slow>>>,
}

impl Crowd {
    pub(super) fn gather(address: SocketAddr, people: Vec<Person>) -> Self {
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
    pub(super) fn wait_until_all_have_ended(&self, within: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        let done = || self.all_ended.load(Ordering::SeqCst) || Instant::now() > deadline;
        wait::until("they have ended", within + SECOND, || Ok(done().then_some(())))
    }

    pub(super) fn stop(mut self) -> anyhow::Result<Vec<Slow>> {
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

/// A connection on which little can be received unread.
fn connected(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::TCP))?;
    set_socket_recv_buffer_size(&socket, RECEIVED)?;
    rustix::net::connect(&socket, &address)?;
    Ok(TcpStream::from(socket))
}

/// One of them.
pub(super) struct Slow {
    pub(super) manner: Manner,
    stream: TcpStream,
    begun: Instant,
    /// What it will say, and how much of it is said.
    words: Vec<u8>,
    said: usize,
    heard: Vec<u8>,
    /// After how long the server was done with it.
    pub(super) ended: Option<Duration>,
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
            Manner::EndlessChunks => (
                "POST /auth/sync HTTP/1.1\r\nhost: authsync\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
                "1\r\n \r\n".repeat(500),
            ),
            Manner::Silent => (String::new(), String::new()),
            Manner::Idle => ("GET /healthz HTTP/1.1\r\nhost: authsync\r\n\r\n".to_owned(), String::new()),
            // It goes on asking: that is how it hears that nobody is there any more.
            Manner::NeverReads => {
                ("GET /openapi.json HTTP/1.1\r\nhost: authsync\r\n\r\n".repeat(100), "GET".repeat(999))
            }
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

    /// The first line of what it was told.
    pub(super) fn heard(&self) -> String {
        let heard = String::from_utf8_lossy(&self.heard);
        heard.lines().next().unwrap_or_default().to_owned()
    }

    /// Whether that begins like one of these; an empty one stands for nothing at all.
    pub(super) fn was_told(&self, answers: &[&str]) -> bool {
        let heard = self.heard();
        answers.iter().any(|answer| if answer.is_empty() { heard.is_empty() } else { heard.starts_with(answer) })
    }
}
