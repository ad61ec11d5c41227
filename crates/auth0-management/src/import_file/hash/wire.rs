//! A hash as JSON: `password_hash` or `custom_password_hash`.

use serde_json::{Map, Value, json};

use super::{Custom, Encoding, Extra, Form, PasswordHash};

impl PasswordHash {
    /// The member of an import file that holds this hash, and its value. The value is the secret itself.
    #[must_use]
    pub fn member(&self) -> (&'static str, Value) {
        match &self.0 {
            Form::Bcrypt10(text) => ("password_hash", Value::from(text.reveal())),
            Form::Custom(custom) => ("custom_password_hash", custom.json()),
        }
    }
}

impl Custom {
    fn json(&self) -> Value {
        let mut hash = Map::from_iter([member("value", self.value.reveal()), member("encoding", self.encoding.name())]);
        let mut json = Map::from_iter([member("algorithm", self.algorithm)]);
        match &self.extra {
            Extra::Nothing => {}
            Extra::SaltBefore(salt) => {
                json.extend([member(
                    "salt",
                    json!({ "value": salt.reveal(), "encoding": "utf8", "position": "prefix" }),
                )]);
            }
            Extra::Hmac { digest, key } => {
                let key = json!({ "value": key.reveal(), "encoding": "utf8" });
                hash.extend([member("digest", *digest), member("key", key)]);
            }
            Extra::Scrypt { salt, salt_encoding, key_length, cost, block_size, parallelization } => {
                let salt = json!({ "value": salt.reveal(), "encoding": salt_encoding.name() });
                json.extend([
                    member("salt", salt),
                    member("keylen", *key_length),
                    member("cost", *cost),
                    member("blockSize", *block_size),
                    member("parallelization", *parallelization),
                ]);
            }
        }
        json.extend([member("hash", hash)]);
        json.into()
    }
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Utf8 => "utf8",
        }
    }
}

fn member(name: &str, value: impl Into<Value>) -> (String, Value) {
    (name.to_owned(), value.into())
}
