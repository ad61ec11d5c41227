//! What memory may answer, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::{
    AsyncUserRepository, Auth0Fact, Auth0Profile, Change, KnownUser, Login, Profile, Seen, Standing, Subject, UnixTime,
    User, UserChange, UserId, UserRepository,
};

use super::bench::{Bench, SETTINGS, login, subject, user, user_of};
use super::{LEASE, ToldUsers};
use crate::settings::UserCacheSettings;

#[actix_web::test]
async fn who_comes_a_second_time_is_kept_and_then_answered_from_memory() {
    let bench = Bench::new();
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 10).await, 2);
    let ready = bench.cache.current(&subject("ann")).expect("a user in memory");
    assert_eq!(ready.verify_body(), r#"{"valid":true,"user":{"id":1,"email":"auth0|ann@old","name":null}}"#);
    assert_eq!(ready.sync_body(), r#"{"id":1,"email":"auth0|ann@old","name":null}"#);
    bench.shows(r#"authsync_user_cache_lookups_total{outcome="hit"} 9"#);
    bench.shows(r#"authsync_user_cache_lookups_total{outcome="miss"} 2"#);
    bench.shows("authsync_user_cache_entries 1");
}

#[actix_web::test]
async fn a_change_of_a_user_and_word_of_any_user_send_the_next_to_the_table() {
    let bench = Bench::new();
    for word in [UserChange::Of(subject("ann")), UserChange::Any] {
        bench.kept("ann").await;
        bench.table.put(user("ann", "new"));
        bench.cache.tell(&word);
        assert!(bench.cache.current(&subject("ann")).is_none());
        assert_eq!(bench.find("ann").await.expect("a user").user, user("ann", "new"));
        // Who was in memory is taken back at once.
        assert_eq!(bench.reads_of("ann", 5).await, 0);
    }
    bench.shows(r#"authsync_user_cache_invalidations_total{of="one"} 1"#);
    bench.shows(r#"authsync_user_cache_invalidations_total{of="any"} 2"#);
}

#[actix_web::test]
async fn word_of_others_costs_a_user_nothing_however_many_they_are() {
    let bench = Bench::new();
    bench.kept("ann").await;
    for number in 0..200_000 {
        bench.changed(&format!("other-{number}"));
    }
    // In an outage there would be nowhere else to look.
    assert!(bench.cache.current(&subject("ann")).is_some());
    assert!(bench.cache.last_known(&subject("ann")).is_some());
}

#[test]
fn nobody_finds_a_row_from_before_the_last_word_however_reads_and_words_overlap() {
    let bench = Bench::new();
    let ann = subject("ann");
    const LAST: i32 = 100_000;
    // A row is its version: the table's, and the oldest that may be found from now on.
    let (table, told) = (AtomicI32::new(1), AtomicI32::new(1));
    let answers = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while table.load(Ordering::SeqCst) < LAST {
                    let oldest = told.load(Ordering::SeqCst);
                    if let Some(found) = bench.cache.current(&ann) {
                        answers.fetch_add(1, Ordering::Relaxed);
                        let version = found.known().user.id.get();
                        assert!(version >= oldest, "{version} after word of {oldest}");
                    } else if let Some(reading) = bench.cache.read(&ann) {
                        let id = UserId::new(table.load(Ordering::SeqCst));
                        let row = KnownUser { user: User { id, ..user("ann", "old") }, record: None };
                        bench.cache.keep(&reading, &Ok(Some(Arc::new(row))));
                    }
                }
            });
        }
        for version in 2..=LAST {
            table.store(version, Ordering::SeqCst);
            bench.changed("ann");
            told.store(version, Ordering::SeqCst);
        }
    });
    assert!(answers.into_inner() > 0);
}

#[actix_web::test]
async fn a_read_that_was_under_way_when_word_came_is_not_kept() {
    for word in [UserChange::Of(subject("ann")), UserChange::Any] {
        let bench = Bench::new();
        bench.kept("ann").await;
        bench.changed("ann");
        let gate = bench.table.close();
        let slow = bench.users.find(&subject("ann"));
        bench.table.put(user("ann", "new"));
        bench.cache.tell(&word);
        let old = Arc::new(KnownUser { user: user("ann", "old"), record: None });
        gate.send(Some(old)).expect("somebody waits");
        // Whoever began to read before the word may be answered so, and nobody after them.
        slow.settled().await.expect("an answer");
        assert!(bench.cache.current(&subject("ann")).is_none());
        assert_eq!(bench.find("ann").await.expect("a user").user, user("ann", "new"));
    }
}

