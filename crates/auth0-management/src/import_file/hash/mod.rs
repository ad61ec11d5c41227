//! Stored password hashes, and what Auth0's import takes in their place.

mod argon2;
mod bcrypt;
mod digests;
mod ldap;
mod pbkdf2;
mod recognise;
mod scrypt;
mod text_forms;
mod unrecognised;
mod wire;
mod without_mapping;

use std::borrow::Cow;
use std::fmt;

use domain::Secret;

pub use unrecognised::Unrecognised;

/// A password hash in the form that Auth0's import takes. `Debug` hides it.
///
/// It becomes the member `password_hash` (bcrypt of cost 10, as Auth0's own hashes are) or `custom_password_hash`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHash(Form);

/// A stored hash whose format is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognisedHash {
    /// What it was stored as.
    pub format: HashFormat,
    /// What Auth0 is given.
    pub hash: PasswordHash,
}

/// The name of a format, for people and for counting: `bcrypt (cost 12)`, `pbkdf2-sha256 (Django)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashFormat(Cow<'static, str>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// `password_hash`.
    Bcrypt10(Secret),
    /// `custom_password_hash`.
    Custom(Custom),
}

/// The parts that `custom_password_hash` is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Custom {
    algorithm: &'static str,
    value: Secret,
    encoding: Encoding,
    extra: Extra,
}

/// What an algorithm needs besides the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Extra {
    Nothing,
    /// `hash(salt + password)`.
    SaltBefore(Secret),
    Hmac {
        digest: &'static str,
        key: Secret,
    },
    Scrypt {
        salt: Secret,
        salt_encoding: Encoding,
        key_length: usize,
        cost: u32,
        block_size: u32,
        parallelization: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Hex,
    Utf8,
}

impl PasswordHash {
    /// Tells the format of a stored hash and makes of it what Auth0's import takes.
    ///
    /// Blanks at the end do not count: a column of fixed width adds them. Nothing is guessed: what could be read in two
    /// ways, is cut off, or would cost more than a login can bear is unrecognised.
    ///
    /// # Errors
    /// [`Unrecognised`] says why there is nothing to give to Auth0. Without a hash, a user is imported with a random
    /// password and sets another by "forgot password".
    pub fn recognise(stored: &str) -> Result<RecognisedHash, Unrecognised> {
        recognise::recognise(stored)
    }

    fn bcrypt10(text: &str) -> Self {
        Self(Form::Bcrypt10(Secret::new(text)))
    }

    fn custom(algorithm: &'static str, value: impl Into<Box<str>>, encoding: Encoding, extra: Extra) -> Self {
        Self(Form::Custom(Custom { algorithm, value: Secret::new(value), encoding, extra }))
    }
}

impl HashFormat {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HashFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&'static str> for HashFormat {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for HashFormat {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}
