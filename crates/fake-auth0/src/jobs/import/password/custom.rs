//! `custom_password_hash`: a hash of any algorithm that Auth0 can check.

use serde_json::{Map, Value};

use super::super::members::wrong_type;
use super::super::row_error::{Code, RowErrors};
use super::bcrypt_cost;
use super::encoding::{decoded, digest_length};
use super::phc::Phc;

type Members = Map<String, Value>;

const ALGORITHMS: &[&str] =
    &["argon2", "bcrypt", "hmac", "ldap", "md4", "md5", "sha1", "sha256", "sha512", "pbkdf2", "scrypt"];
const ENCODINGS: &[&str] = &["base64", "hex", "utf8"];
const PASSWORD_ENCODINGS: &[&str] = &["ascii", "utf8", "utf16le", "ucs2", "latin1", "binary"];
const DIGESTS: &[&str] = &["md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool"];
const KNOWN: &[&str] = &["algorithm", "hash", "salt", "password", "keylen", "cost", "blockSize", "parallelization"];
const NUMBERS: &[&str] = &["keylen", "cost", "blockSize", "parallelization"];

/// The whole object, after the schema and the rules for each algorithm.
pub(in crate::jobs::import) fn check_custom_password_hash(path: &str, whole: &Members, errors: &mut RowErrors) {
    let mut check = Check { path, whole, errors };
    for name in whole.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
        check.problem(Code::NotPassed, name, &format!("Additional properties not allowed: {name}"));
    }
    let algorithm = check.choice(whole, "algorithm", ALGORITHMS, true);
    let hash = check.object("hash", true);
    let salt = check.object("salt", false);
    if let Some(password) = check.object("password", false) {
        check.choice(password, "password.encoding", PASSWORD_ENCODINGS, false);
    }
    NUMBERS.iter().for_each(|name| check.number(name));
    let value = hash.and_then(|hash| check.text(hash, "hash.value"));
    let encoding = hash.and_then(|hash| check.choice(hash, "hash.encoding", ENCODINGS, false));
    if let Some(salt) = salt {
        check.salt(salt);
    }
    if let (Some(algorithm), Some(hash), Some(value)) = (algorithm, hash, value) {
        check.algorithm(algorithm, hash, value, encoding);
    }
}

struct Check<'a> {
    path: &'a str,
    whole: &'a Members,
    errors: &'a mut RowErrors,
}

impl<'a> Check<'a> {
    fn problem(&mut self, code: Code, path: &str, message: &str) {
        self.errors.add(code, &format!("{}.{path}", self.path), message);
    }

    fn missing(&mut self, path: &str) {
        self.problem(Code::ObjectRequired, path, &format!("Missing required property: {}", last(path)));
    }