#[actix_web::test]
async fn nothing_is_answered_from_memory_without_a_young_proof_that_no_change_is_missed() {
    let bench = Bench::unproven(SETTINGS);
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 5).await, 5, "there was no proof yet");
    bench.prove();
    assert_eq!(bench.reads_of("ann", 5).await, 0);
    bench.clock.advance(LEASE);
    assert_eq!(bench.reads_of("ann", 5).await, 5, "the proof is too old");
    bench.shows(r#"authsync_user_cache_lookups_total{outcome="bypassed"} 10"#);
    bench.prove();
    assert_eq!(bench.reads_of("ann", 5).await, 0);
    assert!(LEASE < Duration::from_secs(1), "a change shows within a second");
}

#[actix_web::test]
async fn a_proof_counts_from_the_moment_that_it_is_about() {
    let bench = Bench::unproven(SETTINGS);
    bench.clock.advance(LEASE * 10);
    let Some(long_ago) = Instant::now().checked_sub(LEASE) else { return };
    bench.cache.tell(&UserChange::ToldUntil(long_ago));
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 5).await, 5);
}

#[actix_web::test]
async fn whoever_wrote_finds_the_new_row_whatever_the_outcome_and_before_any_word_of_it() {
    let bench = Bench::new();
    bench.kept("ann").await;
    bench
        .users
        .log_in(Arc::new(login("ann")), Seen::Row, Instant::now())
        .settled()
        .await
        .expect_err("the connection broke");
    assert_eq!(bench.find("ann").await.expect("a user").user, user("ann", "new"));

    bench.kept("bob").await;
    let blocking = ToldUsers::new(bench.table.clone(), Arc::clone(&bench.cache));
    blocking.save(Change::Login(&login("bob"))).expect_err("the connection broke");
    assert_eq!(bench.find("bob").await.expect("a user").user, user("bob", "new"));
}

#[actix_web::test]
async fn only_users_who_may_come_in_are_kept() {
    let bench = Bench::new();
    let deleted = Standing::Deleted { at: UnixTime::from_secs(1) };
    bench.table.put(User { standing: Standing::Blocked, ..user("blocked", "old") });
    bench.table.put(User { standing: deleted, ..user("deleted", "old") });
    bench.table.put(user_of(Subject::parse("8sBz2@clients").expect("a subject"), "old"));
    for name in ["blocked", "deleted", "unknown"] {
        assert_eq!(bench.reads_of(name, 5).await, 5, "{name}");
    }
    for _ in 0..5 {
        bench.users.find(&Subject::parse("8sBz2@clients").expect("a subject")).settled().await.expect("an answer");
    }
    assert_eq!(bench.table.reads.load(Ordering::SeqCst), 20);
}

#[actix_web::test]
async fn a_flood_of_users_who_come_once_costs_nobody_their_place() {
    let bench = Bench::new();
    for number in 0..20 {
        bench.kept(&format!("warm-{number}")).await;
    }
    for number in 0..5_000 {
        let name = format!("once-{number}");
        bench.table.rows.lock().expect("no panic").clear();
        bench.table.put(user(&name, "old"));
        bench.find(&name).await;
    }
    for number in 0..20 {
        assert!(bench.cache.current(&subject(&format!("warm-{number}"))).is_some(), "{number}");
    }
}

#[actix_web::test]
async fn memory_is_bounded_by_size_however_long_the_rows_are() {
    let bench = Bench::new();
    for number in 0..500 {
        bench.table.rows.lock().expect("no panic").clear();
        let name = format!("{number}-{}", "x".repeat(200));
        bench.table.put(user(&name, "old"));
        bench.reads_of(&name, 2).await;
    }
    let text = bench.metrics.render(&[]);
    let entries = text.lines().find_map(|line| line.strip_prefix("authsync_user_cache_entries ")).expect("a line");
    let entries: usize = entries.parse().expect("a number");
    assert!((20..=80).contains(&entries), "{entries}");
}

