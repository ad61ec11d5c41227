//! What Auth0 says when it does not do what it was asked for.

use serde::Deserialize;
use serde_json::Value;

use super::JobError;
use crate::http_answer::object;

/// How much of a message is kept.
const LONGEST_MESSAGE: usize = 500;

/// A whole answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorAnswer {
    message: Option<Value>,
    error_code: Option<Value>,
    status_code: Option<Value>,
}

impl Reply {
    /// What a 4xx means to one who needs this scope.
    pub(super) fn into_error(self, scope: &str) -> JobError {
        let answer: ErrorAnswer = object(&self.body).unwrap_or_default();
        let message = answer.message.as_ref().and_then(Value::as_str).unwrap_or_default();
        let code = answer.error_code.as_ref().and_then(Value::as_str);
        match (self.status, code) {
            // Plans without a feature are refused by 403 as well, with another code.
            (403, Some("insufficient_scope") | None) => {
                JobError::MissingScope { scope: scope_in(message).unwrap_or_else(|| scope.to_owned()) }
            }
            // Somebody in between must not make a job unknown.
            (404, _) if answer.status_code == Some(Value::from(404)) => JobError::NoSuchJob,
            (status, _) => JobError::Refused { status, message: readable(message) },
        }
    }
}

/// The scopes in `Insufficient scope, expected any of: create:users,read:users`.
fn scope_in(message: &str) -> Option<String> {
    let (_, scopes) = message.rsplit_once(": ")?;
    let scopes: Vec<&str> = scopes.split(',').map(str::trim).collect();
    let is_scope = |scope: &&str| {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        scope.split_once(':').is_some_and(|(verb, noun)| is_word(verb) && is_word(noun))
    };
    let is_list = scopes.iter().all(is_scope) && scopes.len() <= 10;
    is_list.then(|| scopes.join(" or "))
}

/// Text from outside on its way to a terminal.
fn readable(message: &str) -> String {
    message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> String {
        Reply { status, body: body.as_bytes().to_vec() }.into_error("create:users").to_string()
    }

    #[test]
    fn the_missing_scope_is_the_one_that_auth0_names() {
        let body = |message: &str| format!(r#"{{"errorCode":"insufficient_scope","message":"{message}"}}"#);
        for (message, scope) in [
            ("Insufficient scope, expected any of: read:users", "read:users"),
            ("Insufficient scope, expected any of: read:users,create:users", "read:users or create:users"),
            ("Insufficient scope", "create:users"),
            ("Insufficient scope, expected any of: <script>", "create:users"),
            ("Insufficient scope: ", "create:users"),
        ] {
            let expected = format!("the client of AUTH0_CLIENT_ID lacks the scope {scope} of the management api");
            assert_eq!(error(403, &body(message)), expected);
        }
        assert!(error(403, "").contains("lacks the scope create:users"));
    }

    #[test]
    fn other_refusals_keep_auth0_s_words_without_control_characters() {
        let body = r#"{"statusCode":403,"errorCode":"operation_not_supported","message":"not on\u001b[31m this plan"}"#;
        assert_eq!(error(403, body), "auth0 answered 403: not on [31m this plan");
        assert_eq!(error(400, "<html>"), "auth0 answered 400: ");
        assert!(error(400, &format!(r#"{{"message":"{}"}}"#, "é".repeat(9000))).chars().count() < 600);
    }

    #[test]
    fn only_auth0_s_own_404_says_that_there_is_no_job() {
        assert!(error(404, r#"{"statusCode":404,"message":"The job does not exist."}"#).contains("no such job"));
        assert_eq!(error(404, "<html>"), "auth0 answered 404: ");
    }
}
