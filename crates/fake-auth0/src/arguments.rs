//! The binary's command line.

use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
A local Auth0 tenant for development. It hands out tokens to anybody who asks and must never face a network.

usage: fake-auth0 [options]
  --bind ADDRESS        loopback address and port, port 0 for any free one (default 127.0.0.1:4400)
  --https               serve https with a certificate from an authority of its own
  --ca-file PATH        write that authority's certificate there, for SSL_CERT_FILE; needs --https
  --audience TEXT       identifier of the API (default https://api.example.test)
  --client-id TEXT      machine-to-machine client (default machine-client)
  --client-secret TEXT  its secret (default machine-secret)
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
    pub(crate) audience: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
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
            audience: "https://api.example.test".to_owned(),
            client_id: "machine-client".to_owned(),
            client_secret: "machine-secret".to_owned(),
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
                "--audience" => arguments.audience = value()?,
                "--client-id" => arguments.client_id = value()?,
                "--client-secret" => arguments.client_secret = value()?,
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
            (&["--ca-file", "ca.pem"], "--ca-file needs --https"),
            (&["--people", "many"], "--people takes a number"),
            (&["--webhook", "http://localhost/"], "--webhook and --webhook-token need each other"),
        ] {
            assert_eq!(parse(words).err().as_deref(), Some(problem));
        }
    }
}
