//! The two members of an import row that carry a password's hash.

mod custom;
mod encoding;
mod phc;

pub(super) use custom::check_custom_password_hash;

use super::row_error::{Code, RowErrors};

/// `password_hash`: bcrypt, `$2a$` or `$2b$`, of exactly ten rounds.
pub(super) fn check_password_hash(path: &str, text: &str, errors: &mut RowErrors) {
    let fits = bcrypt_cost(text).is_some_and(|cost| cost == 10) && !text.starts_with("$2y$");
    if !fits {
        errors.add(Code::Pattern, path, "Must be a bcrypt hash with prefix $2a$ or $2b$ and 10 salt rounds");
    }
}

/// The cost of a bcrypt hash: `$2a$`, `$2b$` or `$2y$`, two digits, `$`, 53 characters of bcrypt's base64.
fn bcrypt_cost(text: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let (cost, rest) = rest.split_once('$')?;
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/';
    let is_whole = cost.len() == 2 && rest.len() == 53 && rest.bytes().all(is_base64);
    is_whole.then(|| cost.parse().ok()).flatten().filter(|cost| (4..=31).contains(cost))
}
