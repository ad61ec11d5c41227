//! Which proxy stands between us and a host over https, in the words that operators know from other programs.

use std::sync::LazyLock;

use ureq::http::Uri;
use ureq::{Proxy, ProxyBuilder, ProxyProtocol};

/// The first one that is set decides. `HTTP_PROXY` is for plain http, which never leaves the machine here.
const PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The port of https.
const USUAL_PORT: u16 = 443;

static FROM_ENVIRONMENT: LazyLock<Option<Chosen>> = LazyLock::new(|| chosen(&variable));

/// The proxy that the environment names for https, if any, on the way to this URL. Read once, so a bad value is complained
/// of once.
pub(crate) fn from_environment(base_url: &str) -> Option<Proxy> {
    FROM_ENVIRONMENT.as_ref()?.towards(base_url)
}

/// A proxy, and what is reached without it.
pub(crate) struct Chosen {
    proxy: Proxy,
    excepted: String,
}

/// The proxy that these variables name. One that cannot be used is passed over: requests then go out directly.
pub(crate) fn chosen(variable: &dyn Fn(&str) -> Option<String>) -> Option<Chosen> {
    let first_of = |names: &[&'static str]| {
        names.iter().find_map(|name| {
            let value = variable(name)?;
            let value = value.trim();
            (!value.is_empty()).then(|| (*name, value.to_owned()))
        })
    };
    let (name, url) = first_of(&PROXY)?;
    let excepted = first_of(&NO_PROXY).map(|(_, hosts)| hosts).unwrap_or_default();
    let proxy = parse(&url);
    if proxy.is_none() {
        // Never the value: it may hold a password.
        log::warn!("{name} is no http:// or https:// URL of a proxy, so requests to Auth0 are made without one");
    }
    proxy.map(|proxy| Chosen { proxy, excepted })
}

fn parse(url: &str) -> Option<Proxy> {
    let proxy = Proxy::new(url).ok()?;
    // The only kinds that are compiled in.
    let is_http = matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
    (is_http && !proxy.host().is_empty() && !has_bad_port(&proxy)).then_some(proxy)
}

impl Chosen {
    /// The proxy on the way to that URL. It knows of hosts alone, so what is excepted at another port is left out.
    pub(crate) fn towards(&self, base_url: &str) -> Option<Proxy> {
        let target: Option<Uri> = base_url.parse().ok();
        let port = target.and_then(|uri| uri.port_u16()).unwrap_or(USUAL_PORT);
        let proxy = &self.proxy;
        let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
        if let Some(name) = proxy.username() {
            builder = builder.username(name);
        }
        if let Some(password) = proxy.password() {
            builder = builder.password(password);
        }
        for entry in self.excepted.split(',').map(str::trim) {
            builder = excepting(builder, entry, port);
        }
        builder.build().ok()
    }
}

/// Excepts what an entry of `NO_PROXY` names, if it is for that port: a host and all below it, or what stands for many.
fn excepting(builder: ProxyBuilder, entry: &str, port: u16) -> ProxyBuilder {
    let (host, is_for_port) = match entry.rsplit_once(':') {
        // An IPv6 address may stand without brackets, though not before a port.
        Some((host, number)) if !host.contains(':') || host.ends_with(']') => (host, number.parse() == Ok(port)),
        _ => (entry, true),
    };
    if host.is_empty() || !is_for_port {
        return builder;
    }
    if host.contains(':') && !host.starts_with('[') {
        return builder.no_proxy(&format!("[{host}]"));
    }
    let is_bare = !host.starts_with(['.', '*']) && !host.ends_with(['.', '*']);
    let builder = builder.no_proxy(host);
    if is_bare { builder.no_proxy(&format!(".{host}")) } else { builder }
}

