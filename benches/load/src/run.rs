//! The loop: idle connections get what is due, and what happens to the others is counted.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};

use crate::arguments::Arguments;
use crate::connection::{Connection, Job, Progress};
use crate::pace::Pace;
use crate::requests::Requests;
use crate::tally::{Failure, Tally};

/// How often connections are looked at whose answers are late.
const GLANCE: Duration = Duration::from_millis(20);
/// How long a connection rests that was refused or closed.
const REST: Duration = Duration::from_millis(5);
const EVENTS: usize = 256;
const BUFFER: usize = 64 * 1024;

/// Makes all the requests and waits for their answers.
///
/// # Errors
/// The system has no epoll with timeouts finer than a millisecond.
pub(crate) fn run(arguments: &Arguments, requests: &Requests) -> anyhow::Result<Tally> {
    let cpu_before = cpu_time();
    let mut crowd = Crowd::new(arguments, requests)?;
    let mut events = vec![Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; EVENTS];
    let mut buffer = vec![0; BUFFER];
    let mut glanced = crowd.begin;
    loop {
        crowd.hand_out();
        let now = Instant::now();
        if now - glanced >= GLANCE {
            glanced = now;
            crowd.give_up_on_the_late(now);
        }
        if crowd.in_flight == 0 && crowd.unanswered.is_empty() && crowd.pace.is_over(now) {
            break;
        }
        let wait = crowd.wake_at(now + GLANCE).saturating_duration_since(now);
        let wait = Timespec { tv_sec: 0, tv_nsec: wait.as_nanos().try_into().unwrap_or(0) };
        let count = match epoll::wait(&crowd.epoll, events.as_mut_slice(), Some(&wait)) {
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error).context("it needs Linux 5.11 or newer"),
        };
        for event in events.iter().take(count) {
            // Copied out of a packed struct.
            let (flags, token) = (event.flags, event.data.u64());
            crowd.look(token, flags, &mut buffer);
        }
    }
    let mut tally = crowd.tally;
    tally.unsent = crowd.pace.unsent();
    tally.time = crowd.begin.elapsed();
    tally.cpu = cpu_time().saturating_sub(cpu_before);
    Ok(tally)
}

struct Crowd<'a> {
    arguments: &'a Arguments,
    requests: &'a Requests,
    epoll: OwnedFd,
    begin: Instant,
    pace: Pace,
    tally: Tally,
    connections: Vec<Connection>,
    idle: Vec<usize>,
    /// Connections that were refused or closed, and until when they rest.
    resting: VecDeque<(Instant, usize)>,
    /// What is to be asked again.
    unanswered: VecDeque<Job>,
    in_flight: usize,
}

impl<'a> Crowd<'a> {
    fn new(arguments: &'a Arguments, requests: &'a Requests) -> anyhow::Result<Self> {
        let once = arguments.once.then(|| requests.len());
        let total = arguments.count.into_iter().chain(once).min();
        let begin = Instant::now();
        Ok(Self {
            arguments,
            requests,
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            begin,
            pace: Pace::new(begin, arguments.rate, arguments.time, total),
            tally: Tally::new(arguments.every, arguments.acknowledged.is_some()),
            connections: (0..arguments.connections).map(|_| Connection::default()).collect(),
            idle: (0..arguments.connections).rev().collect(),
            resting: VecDeque::new(),
            unanswered: VecDeque::new(),
            in_flight: 0,
        })
    }

    /// Gives idle connections what is due.
    fn hand_out(&mut self) {
        let mut now = Instant::now();
        while let Some(index) = self.resting.pop_front_if(|(until, _)| *until <= now).map(|(_, index)| index) {
            self.idle.push(index);
        }
        while let Some(&index) = self.idle.last() {
            let Some(job) = self.unanswered.pop_front().or_else(|| {
                let (place, due) = self.pace.next(now)?;
                Some(Job { place, due, begun: now })
            }) else {
                return;
            };
            self.idle.pop();
            self.in_flight += 1;
            let request = self.requests.at(job.place);
            let Some(connection) = self.connections.get_mut(index) else { return };
            let progress = connection.start(job, request, (&self.epoll, index as u64), self.arguments.target);
            self.settle(index, progress);
            now = Instant::now();
        }
    }

    fn look(&mut self, token: u64, flags: EventFlags, buffer: &mut [u8]) {
        let Some((index, connection)) =
            usize::try_from(token).ok().and_then(|index| Some((index, self.connections.get_mut(index)?)))
        else {
            return;
        };
        let request = connection.job().map(|job| self.requests.at(job.place)).unwrap_or_default();
        let progress = connection.look(request, flags, (&self.epoll, token), buffer);
        self.settle(index, progress);
    }

    fn give_up_on_the_late(&mut self, now: Instant) {
        for index in 0..self.connections.len() {
            let Some(connection) = self.connections.get_mut(index) else { continue };
            if connection.job().is_some_and(|job| now - job.begun >= self.arguments.timeout) {
                let progress = connection.give_up(Failure::Timeout);
                self.settle(index, progress);
            }
        }
    }

    fn settle(&mut self, index: usize, progress: Progress) {
        let now = Instant::now();
        match progress {
            Progress::Waits => return,
            Progress::Answered(job, answer) => {
                let number = self.requests.number(job.place);
                self.tally.answered(number, answer.status, now - job.due, now - self.begin);
                self.tally.reopened += u64::from(answer.closes);
                self.idle.push(index);
            }
            Progress::Failed(job, failure, untouched) => {
                let in_time = now - job.begun < self.arguments.timeout;
                if self.arguments.retry && untouched && in_time {
                    self.tally.retried += 1;
                    self.unanswered.push_back(job);
                } else {
                    self.tally.failed(failure, now - self.begin);
                }
                self.resting.push_back((now + REST, index));
            }
        }
        self.in_flight -= 1;
    }

    /// When there is something to do even if nothing happens; `latest` at the latest.
    fn wake_at(&self, latest: Instant) -> Instant {
        let due = self.pace.wake_at(!self.idle.is_empty());
        let rested = self.resting.front().map(|(until, _)| *until);
        due.into_iter().chain(rested).fold(latest, Instant::min)
    }
}

/// What this process has used so far.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}
