//! The binary's command line.

use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
A local Auth0 tenant for development. It hands out tokens to anybody who asks and must never face a network.

usage: fake-auth0 [options]
  --bind ADDRESS        loopback address and port, port 0 for any free one (default 127.0.0.1:4400)
  --https               serve https with a certificate from an authority of its own
  --ca-file PATH        write that authority's certificate there, for SSL_CERT_FILE; needs --https
  --page-cert-file PATH write the certificate for localhost there, for a page that is served beside it; needs --https
  --page-key-file PATH  and its key
  --audience TEXT       identifier of the API (default https://api.example.test)
  --client-id TEXT      machine-to-machine client (default machine-client)
  --client-secret TEXT  its secret (default machine-secret)
  --domain TEXT         what it calls itself, {port} for the port (default http://127.0.0.1:{port}, or
                        localhost:{port} with --https)
  --spa-client-id TEXT  application in a browser whose people log in here (default spa-client-of-the-frontend)
  --spa-url URL         where that application is; may be given several times (default anywhere on loopback)
  --access-token-lifetime SECONDS
                        how long the application's access tokens last (default 86400)
  --email-claims        access tokens carry the person's email address and name, as an Action may add them
  --stdin-guard         end when standard input is closed
  --people N            so many generated people beside the five of its own
  --webhook URL         send events of users there, an http:// address on loopback; needs --webhook-token
  --webhook-token TEXT  bearer token that goes with them; needs --webhook
  --help                this text";

/// What the command line says.
pub(crate) struct Arguments {
    pub(crate) bind: SocketAddr,
    pub(crate) https: bool,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) page_cert_file: Option<PathBuf>,
    pub(crate) page_key_file: Option<PathBuf>,
    pub(crate) audience: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) domain: Option<String>,
    pub(crate) spa_client_id: String,
    pub(crate) spa_urls: Vec<String>,
    pub(crate) access_token_lifetime: Option<i64>,
    pub(crate) email_claims: bool,
    pub(crate) stdin_guard: bool,
    pub(crate) people: u64,
    pub(crate) webhook: Option<String>,
    pub(crate) webhook_token: Option<String>,
    pub(crate) help: bool,
}

impl Arguments {
    /// Reads the arguments behind the program's name; the error is for the user.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 4400)),
            https: false,
            ca_file: None,
            page_cert_file: None,
            page_key_file: None,
            audience: "https://api.example.test".to_owned(),
            client_id: "machine-client".to_owned(),
            client_secret: "machine-secret".to_owned(),
            domain: None,
            spa_client_id: fake_auth0::FRONTEND_CLIENT_ID.to_owned(),
            spa_urls: Vec::new(),
            access_token_lifetime: None,
            email_claims: false,
            stdin_guard: false,
            people: 0,
            webhook: None,
            webhook_token: None,
            help: false,
        };
        while let Some(option) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{option} needs a value"));
            match option.as_str() {
                "--bind" => {
                    arguments.bind =
                        value()?.parse().map_err(|_| "--bind takes an address such as 127.0.0.1:4400".to_owned())?;
                }
                "--https" => arguments.https = true,
                "--ca-file" => arguments.ca_file = Some(value()?.into()),
                "--page-cert-file" => arguments.page_cert_file = Some(value()?.into()),
                "--page-key-file" => arguments.page_key_file = Some(value()?.into()),
                "--audience" => arguments.audience = value()?,
                "--client-id" => arguments.client_id = value()?,
                "--client-secret" => arguments.client_secret = value()?,
                "--domain" => arguments.domain = Some(value()?),
                "--spa-client-id" => arguments.spa_client_id = value()?,
                "--spa-url" => arguments.spa_urls.push(value()?),
                "--access-token-lifetime" => {
                    let seconds = value()?.parse().map_err(|_| "--access-token-lifetime takes seconds".to_owned())?;
                    arguments.access_token_lifetime = Some(seconds);
                }
                "--email-claims" => arguments.email_claims = true,
                "--stdin-guard" => arguments.stdin_guard = true,
                "--people" => {
                    arguments.people = value()?.parse().map_err(|_| "--people takes a number".to_owned())?;
                }
                "--webhook" => arguments.webhook = Some(value()?),
                "--webhook-token" => arguments.webhook_token = Some(value()?),
                "--help" | "-h" => arguments.help = true,
                unknown => return Err(format!("unknown option {unknown:?}; see --help")),
            }
        }
        if arguments.ca_file.is_some() && !arguments.https {
            return Err("--ca-file needs --https".to_owned());
        }
        if arguments.webhook.is_some() != arguments.webhook_token.is_some() {
            return Err("--webhook and --webhook-token need each other".to_owned());
        }
        if arguments.page_cert_file.is_some() != arguments.page_key_file.is_some() {
            return Err("--page-cert-file and --page-key-file need each other".to_owned());
        }
        if arguments.page_cert_file.is_some() && !arguments.https {
            return Err("--page-cert-file needs --https".to_owned());
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn without_arguments_the_defaults_hold() {
        let arguments = parse(&[]).unwrap();
        assert_eq!(arguments.bind.to_string(), "127.0.0.1:4400");
        assert!(!arguments.https && !arguments.stdin_guard && !arguments.help);
    }

    #[test]
    fn every_mistake_is_named() {
        for (words, problem) in [
            (&["--bind"][..], "--bind needs a value"),
            (&["--bind", "here"], "--bind takes an address such as 127.0.0.1:4400"),
            (&["--port", "1"], "unknown option \"--port\"; see --help"),
            (&["--access-token-lifetime", "long"], "--access-token-lifetime takes seconds"),
            (&["--https", "--page-key-file", "a"], "--page-cert-file and --page-key-file need each other"),
            (&["--page-cert-file", "a", "--page-key-file", "b"], "--page-cert-file needs --https"),
            (&["--ca-file", "ca.pem"], "--ca-file needs --https"),
            (&["--people", "many"], "--people takes a number"),
            (&["--webhook", "http://localhost/"], "--webhook and --webhook-token need each other"),
        ] {
            assert_eq!(parse(words).err().as_deref(), Some(problem));
        }
    }
}
