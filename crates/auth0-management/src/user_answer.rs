//! Auth0's JSON about a user becomes a profile.

use domain::{Auth0Profile, Subject, UnixTime};
use serde::Deserialize;
use serde_json::Value;

use crate::ManagementError;
use crate::auth0_user::Auth0User;
use crate::http_answer::object;

/// Auth0's way to say what went wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorAnswer {
    status_code: Option<Value>,
}

/// The record of exactly this user, read at this moment.
///
/// # Errors
/// [`ManagementError::Garbage`] when the body is no JSON object or about anybody else.
pub(crate) fn profile_in(body: &[u8], subject: &Subject, now: UnixTime) -> Result<Auth0Profile, ManagementError> {
    let user: Auth0User = object(body)?;
    if !user.is(subject) {
        return Err(ManagementError::Garbage("it is about another user"));
    }
    Ok(user.profile(now))
}

/// Whether the body of a 404 is Auth0's own. Somebody in between, or a wrong address, must not make a user unknown.
pub(crate) fn says_not_found(body: &[u8]) -> bool {
    object::<ErrorAnswer>(body).is_ok_and(|answer| answer.status_code == Some(Value::from(404)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(body: &str) -> Result<Auth0Profile, ManagementError> {
        profile_in(body.as_bytes(), &Subject::parse("auth0|1").unwrap(), UnixTime::from_secs(0))
    }

    #[test]
    fn an_answer_about_anybody_else_is_garbage() {
        for body in [
            r#"{"user_id":"auth0|2","email":"a@b.org"}"#,
            r#"{"user_id":"AUTH0|1"}"#,
            r#"{"user_id":["auth0|1"]}"#,
            r#"{"email":"a@b.org"}"#,
            r#"[{"user_id":"auth0|1"}]"#,
            r#"{"user_id":"auth0|2","user_id":"auth0|1"}"#,
            "<!doctype html>",
        ] {
            assert!(matches!(profile(body), Err(ManagementError::Garbage(_))), "{body}");
        }
    }

    #[test]
    fn only_auth0_s_own_404_counts() {
        assert!(says_not_found(br#"{"statusCode":404,"error":"Not Found","errorCode":"inexistent_user"}"#));
        for body in [&b""[..], b"Not Found", b"{}", br#"{"statusCode":"404"}"#, br#"{"error":"not_found"}"#] {
            assert!(!says_not_found(body), "{body:?}");
        }
    }
}
