//! One connection: opened when it is needed, kept for as long as the server keeps it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, ipproto, socket_with};

use crate::answer::{Answer, AnswerReader};
use crate::tally::Failure;

/// A request on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    /// Its place among the requests.
    pub(crate) place: usize,
    /// From when its latency counts.
    pub(crate) due: Instant,
    /// When it was sent first.
    pub(crate) begun: Instant,
}

/// What came of looking at a connection.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Nothing new.
    Waits,
    /// An answer to the job.
    Answered(Job, Answer),
    /// The connection is gone, and the job without an answer; whether nothing of one had come.
    Failed(Job, Failure, bool),
}

/// At most one request at a time.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    stream: Option<TcpStream>,
    /// The connection is not there yet, or not all of the request is sent.
    writes: bool,
    sent: usize,
    job: Option<Job>,
    reader: AnswerReader,
}

impl Connection {
    /// Begins with the job; the connection is opened if there is none.
    pub(crate) fn start(
        &mut self,
        job: Job,
        request: &[u8],
        (epoll, token): (&OwnedFd, u64),
        target: SocketAddr,
    ) -> Progress {
        self.job = Some(job);
        self.sent = 0;
        self.reader.reset();
        if self.stream.is_some() {
            return self.send(request, (epoll, token));
        }
        match opened(target, epoll, token) {
            Ok(stream) => {
                self.stream = Some(stream);
                self.writes = true;
                Progress::Waits
            }
            Err(_) => self.give_up(Failure::Refused),
        }
    }

    /// The job that waits for its answer.
    pub(crate) fn job(&self) -> Option<Job> {
        self.job
    }

    /// Something has happened to the connection.
    pub(crate) fn look(
        &mut self,
        request: &[u8],
        flags: EventFlags,
        registered: (&OwnedFd, u64),
        buffer: &mut [u8],
    ) -> Progress {
        if self.writes && flags.intersects(EventFlags::OUT | EventFlags::ERR | EventFlags::HUP) {
            let trouble = self.stream.as_ref().and_then(|stream| stream.take_error().ok().flatten());
            if trouble.is_some() {
                return self.give_up(if self.sent == 0 { Failure::Refused } else { Failure::Closed });
            }
            let progress = self.send(request, registered);
            if !matches!(progress, Progress::Waits) {
                return progress;
            }
        }
        if flags.intersects(EventFlags::IN | EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR) {
            return self.receive(buffer);
        }
        Progress::Waits
    }

    /// Closes; the job fails for this reason.
    pub(crate) fn give_up(&mut self, failure: Failure) -> Progress {
        let untouched = !self.reader.has_begun() && matches!(failure, Failure::Refused | Failure::Closed);
        self.stream = None;
        self.writes = false;
        self.reader.reset();
        self.job.take().map_or(Progress::Waits, |job| Progress::Failed(job, failure, untouched))
    }

    fn send(&mut self, request: &[u8], (epoll, token): (&OwnedFd, u64)) -> Progress {
        let Some(stream) = self.stream.as_mut() else { return Progress::Waits };
        while self.sent < request.len() {
            match stream.write(request.get(self.sent..).unwrap_or_default()) {
                Ok(written) => self.sent += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !self.writes && epoll::modify(epoll, &*stream, EventData::new_u64(token), BOTH).is_err() {
                        return self.give_up(Failure::Closed);
                    }
                    self.writes = true;
                    return Progress::Waits;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.give_up(Failure::Closed),
            }
        }
        if self.writes && epoll::modify(epoll, &*stream, EventData::new_u64(token), READING).is_err() {
            return self.give_up(Failure::Closed);
        }
        self.writes = false;
        Progress::Waits
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Progress {
        let Some(stream) = self.stream.as_mut() else { return Progress::Waits };
        match stream.read(buffer) {
            Ok(0) => self.give_up(Failure::Closed),
            // Nothing was asked: whatever comes, such as a timeout of the server, ends the connection.
            Ok(_) if self.job.is_none() => self.give_up(Failure::Garbled),
            Ok(length) => match self.reader.feed(buffer.get(..length).unwrap_or_default()) {
                Ok(None) => Progress::Waits,
                Ok(Some(answer)) => {
                    if answer.closes {
                        self.stream = None;
                        self.writes = false;
                    }
                    self.job.take().map_or(Progress::Waits, |job| Progress::Answered(job, answer))
                }
                Err(_) => self.give_up(Failure::Garbled),
            },
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Progress::Waits,
            Err(_) => self.give_up(Failure::Closed),
        }
    }
}

const READING: EventFlags = EventFlags::IN.union(EventFlags::RDHUP);
const BOTH: EventFlags = READING.union(EventFlags::OUT);

/// A connection that is on its way; its first event says whether it came about.
fn opened(target: SocketAddr, epoll: &OwnedFd, token: u64) -> io::Result<TcpStream> {
    let family = if target.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let stream = TcpStream::from(socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?);
    stream.set_nodelay(true)?;
    match connect(&stream, &target) {
        Ok(()) | Err(Errno::INPROGRESS) => {}
        Err(error) => return Err(error.into()),
    }
    epoll::add(epoll, &stream, EventData::new_u64(token), BOTH)?;
    Ok(stream)
}
