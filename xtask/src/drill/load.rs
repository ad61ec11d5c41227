//! Clients that ask and ask, at a bounded rate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};

use super::ledger::{Account, Ledger};
use super::person::Person;
use super::record::{Ask, OFTEN, Outcome, Record, Sample};
use super::wait;
use super::wire::{self, Wire};

/// What clients do. Shares are relative to each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadPlan {
    pub(super) clients: u32,
    /// All clients together.
    pub(super) per_second: u32,
    pub(super) verify: u32,
    pub(super) sync_same: u32,
    pub(super) sync_changed: u32,
    pub(super) sync_new: u32,
    /// How long a client waits for an answer.
    pub(super) patience: Duration,
}

impl LoadPlan {
    /// As on an ordinary day, with more writes than there would be: 400 requests a second by 16 clients, half of them
    /// verifications, a tenth of them by somebody new.
    pub(super) const ORDINARY: Self = Self {
        clients: 16,
        per_second: 400,
        verify: 5,
        sync_same: 1,
        sync_changed: 3,
        sync_new: 1,
        patience: Duration::from_secs(10),
    };
}

/// What is known while the load runs; moments as microseconds since its beginning.
#[derive(Debug, Default)]
struct Live {
    over: AtomicBool,
    known: AtomicU64,
    /// The latest beginning of a write that was acknowledged.
    write_begun: AtomicU64,
    /// The latest beginning of a verification that was answered with 200.
    read_begun: AtomicU64,
    refused_writes: AtomicU64,
}

/// Clients at work. Dropping it stops them.
#[derive(Debug)]
pub(super) struct Load {
    begin: Instant,
    people: u64,
    live: Arc<Live>,
    clients: Vec<JoinHandle<Client>>,
}

impl Load {
    /// Starts the clients. Each owns its share of the people, who are synced before they are verified, and its share of the
    /// newcomers, of whom each is synced until it is acknowledged. With several addresses the clients are spread over them.
    pub(super) fn start(plan: LoadPlan, addresses: &[SocketAddr], people: Vec<Person>, newcomers: Vec<Person>) -> Self {
        let (live, begin, count) = (Arc::new(Live::default()), Instant::now(), plan.clients.max(1) as usize);
        let known = people.len() as u64;
        let mut clients: Vec<Client> = (addresses.iter().cycle().take(count))
            .map(|&address| Client::new(plan, Wire::new(address, plan.patience), begin, Arc::clone(&live)))
            .collect();
        for (number, person) in people.into_iter().enumerate() {
            clients
                .get_mut(number % count)
                .into_iter()
                .for_each(|client| client.members.push(Member::new(person.clone())));
        }
        for (number, person) in newcomers.into_iter().enumerate() {
            clients
                .get_mut(number % count)
                .into_iter()
                .for_each(|client| client.newcomers.push(Member::new(person.clone())));
        }
        let interval = Duration::from_secs(1) * plan.clients / plan.per_second.max(1);
        let run = |(number, client): (usize, Client)| {
            // Not all at the same moment.
            let first = begin + interval.mul_f64(number as f64 / count as f64);
            thread::spawn(move || client.run(first, interval))
        };
        let clients = clients.into_iter().enumerate().map(run).collect();
        Self { begin, people: known, live, clients }
    }

    /// Lets the load run.
    pub(super) fn run_for(&self, time: Duration) {
        wait::up_to(Instant::now() + time);
    }

    /// Waits until everybody but the newcomers has a row.
    ///
    /// # Errors
    /// Not within that time.
    pub(super) fn wait_until_all_are_known(&self, within: Duration) -> anyhow::Result<()> {
        let known = || self.live.known.load(Ordering::Relaxed);
        wait::until("everybody is known", within, || Ok((known() >= self.people).then_some(())))
    }

    /// Waits for the acknowledgement of a write that was begun after this moment.
    ///
    /// # Errors
    /// Not within that time.
    pub(super) fn wait_for_write_after(&self, moment: Instant, within: Duration) -> anyhow::Result<()> {
        self.wait_for("writes", &self.live.write_begun, moment, within)
    }

    /// Waits for the good answer to a verification that was begun after this moment.
    ///
    /// # Errors
    /// Not within that time.
    pub(super) fn wait_for_read_after(&self, moment: Instant, within: Duration) -> anyhow::Result<()> {
        self.wait_for("verifications", &self.live.read_begun, moment, within)
    }

    /// How many writes were answered with anything but 200.
    pub(super) fn refused_writes(&self) -> u64 {
        self.live.refused_writes.load(Ordering::Relaxed)
    }

    /// Stops the clients, and tells what they have seen.
    ///
    /// # Errors
    /// A client has panicked.
    pub(super) fn stop(mut self) -> anyhow::Result<(Record, Ledger)> {
        self.live.over.store(true, Ordering::SeqCst);
        let (mut samples, mut accounts) = (Vec::new(), Vec::new());
        for client in self.clients.drain(..) {
            let client = client.join().map_err(|_| anyhow!("a client panicked"))?;
            samples.extend(client.samples);
            let members = client.members.into_iter().chain(client.newcomers);
            accounts.extend(members.map(|member| (member.person.subject, member.account)));
        }
        Ok((Record::new(samples), Ledger::new(accounts)))
    }

