//! Which route asks for what, and what it answers.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use auth0_verify_actix::{Caller, CurrentUser, Gate, Guarded, Requirement};
use serde_json::json;

use crate::notes::Notes;

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig, gate: &Gate) {
    // Either will do: a scope is what the user lets an application do, a permission what the tenant lets the user do.
    let reading = Requirement::scope("read:notes").or(Requirement::permission("read:notes"));
    let writing = Requirement::permission("write:notes");
    let in_team = Requirement::any_organization();
    let notes = web::resource("/notes")
        .route(web::get().to(list).wrap(Guarded::by(gate.require(reading))))
        .route(web::post().to(add).wrap(Guarded::by(gate.require(writing))));
    config
        .service(notes)
        .route("/", web::get().to(greet).wrap(Guarded::by(gate.optional_token())))
        .route("/me", web::get().to(me).wrap(Guarded::by(gate.token().with_user())))
        .route("/team", web::get().to(team).wrap(Guarded::by(gate.require(in_team))));
}

async fn greet(caller: Option<Caller>) -> String {
    match caller {
        Some(caller) => format!("Hello, {}\n", caller.subject()),
        None => "Hello, stranger\n".to_owned(),
    }
}

async fn list(caller: Caller, notes: Data<Notes>) -> impl Responder {
    web::Json(json!({ "notes": notes.of(caller.subject()) }))
}

async fn add(caller: Caller, notes: Data<Notes>, note: String) -> impl Responder {
    notes.add(caller.subject(), note);
    HttpResponse::NoContent()
}

async fn me(user: CurrentUser) -> impl Responder {
    let name = user.name.as_ref().map(|name| name.as_str());
    web::Json(json!({ "id": user.id.get(), "email": user.email.as_str(), "name": name }))
}

async fn team(caller: Caller) -> impl Responder {
    web::Json(json!({ "organization": caller.grants().organization }))
}
