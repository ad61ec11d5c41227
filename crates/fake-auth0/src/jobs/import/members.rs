//! The members of an import row, after the schema on Auth0's page "bulk user import schema"; lengths after the user
//! object of the Management API.

use serde_json::{Map, Value};

use super::password::{check_custom_password_hash, check_password_hash};
use super::row_error::{Code, RowErrors};

/// What a member's value must be.
#[derive(Clone, Copy)]
enum Rule {
    Email,
    Text { longest: usize },
    Uri,
    Phone,
    Boolean,
    Metadata { forbidden: &'static [&'static str] },
    PasswordHash,
    CustomPasswordHash,
    MfaFactors,
}

const RULES: [(&str, Rule); 17] = [
    ("email", Rule::Email),
    ("email_verified", Rule::Boolean),
    ("phone_number", Rule::Phone),
    ("phone_verified", Rule::Boolean),
    ("user_id", Rule::Text { longest: 255 }),
    ("username", Rule::Text { longest: 128 }),
    ("given_name", Rule::Text { longest: 150 }),
    ("family_name", Rule::Text { longest: 150 }),
    ("name", Rule::Text { longest: 300 }),
    ("nickname", Rule::Text { longest: 300 }),
    ("picture", Rule::Uri),
    ("blocked", Rule::Boolean),
    ("password_hash", Rule::PasswordHash),
    ("custom_password_hash", Rule::CustomPasswordHash),
    ("app_metadata", Rule::Metadata { forbidden: &RESERVED_METADATA }),
    ("user_metadata", Rule::Metadata { forbidden: &[] }),
    ("mfa_factors", Rule::MfaFactors),
];

/// What `app_metadata` must not contain.
const RESERVED_METADATA: [&str; 18] = [
    "__tenant",
    "_id",
    "blocked",
    "clientID",
    "created_at",
    "email_verified",
    "email",
    "globalClientID",
    "global_client_id",
    "identities",
    "lastIP",
    "lastLogin",
    "loginsCount",
    "metadata",
    "multifactor_last_modified",
    "multifactor",
    "updated_at",
    "user_id",
];

/// Everything that the schema has against the row.
pub(super) fn check(row: &Map<String, Value>) -> RowErrors {
    let mut errors = RowErrors::default();
    if !row.contains_key("email") {
        errors.add(Code::ObjectRequired, "email", "Missing required property: email");
    }
    for (name, value) in row {
        match RULES.iter().find(|(known, _)| known == name) {
            Some((_, rule)) => rule.check(name, value, &mut errors),
            None => errors.add(Code::NotPassed, name, &format!("Additional properties not allowed: {name}")),
        }
    }
    if row.contains_key("password_hash") && row.contains_key("custom_password_hash") {
        let message = "password_hash and custom_password_hash are mutually exclusive";
        errors.add(Code::NotPassed, "custom_password_hash", message);
    }
    errors
}

impl Rule {
    fn check(self, path: &str, value: &Value, errors: &mut RowErrors) {
        match (self, value) {
            (Self::Email, Value::String(text)) => check_email(path, text, errors),
            (Self::Text { longest }, Value::String(text)) => check_length(path, text, longest, errors),
            (Self::Uri, Value::String(text)) => {
                if !is_web_address(text) {
                    errors.add(Code::Format, path, &format!("Object didn't pass validation for format uri: {text}"));
                }
            }
            (Self::Phone, Value::String(text)) => check_phone(path, text, errors),
            (Self::PasswordHash, Value::String(text)) => check_password_hash(path, text, errors),
            (Self::Boolean, Value::Bool(_)) => (),
            (Self::Metadata { forbidden }, Value::Object(members)) => {
                for name in members.keys().filter(|name| forbidden.contains(&name.as_str())) {
                    errors.add(Code::NotPassed, path, &format!("Invalid property in app_metadata: {name}"));
                }
            }
            (Self::CustomPasswordHash, Value::Object(members)) => check_custom_password_hash(path, members, errors),
            (Self::MfaFactors, Value::Array(factors)) => check_factors(path, factors, errors),
            (rule, value) => wrong_type(path, rule.type_name(), value, errors),
        }
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::Email | Self::Text { .. } | Self::Uri | Self::Phone | Self::PasswordHash => "string",
            Self::Boolean => "boolean",
            Self::Metadata { .. } | Self::CustomPasswordHash => "object",
            Self::MfaFactors => "array",
        }
    }
}