    fn wait_for(&self, what: &str, begun: &AtomicU64, moment: Instant, within: Duration) -> anyhow::Result<()> {
        let after = micros(moment.saturating_duration_since(self.begin));
        wait::until(what, within, || Ok((begun.load(Ordering::Relaxed) > after).then_some(())))
            .context("the load gets no good answers")
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.live.over.store(true, Ordering::SeqCst);
        for client in self.clients.drain(..) {
            let _ended = client.join();
        }
    }
}

#[derive(Debug)]
struct Member {
    person: Person,
    account: Account,
    /// How often, since the last attempt to write.
    verified: u32,
}

impl Member {
    fn new(person: Person) -> Self {
        Self { person, account: Account::default(), verified: 0 }
    }
}

#[derive(Debug)]
struct Client {
    wire: Wire,
    begin: Instant,
    live: Arc<Live>,
    members: Vec<Member>,
    /// The last one is the next; whoever has become known joins the others.
    newcomers: Vec<Member>,
    /// What is asked, its share, and its claim to be next.
    shares: [(Ask, i64, i64); 4],
    turn: usize,
    samples: Vec<Sample>,
}

impl Client {
    fn new(plan: LoadPlan, wire: Wire, begin: Instant, live: Arc<Live>) -> Self {
        let share = |ask, share: u32| (ask, i64::from(share), 0);
        let shares = [
            share(Ask::Verify, plan.verify),
            share(Ask::SyncSame, plan.sync_same),
            share(Ask::SyncChanged, plan.sync_changed),
            share(Ask::SyncNew, plan.sync_new),
        ];
        Self { wire, begin, live, members: Vec::new(), newcomers: Vec::new(), shares, turn: 0, samples: Vec::new() }
    }

    fn run(mut self, first: Instant, interval: Duration) -> Self {
        let mut next = first;
        while !self.live.over.load(Ordering::Relaxed) {
            wait::up_to(next);
            self.ask();
            // A client that had to wait does not make up for it.
            next = Instant::now().max(next + interval);
        }
        self
    }

    fn ask(&mut self) {
        let wanted = self.next_ask();
        self.turn += 1;
        let is_new = wanted == Ask::SyncNew && !self.newcomers.is_empty();
        let member = if is_new {
            self.newcomers.last_mut()
        } else {
            let count = self.members.len().max(1);
            self.members.get_mut(self.turn % count)
        };
        let Some(Member { person, account, verified }) = member else { return };
        let ask = match (account.is_known(), wanted) {
            (false, _) => Ask::SyncNew,
            (true, Ask::SyncNew) => Ask::SyncChanged,
            (true, Ask::Verify) if *verified >= OFTEN => Ask::VerifyAgain,
            (true, wanted) => wanted,
        };
        let (attempt, request) = match ask {
            Ask::Verify | Ask::VerifyAgain | Ask::Other => (None, wire::verify(person)),
            Ask::SyncSame => (None, wire::sync(person, &account.same_name().unwrap_or_default())),
            Ask::SyncChanged | Ask::SyncNew => {
                let (attempt, name) = account.next_name();
                (Some(attempt), wire::sync(person, &name))
            }
        };
        let begun = Instant::now();
        let reply = self.wire.ask(&request);
        let took = begun.elapsed();
        let is_good = reply.as_ref().is_ok_and(|reply| reply.status == 200);
        *verified = if ask.verifies() { *verified + u32::from(is_good) } else { 0 };
        match (&reply, attempt) {
            (Ok(reply), Some(attempt)) if is_good => account.acknowledge(attempt, &reply.body),
            (Ok(_), Some(attempt)) => {
                account.refuse(attempt);
                self.live.refused_writes.fetch_add(1, Ordering::Relaxed);
            }
            (Err(_), Some(attempt)) => account.give_up(attempt),
            // What is older than it could be says so.
            (Ok(reply), None) if is_good && !reply.stale => account.read(&reply.body),
            _ => {}
        }
        if is_good {
            self.tell(ask, begun, is_new);
        }
        let (stale, retry_after) = reply.as_ref().map_or((false, false), |reply| (reply.stale, reply.retry_after));
        let outcome = reply.map_or_else(Outcome::Failed, |reply| Outcome::Status(reply.status));
        self.samples.push(Sample { begun, took, ask, outcome, stale, retry_after });
    }

    fn tell(&mut self, ask: Ask, begun: Instant, is_new: bool) {
        let begun = micros(begun.duration_since(self.begin));
        if ask.writes() {
            self.live.write_begun.fetch_max(begun, Ordering::Relaxed);
        } else if ask.verifies() {
            self.live.read_begun.fetch_max(begun, Ordering::Relaxed);
        }
        if is_new {
            self.members.extend(self.newcomers.pop());
        } else if ask == Ask::SyncNew {
            self.live.known.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Evenly mixed: whoever has waited longest for its share is next.
    fn next_ask(&mut self) -> Ask {
        let total: i64 = self.shares.iter().map(|(_, share, _)| share).sum();
        for (_, share, claim) in &mut self.shares {
            *claim += *share;
        }
        let next = self.shares.iter_mut().max_by_key(|(_, _, claim)| *claim);
        next.map_or(Ask::Verify, |(ask, _, claim)| {
            *claim -= total;
            *ask
        })
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
