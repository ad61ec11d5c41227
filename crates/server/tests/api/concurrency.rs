//! Many at once.

use std::sync::Barrier;
use std::thread;

use crate::client::{Answer, CONFLICT, sync_body};
use crate::databases::on_both_databases;
use crate::spawn::{Setup, TestServer};

on_both_databases! {
    a_hundred_first_syncs_of_one_user_make_one_row,
    a_thousand_repeated_syncs_change_nothing,
    of_many_users_who_claim_one_email_at_once_one_gets_it,
    many_different_users_are_all_served_at_once,
}

/// Sends all of these syncs (token and body) at the same moment.
fn sync_at_once(server: &TestServer, requests: &[(String, String)]) -> Vec<Answer> {
    let start = Barrier::new(requests.len());
    thread::scope(|scope| {
        let senders: Vec<_> = requests
            .iter()
            .map(|(token, body)| {
                scope.spawn(|| {
                    start.wait();
                    server.sync(token, body)
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().expect("an answer")).collect()
    })
}

fn a_hundred_first_syncs_of_one_user_make_one_row(setup: Setup) {
    let server = setup.start();
    let request = (server.tenant.token("auth0|ada"), sync_body("ada@example.com", "auth0|ada", Some("Ada")));
    for answer in sync_at_once(&server, &vec![request; 100]) {
        answer.assert_ok(r#"{"id":1,"email":"ada@example.com","name":"Ada"}"#);
    }
    assert_eq!(server.rows(), 1);
    let eve = server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None));
    assert_eq!(eve.id(), 2);
}

fn a_thousand_repeated_syncs_change_nothing(setup: Setup) {
    let server = setup.start();
    let (token, body) = (server.tenant.token("auth0|ada"), sync_body("ada@example.com", "auth0|ada", Some("Ada")));
    let first = server.sync(&token, &body);
    server.age_rows();
    let before = server.table();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..250).for_each(|_| server.sync(&token, &body).assert_ok(&first.body)));
        }
    });
    assert_eq!(server.table(), before);
    let eve = server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None));
    assert_eq!(eve.id(), first.id() + 1);
}

fn of_many_users_who_claim_one_email_at_once_one_gets_it(setup: Setup) {
    let server = setup.start();
    let request = |n: usize| {
        let subject = format!("auth0|{}", n % 2);
        (server.tenant.token(&subject), sync_body("wanted@example.com", &subject, None))
    };
    let two_users: Vec<_> = (0..40).map(request).collect();
    let answers = sync_at_once(&server, &two_users);
    let winners: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    // Both users ask twenty times; the one who got it gets it every time.
    assert_eq!(winners.len(), 20, "{answers:?}");
    assert!(winners.iter().all(|answer| answer.id() == 1));
    answers.iter().filter(|answer| answer.status != 200).for_each(|answer| answer.assert_error(CONFLICT));
    assert_eq!(server.rows(), 1);
    let next = server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None));
    assert_eq!(next.id(), 2);
}

fn many_different_users_are_all_served_at_once(setup: Setup) {
    let server = setup.start();
    let requests: Vec<_> = (0..50)
        .map(|n| {
            let subject = format!("auth0|{n}");
            (server.tenant.token(&subject), sync_body(&format!("{n}@example.com"), &subject, None))
        })
        .collect();
    let mut ids: Vec<i64> = sync_at_once(&server, &requests).iter().map(Answer::id).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=50).collect::<Vec<_>>());
}
