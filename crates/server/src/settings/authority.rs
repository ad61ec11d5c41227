//! `host[:port]`, the part that origins, URLs and listening addresses have in common.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A host and perhaps a port, normalised as browsers do it (WHATWG URL §3.5): lower case, the shortest form of an
/// IPv6 address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Authority {
    /// Takes `host` or `host:port`. International names are expected in the form that browsers send (`xn--…`).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            // In `[::1]` the last colon belongs to the address.
            Some((host, port)) if !port.ends_with(']') => (host, Some(parse_port(port)?)),
            _ => (text, None),
        };
        Some(Self { host: parse_host(host)?, port })
    }
}

fn parse_port(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn parse_host(text: &str) -> Option<String> {
    if let Some(address) = text.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let last = text.rsplit('.').next()?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        // A name cannot end in a number, so this must be an address.
        return text.parse::<Ipv4Addr>().ok().map(|address| address.to_string());
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (text.len() <= 253 && text.split('.').all(is_label)).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_normalised() {
        for (text, host, port) in [
            ("Example.COM", "example.com", None),
            ("localhost:3000", "localhost", Some(3000)),
            ("10.0.0.1:80", "10.0.0.1", Some(80)),
            ("[::1]", "[::1]", None),
            ("[2001:DB8:0::1]:65535", "[2001:db8::1]", Some(65535)),
            ("my_service", "my_service", None),
            ("xn--bcher-kva.example:0443", "xn--bcher-kva.example", Some(443)),
        ] {
            assert_eq!(Authority::parse(text), Some(Authority { host: host.to_owned(), port }), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            ":80",
            "a:",
            "a:65536",
            "a:+1",
            "a:b",
            "a b",
            "a..b",
            ".a",
            "a.",
            "-a.b",
            "a-.b",
            "bücher.example",
            "::1",
            "[::1",
            "::1]",
            "[::g]",
            "1.2.3",
            "1.2.3.4.5",
            "300.1.1.1",
            "user@host",
            "host/path",
            "a\nb",
            "*",
            "*.example.com",
        ] {
            assert_eq!(Authority::parse(text), None, "{text:?}");
        }
    }
}
