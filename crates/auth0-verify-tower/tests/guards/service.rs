//! The routes of the contract, on axum.

use std::net::SocketAddr;

use auth0_verify_tower::{Caller, CurrentUser, Gate, GuardLayer, Refused, Requirement};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    /// Ends the service when dropped.
    _runtime: Runtime,
}

impl Service {
    pub(crate) fn start(gate: Gate, without_table: Gate) -> Self {
        let runtime = Runtime::new().expect("threads");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(async move { axum::serve(listener, routes(&gate, &without_table)).await });
        Self { address, _runtime: runtime }
    }
}

fn routes(gate: &Gate, without_table: &Gate) -> Router {
    let scopes = Requirement::scopes(["read:notes", "share:notes"]);
    let permission = || Requirement::permission("write:notes");
    let layer = GuardLayer::new;
    let nested = Router::new().route("/permission", get(caller).layer(layer(gate.require(permission()))));
    let nested_token = Router::new().route("/nested/token", get(silent).layer(layer(gate.token())));
    Router::new()
        .route("/open", get(maybe_caller).layer(layer(gate.optional_token())))
        .route("/open/user", get(maybe_user).layer(layer(gate.optional_token().with_user())))
        .route("/open/caller", get(caller).layer(layer(gate.optional_token())))
        .route("/silent", get(silent).layer(layer(gate.token())))
        .route("/token", get(caller).layer(layer(gate.token())))
        .route("/token/user", get(user).layer(layer(gate.token())))
        .route("/scopes", get(caller).layer(layer(gate.require(scopes))))
        .route("/permission", get(caller).layer(layer(gate.require(permission()))))
        .route("/organization", get(caller).layer(layer(gate.require(Requirement::organization("org_acme")))))
        .route("/organizations/{id}", get(organization).layer(layer(gate.token())))
        .route("/user", get(user).layer(layer(gate.token().with_user())))
        .route("/no-table", get(user).layer(layer(without_table.token().with_user())))
        .route("/body", post(body).layer(layer(gate.require(permission()))))
        .nest("/nested", nested.layer(layer(gate.token())))
        .merge(nested_token.layer(layer(gate.optional_token())))
        .route("/unguarded", get(caller))
        .route("/unguarded/user", get(user))
        .route("/unguarded/option", get(maybe_caller))
        .route("/unguarded/option/user", get(maybe_user))
        .route("/token/option/user", get(maybe_user).layer(layer(gate.token())))
}

async fn maybe_caller(caller: Option<Caller>) -> String {
    caller.map_or_else(|| "nobody".to_owned(), |caller| caller.subject().to_string())
}

async fn maybe_user(user: Option<CurrentUser>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.email.as_str().to_owned())
}

async fn silent() -> &'static str {
    "seen"
}

async fn caller(caller: Caller) -> String {
    caller.subject().to_string()
}

async fn user(user: CurrentUser) -> String {
    user.email.as_str().to_owned()
}

async fn organization(caller: Caller, Path(id): Path<String>) -> Result<String, Refused> {
    caller.require(&Requirement::organization(&id))?;
    Ok(caller.subject().to_string())
}

async fn body(caller: Caller, body: Bytes) -> String {
    format!("{}: {} bytes", caller.subject(), body.len())
}