/// What is no port would be passed over in favour of the usual one.
fn has_bad_port(proxy: &Proxy) -> bool {
    let Some(authority) = proxy.uri().authority() else { return true };
    let (_, host_and_port) = authority.as_str().rsplit_once('@').unwrap_or(("", authority.as_str()));
    host_and_port.len() > authority.host().len() && authority.port_u16().is_none_or(|port| port == 0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "these variables are a convention between the machine and every program on it, not configuration of ours"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<Proxy> {
        towards("https://acme.eu.auth0.com/", variables)
    }

    fn towards(base_url: &str, variables: &[(&str, &str)]) -> Option<Proxy> {
        let variable = |name: &str| variables.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned());
        chosen(&variable)?.towards(base_url)
    }

    fn host(variables: &[(&str, &str)]) -> Option<String> {
        with(variables).map(|proxy| format!("{}:{}", proxy.host(), proxy.port()))
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let all = [
            ("all_proxy", "http://d:4"),
            ("ALL_PROXY", "http://c:3"),
            ("https_proxy", "http://b:2"),
            ("HTTPS_PROXY", "http://a:1"),
        ];
        for (left, proxy) in [(4, "a:1"), (3, "b:2"), (2, "c:3"), (1, "d:4")] {
            assert_eq!(host(&all[..left]).as_deref(), Some(proxy));
        }
        assert_eq!(host(&[("HTTPS_PROXY", " \t"), ("ALL_PROXY", " http://c:3\n")]).as_deref(), Some("c:3"));
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn the_proxy_for_plain_http_is_never_taken() {
        assert_eq!(with(&[("HTTP_PROXY", "http://a:1"), ("http_proxy", "http://a:1")]), None);
    }

    #[test]
    fn a_proxy_may_have_a_kind_a_port_and_credentials_or_none_of_them() {
        let parts = |url: &str| {
            let proxy = with(&[("HTTPS_PROXY", url)]).unwrap_or_else(|| panic!("{url}"));
            let text = |part: Option<&str>| part.unwrap_or("-").to_owned();
            (proxy.protocol(), host(&[("HTTPS_PROXY", url)]).unwrap(), text(proxy.username()), text(proxy.password()))
        };
        let row = |kind, host: &str, name: &str, word: &str| (kind, host.to_owned(), name.to_owned(), word.to_owned());
        assert_eq!(parts("proxy.acme.internal"), row(ProxyProtocol::Http, "proxy.acme.internal:80", "-", "-"));
        assert_eq!(
            parts("https://proxy.acme.internal/"),
            row(ProxyProtocol::Https, "proxy.acme.internal:443", "-", "-")
        );
        assert_eq!(parts("http://[::1]:3128"), row(ProxyProtocol::Http, "[::1]:3128", "-", "-"));
        assert_eq!(parts("http://ada:s%40c%25t@p:3128"), row(ProxyProtocol::Http, "p:3128", "ada", "s@c%t"));
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_passed_over_and_no_other_variable_takes_its_place() {
        for url in [
            "socks5://a:1080",
            "ftp://a",
            "http://",
            "http://a b",
            "://",
            "http://a:99999",
            "http://a:0",
            "http://x@a:b",
        ] {
            assert_eq!(with(&[("HTTPS_PROXY", url), ("ALL_PROXY", "http://c:3")]), None, "{url}");
        }
    }

    #[test]
    fn hosts_of_no_proxy_are_reached_directly() {
        let proxy = |excepted| with(&[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", excepted)]).unwrap();
        let is_direct = |proxy: &Proxy, host: &str| proxy.is_no_proxy(&format!("https://{host}/x").parse().unwrap());
        let some = proxy("localhost, .acme.internal ,,");
        assert!(is_direct(&some, "localhost") && is_direct(&some, "auth.acme.internal"));
        assert!(!is_direct(&some, "acme.eu.auth0.com") && !is_direct(&some, "acme.internal.evil.com"));
        assert!(is_direct(&proxy("*"), "acme.eu.auth0.com"));
        assert!(!is_direct(&proxy(""), "localhost"));
        for (excepted, host, direct) in [
            // The hosts of a domain are excepted with it, and no others.
            ("acme.com", "acme.com", true),
            ("acme.com", "login.acme.com", true),
            ("ACME.com", "login.eu.Acme.COM", true),
            ("acme.com", "notacme.com", false),
            ("acme.com", "acme.com.evil.com", false),
            ("login.acme.com", "acme.com", false),
            (".acme.com", "login.acme.com", true),
            ("*.acme.com", "login.acme.com", true),
            // A port is one of https, or another service.
            ("login.acme.com:443", "login.acme.com", true),
            ("acme.com:443", "login.acme.com", true),
            (".acme.com:443", "login.acme.com", true),
            ("login.acme.com:8443", "login.acme.com", false),
            ("login.acme.com:8443", "login.acme.com:8443", true),
            ("login.acme.com", "login.acme.com:8443", true),
            ("login.acme.com:443", "login.acme.com:8443", false),
            ("login.acme.com:x", "login.acme.com", false),
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7:443", "10.0.0.7", true),
            ("10.0.0.7", "110.0.0.7", false),
            ("[::1]:443", "[::1]", true),
            ("[fd00::7]", "[fd00::7]", true),
            ("fd00::7", "[fd00::7]", true),
        ] {
            let variables = [("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", excepted)];
            let proxy = towards(&format!("https://{host}/"), &variables).expect("a proxy");
            assert_eq!(is_direct(&proxy, host), direct, "{excepted:?} {host}");
        }
    }
}
