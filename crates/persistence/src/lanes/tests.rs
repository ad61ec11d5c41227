//! What a lane promises, with a worker that does as the test says.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use domain::{Reply, RepositoryError};

use super::settled::settled;
use super::{Batch, Lane, Limits, Overseer, Worker, start};

const LIMITS: Limits =
    Limits { capacity: 8, batch: 4, patience: Duration::from_secs(60), work_time: Duration::from_secs(60) };
/// Longer than a busy machine takes to wake a thread.
const SHORT: Duration = Duration::from_secs(1);

/// Tells of each batch, waits for leave, and answers a number with its double; 13 is one too many for it.
#[derive(Clone)]
struct Doubler {
    begun: Sender<Vec<u32>>,
    leave: Arc<Mutex<Receiver<()>>>,
    /// Attempts to connect that fail first.
    failures: u32,
    connected: bool,
}

/// The test's side of it.
struct Hand {
    begun: Receiver<Vec<u32>>,
    leave: Sender<()>,
}

impl Worker for Doubler {
    type Question = u32;
    type Answer = u32;

    fn connect(&mut self) -> Result<(), String> {
        self.connected = self.failures == 0;
        self.failures = self.failures.saturating_sub(1);
        if self.connected { Ok(()) } else { Err("nobody is at home".to_owned()) }
    }

    fn is_connected(&self) -> bool {
        self.connected
    }

    fn disconnect(&mut self) {
        self.connected = false;
    }

    fn work(&mut self, batch: Batch<Self>) -> Batch<Self> {
        let _test_is_over = self.begun.send(batch.iter().map(|asked| asked.question).collect());
        let leave = self.leave.lock().expect("a lock").recv();
        if leave.is_err() {
            return Vec::new();
        }
        assert!(batch.iter().all(|asked| asked.question != 13), "a defect");
        for asked in batch {
            let answer = asked.question * 2;
            asked.promise.keep(Ok(answer));
        }
        Vec::new()
    }
}

fn shared<T>(one: T) -> Arc<Mutex<T>> {
    Arc::new(Mutex::new(one))
}

fn lane(limits: Limits, failures: u32) -> (Lane<u32, u32>, Hand) {
    let (begun, hear) = channel();
    let (leave, wait) = channel();
    let lane = Lane::new(limits, 1);
    let doubler = Doubler { begun, leave: shared(wait), failures, connected: false };
    start(&lane, "test", move || doubler.clone()).expect("a thread");
    (lane, Hand { begun: hear, leave })
}

/// What a lane of little patience is asked before it is connected may be refused for that.
fn until_connected(lane: &Lane<u32, u32>) {
    while !lane.report().connected {
        thread::yield_now();
    }
}

fn said<T: std::fmt::Debug>(outcome: Result<T, RepositoryError>) -> String {
    match outcome {
        Err(RepositoryError::Unavailable(cause) | RepositoryError::Failed(cause)) => cause.to_string(),
        other => format!("{other:?}"),
    }
}

fn is_pending(reply: &mut Reply<u32>) -> bool {
    match reply {
        Reply::AtOnce(_) => false,
        Reply::Later(coming) => Pin::new(coming).poll(&mut Context::from_waker(Waker::noop())).is_pending(),
    }
}

#[test]
fn a_lone_question_waits_for_nobody_and_what_gathers_meanwhile_is_the_next_batch() {
    let (lane, hand) = lane(LIMITS, 0);
    let first = lane.ask(1);
    assert_eq!(hand.begun.recv(), Ok(vec![1]));
    let others: Vec<_> = (2..=7).map(|number| lane.ask(number)).collect();
    (0..3).for_each(|_| hand.leave.send(()).expect("a worker"));
    assert!(matches!(settled(first), Ok(2)));
    let answers: Vec<_> = others.into_iter().map(|reply| settled(reply).ok()).collect();
    assert_eq!(answers, [4, 6, 8, 10, 12, 14].map(Some));
    assert_eq!((hand.begun.recv(), hand.begun.recv()), (Ok(vec![2, 3, 4, 5]), Ok(vec![6, 7])));
    let report = lane.report();
    assert_eq!((report.batches, report.questions, report.depth, report.connected), (3, 7, 0, true));
}

