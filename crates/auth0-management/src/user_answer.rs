//! Auth0's JSON about a user becomes a profile.

use domain::{DisplayName, EmailAddress, PictureUrl, Profile, ProfileEmail, Subject};
use serde::Deserialize;
use serde_json::Value;

use crate::ManagementError;
use crate::http_answer::object;

/// The members that are looked at, of whatever type: a login must not fail on an avatar.
#[derive(Deserialize)]
struct Answer {
    user_id: Option<Value>,
    email: Option<Value>,
    email_verified: Option<Value>,
    name: Option<Value>,
    picture: Option<Value>,
}

/// Auth0's way to say what went wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorAnswer {
    status_code: Option<Value>,
}

/// The profile of exactly this user. Parts that break their rule are dropped; `email_verified` holds by JSON's `true`
/// alone.
///
/// # Errors
/// [`ManagementError::Garbage`] when the body is no JSON object or about anybody else.
pub(crate) fn profile_in(body: &[u8], subject: &Subject) -> Result<Profile, ManagementError> {
    let answer: Answer = object(body)?;
    if answer.user_id.as_ref().and_then(Value::as_str) != Some(subject.as_str()) {
        return Err(ManagementError::Garbage("it is about another user"));
    }
    let verified = answer.email_verified == Some(Value::Bool(true));
    let email = text(&answer.email).and_then(|email| EmailAddress::parse(email).ok());
    Ok(Profile {
        email: email.map(|address| ProfileEmail { address, verified }),
        name: text(&answer.name).filter(|name| !name.is_empty()).map(DisplayName::from_auth0),
        picture: text(&answer.picture).and_then(|picture| PictureUrl::parse(picture).ok()),
    })
}

/// Whether the body of a 404 is Auth0's own. Somebody in between, or a wrong address, must not make a user unknown.
pub(crate) fn says_not_found(body: &[u8]) -> bool {
    object::<ErrorAnswer>(body).is_ok_and(|answer| answer.status_code == Some(Value::from(404)))
}

fn text(member: &Option<Value>) -> Option<&str> {
    member.as_ref().and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(body: &str) -> Result<Profile, ManagementError> {
        profile_in(body.as_bytes(), &Subject::parse("auth0|1").unwrap())
    }

    #[test]
    fn a_profile_is_read_whole() {
        let profile = profile(
            r#"{"user_id":"auth0|1","email":"Ada@Example.com","email_verified":true,"name":"Ada","picture":"https://a/b",
                "blocked":false,"created_at":"2026-01-01T00:00:00.000Z","identities":[]}"#,
        )
        .unwrap();
        let email = profile.email.unwrap();
        assert_eq!((email.address.as_str(), email.verified), ("ada@example.com", true));
        assert_eq!(profile.name.unwrap().as_str(), "Ada");
        assert_eq!(profile.picture.unwrap().as_str(), "https://a/b");
    }

    #[test]
    fn parts_that_break_their_rule_are_dropped() {
        for parts in [
            "",
            r#","email":"no address","name":null,"picture":"javascript:alert(1)""#,
            r#","email":7,"name":["Ada"],"picture":{}"#,
            r#","name":"""#,
        ] {
            assert_eq!(profile(&format!(r#"{{"user_id":"auth0|1"{parts}}}"#)).unwrap(), Profile::default(), "{parts}");
        }
        let long = format!(r#"{{"user_id":"auth0|1","name":"{}"}}"#, "é".repeat(300));
        assert_eq!(profile(&long).unwrap().name.unwrap().as_str(), "é".repeat(255));
    }

    #[test]
    fn nothing_but_true_makes_an_email_verified() {
        for odd in ["false", "null", r#""true""#, "1", "[true]"] {
            let body = format!(r#"{{"user_id":"auth0|1","email":"a@b.org","email_verified":{odd}}}"#);
            assert!(!profile(&body).unwrap().email.unwrap().verified, "{odd}");
        }
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
