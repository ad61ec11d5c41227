//! The promises of `EventInbox`, kept by memory, SQLite and PostgreSQL alike.

use domain::{
    Cursor, DeadLetter, EventId, EventInbox, Letter, LetterBody, LetterId, RepositoryError, SEEN_FOR, Subject, UnixTime,
};
use persistence::Database;
use scratch_database::ScratchDatabase;

use crate::bench::{at_once, hasty, patient, subject, url};

macro_rules! on_every_inbox {
    ($($case:ident,)+) => {
        mod in_memory { $(#[test] fn $case() { super::$case(&domain::in_memory_inbox::InMemoryEventInbox::default()); })+ }
        mod sqlite { $(#[test] fn $case() { super::on(&scratch_database::ScratchDatabase::sqlite(), super::$case); })+ }
        mod postgres { $(#[test] fn $case() { super::on(&scratch_database::ScratchDatabase::postgres(), super::$case); })+ }
    };
}

on_every_inbox! {
    an_event_is_seen_once_it_is_marked,
    marking_twice_and_at_once_is_marking,
    events_are_forgotten_after_seven_days_a_hundred_at_a_time,
    an_event_has_one_letter_with_the_latest_reason,
    letters_without_an_event_are_kept_one_by_one,
    a_letter_goes_when_its_event_is_dealt_with_and_the_others_stay,
    letters_come_in_pages,
    a_discarded_letter_is_gone_and_discarding_it_again_is_fine,
    letters_are_kept_whole,
    one_event_parked_from_many_sides_at_once_has_one_letter,
    a_cursor_stands_where_it_was_put_last,
}

fn on(scratch: &ScratchDatabase, case: fn(&dyn EventInbox)) {
    let database = Database::open(&url(scratch), &patient()).expect("settings");
    database.migrator().up().expect("a schema");
    case(&*database.event_inbox());
}

fn event(id: &str) -> EventId {
    EventId::parse(id).expect("an event's id")
}

fn at(secs: i64) -> UnixTime {
    UnixTime::from_millis(secs * 1000 + 7)
}

fn letter(id: Option<&str>, reason: &str) -> Letter {
    Letter {
        source: "push".to_owned(),
        event: id.map(event),
        subject: Some(subject("auth0|ada")),
        reason: reason.to_owned(),
        body: LetterBody::keep(b"{}"),
    }
}

fn all(inbox: &dyn EventInbox) -> Vec<DeadLetter> {
    inbox.dead_letters(None, 1_000).expect("letters")
}

fn seen(inbox: &dyn EventInbox, id: &str) -> bool {
    inbox.has_seen(&event(id)).expect("an answer")
}

fn an_event_is_seen_once_it_is_marked(inbox: &dyn EventInbox) {
    assert!(!seen(inbox, "evt_1"));
    inbox.mark_seen(&event("evt_1"), at(1)).expect("marked");
    assert!(seen(inbox, "evt_1") && !seen(inbox, "EVT_1") && !seen(inbox, "evt_2"));
}

fn marking_twice_and_at_once_is_marking(inbox: &dyn EventInbox) {
    for outcome in at_once(20, |_| inbox.mark_seen(&event("evt_1"), at(1))) {
        outcome.expect("marked");
    }
    assert!(seen(inbox, "evt_1"));
}

fn events_are_forgotten_after_seven_days_a_hundred_at_a_time(inbox: &dyn EventInbox) {
    for number in 0..150 {
        inbox.mark_seen(&event(&format!("evt_{number}")), at(0)).expect("marked");
    }
    let known = || (0..150).filter(|number| seen(inbox, &format!("evt_{number}"))).count();
    let week = at(0).plus(SEEN_FOR);
    inbox.mark_seen(&event("evt_later"), week).expect("marked");
    assert_eq!(known(), 150);
    let after = UnixTime::from_millis(week.as_millis() + 1);
    inbox.mark_seen(&event("evt_later"), after).expect("marked");
    assert_eq!(known(), 50);
    inbox.mark_seen(&event("evt_later"), after).expect("marked");
    assert_eq!(known(), 0);
    assert!(seen(inbox, "evt_later"));
}

fn an_event_has_one_letter_with_the_latest_reason(inbox: &dyn EventInbox) {
    let first = Letter { body: LetterBody::keep(b"first"), ..letter(Some("evt_1"), "one reason") };
    inbox.park(&first, at(1)).expect("parked");
    let known = all(inbox).remove(0);
    assert_eq!(known, DeadLetter { id: known.id, letter: first, parked_at: at(1), attempts: 1 });
    let second = Letter {
        source: "pull".to_owned(),
        subject: None,
        body: LetterBody::keep(b"second"),
        ..letter(Some("evt_1"), "another reason")
    };
    inbox.park(&second, at(2)).expect("parked");
    assert_eq!(all(inbox), [DeadLetter { letter: second, attempts: 2, ..known }]);
}

fn letters_without_an_event_are_kept_one_by_one(inbox: &dyn EventInbox) {
    inbox.park(&letter(None, "no JSON"), at(1)).expect("parked");
    inbox.park(&letter(None, "no JSON"), at(1)).expect("parked");
    let letters = all(inbox);
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().all(|letter| letter.attempts == 1 && letter.letter.event.is_none()));
}

fn a_letter_goes_when_its_event_is_dealt_with_and_the_others_stay(inbox: &dyn EventInbox) {
    for id in [Some("evt_1"), Some("evt_2"), None] {
        inbox.park(&letter(id, "a reason"), at(1)).expect("parked");
    }
    inbox.mark_seen(&event("evt_1"), at(2)).expect("marked");
    let left: Vec<_> = all(inbox).into_iter().map(|letter| letter.letter.event).collect();
    assert_eq!(left, [Some(event("evt_2")), None]);
}

fn letters_come_in_pages(inbox: &dyn EventInbox) {
    for number in 0..5 {
        inbox.park(&letter(Some(&format!("evt_{number}")), "a reason"), at(number)).expect("parked");
    }
    let everything = all(inbox);
    let mut paged = Vec::new();
    loop {
        let page = inbox.dead_letters(paged.last().map(|letter: &DeadLetter| letter.id), 2).expect("letters");
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 2);
        paged.extend(page);
    }
    assert_eq!((paged.len(), &paged), (5, &everything));
    assert_eq!(inbox.dead_letters(None, 0).expect("letters"), []);
}

fn a_discarded_letter_is_gone_and_discarding_it_again_is_fine(inbox: &dyn EventInbox) {
    inbox.park(&letter(None, "a reason"), at(1)).expect("parked");
    let id = all(inbox).remove(0).id;
    inbox.discard(id).expect("discarded");
    inbox.discard(id).expect("gone already");
    inbox.discard(LetterId::new(i32::MAX)).expect("never there");
    assert_eq!(all(inbox), []);
}

fn letters_are_kept_whole(inbox: &dyn EventInbox) {
    let body = "{\"name\":\"Zoë '; DROP TABLE users; --\"}".repeat(7_000);
    let long = Letter {
        source: "p".repeat(32),
        event: Some(event(&"ü".repeat(255))),
        subject: Some(Subject::parse(&"ł".repeat(255)).expect("a subject")),
        reason: "ä reason".repeat(1_000),
        body: LetterBody::keep(body.as_bytes()),
    };
    inbox.park(&long, at(1)).expect("parked");
    assert_eq!(all(inbox).remove(0).letter, long);
    assert!(long.body.as_str().len() > 200_000);
}

fn one_event_parked_from_many_sides_at_once_has_one_letter(inbox: &dyn EventInbox) {
    for outcome in at_once(20, |_| inbox.park(&letter(Some("evt_1"), "a reason"), at(1))) {
        outcome.expect("parked");
    }
    assert_eq!(all(inbox).into_iter().map(|letter| letter.attempts).collect::<Vec<_>>(), [20]);
}

fn a_cursor_stands_where_it_was_put_last(inbox: &dyn EventInbox) {
    assert_eq!(inbox.load_cursor("events").expect("an answer"), None);
    for (position, secs) in [("first", 1), ("second", 2), ("back", 1)] {
        let cursor = Cursor { position: position.to_owned(), moved_at: at(secs) };
        inbox.store_cursor("events", &cursor).expect("stored");
        assert_eq!(inbox.load_cursor("events").expect("an answer"), Some(cursor));
    }
    assert_eq!(inbox.load_cursor("backfill").expect("an answer"), None);
}

#[test]
fn before_migration_the_inbox_is_unavailable_on_both_databases_postgres_and_sqlite() {
    for scratch in [ScratchDatabase::sqlite(), ScratchDatabase::postgres()] {
        let inbox = Database::open(&url(&scratch), &hasty()).expect("settings").event_inbox();
        let outcomes = [
            inbox.has_seen(&event("evt_1")).map(|_| ()),
            inbox.mark_seen(&event("evt_1"), at(1)),
            inbox.park(&letter(None, "a reason"), at(1)),
            inbox.dead_letters(None, 1).map(|_| ()),
            inbox.discard(LetterId::new(1)),
            inbox.load_cursor("events").map(|_| ()),
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
        }
    }
}
