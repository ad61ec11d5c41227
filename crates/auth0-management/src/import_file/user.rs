//! One user as an import file holds them.

use serde_json::{Map, Value};
use ureq::http::Uri;

use super::email_form::is_email;
use super::{PasswordHash, RESERVED_METADATA};

/// The longest `name` and `nickname`, `given_name` and `family_name`, `username`, in characters (Auth0's schema of users).
const MOST_NAME: usize = 300;
const MOST_PART_OF_NAME: usize = 150;
const MOST_USERNAME: usize = 128;
/// With `auth0|` in front it has to fit into the 255 characters of `auth0_id`.
const MOST_USER_ID: usize = 255 - "auth0|".len();

/// What is known of a user, unchecked.
#[derive(Clone, Debug, Default)]
pub struct ImportDraft {
    /// The email address, as it is to stand in Auth0.
    pub email: Option<String>,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// The local id, without the prefix `auth0|`, which Auth0 adds. Without one, Auth0 makes one up.
    pub user_id: Option<String>,
    /// Only for connections that ask for one.
    pub username: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// What they are called.
    pub nickname: Option<String>,
    /// Where a picture of them is.
    pub picture: Option<String>,
    /// Whether they may not log in.
    pub blocked: bool,
    /// What the application keeps about them at Auth0.
    pub app_metadata: Option<Map<String, Value>>,
    /// Without one, Auth0 makes up a random password.
    pub password: Option<PasswordHash>,
}

/// A user that Auth0's schema has no objection to. Whether the tenant has another user with the same email or id, only
/// the import job can tell.
#[derive(Clone, Debug)]
pub struct ImportUser(ImportDraft);

/// Why Auth0 would refuse a user.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no email address; every imported user needs one.
    #[error("there is no email address")]
    EmailMissing,
    /// The email address is not of the form that Auth0 takes.
    #[error("the email address is not one that auth0 takes")]
    EmailMalformed,
    /// The id is longer than 249 characters, so that it would not fit with `auth0|` before it.
    #[error("the user_id is longer than {MOST_USER_ID} characters")]
    UserIdTooLong,
    /// The id has characters other than ASCII letters, digits and `-._~@+:`. A `|` would make it a prefixed one, which
    /// gets a second prefix.
    #[error("the user_id has other characters than letters, digits and -._~@+:")]
    UserIdCharacters,
    /// A text is longer than Auth0 takes.
    #[error("the {member} is longer than {most} characters")]
    TooLong {
        /// The member of the schema.
        member: &'static str,
        /// What fits.
        most: usize,
    },
    /// A text holds control characters.
    #[error("the {0} holds control characters")]
    ControlCharacters(&'static str),
    /// The picture is no absolute `http` or `https` URI.
    #[error("the picture is not an absolute http or https uri")]
    PictureNoUri,
    /// `app_metadata` has a member that Auth0 forbids there.
    #[error("app_metadata must not have the member {0}")]
    ReservedMetadata(&'static str),
}

impl ImportUser {
    /// Checks everything that Auth0 checks. An optional text that is empty counts as absent.
    ///
    /// The characters of `user_id` are held narrower than Auth0 documents, which is not at all.
    ///
    /// # Errors
    /// Every reason, not just the first.
    pub fn new(draft: ImportDraft) -> Result<Self, Vec<Refusal>> {
        let mut draft = draft;
        for text in [
            &mut draft.email,
            &mut draft.user_id,
            &mut draft.username,
            &mut draft.name,
            &mut draft.given_name,
            &mut draft.family_name,
            &mut draft.nickname,
            &mut draft.picture,
        ] {
            text.take_if(|text| text.is_empty());
        }
        let refusals = refusals(&draft);
        if refusals.is_empty() { Ok(Self(draft)) } else { Err(refusals) }
    }

    /// The email address.
    #[must_use]
    pub fn email(&self) -> &str {
        self.0.email.as_deref().unwrap_or_default()
    }

    /// The local id.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.0.user_id.as_deref()
    }

    /// The object of the import file. Holds the hash.
    pub(super) fn json(&self) -> Value {
        let draft = &self.0;
        let texts = names(draft).into_iter().chain([
            ("email", &draft.email),
            ("user_id", &draft.user_id),
            ("picture", &draft.picture),
        ]);
        let mut json: Map<String, Value> =
            texts.filter_map(|(member, text)| Some((member.to_owned(), Value::from(text.as_deref()?)))).collect();
        json.insert("email_verified".to_owned(), draft.email_verified.into());
        if draft.blocked {
            json.insert("blocked".to_owned(), true.into());
        }
        if let Some(metadata) = &draft.app_metadata {
            json.insert("app_metadata".to_owned(), metadata.clone().into());
        }
        if let Some((member, value)) = draft.password.as_ref().map(PasswordHash::member) {
            json.insert(member.to_owned(), value);
        }
        json.into()
    }
}

impl Refusal {
    /// The member of the schema that is at fault. All but `email` may be left out.
    #[must_use]
    pub fn member(&self) -> &'static str {
        match self {
            Self::EmailMissing | Self::EmailMalformed => "email",
            Self::UserIdTooLong | Self::UserIdCharacters => "user_id",
            Self::TooLong { member, .. } | Self::ControlCharacters(member) => member,
            Self::PictureNoUri => "picture",
            Self::ReservedMetadata(_) => "app_metadata",
        }
    }
}

fn names(draft: &ImportDraft) -> [(&'static str, &Option<String>); 5] {
    [
        ("username", &draft.username),
        ("name", &draft.name),
        ("given_name", &draft.given_name),
        ("family_name", &draft.family_name),
        ("nickname", &draft.nickname),
    ]
}

fn refusals(draft: &ImportDraft) -> Vec<Refusal> {
    let mut found = Vec::new();
    match &draft.email {
        None => found.push(Refusal::EmailMissing),
        Some(email) if !is_email(email) => found.push(Refusal::EmailMalformed),
        Some(_) => {}
    }
    if let Some(id) = &draft.user_id {
        if id.chars().count() > MOST_USER_ID {
            found.push(Refusal::UserIdTooLong);
        }
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || "-._~@+:".contains(c)) {
            found.push(Refusal::UserIdCharacters);
        }
    }
    for (member, text) in names(draft) {
        let most = match member {
            "username" => MOST_USERNAME,
            "given_name" | "family_name" => MOST_PART_OF_NAME,
            _ => MOST_NAME,
        };
        let Some(text) = text else { continue };
        if text.chars().count() > most {
            found.push(Refusal::TooLong { member, most });
        }
        if text.chars().any(char::is_control) {
            found.push(Refusal::ControlCharacters(member));
        }
    }
    if draft.picture.as_deref().is_some_and(|picture| !is_web_uri(picture)) {
        found.push(Refusal::PictureNoUri);
    }
    let reserved = |name: &&str| draft.app_metadata.as_ref().is_some_and(|metadata| metadata.contains_key(*name));
    found.extend(RESERVED_METADATA.into_iter().filter(reserved).map(Refusal::ReservedMetadata));
    found
}

fn is_web_uri(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
}
