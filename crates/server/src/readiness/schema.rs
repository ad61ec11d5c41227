//! What the database says of its schema, for probes that cannot wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use domain::{Clock, SchemaState, UserRepository};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// How long an answer is good for, so that eager probes cost the database nothing.
const REMEMBERED: Duration = Duration::from_secs(1);
/// A database that takes longer than this counts as out of reach. Probes are given up after three seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// A question that is older than this is given up, and another one put: it may reach a server that answers.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(15);
/// As many questions may have been given up without an end. Each of them holds a thread.
const MOST_GIVEN_UP: usize = 4;

/// What is known of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    Known(SchemaState),
    /// The database does not say.
    Unknown,
}

/// Asks when somebody wants to know, one question at a time, on a thread of its own: neither a crowd of requests that wait
/// for something nor a database that hangs keeps a probe waiting.
pub(super) struct SchemaWatch {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    told: Arc<watch::Sender<Told>>,
}

#[derive(Default)]
struct Told {
    /// The last answer, and when it came.
    last: Option<(Duration, Schema)>,
    under_way: Option<Question>,
    questions: u64,
    /// Questions that were given up and have not come to an end.
    given_up: usize,
    /// The log says that the database is silent.
    is_said: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Question {
    number: u64,
    at: Instant,
}

/// What a probe finds.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Answer(Schema),
    UnderWay(Question),
    /// A question that is to be put.
    New(Question),
}

impl SchemaWatch {
    pub(super) fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock, told: Arc::new(watch::Sender::new(Told::default())) }
    }

    /// What the database says, or a moment ago has said. Comes in time, whatever becomes of the database.
    pub(super) async fn ask(&self) -> Schema {
        let mut told = self.told.subscribe();
        let question = match self.find() {
            Found::Answer(schema) => return schema,
            Found::UnderWay(question) => question,
            Found::New(question) => {
                self.put(question);
                question
            }
        };
        let is_over = |told: &Told| told.under_way != Some(question);
        if let Ok(Ok(told)) = timeout_at(question.at + PATIENCE, told.wait_for(is_over)).await {
            return told.answer();
        }
        self.say_once();
        Schema::Unknown
    }

    /// What it has said last. Asks and waits for nothing.
    pub(super) fn last(&self) -> Schema {
        let told = self.told.borrow();
        if told.under_way.is_some_and(|question| question.at.elapsed() >= PATIENCE) {
            return Schema::Unknown;
        }
        told.answer()
    }

    fn find(&self) -> Found {
        let mut found = Found::Answer(Schema::Unknown);
        self.told.send_if_modified(|told| {
            found = told.find(self.clock.uptime(), Instant::now());
            false
        });
        found
    }

    fn put(&self, question: Question) {
        let (users, clock, told) = (Arc::clone(&self.users), Arc::clone(&self.clock), Arc::clone(&self.told));
        let answer = move || {
            // A defect is no answer.
            let schema = catch_unwind(AssertUnwindSafe(|| said_by(&*users))).unwrap_or(Schema::Unknown);
            told.send_modify(|told| told.is_answered(question, clock.uptime(), schema));
        };
        if let Err(error) = thread::Builder::new().name("readiness".to_owned()).spawn(answer) {
            log::error!("a thread that asks for the schema could not be started: {error}");
            self.told.send_modify(|told| told.is_answered(question, self.clock.uptime(), Schema::Unknown));
        }
    }

    fn say_once(&self) {
        self.told.send_if_modified(|told| {
            if !std::mem::replace(&mut told.is_said, true) {
                log::warn!("the database is not ready: it does not answer");
            }
            false
        });
    }
}

impl Told {
    fn find(&mut self, uptime: Duration, now: Instant) -> Found {
        if let Some((at, schema)) = self.last
            && uptime.saturating_sub(at) < REMEMBERED
        {
            return Found::Answer(schema);
        }
        if let Some(question) = self.under_way {
            if now.saturating_duration_since(question.at) < GIVEN_UP_AFTER || self.given_up >= MOST_GIVEN_UP {
                return Found::UnderWay(question);
            }
            self.given_up += 1;
        }
        self.questions += 1;
        let question = Question { number: self.questions, at: now };
        self.under_way = Some(question);
        Found::New(question)
    }

    fn is_answered(&mut self, question: Question, uptime: Duration, schema: Schema) {
        if self.under_way == Some(question) {
            self.under_way = None;
            self.last = Some((uptime, schema));
            self.is_said = false;
        } else {
            self.given_up = self.given_up.saturating_sub(1);
        }
    }

    fn answer(&self) -> Schema {
        self.last.map_or(Schema::Unknown, |(_, schema)| schema)
    }
}

fn said_by(users: &dyn UserRepository) -> Schema {
    match users.schema_state() {
        Ok(state) => Schema::Known(state),
        Err(error) => {
            log::warn!("the database is not ready: {:#}", anyhow::Error::from(error));
            Schema::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: Schema = Schema::Known(SchemaState::Current);

    fn new_question(told: &mut Told, uptime: Duration, now: Instant) -> Question {
        match told.find(uptime, now) {
            Found::New(question) => question,
            other => panic!("expected a new question, got {other:?}"),
        }
    }

    #[test]
    fn one_question_is_put_at_a_time_and_its_answer_serves_all_who_ask_within_a_second() {
        let (mut told, now, uptime) = (Told::default(), Instant::now(), Duration::from_secs(7));
        let question = new_question(&mut told, uptime, now);
        assert_eq!(told.find(uptime, now + PATIENCE), Found::UnderWay(question));
        told.is_answered(question, uptime, CURRENT);
        assert_eq!(told.find(uptime + REMEMBERED / 2, now), Found::Answer(CURRENT));
        assert_ne!(new_question(&mut told, uptime + REMEMBERED, now), question);
    }

    #[test]
    fn a_question_without_an_end_is_given_up_for_another_one_a_few_times() {
        let (mut told, mut now, uptime) = (Told::default(), Instant::now(), Duration::ZERO);
        let first = new_question(&mut told, uptime, now);
        for _ in 0..MOST_GIVEN_UP {
            now += GIVEN_UP_AFTER;
            new_question(&mut told, uptime, now);
        }
        now += GIVEN_UP_AFTER;
        assert!(matches!(told.find(uptime, now), Found::UnderWay(_)), "each holds a thread");
        // One that comes back late says nothing of how it stands now, and makes room for another one.
        told.is_answered(first, uptime, CURRENT);
        assert_eq!(told.answer(), Schema::Unknown);
        new_question(&mut told, uptime, now);
    }
}
