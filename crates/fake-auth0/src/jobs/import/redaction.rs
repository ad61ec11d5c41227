//! Rows as they are shown in the list of errors: Auth0 blots secrets out.

use serde_json::{Value, json};

const BLOT: &str = "*****";

/// The row with its hashes, salts, keys and second factors' secrets blotted out.
pub(super) fn redacted(mut row: Value) -> Value {
    for path in [
        "/password_hash",
        "/custom_password_hash/hash/value",
        "/custom_password_hash/hash/key/value",
        "/custom_password_hash/salt/value",
    ] {
        blot(&mut row, path);
    }
    if let Some(Value::Array(factors)) = row.get_mut("mfa_factors") {
        factors.iter_mut().for_each(|factor| blot(factor, "/totp/secret"));
    }
    row
}

fn blot(value: &mut Value, path: &str) {
    if let Some(secret) = value.pointer_mut(path) {
        *secret = json!(BLOT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let row = json!({
            "email": "a@example.test", "password_hash": "secret",
            "custom_password_hash": {
                "algorithm": "hmac", "hash": { "value": "secret", "key": { "value": "secret" } },
                "salt": { "value": "secret", "position": "prefix" },
            },
            "mfa_factors": [{ "totp": { "secret": "SECRET" } }, { "phone": { "value": "+1555" } }],
        });
        let shown = redacted(row).to_string();
        assert!(!shown.to_lowercase().contains("\"secret\":\"secret") && !shown.contains("\"secret\"}"), "{shown}");
        assert_eq!(shown.matches(BLOT).count(), 5);
        assert!(shown.contains("a@example.test") && shown.contains("+1555") && shown.contains("prefix"));
    }
}
