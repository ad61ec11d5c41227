//! Every answer to a request that a guard does not let in.

use auth0_verify::{Refusal, RefusalReason};
use domain::{BoxError, ConfirmError, Rejection};

/// Why a request is not let in, and the whole answer to it. What is behind it ([`source`](std::error::Error::source)) is
/// for the log alone.
#[derive(Debug, thiserror::Error)]
pub enum Denial {
    /// There is no token, a bad one, one that does not grant enough, or nobody can tell at present.
    #[error("{}", told(.0))]
    Refused(Refusal),
    /// The token is good, and its holder is no local user who may come in.
    #[error("no user may come in")]
    NoUser(#[source] ConfirmError),
    /// A defect of the service: no guard stands where one is needed.
    #[error("{0}")]
    Misplaced(&'static str),
}

impl Denial {
    /// A handler asks who is calling, and no guard stands before it.
    #[must_use]
    pub fn without_guard() -> Self {
        Self::Misplaced("a handler asks who is calling, and no guard stands before it")
    }

    /// The status: 401, 403, 404, 500 or 503.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused(refusal) => refusal.status(),
            Self::NoUser(ConfirmError::UnknownUser) => 404,
            Self::NoUser(ConfirmError::Blocked) => 403,
            Self::NoUser(ConfirmError::Unavailable(_)) => 503,
            Self::NoUser(ConfirmError::Failed(_)) | Self::Misplaced(_) => 500,
        }
    }

    /// The code and the message, as clients compare them.
    #[must_use]
    pub fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Refused(refusal) => refusal.words(),
            Self::NoUser(ConfirmError::UnknownUser) => ("not_found", "User not found"),
            Self::NoUser(ConfirmError::Blocked) => ("forbidden", "User is blocked"),
            Self::NoUser(ConfirmError::Unavailable(_)) => ("unavailable", "Temporarily unavailable"),
            Self::NoUser(ConfirmError::Failed(_)) | Self::Misplaced(_) => ("internal", "Internal error"),
        }
    }

    /// The body, JSON: `{"error": code, "message": text}`.
    #[must_use]
    pub fn body(&self) -> String {
        let (code, message) = self.words();
        format!(r#"{{"error":"{code}","message":"{message}"}}"#)
    }

    /// Every header of the answer, by name and value: the type of the body, a `WWW-Authenticate` for each challenge,
    /// `DPoP-Nonce` where a proof needs one, `Retry-After` where trying again may help.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Content-Type", "application/json".to_owned())];
        match self {
            Self::Refused(refusal) => headers.extend(refusal.headers()),
            Self::NoUser(ConfirmError::Unavailable(_)) => {
                headers.push(("Retry-After", Refusal::RETRY_AFTER_SECS.to_string()));
            }
            Self::NoUser(_) | Self::Misplaced(_) => {}
        }
        headers
    }

    /// Why a token was refused, for an access log.
    #[must_use]
    pub fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Refused(refusal) => match refusal.reason() {
                RefusalReason::BadToken(rejection) => Some(*rejection),
                _ => None,
            },
            _ => None,
        }
    }

    /// What is behind our own trouble, for a log.
    #[must_use]
    pub fn trouble(&self) -> Option<&BoxError> {
        match self {
            Self::Refused(refusal) => match refusal.reason() {
                RefusalReason::Unavailable(cause) => Some(cause),
                _ => None,
            },
            Self::NoUser(ConfirmError::Unavailable(cause) | ConfirmError::Failed(cause)) => Some(cause),
            Self::NoUser(_) | Self::Misplaced(_) => None,
        }
    }
}

fn told(refusal: &Refusal) -> String {
    match refusal.reason() {
        RefusalReason::NoToken => "no token came".to_owned(),
        RefusalReason::BadToken(rejection) => format!("token rejected: {}", rejection.code()),
        RefusalReason::InsufficientScope(scopes) if scopes.is_empty() => "the token does not grant enough".to_owned(),
        RefusalReason::InsufficientScope(scopes) => format!("the token lacks the scope {}", scopes.join(" ")),
        RefusalReason::Unavailable(cause) => domain::in_one_line(&**cause),
    }
}

#[cfg(test)]
mod tests {
    use domain::in_one_line;

    use super::*;

    #[test]
    fn each_denial_has_its_answer_and_keeps_its_cause_to_itself() {
        let unavailable = || ConfirmError::Unavailable("the database is at secret-host".into());
        for (denial, status, words, retry) in [
            (Denial::NoUser(ConfirmError::UnknownUser), 404, ("not_found", "User not found"), false),
            (Denial::NoUser(ConfirmError::Blocked), 403, ("forbidden", "User is blocked"), false),
            (Denial::NoUser(unavailable()), 503, ("unavailable", "Temporarily unavailable"), true),
            (Denial::NoUser(ConfirmError::Failed("a bad row".into())), 500, ("internal", "Internal error"), false),
            (Denial::without_guard(), 500, ("internal", "Internal error"), false),
        ] {
            assert_eq!((denial.status(), denial.words()), (status, words));
            let (code, message) = words;
            assert_eq!(denial.body(), format!(r#"{{"error":"{code}","message":"{message}"}}"#));
            let mut headers = vec![("Content-Type", "application/json".to_owned())];
            headers.extend(retry.then(|| ("Retry-After", "5".to_owned())));
            assert_eq!(denial.headers(), headers);
            assert_eq!(denial.rejection(), None);
        }
        let denial = Denial::NoUser(unavailable());
        assert!(in_one_line(&denial).ends_with(": the database is at secret-host"));
        assert_eq!(denial.trouble().map(ToString::to_string).as_deref(), Some("the database is at secret-host"));
    }
}
