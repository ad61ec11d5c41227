//! Auth0's word on a user as the column `auth0_records.record` holds it: JSON, times in milliseconds since 1970.

use domain::{Auth0Record, Dated, DisplayName, EmailAddress, PictureUrl, ProfileEmail, RecordTime, UnixTime};
use serde::{Deserialize, Serialize};

/// Why a stored document is no record. Says where, and no value.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the stored record of an auth0 user cannot be read at line {line}, column {column}")]
pub(crate) struct BrokenRecord {
    line: usize,
    column: usize,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Part<Address>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Part<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<Part<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<Part<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lived_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<i64>,
}

#[derive(Deserialize, Serialize)]
struct Part<T> {
    value: T,
    updated_at: i64,
    said_at: i64,
}

#[derive(Deserialize, Serialize)]
struct Address {
    address: String,
    verified: bool,
}

/// The document of a record.
pub(crate) fn written(record: &Auth0Record) -> String {
    let document = Document {
        email: record.email.as_ref().map(|email| {
            part(email, |value| Address { address: value.address.as_str().to_owned(), verified: value.verified })
        }),
        name: record.name.as_ref().map(|name| part(name, |value| value.as_str().to_owned())),
        picture: record.picture.as_ref().map(|picture| part(picture, |value| value.as_str().to_owned())),
        blocked: record.blocked.as_ref().map(|blocked| part(blocked, |value| *value)),
        created_at: record.created_at.map(UnixTime::as_millis),
        lived_at: record.lived_at.map(UnixTime::as_millis),
        deleted_at: record.deleted_at.map(UnixTime::as_millis),
    };
    // Numbers, texts and truth values: there is nothing in it that JSON cannot say.
    serde_json::to_string(&document).unwrap_or_default()
}

/// The record of a document; a part that breaks a rule of the domain counts as never said.
pub(crate) fn read(document: &str) -> Result<Auth0Record, BrokenRecord> {
    let document: Document =
        serde_json::from_str(document).map_err(|error| BrokenRecord { line: error.line(), column: error.column() })?;
    Ok(Auth0Record {
        email: document.email.and_then(|part| {
            let verified = part.value.verified;
            dated(part, |value| {
                EmailAddress::from_outside(&value.address).ok().map(|address| ProfileEmail { address, verified })
            })
        }),
        name: document.name.and_then(|part| dated(part, |value| DisplayName::parse(&value).ok())),
        picture: document.picture.and_then(|part| dated(part, |value| PictureUrl::parse(&value).ok())),
        blocked: document.blocked.and_then(|part| dated(part, Some)),
        created_at: document.created_at.map(UnixTime::from_millis),
        lived_at: document.lived_at.map(UnixTime::from_millis),
        deleted_at: document.deleted_at.map(UnixTime::from_millis),
    })
}

fn part<T, U>(dated: &Dated<T>, value: impl FnOnce(&T) -> U) -> Part<U> {
    Part {
        value: value(&dated.value),
        updated_at: dated.time.updated_at.as_millis(),
        said_at: dated.time.said_at.as_millis(),
    }
}

fn dated<T, U>(part: Part<T>, value: impl FnOnce(T) -> Option<U>) -> Option<Dated<U>> {
    let time =
        RecordTime { updated_at: UnixTime::from_millis(part.updated_at), said_at: UnixTime::from_millis(part.said_at) };
    value(part.value).map(|value| Dated { value, time })
}

#[cfg(test)]
mod tests {
    use domain::{Auth0Profile, Profile};

    use super::*;

    #[test]
    fn a_record_comes_back_as_it_went() {
        let mut said = Auth0Profile::of(
            Profile {
                email: EmailAddress::parse("ada@example.com")
                    .ok()
                    .map(|address| ProfileEmail { address, verified: true }),
                name: Some(DisplayName::from_auth0("Ada \"the\" Countess \u{1F469}")),
                picture: PictureUrl::parse("https://example.com/ada.png").ok(),
            },
            UnixTime::from_millis(1_769_860_800_123),
        );
        said.created_at = Some(UnixTime::from_millis(-1));
        said.blocked = true;
        let mut record = Auth0Record::default().with_profile(&said);
        record.deleted_at = Some(UnixTime::from_millis(5));
        assert_eq!(read(&written(&record)).expect("a record"), record);
        assert_eq!(read(&written(&Auth0Record::default())).expect("a record"), Auth0Record::default());
    }

    #[test]
    fn what_is_no_record_is_an_error_that_tells_no_value() {
        let error = read(r#"{"name":{"value":"Ada"}}"#).expect_err("no times");
        assert!(!error.to_string().contains("Ada"), "{error}");
    }

    #[test]
    fn members_of_a_newer_version_are_passed_over() {
        assert_eq!(
            read(r#"{"lived_at":7,"shoe_size":42}"#).expect("a record").lived_at,
            Some(UnixTime::from_millis(7))
        );
    }
}
