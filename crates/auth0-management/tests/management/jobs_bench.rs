//! A tenant, a client of its jobs, and a waiter that lets time pass for both without waiting.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth0_management::{ImportOrder, Job, JobClient, JobError, Limits, Patience, Waiter, Waiting};
use domain::{Clock as _, ManualClock, Secret, UnixTime};
use fake_auth0::{DATABASE_CONNECTION_ID, FakeAuth0};
use serde_json::{Value, json};

/// What a test does to the tenant when the client waits for the n-th time, counted from 1.
type OnWait = Box<dyn FnMut(&FakeAuth0, usize) -> ControlFlow<()> + Send>;

pub(crate) struct JobBench {
    pub(crate) tenant: Arc<FakeAuth0>,
    pub(crate) client: JobClient,
    waiter: Arc<Passing>,
}

/// What was waited for, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Budget(Duration),
    RateLimit(Duration),
    Outage(Duration),
    Job(Duration),
}

struct Passing {
    tenant: Arc<FakeAuth0>,
    clock: Arc<ManualClock>,
    waits: Mutex<Vec<Wait>>,
    on_wait: Mutex<OnWait>,
}

impl JobBench {
    pub(crate) fn new() -> Self {
        Self::over(FakeAuth0::builder().management_scope("create:users read:users").start())
    }

    pub(crate) fn over(tenant: FakeAuth0) -> Self {
        // As fast as tests want to be, unless they are about the budget.
        let limits = Limits { burst: 1000, per_second: 1000, ..Limits::default() };
        Self::with(tenant, limits, Patience::default())
    }

    pub(crate) fn with(tenant: FakeAuth0, limits: Limits, patience: Patience) -> Self {
        tenant.set_clock(tenant.now());
        let tenant = Arc::new(tenant);
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(tenant.now())));
        let waiter = Arc::new(Passing {
            tenant: tenant.clone(),
            clock: clock.clone(),
            waits: Mutex::default(),
            on_wait: Mutex::new(Box::new(|_, _| ControlFlow::Continue(()))),
        });
        let secret = Secret::new(tenant.client_secret());
        let client = JobClient::new(tenant.issuer(), tenant.client_id(), secret, clock, limits, waiter.clone());
        Self { client: client.with_patience(patience), tenant, waiter }
    }

    pub(crate) fn on_wait(&self, action: impl FnMut(&FakeAuth0, usize) -> ControlFlow<()> + Send + 'static) {
        *self.waiter.on_wait.lock().expect("a lock") = Box::new(action);
    }

    /// What was waited for since the last time that this was asked.
    pub(crate) fn waits(&self) -> Vec<Wait> {
        std::mem::take(&mut *self.waiter.waits.lock().expect("a lock"))
    }

    pub(crate) fn pass(&self, secs: u64) {
        self.waiter.pass(Duration::from_secs(secs));
    }

    pub(crate) fn import(&self, users: &Value) -> Result<Job, JobError> {
        self.import_bytes(users.to_string().as_bytes(), false)
    }

    pub(crate) fn import_bytes(&self, file: &[u8], upsert: bool) -> Result<Job, JobError> {
        self.client.start_import(&ImportOrder {
            connection_id: DATABASE_CONNECTION_ID,
            file,
            upsert,
            external_id: Some("users-0001"),
        })
    }

    /// The job when it is over.
    #[track_caller]
    pub(crate) fn finished(&self, job: &Job) -> Job {
        self.client.finished_job(&job.id, &mut |_| {}).expect("a job that comes to its end")
    }
}

impl Passing {
    fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.tenant.set_clock(self.clock.now().as_secs());
    }
}

impl Waiter for Passing {
    fn wait(&self, span: Duration, reason: Waiting<'_>) -> ControlFlow<()> {
        assert!(span >= Duration::from_millis(100), "as good as no wait: {span:?}");
        let wait = match reason {
            Waiting::Budget => Wait::Budget(span),
            Waiting::RateLimit => Wait::RateLimit(span),
            Waiting::Outage(_) => Wait::Outage(span),
            Waiting::Job(_) => Wait::Job(span),
            other => panic!("{other:?}"),
        };
        let mut waits = self.waits.lock().expect("a lock");
        waits.push(wait);
        let count = waits.len();
        drop(waits);
        self.pass(span);
        (self.on_wait.lock().expect("a lock"))(&self.tenant, count)
    }
}

impl std::fmt::Debug for Passing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passing")
    }
}

/// Users of an import file.
pub(crate) fn people(numbers: std::ops::Range<u32>) -> Value {
    numbers
        .map(|number| json!({ "email": format!("user-{number}@example.test"), "user_id": number.to_string() }))
        .collect()
}
