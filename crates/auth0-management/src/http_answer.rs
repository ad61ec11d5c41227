//! What both of Auth0's endpoints have in common: a time limit over several requests, a bounded body, JSON objects.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use ureq::Body;
use ureq::http::Response;

use crate::ManagementError;

/// When everything that is done for one caller must be over. Real time, as sockets know no other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(span: Duration) -> Self {
        Self(Instant::now() + span)
    }

    /// The time that is left.
    ///
    /// # Errors
    /// [`ManagementError::TooSlow`] when there is none.
    pub(crate) fn left(self) -> Result<Duration, ManagementError> {
        let left = self.0.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ManagementError::TooSlow) } else { Ok(left) }
    }
}

/// The body, if it is no longer than `most` bytes.
///
/// # Errors
/// [`ManagementError::Garbage`] for a longer one; the connection's trouble otherwise.
pub(crate) fn body_of(answer: &mut Response<Body>, most: u64) -> Result<Vec<u8>, ManagementError> {
    Ok(answer.body_mut().with_config().limit(most).read_to_vec()?)
}

/// A JSON object with the members of `T`, each at most once; others are passed over.
///
/// # Errors
/// [`ManagementError::Garbage`]. What the body holds is never repeated: it may be a token or somebody's profile.
pub(crate) fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, ManagementError> {
    // The derived readers would take an array as well.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(ManagementError::Garbage("it is no JSON object"));
    }
    serde_json::from_slice(body).map_err(|_| ManagementError::Garbage("it is not the JSON object that was asked for"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, PartialEq)]
    struct One {
        a: Option<u32>,
    }

    #[test]
    fn only_a_whole_json_object_without_repetitions_is_read() {
        assert_eq!(object::<One>(br#" {"a":1,"b":[{}]} "#).unwrap(), One { a: Some(1) });
        assert_eq!(object::<One>(b"{}").unwrap(), One { a: None });
        for body in
            [&b""[..], b"[1]", b"1", b"null", br#"{"a":1"#, br#"{"a":1}x"#, br#"{"a":1,"a":2}"#, br#"{"a":"1"}"#]
        {
            assert!(matches!(object::<One>(body), Err(ManagementError::Garbage(_))), "{body:?}");
        }
    }

    #[test]
    fn a_deadline_that_has_passed_leaves_no_time() {
        assert!(matches!(Deadline::after(Duration::ZERO).left(), Err(ManagementError::TooSlow)));
        assert!(Deadline::after(Duration::from_secs(60)).left().is_ok());
    }
}
