//! One login: a token from the tenant, `POST /auth/sync`, `GET /auth/verify`.

use anyhow::{Context, ensure};
use serde::Serialize;
use serde_json::Value;
use ureq::http::{Method, StatusCode};

use super::json_text::{for_reading, shortened};
use super::tenant::Tenant;
use crate::http::{Answer, Client, Question};
use crate::screen::{Screen, duration};
use crate::token::{EMAIL, SUBJECT, Wish, token_in};

const NAME: &str = "Ada Lovelace";
const MARGIN: &str = "     ";

/// The body of `POST /auth/sync`, in the order in which it is documented.
#[derive(Debug, Serialize)]
pub(super) struct SyncBody {
    email: &'static str,
    auth0_id: &'static str,
    name: &'static str,
}

impl SyncBody {
    /// Of the person who signs in when nobody is named.
    pub(super) fn json() -> anyhow::Result<String> {
        Ok(serde_json::to_string(&Self { email: EMAIL, auth0_id: SUBJECT, name: NAME })?)
    }
}

/// Logs in, shows each question and answer, and holds the answers against what they have to be.
///
/// # Errors
/// Any of them is not.
pub(super) fn perform(client: &Client, tenant: &Tenant, server: &str, screen: Screen) -> anyhow::Result<()> {
    let login = Wish::ordinary().question(&tenant.url);
    let token = token_in(&step(client, &login, "1  sign in at the tenant", screen)?)?;

    let bearer = Some(token);
    let body = Some(SyncBody::json()?);
    let sync = Question { method: Method::POST, url: format!("{server}/auth/sync"), bearer: bearer.clone(), body };
    let user = synced_user(&step(client, &sync, "2  bring the user into the table", screen)?)?;

    let verify = Question { method: Method::GET, url: format!("{server}/auth/verify"), bearer, body: None };
    confirmed(&step(client, &verify, "3  ask who the token speaks for", screen)?, &user)
}

fn step(client: &Client, question: &Question, title: &str, screen: Screen) -> anyhow::Result<Answer> {
    screen.line(screen.bold(title));
    screen.line(format_args!("   → {} {}", question.method, question.url));
    if let Some(token) = &question.bearer {
        screen.line(screen.dim(format_args!("{MARGIN}Authorization: Bearer {}", shortened(token))));
    }
    if let Some(body) = &question.body {
        screen.line(screen.dim(for_reading(body, MARGIN)));
    }
    let answer = client.ask(question)?;
    let status = if answer.status.is_success() { screen.green(answer.status) } else { screen.red(answer.status) };
    screen.line(format_args!("   ← {status} {}", screen.dim(format_args!("in {}", duration(answer.took)))));
    screen.line(for_reading(&answer.body, MARGIN));
    screen.line("");
    Ok(answer)
}

/// The user in the answer to a sync.
fn synced_user(answer: &Answer) -> anyhow::Result<Value> {
    ensure!(answer.status == StatusCode::OK, "sync answered {} where 200 OK was expected", answer.status);
    let user: Value = serde_json::from_str(&answer.body).context("the answer to sync is not JSON")?;
    ensure!(user.get("id").is_some_and(Value::is_i64), "the answer to sync holds no id");
    for (field, expected) in [("email", EMAIL), ("name", NAME)] {
        let found = user.get(field).and_then(Value::as_str);
        ensure!(found == Some(expected), "the answer to sync has another {field} than `{expected}`");
    }
    Ok(user)
}

fn confirmed(answer: &Answer, user: &Value) -> anyhow::Result<()> {
    ensure!(answer.status == StatusCode::OK, "verify answered {} where 200 OK was expected", answer.status);
    let body: Value = serde_json::from_str(&answer.body).context("the answer to verify is not JSON")?;
    ensure!(body.get("valid") == Some(&Value::Bool(true)), "the answer to verify does not say `valid`");
    ensure!(body.get("user") == Some(user), "verify names another user than sync");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const USER: &str = r#"{"id":1,"email":"ada@example.com","name":"Ada Lovelace"}"#;

    fn answer(status: StatusCode, body: &str) -> Answer {
        Answer { status, body: body.to_owned(), took: Duration::ZERO }
    }

    #[test]
    fn a_sync_must_bring_the_user_who_was_sent() {
        assert!(synced_user(&answer(StatusCode::OK, USER)).is_ok());
        let bad = [
            (StatusCode::CONFLICT, USER),
            (StatusCode::OK, "<html>"),
            (StatusCode::OK, r#"{"id":"1","email":"ada@example.com","name":"Ada Lovelace"}"#),
            (StatusCode::OK, r#"{"id":1,"email":"eve@example.com","name":"Ada Lovelace"}"#),
            (StatusCode::OK, r#"{"id":1,"email":"ada@example.com","name":null}"#),
        ];
        for (status, body) in bad {
            assert!(synced_user(&answer(status, body)).is_err(), "{status} {body}");
        }
    }

    #[test]
    fn verify_must_name_the_same_user() {
        let user: Value = serde_json::from_str(USER).unwrap();
        let check = |body: &str| confirmed(&answer(StatusCode::OK, body), &user);
        assert!(check(&format!(r#"{{"valid":true,"user":{USER}}}"#)).is_ok());
        assert!(check(&format!(r#"{{"valid":false,"user":{USER}}}"#)).is_err());
        assert!(check(&format!(r#"{{"valid":true,"user":{}}}"#, USER.replace('1', "2"))).is_err());
        assert!(confirmed(&answer(StatusCode::NOT_FOUND, ""), &user).is_err());
    }
}
