//! The routes of the contract, on actix-web.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web::{self, Bytes, Path, ServiceConfig};
use actix_web::{App, HttpServer};
use auth0_verify_actix::{Caller, CurrentUser, Gate, Guarded, Refused, Requirement};

pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    pub(crate) fn start(gate: Gate, without_table: Gate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (sender, receiver) = channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let app = move || App::new().configure(|config| routes(config, &gate, &without_table));
                let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).expect("a server");
                let server = server.run();
                sender.send(server.handle()).expect("a test that waits");
                server.await.expect("a server that ends well");
            });
        });
        Self { address, handle: receiver.recv().expect("a server"), thread: Some(thread) }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        let thread = self.thread.take().expect("a thread");
        assert!(thread.join().is_ok() || thread::panicking(), "the service panicked");
    }
}

fn routes(config: &mut ServiceConfig, gate: &Gate, without_table: &Gate) {
    let scopes = Requirement::scopes(["read:notes", "share:notes"]);
    let permission = || Requirement::permission("write:notes");
    let guarded = |guard| Guarded::by(guard);
    let inner = gate.for_another_thread();
    config
        .route("/open", web::get().to(maybe_caller).wrap(guarded(gate.optional_token())))
        .route("/open/user", web::get().to(maybe_user).wrap(guarded(gate.optional_token().with_user())))
        .route("/open/caller", web::get().to(caller).wrap(guarded(gate.optional_token())))
        .route("/silent", web::get().to(silent).wrap(guarded(gate.token())))
        .route("/token", web::get().to(caller).wrap(guarded(gate.token())))
        .route("/token/user", web::get().to(user).wrap(guarded(gate.token())))
        .route("/scopes", web::get().to(caller).wrap(guarded(gate.require(scopes))))
        .route("/permission", web::get().to(caller).wrap(guarded(gate.require(permission()))))
        .route(
            "/organization",
            web::get().to(caller).wrap(guarded(gate.require(Requirement::organization("org_acme")))),
        )
        .route("/organizations/{id}", web::get().to(organization).wrap(guarded(gate.token())))
        .route("/user", web::get().to(user).wrap(guarded(gate.token().with_user())))
        .route("/no-table", web::get().to(user).wrap(guarded(without_table.token().with_user())))
        .route("/body", web::post().to(body).wrap(guarded(gate.require(permission()))))
        .service(
            web::scope("/nested/permission")
                .wrap(guarded(gate.token()))
                .route("", web::get().to(caller).wrap(guarded(inner.require(permission())))),
        )
        .service(
            web::scope("/nested/token")
                .wrap(guarded(gate.optional_token()))
                .route("", web::get().to(silent).wrap(guarded(gate.token()))),
        )
        .route("/unguarded", web::get().to(caller))
        .route("/unguarded/user", web::get().to(user))
        .route("/unguarded/option", web::get().to(maybe_caller));
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

async fn organization(caller: Caller, id: Path<String>) -> Result<String, Refused> {
    caller.require(&Requirement::organization(&id))?;
    Ok(caller.subject().to_string())
}

async fn body(caller: Caller, body: Bytes) -> String {
    format!("{}: {} bytes", caller.subject(), body.len())
}
