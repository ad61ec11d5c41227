//! What it costs to look users up and to log them in when many callers do so at once: sixty-four of them, on two threads,
//! each of which asks again as soon as it is answered. `cargo bench -p persistence`.

#![expect(clippy::expect_used, reason = "a measurement that cannot be made ends loudly")]

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::{AsyncUserRepository, BodyProfile, EmailAddress, Login, Profile, Reply, RepositoryError, Seen, Subject};
use persistence::{Database, DatabaseUrl, PoolSettings};
use scratch_database::ScratchDatabase;

/// Callers at once, and threads that they are on.
const CALLERS: u64 = 64;
const THREADS: u64 = 2;
/// Users to look up.
const USERS: u64 = 20_000;

/// Numbers of users who are not in the table yet.
static NEXT: AtomicU64 = AtomicU64::new(USERS);

type Coming = Pin<Box<dyn Future<Output = Result<(), RepositoryError>> + Send>>;

/// A caller who was answered, and the thread that is to see to it.
struct Answered {
    caller: usize,
    ready: Arc<Mutex<Vec<usize>>>,
    thread: Thread,
}

impl Wake for Answered {
    fn wake(self: Arc<Self>) {
        self.ready.lock().expect("a lock").push(self.caller);
        self.thread.unpark();
    }
}

fn login(number: u64) -> Arc<Login> {
    Arc::new(Login {
        subject: subject(number),
        issued_at: None,
        directory: None,
        claims: Profile::default(),
        body: BodyProfile {
            email: EmailAddress::parse(&format!("user{number}@example.com")).expect("an address"),
            name: None,
            picture: None,
        },
        gives_way: None,
    })
}

fn subject(number: u64) -> Subject {
    Subject::parse(&format!("auth0|{number:024x}")).expect("a subject")
}

fn later<T: 'static>(reply: Reply<T>) -> Coming
where
    Reply<T>: Send,
{
    Box::pin(async move { reply.settled().await.map(drop) })
}

/// How long so many calls take.
fn elapsed(calls: u64, ask: impl Fn(u64) -> Coming + Sync) -> Duration {
    let asked = AtomicU64::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| call_until_all_are_made(calls, &asked, &ask));
        }
    });
    begun.elapsed()
}

fn call_until_all_are_made(calls: u64, asked: &AtomicU64, ask: &(impl Fn(u64) -> Coming + Sync)) {
    let ready = Arc::new(Mutex::new(Vec::new()));
    let next = || Some(asked.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < calls).map(ask);
    let callers = usize::try_from(CALLERS / THREADS).expect("a small number");
    let mut under_way: Vec<Option<Coming>> = (0..callers).map(|_| next()).collect();
    let wakers: Vec<Waker> = (0..callers)
        .map(|caller| Arc::new(Answered { caller, ready: Arc::clone(&ready), thread: thread::current() }).into())
        .collect();
    let mut to_poll: Vec<usize> = (0..callers).collect();
    while under_way.iter().any(Option::is_some) {
        for caller in to_poll.drain(..) {
            let (Some(slot), Some(waker)) = (under_way.get_mut(caller), wakers.get(caller)) else { continue };
            while let Some(coming) = slot {
                match coming.as_mut().poll(&mut Context::from_waker(waker)) {
                    Poll::Ready(outcome) => {
                        outcome.expect("an answer");
                        *slot = next();
                    }
                    Poll::Pending => break,
                }
            }
        }
        std::mem::swap(&mut to_poll, &mut ready.lock().expect("a lock"));
        if to_poll.is_empty() && under_way.iter().any(Option::is_some) {
            thread::park();
        }
    }
}

fn measure(criterion: &mut Criterion, place: &str, scratch: &ScratchDatabase) {
    let url = DatabaseUrl::parse(scratch.url()).expect("a URL");
    let settings = PoolSettings { checkout_timeout: Duration::from_secs(30), ..PoolSettings::default() };
    let database = Database::open(&url, &settings).expect("settings");
    database.migrator().up().expect("migrations");
    let users: Arc<dyn AsyncUserRepository> = database.async_users();
    elapsed(USERS, |number| later(users.log_in(login(number), Seen::NoRow, Instant::now())));
    let mut group = criterion.benchmark_group(place);
    group.throughput(Throughput::Elements(1)).sample_size(10);
    group.bench_function("lookup", |bencher| {
        bencher.iter_custom(|calls| {
            elapsed(calls, |number| later(users.find(&subject(number.wrapping_mul(7919) % USERS))))
        });
    });
    group.bench_function("repeated login", |bencher| {
        bencher.iter_custom(|calls| {
            elapsed(calls, |number| later(users.log_in(login(number % USERS), Seen::Row, Instant::now())))
        });
    });
    group.bench_function("first login", |bencher| {
        bencher.iter_custom(|calls| {
            elapsed(calls, |_| {
                later(users.log_in(login(NEXT.fetch_add(1, Ordering::Relaxed)), Seen::NoRow, Instant::now()))
            })
        });
    });
    group.finish();
}

fn on_both_databases(criterion: &mut Criterion) {
    measure(criterion, "postgres", &ScratchDatabase::postgres());
    measure(criterion, "sqlite", &ScratchDatabase::sqlite());
}

criterion_group!(benches, on_both_databases);
criterion_main!(benches);
