//! The memory itself.

use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::{Clock, KnownUser, RepositoryError, Subject, UserChange, admit_user};
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter, sync::DefaultLifecycle};
use second_sight::SecondSight;

use super::generations::{Generations, Ticket};
use super::lease::Lease;
use super::ready_user::ReadyUser;
use crate::metrics::UserMetrics;
use crate::settings::UserCacheSettings;

/// What a user of ordinary size takes up, in bytes: so many times the configured number is the bound.
const ORDINARY: u64 = 2048;
/// So many others may come between two sightings of a user, about, before the first one is forgotten.
const SIGHTINGS_PER_ENTRY: usize = 2;

/// Users who may come in, as the table showed them. It bounds its own size, and its locks are never held for longer than
/// a look.
#[derive(Debug)]
pub struct UserCache {
    memory: Option<Memory>,
    lease: Lease,
    stale_for: Duration,
    clock: Arc<dyn Clock>,
    metrics: UserMetrics,
    /// Somebody was answered from memory because the table was out of reach, and it has not answered since.
    outage: AtomicBool,
}

#[derive(Debug)]
struct Memory {
    users: Cache<Subject, Arc<ReadyUser>, Weigh>,
    generations: Generations,
    second_sight: SecondSight,
    hasher: DefaultHashBuilder,
}

#[derive(Clone, Debug)]
struct Weigh;

/// A read that is under way.
#[derive(Debug)]
pub(super) struct Reading {
    subject: Subject,
    ticket: Ticket,
    began: Duration,
}

impl UserCache {
    /// An empty memory, which is believed from the first proof of the feed on.
    #[must_use]
    pub fn new(settings: UserCacheSettings, clock: Arc<dyn Clock>, metrics: UserMetrics) -> Self {
        Self {
            memory: Memory::of(settings.entries),
            lease: Lease::default(),
            stale_for: settings.stale_for,
            clock,
            metrics,
            outage: AtomicBool::new(false),
        }
    }

    /// Takes in the word of the feed.
    pub fn tell(&self, change: &UserChange) {
        match change {
            UserChange::Of(subject) => self.forget(subject),
            UserChange::Any => {
                let Some(memory) = &self.memory else { return };
                memory.generations.all_changed();
                self.metrics.dropped_all();
            }
            UserChange::ToldUntil(moment) => {
                self.lease.prove(self.clock.uptime().saturating_sub(moment.elapsed()));
                if self.outage.swap(false, Ordering::Relaxed) {
                    log::info!("changes of users are seen again: nobody is confirmed as last known any more");
                }
            }
        }
    }

    /// The row of this user may be another one from now on.
    pub fn forget(&self, subject: &Subject) {
        let Some(memory) = &self.memory else { return };
        memory.void(subject);
        self.metrics.dropped_one();
    }

    /// The user, if memory is as good as the table.
    pub(crate) fn current(&self, subject: &Subject) -> Option<Arc<ReadyUser>> {
        let memory = self.memory.as_ref()?;
        if !self.lease.holds(self.clock.uptime()) {
            self.metrics.bypassed();
            return None;
        }
        let user = memory.find(subject);
        self.metrics.looked_up(user.is_some());
        user
    }

    /// Whether memory is not believed at the moment, most likely because the table is out of reach. To write to it blindly then
    /// would cost users what is last known of them, as nobody can say what becomes of a write that gets no answer.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.memory.is_some() && !self.lease.holds(self.clock.uptime())
    }

    /// The user as last known, while the table is out of reach: nothing was heard of a change, and the row was known to be
    /// so less long ago than is allowed. Counted, and logged once for each outage.
    pub(crate) fn last_known(&self, subject: &Subject) -> Option<Arc<ReadyUser>> {
        let user = self.memory.as_ref()?.find(subject)?;
        // A row that is still good has seen every proof since.
        let confirmed = self.lease.proven().map_or(user.read_at, |proven| proven.max(user.read_at));
        if self.clock.uptime().saturating_sub(confirmed) >= self.stale_for {
            return None;
        }
        self.metrics.served_stale();
        if !self.outage.swap(true, Ordering::Relaxed) {
            log::warn!("the users table is out of reach: users are confirmed as they were last known");
        }
        Some(user)
    }

    /// Begins to read a row that is to be kept: of somebody who has come before. `None` for all others.
    pub(super) fn read(&self, subject: &Subject) -> Option<Reading> {
        let memory = self.memory.as_ref().filter(|memory| memory.admits(subject))?;
        let (ticket, began) = (memory.generations.ticket(subject), self.clock.uptime());
        Some(Reading { subject: subject.clone(), ticket, began })
    }

    /// Keeps what was read, if it is a user who may come in, and nothing of whoever may not.
    pub(super) fn keep(&self, reading: &Reading, answer: &Result<Option<Arc<KnownUser>>, RepositoryError>) {
        let (Ok(found), Some(memory)) = (answer, &self.memory) else { return };
        let may_come_in = |known: &&Arc<KnownUser>| reading.subject.is_a_users() && admit_user(&known.user).is_ok();
        let Some(known) = found.as_ref().filter(may_come_in) else {
            // Nor is it to be said in an outage that they may, if word of the change was missed.
            return memory.void(&reading.subject);
        };
        if !memory.generations.honour(reading.ticket) {
            return;
        }
        if let Some(user) = ReadyUser::new(Arc::clone(known), reading.ticket, reading.began) {
            memory.insert(reading.subject.clone(), user);
            self.metrics.holds(memory.users.len());
        }
    }
}

impl Memory {
    fn of(entries: usize) -> Option<Self> {
        let options = OptionsBuilder::new()
            .estimated_items_capacity(entries)
            .weight_capacity((entries as u64).saturating_mul(ORDINARY))
            .build()
            .ok()
            .filter(|_| entries > 0)?;
        let users = Cache::with_options(options, Weigh, DefaultHashBuilder::default(), DefaultLifecycle::default());
        let second_sight = SecondSight::with_places(entries.saturating_mul(SIGHTINGS_PER_ENTRY));
        let (generations, hasher) = (Generations::default(), DefaultHashBuilder::default());
        Some(Self { users, generations, second_sight, hasher })
    }

    /// The user as they were read, if nothing has changed since.
    fn find(&self, subject: &Subject) -> Option<Arc<ReadyUser>> {
        let holds = |user: &Arc<ReadyUser>| user.validity.holds() && self.generations.honour_for_all(user.ticket);
        self.users.get(subject).filter(holds)
    }

    /// The order in this and in `void` is what [`Validity`](super::validity::Validity) depends on.
    fn insert(&self, subject: Subject, user: ReadyUser) {
        let user = Arc::new(user);
        self.users.insert(subject, Arc::clone(&user));
        if self.generations.honour(user.ticket) {
            user.validity.settle();
        }
    }

    /// The entry stays, void: whoever was worth keeping is taken back at once.
    fn void(&self, subject: &Subject) {
        self.generations.changed(subject);
        if let Some(user) = self.users.peek(subject) {
            user.validity.void();
        }
    }

    fn admits(&self, subject: &Subject) -> bool {
        self.users.peek(subject).is_some() || self.second_sight.again(self.hasher.hash_one(subject))
    }
}

impl Weighter<Subject, Arc<ReadyUser>> for Weigh {
    fn weight(&self, _: &Subject, user: &Arc<ReadyUser>) -> u64 {
        user.bytes()
    }
}