    fn object(&mut self, path: &str, required: bool) -> Option<&'a Members> {
        match self.whole.get(path) {
            Some(Value::Object(members)) => return Some(members),
            Some(other) => wrong_type(&format!("{}.{path}", self.path), "object", other, self.errors),
            None if required => self.missing(path),
            None => (),
        }
        None
    }

    fn text(&mut self, members: &'a Members, path: &str) -> Option<&'a str> {
        match members.get(last(path)) {
            Some(Value::String(text)) => return Some(text),
            Some(other) => wrong_type(&format!("{}.{path}", self.path), "string", other, self.errors),
            None => self.missing(path),
        }
        None
    }

    fn choice(&mut self, members: &'a Members, path: &str, choices: &[&str], required: bool) -> Option<&'a str> {
        if !required && !members.contains_key(last(path)) {
            return None;
        }
        let text = self.text(members, path)?;
        if choices.contains(&text) {
            return Some(text);
        }
        self.problem(Code::EnumMismatch, path, &format!("No enum match for: {text}"));
        None
    }

    fn number(&mut self, name: &str) {
        match self.whole.get(name) {
            None => (),
            Some(value) if !value.is_i64() && !value.is_u64() => {
                wrong_type(&format!("{}.{name}", self.path), "integer", value, self.errors);
            }
            Some(value) => {
                let number = value.as_u64().unwrap_or(0);
                if number == 0 {
                    self.problem(Code::Minimum, name, "Must be greater than 0");
                } else if name == "cost" && (number < 2 || !number.is_power_of_two()) {
                    self.problem(Code::NotPassed, name, "Must be a power of two greater than one");
                }
            }
        }
    }

    fn salt(&mut self, salt: &'a Members) {
        let value = self.text(salt, "salt.value");
        let encoding = self.choice(salt, "salt.encoding", ENCODINGS, false).unwrap_or("utf8");
        self.choice(salt, "salt.position", &["prefix", "suffix"], false);
        if value.is_some_and(|value| decoded(value, encoding).is_none()) {
            self.problem(Code::Format, "salt.value", &format!("Not encoded as {encoding}"));
        }
    }

    fn algorithm(&mut self, algorithm: &str, hash: &'a Members, value: &str, encoding: Option<&str>) {
        match algorithm {
            "bcrypt" => self.as_text(encoding, bcrypt_cost(value).is_some()),
            "argon2" | "pbkdf2" | "ldap" => {
                if self.whole.contains_key("salt") {
                    self.problem(Code::NotPassed, "salt", &format!("Not allowed with algorithm {algorithm}"));
                }
                let phc = Phc::parse(value);
                let fits = match algorithm {
                    "argon2" => phc.is_some_and(|phc| phc.is_argon2()),
                    "pbkdf2" => phc.is_some_and(|phc| phc.is_pbkdf2()),
                    _ => is_ldap(value),
                };
                self.as_text(encoding, fits);
            }
            "hmac" => {
                let digest = self.choice(hash, "hash.digest", DIGESTS, true);
                self.key(hash);
                self.as_bytes(value, encoding, digest.and_then(digest_length));
            }
            "scrypt" => {
                if !self.whole.contains_key("keylen") {
                    self.missing("keylen");
                }
                let length = self.whole.get("keylen").and_then(Value::as_u64);
                self.as_bytes(value, encoding, length.and_then(|length| usize::try_from(length).ok()));
            }
            digest => self.as_bytes(value, encoding, digest_length(digest)),
        }
    }

    fn key(&mut self, hash: &'a Members) {
        match hash.get("key") {
            Some(Value::Object(key)) => {
                let value = self.text(key, "hash.key.value");
                let encoding = self.choice(key, "hash.key.encoding", ENCODINGS, false).unwrap_or("utf8");
                if value.is_some_and(|value| decoded(value, encoding).is_none()) {
                    self.problem(Code::Format, "hash.key.value", &format!("Not encoded as {encoding}"));
                }
            }
            Some(other) => wrong_type(&format!("{}.hash.key", self.path), "object", other, self.errors),
            None => self.missing("hash.key"),
        }
    }

    /// For algorithms whose hash is a text that says everything itself.
    fn as_text(&mut self, encoding: Option<&str>, fits: bool) {
        if encoding.unwrap_or("utf8") != "utf8" {
            self.problem(Code::EnumMismatch, "hash.encoding", "Must be utf8");
        }
        if !fits {
            self.problem(Code::Format, "hash.value", "Not in the format of the algorithm");
        }
    }

    /// For algorithms whose hash is bytes. A hash of another length could match no password, so it is refused.
    fn as_bytes(&mut self, value: &str, encoding: Option<&str>, length: Option<usize>) {
        let encoding = match encoding {
            Some(encoding @ ("hex" | "base64")) => encoding,
            Some(_) => return self.problem(Code::EnumMismatch, "hash.encoding", "Must be hex or base64"),
            // One that is there and wrong has been named already.
            None if self.whole.get("hash").is_some_and(|hash| hash.get("encoding").is_some()) => return,
            None => return self.missing("hash.encoding"),
        };
        match decoded(value, encoding) {
            None => self.problem(Code::Format, "hash.value", &format!("Not encoded as {encoding}")),
            Some(bytes) if length.is_some_and(|length| length != bytes.len()) => {
                self.problem(Code::NotPassed, "hash.value", "Not of the length that the algorithm gives");
            }
            Some(_) => (),
        }
    }
}

/// `{SCHEME}` and base64 (RFC 2307 §5.3), with a scheme of the families md5, smd5, sha and ssha.
fn is_ldap(value: &str) -> bool {
    let Some((scheme, hash)) = value.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return false;
    };
    let scheme = scheme.to_ascii_lowercase();
    let family = scheme.strip_prefix('s').filter(|rest| rest.starts_with("md5") || rest.starts_with("sha"));
    let known = ["md5", "sha", "sha1", "sha224", "sha256", "sha384", "sha512"];
    known.contains(&family.unwrap_or(&scheme)) && decoded(hash, "base64").is_some_and(|bytes| !bytes.is_empty())
}

fn last(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, name)| name)
}
