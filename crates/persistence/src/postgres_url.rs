//! libpq's connection URIs, read as libpq reads them but more strictly: whatever libpq would quote in an error message
//! must not be a piece of a password that was not escaped.

/// A checked URI. Has no `Debug`, since it holds the password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PostgresUrl(Box<str>);

/// Why libpq could not use a URI, or not without giving a part of the password away.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    /// More than one `@`, or a `/` or `?` before it.
    #[error("expected the characters @ / ? in user name, password and parameters to be percent-encoded (%40 %2F %3F)")]
    Unescaped,
    /// A `%` without two hexadecimal digits, or `%00`.
    #[error("expected two hexadecimal digits after each %, and not %00")]
    PercentEncoding,
    /// A host that is not `name`, `name:port` or `[address]:port`.
    #[error("expected hosts as host, host:port or [address]:port, separated by commas")]
    Host,
    /// Not `key=value`, or a key that libpq does not know.
    #[error("expected parameters that libpq knows, as ?key=value&key=value")]
    Parameter,
    /// The URL asks for TLS, and this program was built without it.
    #[error("this build of authsync has no TLS to PostgreSQL: build it with the feature postgres-tls or system-libpq")]
    NoTls,
}

/// Whether the libpq of this build can do TLS. The system's is taken to.
const HAS_TLS: bool = cfg!(any(feature = "postgres-tls", not(feature = "bundled-libpq")));

/// Parameters whose value is a secret.
const SECRET: &[&str] = &["oauth_client_secret", "password", "scram_client_key", "scram_server_key", "sslpassword"];

/// The other parameters of libpq 18. A key that libpq does not know would fail only when connecting, and libpq would
/// quote it; it may be a piece of a password in which `&` was not escaped.
const KNOWN: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "oauth_client_id",
    "oauth_issuer",
    "oauth_scope",
    "options",
    "passfile",
    "port",
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "ssl",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslkeylogfile",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

impl PostgresUrl {
    /// Takes a text that begins with `postgres://` or `postgresql://`.
    pub(crate) fn parse(text: &str) -> Result<Self, PostgresUrlError> {
        let url = Self(text.into());
        let parts = url.parts();
        // libpq ends the user-info at the first `@` and looks for it no further than the first `/`.
        let misread = parts.user_info.is_some_and(|user_info| user_info.contains(['/', '?']));
        if misread || [parts.hosts, parts.path, parts.query].iter().any(|part| part.contains('@')) {
            return Err(PostgresUrlError::Unescaped);
        }
        if !is_percent_encoded(text) {
            return Err(PostgresUrlError::PercentEncoding);
        }
        if !parts.hosts.split(',').all(is_host) {
            return Err(PostgresUrlError::Host);
        }
        for (key, value) in url.parameters() {
            let (key, value) = (decoded(key), value.map(decoded).ok_or(PostgresUrlError::Parameter)?);
            let demands_tls = match key.as_str() {
                "sslmode" => matches!(value.as_str(), "require" | "verify-ca" | "verify-full"),
                "ssl" => value == "true",
                known if KNOWN.contains(&known) || SECRET.contains(&known) => false,
                _ => return Err(PostgresUrlError::Parameter),
            };
            if demands_tls && !HAS_TLS {
                return Err(PostgresUrlError::NoTls);
            }
        }
        Ok(url)
    }

    /// The URL without user-info and secrets, for people.
    pub(crate) fn concealed(&self) -> String {
        let parts = self.parts();
        let user_info = if parts.user_info.is_some() { "***@" } else { "" };
        let mut shown = format!("{}://{user_info}{}{}", parts.scheme, parts.hosts, parts.path);
        for (position, (key, value)) in self.parameters().enumerate() {
            let value = if SECRET.contains(&decoded(key).as_str()) { "***" } else { value.unwrap_or_default() };
            shown.push(if position == 0 { '?' } else { '&' });
            shown.push_str(&format!("{key}={value}"));
        }
        shown
    }

    /// The URL for libpq, with each of these parameters that it does not name itself.
    pub(crate) fn with_defaults(&self, defaults: &[(&str, &str)]) -> String {
        let mut text = self.0.to_string();
        let mut separator = if self.parameters().next().is_some() { '&' } else { '?' };
        for (key, value) in defaults.iter().filter(|(key, _)| !self.names(key)) {
            if !text.ends_with(separator) {
                text.push(separator);
            }
            text.push_str(&format!("{key}={value}"));
            separator = '&';
        }
        text
    }

    /// Whether there is more than one server to choose from.
    pub(crate) fn names_several_hosts(&self) -> bool {
        let listed = |(key, value): (&str, Option<&str>)| {
            matches!(decoded(key).as_str(), "host" | "hostaddr")
                && value.is_some_and(|value| decoded(value).contains(','))
        };
        self.parts().hosts.contains(',') || self.parameters().any(listed)
    }

