//! Which route asks for what, and what it answers.

use std::sync::Arc;

use auth0_verify_tower::{Caller, CurrentUser, Gate, GuardLayer, Requirement};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::notes::Notes;

/// The routes.
pub(crate) fn routes(gate: &Gate) -> Router {
    // Either will do: a scope is what the user lets an application do, a permission what the tenant lets the user do.
    let reading = Requirement::scope("read:notes").or(Requirement::permission("read:notes"));
    let writing = Requirement::permission("write:notes");
    let in_team = Requirement::any_organization();
    // Each method has a guard of its own; behind `route_layer` the others are still answered 405.
    let list = get(list).route_layer(GuardLayer::new(gate.require(reading)));
    let add = post(add).route_layer(GuardLayer::new(gate.require(writing)));
    Router::new()
        .route("/notes", list.merge(add))
        .route("/", get(greet).route_layer(GuardLayer::new(gate.optional_token())))
        .route("/me", get(me).route_layer(GuardLayer::new(gate.token().with_user())))
        .route("/team", get(team).route_layer(GuardLayer::new(gate.require(in_team))))
        .with_state(Arc::new(Notes::default()))
}

async fn greet(caller: Option<Caller>) -> String {
    match caller {
        Some(caller) => format!("Hello, {}\n", caller.subject()),
        None => "Hello, stranger\n".to_owned(),
    }
}

async fn list(caller: Caller, State(notes): State<Arc<Notes>>) -> Json<Value> {
    Json(json!({ "notes": notes.of(caller.subject()) }))
}

async fn add(caller: Caller, State(notes): State<Arc<Notes>>, note: String) -> StatusCode {
    notes.add(caller.subject(), note);
    StatusCode::NO_CONTENT
}

async fn me(user: CurrentUser) -> Json<Value> {
    let name = user.name.as_ref().map(|name| name.as_str());
    Json(json!({ "id": user.id.get(), "email": user.email.as_str(), "name": name }))
}

async fn team(caller: Caller) -> Json<Value> {
    Json(json!({ "organization": caller.grants().organization }))
}
