//! Where a user is read.

use std::fmt::Write as _;

use domain::Subject;

/// What is asked for: enough for a profile and for telling which of two is newer, and nothing that is nobody's business.
const FIELDS: &str = "user_id,email,email_verified,name,picture,blocked,created_at,updated_at";

/// `<api>users/{id}` with the whole id in one path segment.
pub(crate) fn user_url(api: &str, subject: &Subject) -> String {
    format!("{api}users/{}?fields={FIELDS}&include_fields=true", encoded(subject.as_str()))
}

/// Everything but letters, digits, `-`, `_` and `~` as `%XX`. Dots too, although RFC 3986 §2.3 calls them unreserved: an
/// id of dots alone would lead to another path.
pub(crate) fn encoded(id: &str) -> String {
    id.bytes().fold(String::with_capacity(id.len() * 3), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_path_segment_whatever_is_in_it() {
        for (id, text) in [
            ("auth0|1", "auth0%7C1"),
            ("google-oauth2|1_2~3", "google-oauth2%7C1_2~3"),
            ("a/b?c#d&e=f", "a%2Fb%3Fc%23d%26e%3Df"),
            ("50%", "50%25"),
            ("a%2Fb", "a%252Fb"),
            ("..", "%2E%2E"),
            ("a b+c", "a%20b%2Bc"),
            ("ł@x.org", "%C5%82%40x%2Eorg"),
        ] {
            assert_eq!(encoded(id), text);
        }
    }

    #[test]
    fn only_the_members_that_matter_are_asked_for() {
        let subject = Subject::parse("auth0|1").unwrap();
        assert_eq!(
            user_url("https://acme.eu.auth0.com/api/v2/", &subject),
            "https://acme.eu.auth0.com/api/v2/users/auth0%7C1?fields=user_id,email,email_verified,name,picture,\
             blocked,created_at,updated_at&include_fields=true"
        );
    }
}