    fn names(&self, wanted: &str) -> bool {
        self.parameters().any(|(key, _)| decoded(key) == wanted)
    }

    fn parts(&self) -> Parts<'_> {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", &self.0));
        let (user_info, rest) = rest.split_once('@').map_or((None, rest), |(user_info, rest)| (Some(user_info), rest));
        let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, path) = location.split_at(location.find('/').unwrap_or(location.len()));
        Parts { scheme, user_info, hosts, path, query }
    }

    fn parameters(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let pairs = self.parts().query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').map_or((pair, None), |(key, value)| (key, Some(value))))
    }
}

/// The parts of a URL, still percent-encoded.
struct Parts<'a> {
    scheme: &'a str,
    user_info: Option<&'a str>,
    hosts: &'a str,
    /// With its leading slash, or empty.
    path: &'a str,
    query: &'a str,
}

fn is_host(text: &str) -> bool {
    let port = match text.strip_prefix('[') {
        Some(address) => match address.split_once(']') {
            Some((_, "")) => return true,
            Some((_, port)) => port.strip_prefix(':'),
            None => None,
        },
        None => Some(text.split_once(':').map_or("", |(_, port)| port)),
    };
    port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_percent_encoded(text: &str) -> bool {
    let digits = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit) && digits != b"00";
    text.split('%').skip(1).all(|after| after.as_bytes().get(..2).is_some_and(digits))
}

/// The text with its percent-encoding resolved; what is no UTF-8 then is no key or value that we know.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.extend(code);
        bytes.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Option<PostgresUrlError> {
        PostgresUrl::parse(text).err()
    }

    #[test]
    fn an_unescaped_password_is_refused_before_libpq_can_quote_it() {
        for text in
            ["postgres://u:p@ss@h/d", "postgres://u:p/ss@h/d", "postgres://u:p?ss@h/d", "postgres://h/d?user=a@b"]
        {
            assert_eq!(error(text), Some(PostgresUrlError::Unescaped), "{text}");
        }
        for text in ["postgres://u:100%@h/d", "postgres://u:%zz@h/d", "postgres://u:a%00b@h/d"] {
            assert_eq!(error(text), Some(PostgresUrlError::PercentEncoding), "{text}");
        }
        for text in ["postgres://u:secret", "postgres://h:1:2/d", "postgres://[::1/d", "postgres://[::1]x/d"] {
            assert_eq!(error(text), Some(PostgresUrlError::Host), "{text}");
        }
        for text in ["postgres://h/d?sslmod=x", "postgres://h/d?password=a&b", "postgres://h/d?password=a&b=c"] {
            assert_eq!(error(text), Some(PostgresUrlError::Parameter), "{text}");
        }
        assert_eq!(error("postgres://u:p%40%2F%3F%25ss@h/d"), None);
    }

    #[test]
    fn a_demand_for_tls_is_met_or_refused() {
        let expected = (!HAS_TLS).then_some(PostgresUrlError::NoTls);
        for demand in ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full", "%73slmode=require", "ssl=true"] {
            assert_eq!(error(&format!("postgres://h/d?{demand}")), expected, "{demand}");
        }
        for wish in ["sslmode=disable", "sslmode=prefer"] {
            assert_eq!(error(&format!("postgres://h/d?{wish}")), None, "{wish}");
        }
        assert!(PostgresUrlError::NoTls.to_string().contains("postgres-tls"));
    }

    #[test]
    fn defaults_are_added_where_the_url_is_silent() {
        let with =
            |text| PostgresUrl::parse(text).expect(text).with_defaults(&[("connect_timeout", "3"), ("user", "a")]);
        assert_eq!(with("postgres://h/d"), "postgres://h/d?connect_timeout=3&user=a");
        assert_eq!(with("postgres://h/d?"), "postgres://h/d?connect_timeout=3&user=a");
        assert_eq!(with("postgres://h/d?connect_timeout=9"), "postgres://h/d?connect_timeout=9&user=a");
        assert_eq!(with("postgres://?%75ser=b"), "postgres://?%75ser=b&connect_timeout=3");
    }

    #[test]
    fn several_hosts_are_seen_in_both_places() {
        for (text, several) in [
            ("postgres://a,b/d", true),
            ("postgres:///d?host=a%2Cb", true),
            ("postgres:///d?host=a", false),
            ("postgres://a:1/d,e", false),
        ] {
            assert_eq!(PostgresUrl::parse(text).expect(text).names_several_hosts(), several, "{text}");
        }
    }
}
