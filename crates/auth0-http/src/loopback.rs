//! Which URLs are plain http to this very machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;

/// Whether a URL is `http://` with a host that never leaves the machine: `localhost`, 127.0.0.0/8, `[::1]`.
pub(crate) fn is_plain_loopback(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else { return false };
    url.scheme_str() == Some("http") && url.host().is_some_and(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<Ipv4Addr>().is_ok_and(|v4| v4.is_loopback())
        || address.parse::<Ipv6Addr>().is_ok_and(|v6| v6.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_to_this_machine_counts() {
        for url in ["http://127.0.0.1:4400/", "http://127.8.8.8", "http://LocalHost:1/", "http://[::1]:4400/a?b"] {
            assert!(is_plain_loopback(url), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "https://localhost/",
            "http://acme.eu.auth0.com/",
            "http://localhost.acme.com/",
            "http://127.0.0.1@acme.com/",
            "http://10.0.0.1/",
            "http://[::2]/",
            "127.0.0.1:4400",
            "localhost",
            "",
        ] {
            assert!(!is_plain_loopback(url), "{url}");
        }
    }
}
