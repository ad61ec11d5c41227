//! The parts of a compact JWS (RFC 7515 §7.1) and their strict reading.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

use domain::Rejection;

/// The longest token that is looked at, in bytes. Auth0's stay far below; a header line may be longer.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A token taken apart, its parts still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Segments<'a> {
    pub(crate) header: &'a str,
    pub(crate) claims: &'a str,
    pub(crate) signature: &'a str,
    /// What the signature is over: `header.claims`, as received.
    pub(crate) signed: &'a str,
}

impl<'a> Segments<'a> {
    pub(crate) fn of(token: &'a str) -> Result<Self, Rejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejection::TooLong);
        }
        let opaque = |dots: usize| dots == 0 || dots == 4;
        let malformed = || if opaque(token.matches('.').count()) { Rejection::Opaque } else { Rejection::Malformed };
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        if claims.contains('.') {
            return Err(malformed());
        }
        Ok(Self { header, claims, signature, signed })
    }
}

/// Why a JSON part could not be read.
pub(crate) enum PartError {
    /// Not base64url without padding (RFC 7515 §2), not UTF-8, not a JSON object, or trailing data behind it.
    NotAnObject,
    /// A member that we rely on has the wrong type or stands there twice (RFC 7515 §4, RFC 7519 §4).
    BadMember,
}

/// Decodes one part into the members that `T` names; others are ignored (RFC 7515 §4.2, RFC 7519 §4).
pub(crate) fn read_part<T: DeserializeOwned>(encoded: &str) -> Result<T, PartError> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| PartError::NotAnObject)?;
    // serde_json does not look at the UTF-8 of members that it skips.
    let text = str::from_utf8(&bytes).map_err(|_| PartError::NotAnObject)?;
    // A derived `Deserialize` would take an array for the members in order.
    if !text.trim_start().starts_with('{') {
        return Err(PartError::NotAnObject);
    }
    serde_json::from_str(text).map(|Unique(part)| part).map_err(|error| part_error(&error))
}

fn part_error(error: &serde_json::Error) -> PartError {
    if error.is_data() { PartError::BadMember } else { PartError::NotAnObject }
}

/// For `#[serde(deserialize_with = "present")]`: the member may be absent, but `null` is not absence.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(member: D) -> Result<Option<T>, D::Error> {
    T::deserialize(member).map(Some)
}

/// A `T` read from an object of which no two members have the same name, whether `T` knows the name or not.
struct Unique<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Unique<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for UniqueVisitor<T> {
    type Value = Unique<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object without duplicate members")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Unique<T>, A::Error> {
        let names = UniqueNames { members, seen: Vec::with_capacity(16) };
        T::deserialize(MapAccessDeserializer::new(names)).map(Unique)
    }
}

/// Members that pass by, and their names. A token may bring thousands, so they are compared once at the end, sorted.
struct UniqueNames<'de, A> {
    members: A,
    seen: Vec<Cow<'de, str>>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for UniqueNames<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(Name(name)) = self.members.next_key()? else {
            self.seen.sort_unstable();
            let is_unique = self.seen.array_windows().all(|[one, next]| one != next);
            return if is_unique { Ok(None) } else { Err(A::Error::custom("duplicate member")) };
        };
        self.seen.push(name.clone());
        match name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.members.next_value_seed(seed)
    }
}

/// A member's name, borrowed from the text where no escape is in it.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(token: &str) -> Option<Rejection> {
        Segments::of(token).err()
    }

    #[test]
    fn three_parts_make_a_token() {
        let segments = Segments::of("h.c.s").unwrap_or_else(|rejection| panic!("{}", rejection.code()));
        assert_eq!((segments.header, segments.claims, segments.signature, segments.signed), ("h", "c", "s", "h.c"));
    }

    #[test]
    fn opaque_and_encrypted_tokens_are_told_from_malformed_ones() {
        assert_eq!(rejection(""), Some(Rejection::Opaque));
        assert_eq!(rejection("gkVxGbWjEnTp4cVn"), Some(Rejection::Opaque));
        assert_eq!(rejection("a.b.c.d.e"), Some(Rejection::Opaque));
        assert_eq!(rejection("a.b"), Some(Rejection::Malformed));
        assert_eq!(rejection("a.b.c.d"), Some(Rejection::Malformed));
        assert_eq!(rejection(&"a".repeat(MAX_TOKEN_BYTES + 1)), Some(Rejection::TooLong));
    }

    #[derive(Debug, Deserialize)]
    struct Known {
        #[serde(default, deserialize_with = "present")]
        known: Option<u8>,
    }

    fn read(json: &[u8]) -> Result<Option<u8>, &'static str> {
        match read_part::<Known>(&URL_SAFE_NO_PAD.encode(json)) {
            Ok(part) => Ok(part.known),
            Err(PartError::NotAnObject) => Err("not an object"),
            Err(PartError::BadMember) => Err("bad member"),
        }
    }

    #[test]
    fn unknown_members_are_ignored_and_absent_ones_are_none() {
        assert_eq!(read(br#"{"other":{"deep":[1,2]}}"#), Ok(None));
        assert_eq!(read(br#" {"known":7} "#), Ok(Some(7)));
    }

    #[test]
    fn a_wrong_type_a_null_and_a_duplicate_are_bad_members() {
        for json in [r#"{"known":"7"}"#, r#"{"known":null}"#, r#"{"known":1,"known":1}"#, r#"{"x":1,"x":2}"#] {
            assert_eq!(read(json.as_bytes()), Err("bad member"), "{json}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for json in [&b""[..], b"[7]", b"7", b"null", b"{", b"{} {}", b"{\"x\":\"\xff\"}"] {
            assert_eq!(read(json), Err("not an object"), "{json:?}");
        }
        assert!(read_part::<Known>("e30=").is_err(), "padding");
        assert!(read_part::<Known>("e31").is_err(), "bits behind the end");
    }
}
