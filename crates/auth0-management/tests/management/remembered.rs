//! One user is read once in a while, and once at a time.

use domain::ProfileDirectory as _;
use std::time::Duration;

use auth0_management::Limits;
use domain::{Clock as _, DirectoryAnswer};
use fake_auth0::{Endpoint, FakeUser};

use crate::{ADA, Bench, stranger, subject};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_user_is_read_once_in_ten_minutes() {
    let bench = Bench::new();
    let before = bench.profile(ADA);
    bench.tenant.update_user(ADA, |user| user.name = Some("Countess".to_owned()));
    bench.pass(599);
    assert_eq!(bench.profile(ADA), before);
    assert_eq!(bench.reads(), 1);
    bench.pass(1);
    assert_eq!(bench.profile(ADA).name.expect("a name").as_str(), "Countess");
    assert_eq!(bench.reads(), 2);
}

#[test]
fn a_user_who_does_not_exist_is_asked_about_once_in_ten_minutes() {
    let bench = Bench::new();
    let asked_at = bench.clock.now();
    for _ in 0..5 {
        assert_eq!(bench.ask("auth0|new").expect("an answer"), DirectoryAnswer::NoSuchUser { asked_at });
        bench.pass(100);
    }
    assert_eq!(bench.reads(), 1);
    bench.tenant.add_user(FakeUser::new("auth0|new"));
    bench.pass(100);
    bench.profile("auth0|new");
}

#[test]
fn errors_are_not_remembered() {
    let bench = Bench::new();
    bench.tenant.garble(Endpoint::Users);
    bench.trouble(ADA);
    bench.tenant.restore(Endpoint::Users);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn a_forgotten_user_is_read_again() {
    let bench = Bench::new();
    bench.profile(ADA);
    bench.tenant.delete_user(ADA);
    bench.directory.forget(&subject(ADA));
    assert_eq!(bench.ask(ADA).expect("an answer"), DirectoryAnswer::NoSuchUser { asked_at: bench.clock.now() });
}

#[test]
fn an_answer_that_was_under_way_when_its_user_was_forgotten_is_not_remembered() {
    let bench = Bench::new();
    bench.tenant.stall(Endpoint::Users);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| bench.ask(ADA));
        assert!(bench.tenant.wait_for_requests(Endpoint::Users, 1, PATIENCE));
        bench.directory.forget(&subject(ADA));
        bench.tenant.restore(Endpoint::Users);
        assert!(asking.join().expect("no panic").is_ok());
    });
    bench.profile(ADA);
    assert_eq!(bench.reads(), 2);
}

#[test]
fn any_number_of_threads_that_ask_about_one_user_make_one_request() {
    let bench = Bench::new();
    bench.tenant.stall(Endpoint::Users);
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| bench.profile(ADA))).collect();
        assert!(bench.tenant.wait_for_requests(Endpoint::Users, 1, PATIENCE));
        // Nobody begins a second one while the first is not answered.
        assert!(!bench.tenant.wait_for_requests(Endpoint::Users, 2, Duration::from_millis(300)));
        bench.tenant.restore(Endpoint::Users);
        for one in asking {
            assert!(one.join().expect("no panic").email.is_some());
        }
    });
    assert_eq!(bench.reads(), 1);
}

#[test]
fn one_user_does_not_wait_for_another() {
    let bench = Bench::new();
    bench.tenant.stall(Endpoint::Users);
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..2)
            .map(|number| {
                scope.spawn({
                    let bench = &bench;
                    move || bench.ask(&stranger(number))
                })
            })
            .collect();
        assert!(bench.tenant.wait_for_requests(Endpoint::Users, 2, PATIENCE));
        bench.tenant.restore(Endpoint::Users);
        assert!(asking.into_iter().all(|one| one.join().expect("no panic").is_ok()));
    });
}

#[test]
fn no_more_users_are_remembered_than_allowed() {
    let bench = Bench::with(Limits { remembered_users: 2, ..Limits::default() });
    for number in [0, 1, 0, 2, 0, 1] {
        bench.ask(&stranger(number)).expect("an answer");
    }
    // The first was used all the time; the second had to make room for the third.
    assert_eq!(bench.reads(), 4);
}