#[actix_web::test]
async fn without_entries_every_look_up_goes_to_the_table() {
    let bench = Bench::with(UserCacheSettings::OFF);
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 5).await, 5);
    *bench.table.out_of_reach.lock().expect("no panic") = true;
    assert!(bench.cache.last_known(&subject("ann")).is_none());
}

#[actix_web::test]
async fn what_was_last_known_is_good_for_the_configured_time_after_the_last_proof() {
    let bench = Bench::new();
    bench.kept("ann").await;
    let ann = subject("ann");
    bench.clock.advance(Duration::from_secs(59));
    assert!(bench.cache.last_known(&ann).is_some());
    // Changes were seen up to this moment, and none was of hers.
    bench.prove();
    bench.clock.advance(Duration::from_secs(59));
    assert!(bench.cache.last_known(&ann).is_some());
    bench.clock.advance(Duration::from_secs(1));
    assert!(bench.cache.last_known(&ann).is_none());
    bench.shows("authsync_users_served_stale_total 2");
}

#[actix_web::test]
async fn what_was_last_known_is_nothing_once_a_change_was_heard_of_or_changes_were_missed() {
    for word in [UserChange::Of(subject("ann")), UserChange::Any] {
        let bench = Bench::new();
        bench.kept("ann").await;
        bench.cache.tell(&word);
        assert!(bench.cache.last_known(&subject("ann")).is_none());
    }
}

#[actix_web::test]
async fn a_write_that_is_not_begun_as_the_table_is_out_of_reach_leaves_what_is_last_known() {
    let bench = Bench::new();
    bench.kept("ann").await;
    let (ann, login) = (subject("ann"), login("ann"));
    let blocking = ToldUsers::new(bench.table.clone(), Arc::clone(&bench.cache));
    bench.clock.advance(LEASE);
    *bench.table.out_of_reach.lock().expect("no panic") = true;
    blocking.save(Change::Login(&login)).expect_err("the table is out of reach");
    assert!(bench.cache.last_known(&ann).is_some());
    // It is in reach, and who knows what a write has done that gets no answer.
    *bench.table.out_of_reach.lock().expect("no panic") = false;
    blocking.save(Change::Login(&login)).expect_err("the connection broke");
    assert!(bench.cache.last_known(&ann).is_none());
}

#[actix_web::test]
async fn who_is_barred_by_auth0_is_not_confirmed_as_last_known_though_nothing_can_be_written() {
    let profile = Auth0Profile { blocked: true, ..Auth0Profile::of(Profile::default(), UnixTime::from_secs(1)) };
    let fact = Auth0Fact { subject: subject("ann"), profile: Some(profile.clone()), deleted_at: None };
    let login = Login { directory: Some(profile), ..login("ann") };
    for change in [Change::Fact(&fact), Change::Correction(&fact), Change::Login(&login)] {
        let bench = Bench::new();
        bench.kept("ann").await;
        bench.clock.advance(LEASE);
        *bench.table.out_of_reach.lock().expect("no panic") = true;
        let blocking = ToldUsers::new(bench.table.clone(), Arc::clone(&bench.cache));
        blocking.save(change).expect_err("the table is out of reach");
        assert!(bench.cache.last_known(&subject("ann")).is_none());
    }
}

#[actix_web::test]
async fn who_was_seen_to_be_kept_out_is_not_confirmed_as_last_known_whatever_word_was_missed() {
    for standing in [Some(Standing::Blocked), Some(Standing::Deleted { at: UnixTime::from_secs(1) }), None] {
        let bench = Bench::new();
        bench.kept("ann").await;
        bench.clock.advance(LEASE);
        bench.table.rows.lock().expect("no panic").clear();
        if let Some(standing) = standing {
            bench.table.put(User { standing, ..user("ann", "old") });
        }
        bench.find("ann").await;
        assert!(bench.cache.last_known(&subject("ann")).is_none(), "{standing:?}");
    }
}

#[actix_web::test]
async fn what_was_last_known_is_nothing_unless_it_is_configured() {
    let bench = Bench::with(UserCacheSettings { stale_for: Duration::ZERO, ..SETTINGS });
    bench.kept("ann").await;
    assert!(bench.cache.last_known(&subject("ann")).is_none());
}
