//! The claim `cnf`: to which key a token is bound (RFC 7800 §3.1).

use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::KeyThumbprint;

/// What a token is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// The key of this thumbprint: `jkt` and nothing else (RFC 9449 §6.1).
    Key(KeyThumbprint),
    /// Something that no DPoP proof shows, a certificate for example (RFC 8705 §3.1), or no thumbprint at all.
    Other,
}

impl<'de> Deserialize<'de> for Confirmation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ConfirmationVisitor)
    }
}

struct ConfirmationVisitor;

impl<'de> Visitor<'de> for ConfirmationVisitor {
    type Value = Confirmation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object that names a key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Confirmation, A::Error> {
        let (mut thumbprint, mut has_others) = (None, false);
        while let Some(name) = members.next_key::<String>()? {
            if name != "jkt" {
                members.next_value::<IgnoredAny>()?;
                has_others = true;
            } else if thumbprint.replace(members.next_value::<String>()?).is_some() {
                return Err(A::Error::duplicate_field("jkt"));
            }
        }
        let thumbprint = thumbprint.filter(|_| !has_others).and_then(|text| KeyThumbprint::parse(&text));
        Ok(thumbprint.map_or(Confirmation::Other, Confirmation::Key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    fn read(json: &str) -> Option<Confirmation> {
        serde_json::from_str(&json.replace("JKT", JKT)).ok()
    }

    #[test]
    fn a_thumbprint_and_nothing_else_is_what_a_proof_can_show() {
        let key = KeyThumbprint::parse(JKT).map(Confirmation::Key);
        assert!(key.is_some());
        assert_eq!(read(r#"{"jkt":"JKT"}"#), key);
        for json in [
            "{}",
            r#"{"x5t#S256":"JKT"}"#,
            r#"{"jkt":"JKT","x5t#S256":"JKT"}"#,
            r#"{"jkt":"JKT","jwk":{}}"#,
            r#"{"jkt":""}"#,
            r#"{"jkt":"JKT="}"#,
            r#"{"JKT":"JKT"}"#,
        ] {
            assert_eq!(read(json), Some(Confirmation::Other), "{json}");
        }
        for json in ["7", "null", r#""JKT""#, r#"["JKT"]"#, r#"{"jkt":7}"#, r#"{"jkt":"JKT","jkt":"JKT"}"#] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
