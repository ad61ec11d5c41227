//! The client's own token.

use std::sync::Barrier;

use auth0_management::{Limits, ManagementError};
use fake_auth0::Endpoint;

use crate::log_lines::lines_of;
use crate::{ADA, Bench, stranger};

const HALF_A_DAY: u64 = 43_200;

#[test]
fn a_token_is_fetched_once_and_used_to_nine_tenths_of_its_life() {
    let bench = Bench::new();
    for number in 0..3 {
        bench.ask(&stranger(number)).expect("an answer");
    }
    assert_eq!((bench.token_requests(), bench.reads()), (1, 3));
    bench.tenant.set_machine_token_lifetime(100);
    bench.pass(HALF_A_DAY);
    bench.ask(&stranger(3)).expect("an answer");
    assert_eq!(bench.token_requests(), 1);
    // Nine tenths of a day.
    bench.pass(77_760 - HALF_A_DAY);
    bench.ask(&stranger(4)).expect("an answer");
    assert_eq!(bench.token_requests(), 2);
    bench.pass(89);
    bench.ask(&stranger(5)).expect("an answer");
    assert_eq!(bench.token_requests(), 2);
    bench.pass(1);
    bench.ask(&stranger(6)).expect("an answer");
    assert_eq!((bench.token_requests(), bench.reads()), (3, 7));
}

#[test]
fn a_revoked_token_is_replaced_once_and_the_user_read_all_the_same() {
    let bench = Bench::new();
    bench.ask(&stranger(0)).expect("an answer");
    bench.tenant.revoke_management_tokens();
    assert!(bench.profile(ADA).email.is_some());
    assert_eq!((bench.token_requests(), bench.reads()), (2, 3));
}

#[test]
fn an_api_that_takes_no_token_is_not_asked_with_ever_new_ones() {
    let bench = Bench::new();
    bench.tenant.fail(Endpoint::Users, 401);
    for number in 0..5 {
        assert!(matches!(bench.trouble(&stranger(number)), ManagementError::Status(401)));
    }
    assert_eq!((bench.token_requests(), bench.reads()), (2, 2));
    bench.tenant.restore(Endpoint::Users);
    bench.pass(5);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn a_wrong_secret_is_told_from_an_outage_and_mended_without_a_restart() {
    let bench = Bench::new();
    let right = bench.tenant.client_secret();
    bench.tenant.set_client_secret("another-one");
    for number in 0..5 {
        assert!(matches!(bench.trouble(&stranger(number)), ManagementError::RefusedCredentials));
    }
    assert_eq!((bench.token_requests(), bench.reads()), (1, 0));
    bench.tenant.set_client_secret(right);
    bench.pass(4);
    assert!(matches!(bench.trouble(ADA), ManagementError::RefusedCredentials));
    bench.pass(1);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn a_wrong_secret_is_in_the_log_by_the_variables_names_once_a_minute() {
    let bench = Bench::new();
    bench.tenant.set_client_secret("another-one");
    let lines = lines_of(|| {
        for number in 0..13 {
            bench.trouble(&stranger(number));
            bench.pass(5);
        }
    });
    let said: Vec<_> = lines.iter().filter(|line| line.contains("AUTH0_CLIENT_SECRET")).collect();
    assert_eq!(said.len(), 2, "{lines:?}");
    assert!(said.iter().all(|line| line.starts_with("ERROR") && line.contains("AUTH0_CLIENT_ID")), "{lines:?}");
}

#[test]
fn what_the_client_may_do_is_told_with_the_token_that_reads_users_too() {
    let bench = Bench::new();
    bench.tenant.set_management_scope("read:users read:events");
    let access = bench.directory.granted_access().expect("a token");
    assert_eq!(access.scopes(), ["read:users", "read:events"]);
    assert_eq!(access.signing_key(), Some(bench.tenant.signing_key().kid()));
    bench.profile(ADA);
    assert_eq!(bench.token_requests(), 1);
}

#[test]
fn a_missing_scope_is_named_and_granting_it_needs_no_restart() {
    let bench = Bench::new();
    bench.tenant.set_management_scope("read:clients");
    let error = bench.trouble(ADA);
    assert!(matches!(error, ManagementError::MissingScope) && error.to_string().contains("read:users"), "{error}");
    bench.trouble(ADA);
    assert_eq!((bench.token_requests(), bench.reads()), (1, 1));
    bench.tenant.set_management_scope("read:clients read:users");
    bench.pass(5);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn a_client_without_a_grant_is_told_from_a_wrong_secret() {
    let bench = Bench::new();
    bench.tenant.fail(Endpoint::Token, 403);
    let error = bench.trouble(ADA);
    assert!(matches!(error, ManagementError::NotAuthorized) && error.to_string().contains("read:users"), "{error}");
}

#[test]
fn a_token_endpoint_in_trouble_is_asked_once_in_five_seconds() {
    for status in [500, 503, 302] {
        let bench = Bench::new();
        bench.tenant.fail(Endpoint::Token, status);
        for number in 0..10 {
            assert!(matches!(bench.trouble(&stranger(number)), ManagementError::Status(found) if found == status));
        }
        bench.pass(5);
        bench.trouble(&stranger(10));
        assert_eq!((bench.token_requests(), bench.reads()), (2, 0));
    }
}

#[test]
fn a_rate_limit_of_the_token_endpoint_is_obeyed() {
    let bench = Bench::new();
    bench.tenant.rate_limit(Endpoint::Token, bench.tenant.now() + 30);
    assert!(matches!(bench.trouble(ADA), ManagementError::RateLimited { .. }));
    bench.tenant.restore(Endpoint::Token);
    bench.pass(29);
    assert!(matches!(bench.trouble(ADA), ManagementError::RateLimited { .. }));
    assert_eq!(bench.token_requests(), 1);
    bench.pass(1);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn answers_that_hold_no_token_are_garbage() {
    let bench = Bench::new();
    bench.tenant.garble(Endpoint::Token);
    assert!(matches!(bench.trouble(ADA), ManagementError::Garbage(_)));
    bench.pass(5);
    bench.tenant.oversize(Endpoint::Token, 64 * 1024 + 1);
    assert!(matches!(bench.trouble(ADA), ManagementError::Garbage(_)));
}

#[test]
fn many_at_once_fetch_one_token() {
    let bench = Bench::with(Limits { burst: 100, ..Limits::default() });
    let start = Barrier::new(8);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (bench, start) = (&bench, &start);
            scope.spawn(move || {
                start.wait();
                bench.ask(&stranger(number)).expect("an answer");
            });
        }
    });
    assert_eq!((bench.token_requests(), bench.reads()), (1, 8));
}

#[test]
fn no_secret_is_shown_in_debug_errors_or_log() {
    let bench = Bench::new();
    let secret = bench.tenant.client_secret();
    let mut shown = lines_of(|| {
        bench.profile(ADA);
        for (endpoint, fault) in [(Endpoint::Users, 500), (Endpoint::Users, 403), (Endpoint::Token, 401)] {
            bench.tenant.restore_all();
            bench.tenant.fail(endpoint, fault);
            bench.tenant.revoke_management_tokens();
            bench.pass(60);
            bench.trouble(&stranger(u32::from(fault)));
        }
    });
    assert!(shown.len() >= 3, "{shown:?}");
    shown.push(format!("{:?}", bench.directory));
    shown.push(format!("{:#?}", bench.trouble(&stranger(0))));
    for text in shown {
        // `eyJ` begins every token that is a JWT.
        assert!(!text.contains(&secret) && !text.contains("eyJ"), "{text}");
    }
}
