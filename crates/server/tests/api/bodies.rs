//! Which bodies `POST /auth/sync` takes, and which it calls invalid.

use serde_json::json;

use crate::client::{BAD_REQUEST, NOT_YOURS, sync_body};
use crate::databases::on_both_databases;
use crate::spawn::Setup;

on_both_databases! {
    what_is_no_object_of_the_documented_members_is_refused,
    values_that_break_a_rule_are_refused,
    an_empty_picture_keeps_what_is_stored,
    emails_and_names_of_255_characters_pass_and_256_are_refused,
    an_auth0_id_of_255_characters_is_judged_and_one_of_256_is_refused,
    a_subject_of_255_bytes_is_a_user_like_any_other,
    characters_of_every_language_are_kept,
}

const ADA: &str = "auth0|ada";

fn what_is_no_object_of_the_documented_members_is_refused(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    let good = sync_body("ada@example.com", ADA, Some("Ada"));
    let bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "7",
        r#""ada@example.com""#,
        "[]",
        "{}",
        // The members in their order, without their names.
        r#"["ada@example.com","auth0|ada",null,null]"#,
        r#"[{"email":"ada@example.com","auth0_id":"auth0|ada"}]"#,
        r#"{"email":"ada@example.com"}"#,
        r#"{"auth0_id":"auth0|ada"}"#,
        r#"{"email":null,"auth0_id":"auth0|ada"}"#,
        r#"{"email":"ada@example.com","auth0_id":null}"#,
        r#"{"email":7,"auth0_id":"auth0|ada"}"#,
        r#"{"email":["ada@example.com"],"auth0_id":"auth0|ada"}"#,
        r#"{"email":{"address":"ada@example.com"},"auth0_id":"auth0|ada"}"#,
        r#"{"email":"ada@example.com","auth0_id":7}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada","name":7}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada","name":["Ada"]}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada","picture":false}"#,
        // One member twice (RFC 8259 §4: unpredictable, so refused).
        r#"{"email":"ada@example.com","email":"ada@example.com","auth0_id":"auth0|ada"}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|eve","auth0_id":"auth0|ada"}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada","name":"A","name":"B"}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada","name":null,"n\u0061me":"B"}"#,
        // Not quite JSON.
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada""#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada",}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada"}}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada"} {}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada"} x"#,
        r#"{'email':'ada@example.com','auth0_id':'auth0|ada'}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada","name":"\ud800"}"#,
        r#"{"email":"ada@example.com","auth0_id":"auth0|ada","name":"\q"}"#,
        "email=ada%40example.com&auth0_id=auth0%7Cada",
    ]
    .iter()
    .map(|body| body.as_bytes().to_vec())
    .chain([
        [b"\xef\xbb\xbf", good.as_bytes()].concat(),
        [good.as_bytes(), b"\0"].concat(),
        good.replace("Ada", "\u{1}").into_bytes(),
        [br#"{"email":"ada@example.com","auth0_id":"auth0|ada","name":""#.as_slice(), b"\xff\xfe\"}"].concat(),
        [br#"{"email":"ada@example.com","auth0_id":"auth0|ada","x":""#.as_slice(), b"\xff\"}"].concat(),
        [br#"{"email":"ada@example.com","auth0_id":"auth0|ada",""#.as_slice(), b"\xff\":1}"].concat(),
        "[".repeat(10_000).into_bytes(),
        format!(r#"{{"email":"ada@example.com","auth0_id":"auth0|ada","x":{}"#, "[".repeat(10_000)).into_bytes(),
    ])
    .collect();
    for body in &bodies {
        let answer = server.sync_bytes(&token, body);
        assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(&body[..body.len().min(200)]));
        answer.assert_error(BAD_REQUEST);
    }
    assert_eq!(server.rows(), 0);
    server.sync(&token, &good).id();
}

fn values_that_break_a_rule_are_refused(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    let cases = [
        ("email", vec!["", " ", "ada", "ada@", "@example.com", "a@b@c", "a b@example.com", "ada@exam\nple.com"]),
        ("email", vec!["ada\0@example.com", "\0"]),
        ("auth0_id", vec!["", "auth0|ada\0", "\0", "auth0|\u{7f}", "auth0|ada\n"]),
        ("name", vec!["Ada\0", "\0", "A\nda", "\u{1b}[2J"]),
        ("picture", vec!["a.png", "/a.png", "javascript:alert(1)", "data:image/png;base64,AA", "https://"]),
        ("picture", vec!["https://example.com/\0", "https://example.com/a b", "\0", " "]),
    ];
    for (member, values) in cases {
        for value in values {
            let mut body = json!({ "email": "ada@example.com", "auth0_id": ADA });
            body[member] = json!(value);
            let answer = server.sync(&token, &body.to_string());
            assert_eq!(answer.status, 400, "{member}: {value:?}");
            answer.assert_error(BAD_REQUEST);
        }
    }
    assert_eq!(server.rows(), 0);
}

fn an_empty_picture_keeps_what_is_stored(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    let body = |picture: &str| json!({ "email": "ada@example.com", "auth0_id": ADA, "picture": picture }).to_string();
    server.sync(&token, &body("https://example.com/ada.png")).id();
    let before = server.table();
    server.sync(&token, &body("")).id();
    assert_eq!(server.table(), before);
}

fn emails_and_names_of_255_characters_pass_and_256_are_refused(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    for letter in ["x", "ü", "語", "🦀"] {
        let email = |chars: usize| format!("{}@b.de", letter.repeat(chars - 5));
        let answer = server.sync(&token, &sync_body(&email(255), ADA, Some(&letter.repeat(255))));
        answer.assert_ok(&format!(r#"{{"id":1,"email":"{}","name":"{}"}}"#, email(255), letter.repeat(255)));
        let before = server.table();
        server.sync(&token, &sync_body(&email(256), ADA, None)).assert_error(BAD_REQUEST);
        server.sync(&token, &sync_body("b@b.de", ADA, Some(&letter.repeat(256)))).assert_error(BAD_REQUEST);
        assert_eq!(server.table(), before);
    }
}

fn an_auth0_id_of_255_characters_is_judged_and_one_of_256_is_refused(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    for letter in ["x", "ü", "🦀"] {
        let body = |chars| sync_body("ada@example.com", &letter.repeat(chars), None);
        server.sync(&token, &body(255)).assert_error(NOT_YOURS);
        server.sync(&token, &body(256)).assert_error(BAD_REQUEST);
    }
    assert_eq!(server.rows(), 0);
}

fn a_subject_of_255_bytes_is_a_user_like_any_other(setup: Setup) {
    let server = setup.start();
    let subjects = [format!("auth0|{}", "x".repeat(249)), format!("auth0|{}x", "ü".repeat(124))];
    for (n, subject) in subjects.iter().enumerate() {
        assert_eq!(subject.len(), 255);
        let token = server.tenant.token(subject);
        assert_eq!(server.sync(&token, &sync_body(&format!("{n}@example.com"), subject, None)).status, 200);
        assert_eq!(server.verify(&token).status, 200);
    }
}

fn characters_of_every_language_are_kept(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    for name in ["Łukasz Żółć", "王小明", "👩‍💻 ada", "محمد", "O'Brien \"; DROP TABLE users; --", "\\u0041", "%s $1 ?"]
    {
        let answer = server.sync(&token, &sync_body("ada@example.com", ADA, Some(name)));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["name"], name);
        assert_eq!(server.column("name", ADA).as_deref(), Some(name));
    }
    assert_eq!(server.rows(), 1);
}
