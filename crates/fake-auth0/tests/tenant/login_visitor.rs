//! A person with a browser, and the application that they use: cookies, redirects followed by hand, PKCE.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fake_auth0::{Endpoint, FRONTEND_CLIENT_ID, FakeAuth0, FakeUser};
use serde_json::{Value, json};
use ureq::Body;
use ureq::http::Response;
use url::Url;

use crate::client::{agent, json};

pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
pub(crate) const CALLBACK: &str = "http://localhost:3000/callback";
pub(crate) const ADA: &str = "auth0|ada";

/// What the tenant answered, as far as a browser cares.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) policy: String,
    pub(crate) text: String,
}

pub(crate) struct Visitor<'a> {
    pub(crate) tenant: &'a FakeAuth0,
    cookies: Vec<(String, String)>,
}

/// A tenant that knows Ada, and Mallory, who is blocked.
pub(crate) fn tenant() -> FakeAuth0 {
    let tenant = FakeAuth0::start();
    add_people(&tenant);
    tenant
}

pub(crate) fn add_people(tenant: &FakeAuth0) {
    tenant.add_user(FakeUser::new(ADA).email("ada@example.test", true).name("Ada Lovelace"));
    tenant.add_user(FakeUser::new("auth0|mallory").email("mallory@example.test", true).blocked(true));
}

pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

impl<'a> Visitor<'a> {
    pub(crate) fn of(tenant: &'a FakeAuth0) -> Self {
        Self { tenant, cookies: Vec::new() }
    }

    /// The address that the application sends the browser to; changes replace or add parameters, or take them out.
    pub(crate) fn authorize_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        let challenge = challenge(VERIFIER);
        let mut parameters = vec![
            ("client_id", FRONTEND_CLIENT_ID),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email offline_access"),
            ("audience", self.tenant.audience()),
            ("state", "the state"),
            ("nonce", "the nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            parameters.extend(value.map(|value| (*name, value)));
        }
        Url::parse_with_params(&self.tenant.url(Endpoint::Authorize), parameters).unwrap().into()
    }

    pub(crate) fn authorize(&mut self, changes: &[(&str, Option<&str>)]) -> Page {
        self.get(&self.authorize_url(changes))
    }

    pub(crate) fn get(&mut self, url: &str) -> Page {
        let request = agent().get(url).header("cookie", self.cookie_header());
        self.receive(request.call().unwrap())
    }

    /// Answers the login page at this place as a form does.
    pub(crate) fn submit(&mut self, place: &str, username: &str) -> Page {
        let origin = self.tenant.issuer().trim_end_matches('/').to_owned();
        self.submit_from(&origin, place, username)
    }

    pub(crate) fn submit_from(&mut self, origin: &str, place: &str, username: &str) -> Page {
        let request = agent().post(self.absolute(place)).header("cookie", self.cookie_header());
        let request = request.header("origin", origin);
        self.receive(request.send_form([("username", username)]).unwrap())
    }

    /// Goes to the login page that the request leads to, and says who it is.
    pub(crate) fn log_in_with(&mut self, changes: &[(&str, Option<&str>)], username: &str) -> Page {
        let place = self.authorize(changes).location.unwrap();
        self.submit(&place, username)
    }

    /// Logs in and returns the code.
    pub(crate) fn code(&mut self) -> String {
        self.log_in_with(&[], ADA).parameter("code").unwrap()
    }

    pub(crate) fn absolute(&self, place: &str) -> String {
        Url::parse(self.tenant.issuer()).unwrap().join(place).unwrap().into()
    }

    fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn receive(&mut self, mut answer: Response<Body>) -> Page {
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        Page {
            status: answer.status().as_u16(),
            location: header("location"),
            policy: header("content-security-policy").unwrap_or_default(),
            text: answer.body_mut().read_to_string().unwrap(),
        }
    }
}

impl Page {
    /// A parameter of the redirect's query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let location = Url::parse(self.location.as_deref()?).unwrap();
        location.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// `error` and `error_description` of the redirect.
    pub(crate) fn failure(&self) -> (Option<String>, Option<String>) {
        (self.parameter("error"), self.parameter("error_description"))
    }
}

/// What the application asks of the token endpoint, as a form.
pub(crate) fn ask_token(tenant: &FakeAuth0, parameters: &[(&str, &str)]) -> (u16, Value) {
    let parameters: Vec<(&str, &str)> = parameters.to_vec();
    let mut answer = agent().post(tenant.url(Endpoint::Token)).send_form(parameters).unwrap();
    (answer.status().as_u16(), json(&mut answer))
}

pub(crate) fn redeem(tenant: &FakeAuth0, code: &str) -> (u16, Value) {
    ask_token(
        tenant,
        &[
            ("grant_type", "authorization_code"),
            ("client_id", FRONTEND_CLIENT_ID),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
        ],
    )
}

pub(crate) fn refresh(tenant: &FakeAuth0, token: &str) -> (u16, Value) {
    let client = ("client_id", FRONTEND_CLIENT_ID);
    ask_token(tenant, &[("grant_type", "refresh_token"), client, ("refresh_token", token)])
}

/// The tokens of a fresh login of Ada's.
pub(crate) fn logged_in(tenant: &FakeAuth0) -> Value {
    let (status, tokens) = redeem(tenant, &Visitor::of(tenant).code());
    assert_eq!(status, 200, "{tokens}");
    tokens
}

pub(crate) fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

pub(crate) fn invalid_grant(description: &str) -> (u16, Value) {
    (403, json!({ "error": "invalid_grant", "error_description": description }))
}