#[test]
fn a_full_lane_refuses_at_once_and_goes_on() {
    let (lane, hand) = lane(LIMITS, 0);
    let first = lane.ask(0);
    hand.begun.recv().expect("a batch");
    let waiting: Vec<_> = (0..8).map(|number| lane.ask(number)).collect();
    let refused = lane.ask(9);
    assert!(matches!(refused, Reply::AtOnce(Err(RepositoryError::Unavailable(_)))), "{refused:?}");
    assert_eq!((lane.report().overflows, lane.report().depth), (1, 8));
    (0..3).for_each(|_| hand.leave.send(()).expect("a worker"));
    assert!(waiting.into_iter().chain([first]).all(|reply| settled(reply).is_ok()));
}

#[test]
fn what_has_waited_for_too_long_is_refused_while_the_thread_is_busy_and_never_begun() {
    let (lane, hand) = lane(Limits { patience: SHORT, ..LIMITS }, 0);
    let _overseer = Overseer::start(vec![lane.overseen()]).expect("a thread");
    let first = lane.ask(1);
    hand.begun.recv().expect("a batch");
    let late = said(settled(lane.ask(2)));
    assert_eq!(late, "the database did not come to the request in time");
    assert_eq!(lane.report().expired, 1);
    hand.leave.send(()).expect("a worker");
    assert!(matches!(settled(first), Ok(2)), "what was begun is answered");
    let next = lane.ask(3);
    hand.leave.send(()).expect("a worker");
    assert!(matches!(settled(next), Ok(6)));
    assert_eq!(hand.begun.recv(), Ok(vec![3]), "the late one was not begun");
}

#[test]
fn what_is_late_is_not_begun_even_where_nobody_oversees() {
    let (lane, hand) = lane(Limits { patience: SHORT, ..LIMITS }, 0);
    let first = lane.ask(1);
    hand.begun.recv().expect("a batch");
    let begun = Instant::now();
    let late = lane.ask(2);
    while begun.elapsed() < SHORT * 2 {
        thread::yield_now();
    }
    hand.leave.send(()).expect("a worker");
    assert!(settled(first).is_ok());
    assert_eq!(said(settled(late)), "the database did not come to the request in time");
}

#[test]
fn what_was_begun_and_gets_no_answer_is_refused_and_nobody_else_waits_for_it() {
    let (lane, hand) = lane(Limits { patience: SHORT, work_time: SHORT, ..LIMITS }, 0);
    let _overseer = Overseer::start(vec![lane.overseen()]).expect("a thread");
    until_connected(&lane);
    assert_eq!(said(settled(lane.ask(1))), "the database does not answer");
    assert!(!lane.report().connected, "one that hangs is no connection");
    let refused = lane.ask(2);
    assert!(matches!(refused, Reply::AtOnce(Err(RepositoryError::Unavailable(_)))), "{refused:?}");
    hand.leave.send(()).expect("a worker");
    hand.leave.send(()).expect("a worker");
    // Once the thread is back, so is the lane.
    while said(settled(lane.ask(3))) != "Ok(6)" {
        let _for_the_next = hand.leave.send(());
    }
}

#[test]
fn a_second_question_has_what_the_first_one_left_of_its_callers_time() {
    let (lane, hand) = lane(Limits { patience: SHORT, ..LIMITS }, 0);
    let _overseer = Overseer::start(vec![lane.overseen()]).expect("a thread");
    until_connected(&lane);
    let long_ago = Instant::now().checked_sub(LIMITS.work_time).expect("a machine that has been up for a minute");
    let asked = Instant::now();
    // It is begun, and not answered.
    assert_eq!(said(settled(lane.ask_since(long_ago, 1))), "the database does not answer");
    // Of its minute the lane's patience was left.
    assert!(asked.elapsed() < LIMITS.work_time / 2, "{:?}", asked.elapsed());
    hand.leave.send(()).expect("a worker");
}

