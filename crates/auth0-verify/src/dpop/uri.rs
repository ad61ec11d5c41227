//! URLs in the one form in which equal ones are the same text (RFC 3986 §6.2.2, §6.2.3).

/// An absolute http or https URL without query and fragment, normalised.
///
/// `None` for anything else, and for one with credentials: RFC 9110 §4.2.4 gives them no place in a request.
pub(super) fn normalised(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let standard_port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    let rest = rest.split(['?', '#']).next()?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let authority = normalised_authority(authority, standard_port)?;
    Some(format!("{scheme}://{authority}{}", normalised_path(path)?))
}

/// A path that is empty or begins with a slash; the empty one is `/` (RFC 3986 §6.2.3).
pub(super) fn normalised_path(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some("/".to_owned());
    }
    let decoded = without_needless_escapes(path.strip_prefix('/')?, |byte| b"!$&'()*+,;=:@/".contains(&byte))?;
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = decoded.split('/').peekable();
    // RFC 3986 §5.2.4: what a dot segment leaves behind at the end is a folder.
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    Some(format!("/{}", kept.join("/")))
}

fn normalised_authority(authority: &str, standard_port: &str) -> Option<String> {
    let (host, port) = match authority.strip_prefix('[') {
        // An IPv6 address (RFC 3986 §3.2.2).
        Some(rest) => {
            let (address, behind) = rest.split_once(']')?;
            let address: std::net::Ipv6Addr = address.parse().ok()?;
            (format!("[{address}]"), behind)
        }
        None => {
            let (name, port) = authority.find(':').map_or((authority, ""), |colon| authority.split_at(colon));
            let name = without_needless_escapes(name, |byte| b"!$&'()*+,;=".contains(&byte))?;
            (lower_cased_outside_of_escapes(&name), port)
        }
    };
    if host.is_empty() {
        return None;
    }
    // An empty port is the standard one, too.
    let port = if port.is_empty() { "" } else { port.strip_prefix(':')? };
    let digits = port.trim_start_matches('0');
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || (digits.is_empty() && !port.is_empty()) || digits.len() > 5 {
        return None;
    }
    let is_standard = digits.is_empty() || digits == standard_port;
    Some(if is_standard { host } else { format!("{host}:{digits}") })
}

/// Decodes escapes of unreserved characters and writes the others in upper case. `None` where an escape is cut short,
/// or where a character stands that may not: it is neither unreserved nor `allowed`.
fn without_needless_escapes(text: &str, allowed: impl Fn(u8) -> bool) -> Option<String> {
    let mut bytes = text.bytes();
    let mut normal = String::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (hex(bytes.next()?)?, hex(bytes.next()?)?);
            let escaped = high * 16 + low;
            if is_unreserved(escaped) {
                normal.push(char::from(escaped));
            } else {
                normal.push_str(&format!("%{escaped:02X}"));
            }
        } else if is_unreserved(byte) || allowed(byte) {
            normal.push(char::from(byte));
        } else {
            return None;
        }
    }
    Some(normal)
}

/// Hosts ignore case (RFC 3986 §6.2.2.1); the digits of an escape are in upper case.
fn lower_cased_outside_of_escapes(host: &str) -> String {
    let mut left_of_escape = 0_u8;
    host.chars()
        .map(|character| {
            if character == '%' {
                left_of_escape = 2;
                return character;
            }
            if left_of_escape > 0 {
                left_of_escape -= 1;
                return character;
            }
            character.to_ascii_lowercase()
        })
        .collect()
}

/// RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_mean_the_same_become_the_same() {
        for (url, normal) in [
            ("https://api.acme.com", "https://api.acme.com/"),
            ("HTTPS://API.Acme.com:443/", "https://api.acme.com/"),
            ("https://api.acme.com:/a", "https://api.acme.com/a"),
            ("https://api.acme.com:0443/a", "https://api.acme.com/a"),
            ("http://localhost:80/a", "http://localhost/a"),
            ("http://localhost:443/a", "http://localhost:443/a"),
            ("https://a/b?x=/../c#d", "https://a/b"),
            ("https://a#b", "https://a/"),
            ("https://a/%7euser/%41%2d%2E%5f", "https://a/~user/A-._"),
            ("https://a/%2f%3a%e2", "https://a/%2F%3A%E2"),
            ("https://a/b/./c/../d", "https://a/b/d"),
            ("https://a/b/%2e%2E/c", "https://a/c"),
            ("https://a/../../b/..", "https://a/"),
            ("https://a/b/.", "https://a/b/"),
            ("https://a/b//c", "https://a/b//c"),
            ("https://a/b/", "https://a/b/"),
            ("https://[0:0:0:0:0:0:0:1]:8443/a", "https://[::1]:8443/a"),
            ("https://a%2D%c3b/", "https://a-%C3b/"),
        ] {
            assert_eq!(normalised(url).as_deref(), Some(normal), "{url}");
            assert_eq!(normalised(normal).as_deref(), Some(normal), "normal already: {normal}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_request_has_no_normal_form() {
        for url in [
            "",
            "/a",
            "a.com/b",
            "//a/b",
            "ftp://a/",
            "https:/a",
            "https://",
            "https:///b",
            "https://u@a/",
            "https://u:p@a/",
            "https://a:b/",
            "https://a:0/",
            "https://a:123456/",
            "https://a:1:2/",
            "https://[::1/",
            "https://[a]/",
            "https://[::1]a/",
            "https://a/b c",
            "https://a/\u{fc}",
            "https://a/%4",
            "https://a/%zz",
            "https://a\\b/",
            " https://a/",
        ] {
            assert_eq!(normalised(url), None, "{url:?}");
        }
    }
}
