//! Which email addresses Auth0 takes.

/// The longest local part and the longest address (RFC 5321 §4.5.3.1.1, §4.5.3.1.3).
const MOST_LOCAL: usize = 64;
const MOST: usize = 254;

/// Whether a text passes for `"format": "email"` at Auth0: a local part of dot-separated atoms (RFC 5322 §3.2.3), and a
/// host name with a top-level domain. Quoted local parts are refused here, although RFC 5321 has them.
///
/// Letters beyond ASCII are left to Auth0. Characters that nobody sees are not: a pasted zero-width space is why
/// addresses that look right are refused (auth0/node-auth0#291).
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    text.len() <= MOST
        && local.len() <= MOST_LOCAL
        && local.split('.').all(is_atom)
        && host.contains('.')
        && host.split('.').all(is_label)
        && host.rsplit('.').next().is_some_and(is_top_level)
}

fn is_atom(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c) || is_visible_letter(c);
    !text.is_empty() && text.chars().all(fits)
}

fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || is_visible_letter(c);
    (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-') && text.chars().all(fits)
}

fn is_top_level(text: &str) -> bool {
    let is_punycode = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    text.chars().count() >= 2 && (is_punycode || !text.contains(|c: char| c.is_ascii_digit() || c == '-'))
}

fn is_visible_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_and_odd_addresses_pass() {
        for text in [
            "ada@example.com",
            "Ada.Lovelace+news@Mail.Example.co.uk",
            "o'hara@example.org",
            "a_b-c@x-y.museum",
            "user-7@displaced.invalid",
            "zoë@exämple.de",
            "a@xn--80ak6aa92e.xn--p1ai",
        ] {
            assert!(is_email(text), "{text}");
        }
    }

    #[test]
    fn what_auth0_would_refuse_does_not_pass() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}.com", vec!["b".repeat(50); 5].join("."));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "ada@example.c",
            "ada@example.com.",
            "ada@.example.com",
            "ada@10.0.0.1",
            "ada@-example.com",
            "ada@exa_mple.com",
            ".ada@example.com",
            "ada..l@example.com",
            "a@b@example.com",
            "a b@example.com",
            " ada@example.com",
            "ada@example.com\n",
            "ada\0@example.com",
            "ada@example.com\u{200b}",
            "\u{feff}ada@example.com",
            "\"a b\"@example.com",
            &long_local,
            &long,
        ] {
            assert!(!is_email(text), "{text:?}");
        }
    }
}