#[test]
fn a_thread_that_hangs_costs_its_own_questions_and_the_other_one_goes_on() {
    let limits = Limits { batch: 1, patience: SHORT * 3, work_time: Duration::ZERO, ..LIMITS };
    let (begun, _hear) = channel();
    let ((leave, goes_on), (_no_leave, hangs)) = (channel(), channel());
    let worker = |leave| Doubler { begun: begun.clone(), leave: shared(leave), failures: 0, connected: false };
    let lane = Lane::new(limits, 2);
    let (first, other) = (shared(Some(worker(hangs))), worker(goes_on));
    let worker = move || first.lock().expect("a lock").take().unwrap_or_else(|| other.clone());
    start(&lane, "test", worker).expect("threads");
    let _overseer = Overseer::start(vec![lane.overseen()]).expect("a thread");
    (0..10_000).for_each(|_| leave.send(()).expect("a worker"));
    let four_at_once = || {
        let replies: Vec<_> = (0..4).map(|number| lane.ask(number)).collect();
        replies.into_iter().map(|reply| said(settled(reply))).collect::<Vec<_>>()
    };
    while !four_at_once().iter().any(|said| said == "the database does not answer") {}
    assert_eq!(four_at_once(), ["Ok(0)", "Ok(2)", "Ok(4)", "Ok(6)"]);
    assert!(lane.report().connected);
}

#[test]
fn a_question_that_nobody_waits_for_any_more_is_not_begun() {
    let (lane, hand) = lane(LIMITS, 0);
    let first = lane.ask(1);
    hand.begun.recv().expect("a batch");
    drop(lane.ask(2));
    let third = lane.ask(3);
    (0..2).for_each(|_| hand.leave.send(()).expect("a worker"));
    assert!(settled(first).is_ok() && settled(third).is_ok());
    assert_eq!(hand.begun.recv(), Ok(vec![3]));
}

#[test]
fn a_defect_costs_the_batch_it_shows_in_and_not_the_lane() {
    let (lane, hand) = lane(LIMITS, 0);
    let defect = lane.ask(13);
    (0..2).for_each(|_| hand.leave.send(()).expect("a worker"));
    assert!(matches!(settled(defect), Err(RepositoryError::Failed(_))));
    assert!(matches!(settled(lane.ask(1)), Ok(2)));
}

#[test]
fn a_short_interruption_is_waited_out() {
    let (lane, hand) = lane(LIMITS, 3);
    let mut asked = lane.ask(1);
    assert!(is_pending(&mut asked), "nobody has waited in vain so far");
    hand.leave.send(()).expect("a worker");
    assert!(matches!(settled(asked), Ok(2)));
}

#[test]
fn a_worker_that_needs_no_connection_of_its_own_is_there_from_the_start() {
    let (begun, hear) = channel();
    let (leave, wait) = channel();
    let lane = Lane::new(LIMITS, 1);
    let doubler = Doubler { begun, leave: shared(wait), failures: 0, connected: true };
    start(&lane, "test", move || doubler.clone()).expect("a thread");
    let reply = lane.ask(1);
    assert_eq!(hear.recv(), Ok(vec![1]));
    assert!(lane.report().connected, "whoever asks much later would be told that the connection is being opened");
    leave.send(()).expect("a worker");
    assert!(matches!(settled(reply), Ok(2)));
}

#[test]
fn in_an_outage_that_lasts_nobody_waits_in_vain_again() {
    let (lane, _hand) = lane(Limits { patience: SHORT, ..LIMITS }, u32::MAX);
    let _overseer = Overseer::start(vec![lane.overseen()]).expect("a thread");
    assert!(matches!(settled(lane.ask(1)), Err(RepositoryError::Unavailable(_))));
    let began = Instant::now();
    while began.elapsed() < SHORT {
        thread::yield_now();
    }
    let refused = lane.ask(2);
    assert!(matches!(refused, Reply::AtOnce(Err(_))), "{refused:?}");
    assert_eq!(said(settled(refused)), "no connection to the database: nobody is at home");
    assert!(!lane.report().connected);
}

#[test]
fn what_waits_when_the_lane_is_closed_is_answered_still() {
    let (lane, hand) = lane(LIMITS, 0);
    let (first, second) = (lane.ask(1), lane.ask(2));
    (0..2).for_each(|_| hand.leave.send(()).expect("a worker"));
    drop(lane);
    assert!(matches!((settled(first), settled(second)), (Ok(2), Ok(4))));
    let (lane, hand) = self::lane(LIMITS, u32::MAX);
    let asked = lane.ask(1);
    drop((lane, hand));
    assert_eq!(said(settled(asked)), "the database is being closed");
}
