//! What an application asks of `/authorize`, once it is known to be well-formed.

use serde::Deserialize;
use url::Url;

use super::pkce::Challenge;
use super::spa_client::SpaClient;
use crate::tenant::Tenant;

/// The parameters as they come. Others are ignored, as at Auth0.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    response_type: Option<String>,
    response_mode: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    audience: Option<String>,
    scope: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    prompt: Option<String>,
    max_age: Option<String>,
    login_hint: Option<String>,
}

/// A request that can be answered.
#[derive(Clone, Debug)]
pub(super) struct Authorization {
    pub(super) client: SpaClient,
    pub(super) way_back: WayBack,
    /// As it was sent, to be repeated when the code is redeemed.
    pub(super) redirect_uri: String,
    pub(super) nonce: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) scope: String,
    pub(super) challenge: Challenge,
    pub(super) prompt: Prompt,
    /// The login may be so many seconds old.
    pub(super) max_age: Option<i64>,
    pub(super) login_hint: Option<String>,
}

/// Where the answer goes, and how.
#[derive(Clone, Debug)]
pub(super) struct WayBack {
    pub(super) redirect_uri: Url,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    /// In the query of the redirect.
    Query,
    /// A message to the window that opened this one, or that holds it.
    WebMessage,
}

/// `prompt` of OpenID Connect Core §3.1.2.1, as far as Auth0 knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Silently, or not at all.
    None,
    /// Whoever has a session need not log in again.
    WhereNeeded,
    /// In any case.
    Login,
}

/// Why a request is not answered as wished.
#[derive(Debug)]
pub(super) enum Refused {
    /// Nobody may be sent to the address given, so the page itself says what is wrong.
    OnPage(String),
    /// The application is told.
    Sent(Box<WayBack>, Failure),
}

/// RFC 6749 §4.1.2.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error: &'static str,
    pub(super) description: String,
}

impl Failure {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }
}

impl Authorization {
    /// Judges the client and its address first: what else is wrong is told there.
    pub(super) fn parse(asked: Asked, tenant: &Tenant) -> Result<Self, Refused> {
        let missing = |name: &str| Refused::OnPage(format!("Missing required parameter: {name}"));
        let client_id = asked.client_id.as_deref().ok_or_else(|| missing("client_id"))?;
        let client = tenant.login.client(client_id);
        let client = client.ok_or_else(|| Refused::OnPage(format!("Unknown client: {client_id}")))?.clone();
        let redirect_uri = asked.redirect_uri.clone().ok_or_else(|| missing("redirect_uri"))?;
        let way_back = way_back(&client, &redirect_uri, &asked)?;
        match terms(&asked, tenant) {
            Ok((challenge, prompt, max_age)) => Ok(Self {
                client,
                way_back,
                redirect_uri,
                nonce: asked.nonce,
                audience: asked.audience,
                scope: asked.scope.unwrap_or_default(),
                challenge,
                prompt,
                max_age,
                login_hint: asked.login_hint,
            }),
            Err(failure) => Err(Refused::Sent(Box::new(way_back), failure)),
        }
    }
}

fn way_back(client: &SpaClient, redirect_uri: &str, asked: &Asked) -> Result<WayBack, Refused> {
    let mismatch = || {
        Refused::OnPage(format!(
            "Callback URL mismatch: {redirect_uri} is not in the list of allowed callback URLs of {}",
            client.id()
        ))
    };
    let url = Url::parse(redirect_uri).map_err(|_| mismatch())?;
    let state = asked.state.clone();
    if asked.response_mode.as_deref() == Some("web_message") {
        // The message goes to an origin; its path does not matter.
        let origin = url.origin().ascii_serialization();
        if url.fragment().is_some() || !client.allows_origin(&origin) {
            let what = format!("{origin} is not in the list of allowed web origins of {}", client.id());
            return Err(Refused::OnPage(what));
        }
        return Ok(WayBack { redirect_uri: url, mode: ResponseMode::WebMessage, state });
    }
    if !client.allows_callback(redirect_uri) {
        return Err(mismatch());
    }
    let way_back = WayBack { redirect_uri: url, mode: ResponseMode::Query, state };
    match asked.response_mode.as_deref() {
        None | Some("query") => Ok(way_back),
        Some(_) => {
            let failure = Failure::new("unsupported_response_mode", "Only query and web_message are supported");
            Err(Refused::Sent(Box::new(way_back), failure))
        }
    }
}

fn terms(asked: &Asked, tenant: &Tenant) -> Result<(Challenge, Prompt, Option<i64>), Failure> {
    let invalid = |description: &str| Failure::new("invalid_request", description);
    match asked.response_type.as_deref() {
        Some("code") => {}
        None => return Err(invalid("Missing required parameter: response_type")),
        Some(_) => return Err(Failure::new("unsupported_response_type", "Only the response type code is supported")),
    }
    let challenge = asked.code_challenge.as_deref();
    let challenge = challenge.ok_or_else(|| invalid("Missing required parameter: code_challenge"))?;
    if asked.code_challenge_method.as_deref() != Some("S256") {
        return Err(invalid("code_challenge_method must be S256"));
    }
    let challenge = Challenge::parse(challenge).ok_or_else(|| invalid("Malformed code_challenge"))?;
    if let Some(audience) = asked.audience.as_deref().filter(|audience| *audience != tenant.audience()) {
        return Err(Failure::new("access_denied", format!("Service not found: {audience}")));
    }
    let prompt = match asked.prompt.as_deref() {
        None | Some("" | "consent" | "select_account") => Prompt::WhereNeeded,
        Some("none") => Prompt::None,
        Some("login") => Prompt::Login,
        Some(_) => return Err(invalid("Unknown prompt")),
    };
    let max_age = asked.max_age.as_deref().map(str::parse).transpose();
    Ok((challenge, prompt, max_age.map_err(|_| invalid("max_age must be a number of seconds"))?))
}