pub(super) fn wrong_type(path: &str, expected: &str, found: &Value, errors: &mut RowErrors) {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    errors.add(Code::InvalidType, path, &format!("Expected type {expected} but found type {found}"));
}

fn check_length(path: &str, text: &str, longest: usize, errors: &mut RowErrors) {
    let length = text.chars().count();
    if length == 0 {
        errors.add(Code::MinLength, path, "String is too short (0 chars), minimum 1");
    } else if length > longest {
        errors.add(Code::MaxLength, path, &format!("String is too long ({length} chars), maximum {longest}"));
    }
}

fn check_email(path: &str, text: &str, errors: &mut RowErrors) {
    if !is_email(text) {
        errors.add(Code::Format, path, &format!("Object didn't pass validation for format email: {text}"));
    }
}

/// RFC 5321's lengths, a dot-atom before the `@`, and host names of two labels or more after it.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_atom_character = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atom_character);
    let is_label = |label: &str| {
        let inside = |c: char| c.is_alphanumeric() || c == '-';
        (1..=63).contains(&label.len()) && label.chars().all(inside) && !label.starts_with('-') && !label.ends_with('-')
    };
    local.len() <= 64
        && text.len() <= 254
        && local.split('.').all(is_atom)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"".contains(c))
}

fn check_phone(path: &str, text: &str, errors: &mut RowErrors) {
    let digits = text.strip_prefix('+').unwrap_or_default();
    if !(1..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        errors.add(Code::Pattern, path, &format!("String does not match pattern ^\\+[0-9]{{1,15}}$: {text}"));
    }
}

fn check_factors(path: &str, factors: &[Value], errors: &mut RowErrors) {
    match factors.len() {
        0 => errors.add(Code::ArrayTooShort, path, "Array is too short (0), minimum 1"),
        1..=10 => (),
        count => errors.add(Code::ArrayTooLong, path, &format!("Array is too long ({count}), maximum 10")),
    }
    for (position, factor) in factors.iter().enumerate() {
        check_factor(&format!("{path}[{position}]"), factor, errors);
    }
}

fn check_factor(path: &str, factor: &Value, errors: &mut RowErrors) {
    let Value::Object(kinds) = factor else {
        return wrong_type(path, "object", factor, errors);
    };
    if kinds.len() > 1 {
        errors.add(Code::NotPassed, path, "Too many properties defined, maximum 1");
    }
    for (kind, value) in kinds {
        let path = format!("{path}.{kind}");
        let member = match kind.as_str() {
            "totp" => "secret",
            "phone" | "email" => "value",
            _ => {
                errors.add(Code::NotPassed, &path, &format!("Additional properties not allowed: {kind}"));
                continue;
            }
        };
        let Value::Object(members) = value else {
            wrong_type(&path, "object", value, errors);
            continue;
        };
        for name in members.keys().filter(|name| *name != member) {
            errors.add(Code::NotPassed, &path, &format!("Additional properties not allowed: {name}"));
        }
        let path = format!("{path}.{member}");
        match (kind.as_str(), members.get(member)) {
            (_, None) => errors.add(Code::ObjectRequired, &path, &format!("Missing required property: {member}")),
            ("totp", Some(Value::String(secret))) => {
                let is_base32 = |byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
                if secret.is_empty() || !secret.bytes().all(is_base32) {
                    errors.add(Code::Pattern, &path, "String does not match pattern ^[A-Z2-7]+$");
                }
            }
            ("phone", Some(Value::String(number))) => check_phone(&path, number, errors),
            ("email", Some(Value::String(address))) => check_email(&path, address, errors),
            (_, Some(value)) => wrong_type(&path, "string", value, errors),
        }
    }
}
