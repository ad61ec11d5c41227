//! Which key: `kid` as an attack, keys smuggled in, keys that must not be used.

use serde_json::json;

use super::super::{elliptic, header, hmac, published, rsa};

bad_tokens! {
    "unknown_key", "RFC 7515 §4.1.4" {
        /// `kid` names no key; a new one in each token.
        KidUnknown => "kid_unknown", |token| token.kid(crate::random::token(15)).mint();
        /// `kid` is the right one in the other case.
        KidOtherCase => "kid_other_case", |token| header::kid_changed(token, header::swapped_case);
        /// `kid` lacks the last character of the right one.
        KidShorter => "kid_shorter", |token| header::kid_changed(token, |kid| kid.chars().skip(1).collect());
        /// `kid` is the right one with a space.
        KidTrailingSpace => "kid_trailing_space", |token| header::kid_changed(token, |kid| format!("{kid} "));
        /// `kid` is the right one with U+0000 behind it, where text ends for C.
        KidNul => "kid_nul", |token| header::kid_changed(token, |kid| format!("{kid}\0"));
        /// `kid` is a star.
        KidWildcard => "kid_wildcard", |token| token.kid("*").mint();
        /// `kid` is the position of a key in the set.
        KidPosition => "kid_position", |token| token.kid("0").mint();
        /// `kid` is a name that every object of JavaScript has.
        KidPrototype => "kid_prototype", |token| token.kid("__proto__").mint();
        /// `kid` has 8 KiB.
        KidHuge => "kid_huge", |token| token.kid("k".repeat(8 * 1024)).mint();
    }
    "unknown_key", "RFC 8725 §3.10" {
        /// `kid` is a path.
        KidPath => "kid_path", |token| token.kid("../../../../../../dev/null").mint();
        /// `kid` is a path with U+0000 before what a program may append.
        KidPathNul => "kid_path_nul", |token| token.kid("/dev/null\0").mint();
        /// `kid` is the address of a file.
        KidFileUrl => "kid_file_url", |token| token.kid("file:///dev/null").mint();
        /// `kid` is the address of a stranger's key set.
        KidUrl => "kid_url", |token| token.kid(header::STRANGERS_URL).mint();
        /// `kid` makes an SQL condition true.
        KidSql => "kid_sql", |token| token.kid("' OR '1'='1").mint();
        /// `kid` makes SQL answer with a key of the sender's.
        KidSqlUnion => "kid_sql_union", |token| token.kid("x' UNION SELECT 'c2VjcmV0' -- ").mint();
        /// `kid` is a filter of LDAP.
        KidLdap => "kid_ldap", |token| token.kid("*)(objectClass=*").mint();
        /// `kid` is a command for a shell.
        KidShell => "kid_shell", |token| token.kid("key;$(touch /tmp/x)|id").mint();
        /// `kid` is an expression of a template.
        KidTemplate => "kid_template", |token| token.kid("{{7*7}}${7*7}").mint();
        /// `kid` is a lookup that a logging library once followed (CVE-2021-44228).
        KidLookup => "kid_lookup", |token| token.kid("${jndi:ldap://127.0.0.1:1/a}").mint();
        /// `kid` holds line breaks, as if to begin a line of a log or of a header.
        KidLineBreaks => "kid_line_breaks", |token| token.kid("key\r\nSet-Cookie: a=b\r\n\r\n").mint();
        /// Signed by a stranger whose key is in `jwk`, under its own `kid` (CVE-2018-0114).
        JwkInjectedWithKid => "jwk_injected_with_kid", header::jwk_injected_with_kid;
    }
    "bad_signature", "RFC 8725 §3.10" {
        /// Signed by a stranger whose key set `jku` points to.
        JkuInjected => "jku_injected", |token| header::injected(token, "jku", header::STRANGERS_URL);
        /// The same, with the issuer as the user name in the address.
        JkuUserInfoInjected => "jku_user_info_injected", header::jku_user_info_injected;
        /// The same, with an address that is a file.
        JkuFileInjected => "jku_file_injected", |token| header::injected(token, "jku", "file:///dev/null");
        /// Signed by a stranger whose key is in `jwk` (CVE-2018-0114).
        JwkInjected => "jwk_injected", header::jwk_injected;
        /// Signed by a stranger whose certificate `x5u` points to.
        X5uInjected => "x5u_injected", |token| header::injected(token, "x5u", header::STRANGERS_URL);
        /// Signed by a stranger whose certificate is in `x5c`.
        X5cInjected => "x5c_injected", header::x5c_injected;
        /// Signed by a stranger whose certificate `x5t` names.
        X5tInjected => "x5t_injected", header::x5t_injected;
        /// Signed by a stranger, with everything that could name its key at once.
        AllInjected => "all_injected", header::all_injected;
    }
    "algorithm_not_allowed", "RFC 7517 §8.1" {
        /// HS256 with a symmetric key that the set publishes for all to see.
        HmacWithPublishedSecret => "hmac_with_published_secret", hmac::with_published_secret;
    }
    "unknown_key", "RFC 7518 §3.3" {
        /// Signed with an RSA key of 1,024 bits that the set publishes.
        KeyShortRsa => "key_short_rsa", published::short_rsa;
    }
    "unknown_key", "RFC 7517 §4.2" {
        /// Signed with a key that is published for encryption (`use`).
        KeyForEncryption => "key_for_encryption",
            |token| published::with_members(token, "enc", json!({ "use": "enc" }));
    }
    "unknown_key", "RFC 7517 §4.3" {
        /// Signed with a key that is published for wrapping keys (`key_ops`).
        KeyForWrapping => "key_for_wrapping",
            |token| published::with_members(token, "ops", json!({ "key_ops": ["wrapKey"] }));
    }
    "unknown_key", "RFC 7517 §4.4" {
        /// Signed with a key whose published `alg` is one for encryption.
        KeyOfEncryptionAlgorithm => "key_of_encryption_algorithm",
            |token| published::with_members(token, "oaep", json!({ "alg": "RSA-OAEP" }));
    }
    "unknown_key", "RFC 7518 §6.2.1.1" {
        /// ES256 in name, signed with a published key on secp256k1.
        KeyOnSecp256k1 => "key_on_secp256k1", elliptic::es256_on_secp256k1;
    }
    "unknown_key", "RFC 8017 §3.1" {
        /// The published RSA key has the exponent 1, with which anybody signs: the signature is the padded hash itself.
        KeyExponentOne => "key_exponent_one", published::exponent_one;
    }
    "key_mismatch", "RFC 8725 §3.1" {
        /// ES256 under the `kid` of an RSA key (RS256 under that of an elliptic one).
        AlgOfAnotherKeyType => "alg_of_another_key_type", header::alg_of_another_key_type;
        /// PS256 by a key that is published for RS256 (or the like): a good signature of the wrong algorithm.
        AlgNotTheKeys => "alg_not_the_keys", header::alg_not_the_keys;
        /// PS256 in name, a good RS256 signature, under a key that is published for RS256.
        AlgPs256InName => "alg_ps256_in_name", rsa::ps256_in_name;
    }
    "bad_signature", "RFC 7515 §5.2" {
        /// `kid` names another of the tenant's keys than the one that signed.
        KidOfAnotherKey => "kid_of_another_key", header::kid_of_another_key;
    }
}
